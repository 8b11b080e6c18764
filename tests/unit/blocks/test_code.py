"""Colours of code, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.lines import Run


def roles(language: str, *lines: str) -> list[list[tuple[str, int]]]:
    highlighter = CodeHighlighter(language)
    return [
        [(text, key & styles.ROLE_MASK) for text, key in highlighter.line(line)] for line in lines
    ]


def role_of(runs: list[tuple[str, int]], part: str) -> int:
    return next(role for text, role in runs if part in text)


@pytest.mark.parametrize(
    ("language", "before", "inside", "after"),
    [
        ("python", 'x = """', "not code def", '"""'),
        ("javascript", "let x = `", "not code def", "`"),
        ("javascript", "x = 1 /* note", "not code def", "*/"),
        ("c", "int x; /* note", "int y;", "*/ int z;"),
        ("rust", "let x = 1; /* note", "let y", "*/"),
        ("html", "<!-- note", "<b>not</b>", "-->"),
    ],
)
def test_what_is_open_on_one_line_goes_on_on_the_next(
    language: str, before: str, inside: str, after: str
) -> None:
    first, second, _, last = roles(language, before, inside, after, "if")
    assert {role for _, role in second} <= {styles.STRING, styles.COMMENT}
    assert last != second
    assert first


def test_a_comment_marker_inside_a_string_opens_no_comment() -> None:
    _, second = roles("javascript", 'x = "/* no"', "let y")
    assert role_of(second, "let") == styles.KEYWORD


def test_a_comment_that_ends_and_begins_on_one_line_stays_open() -> None:
    _, second, third = roles("java", "/* a", "b */ int x; /* c", "int y;")
    assert role_of(second, "int") == styles.TYPE
    assert role_of(third, "int y;") == styles.COMMENT


@pytest.mark.parametrize("name", ["python", "py", "src/app.py", "{python}", "Python"])
def test_a_language_is_found_by_name_alias_and_path(name: str) -> None:
    assert role_of(roles(name, "def f(): pass")[0], "def") == styles.KEYWORD


@pytest.mark.parametrize("name", ["", "text", "no-such-language", "file.unknown", "\x1b", "../.."])
def test_without_a_lexer_code_stays_plain(name: str) -> None:
    assert roles(name, "def f()") == [[("def f()", styles.CODE)]]


def test_an_endless_line_stays_plain() -> None:
    line = "x = 1; " * 1_000
    assert roles("python", line) == [[(line, styles.CODE)]]


def test_a_fork_does_not_change_where_it_came_from() -> None:
    highlighter = CodeHighlighter("python")
    highlighter.fork().line('x = """')
    assert role_of([(t, k & styles.ROLE_MASK) for t, k in highlighter.line("def f")], "def") == (
        styles.KEYWORD
    )


_CHARACTERS = st.text(alphabet="ab=\"'`/*#<>{}()[]\\ \t%$!-.:;&|@?é0", max_size=40)
_LANGUAGES = st.sampled_from(
    [
        "python",
        "js",
        "ts",
        "bash",
        "json",
        "yaml",
        "toml",
        "html",
        "css",
        "rust",
        "go",
        "c",
        "cpp",
        "java",
        "sql",
        "ruby",
        "php",
        "diff",
        "md",
        "make",
        "docker",
        "console",
        "xml",
        "ini",
        "lua",
    ]
)


@settings(deadline=None)
@given(_LANGUAGES, st.lists(_CHARACTERS, max_size=5))
def test_no_character_is_lost_or_added_and_nothing_raises(language: str, lines: list[str]) -> None:
    highlighter = CodeHighlighter(language)
    for line in lines:
        runs: list[Run] = highlighter.line(line)
        assert "".join(text for text, _ in runs) == line
        assert all(key & styles.BACKGROUND_MASK == styles.CODE_BACKGROUND for _, key in runs)
