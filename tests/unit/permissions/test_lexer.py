"""The lexer and bash see the same words and the same commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.permissions.box import Box, open_box
from vtcode_tui.permissions.lexer import lex
from vtcode_tui.permissions.unproven import Unproven


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with open_box() as made:
        yield made


pieces = st.sampled_from(
    [
        *(
            "a",
            "B2",
            "1",
            "2",
            "12",
            "-n",
            "--x=y",
            "./p",
            "a,b",
            "k:v",
            "%h",
            "x+y",
            "HEAD~1",
            "@{0}",
        ),
        *(
            "'q r'",
            "''",
            '"d e"',
            '""',
            "'$(x)'",
            "'`x`'",
            '"\'"',
            "'\"'",
            r"\ ",
            r"\;",
            r"\$",
            r"\'",
        ),
        *(r"\\", "'\\'", "~", "^", "=", "é", "'é'", "!", "#", "{", "}", "{a,b}", "*", "$x", "[a]"),
        *(
            " ",
            "  ",
            " ",
            " ",
            "\t",
            "2>&1",
            ">/dev/null",
            " 2> /dev/null",
            " </dev/null",
            "&>/dev/null",
        ),
    ]
)
lines = st.lists(pieces, min_size=1, max_size=8).map("".join)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=lines)
def test_bash_sees_the_words_of_every_command_in_the_grammar(line: str, box: Box) -> None:
    try:
        commands = lex("word " + line)
    except Unproven:
        return
    assert [command.argv for command in commands] == [_words_of_bash("word " + line, box)]


def _words_of_bash(line: str, box: Box) -> tuple[str, ...]:
    """Also where the line sends its output away: the words go out by another descriptor."""
    script = "{ show() { printf '%s\\0' \"$@\" >&9; }; show " + line + "; } 9>&1"
    outcome = box.run(script)
    return tuple(outcome.output.decode().split("\0")[:-1])


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("a b;c", [("a", "b"), ("c",)]),
        ("a&&b||c|d", [("a",), ("b",), ("c",), ("d",)]),
        ("a 2>&1|b>/dev/null;c", [("a",), ("b",), ("c",)]),
        ("a 2 >/dev/null", [("a", "2")]),
        ("a b2>/dev/null", [("a", "b2")]),
        ("a '2'>/dev/null", [("a", "2")]),
    ],
)
def test_separators_and_redirections_part_words(line: str, commands: list[tuple[str, ...]]) -> None:
    assert [command.argv for command in lex(line)] == commands


def test_a_command_knows_whether_it_reads_a_pipe_and_is_redirected() -> None:
    seen = [(c.reads_pipe, c.is_redirected) for c in lex("a | b 2>&1 && c; d </dev/null | e")]
    assert seen == [(False, False), (True, True), (False, False), (False, True), (True, False)]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            " ",
            ";",
            "a;",
            ";a",
            "a;;b",
            "a;&b",
            "a &&",
            "|a",
            "a|",
            "a||",
            "a |& b",
            "a &",
            "a & b",
        ),
        *(
            ">/dev/null",
            "2>&1",
            "a >",
            "a >&",
            "a >&1",
            "a 2>&",
            "a 2>&1x",
            "a 2>&1-",
            "a >/dev/nullx",
        ),
        *(
            "a >/dev/null'x'",
            "a >/dev/tty",
            "a <>/dev/null",
            "a >|/dev/null",
            "a <<E",
            "a <<<b",
            "a 3>&1",
        ),
        *(
            "a 12>/dev/null",
            "a {x}>/dev/null",
            "a <(b)",
            "a >(b)",
            "a\nb",
            "a\tb",
            "a\rb",
            "a\\",
            "a\\\n",
        ),
        *(
            "'a",
            '"a',
            '"a\\"',
            '"$a"',
            '"`a`"',
            '"a!"',
            "$'a'",
            '$"a"',
            "a#b",
            "a {b",
            "a }",
            "a []",
            "a !",
        ),
        *("~", "~u", "a=~", "a:~", "'a'~", "a\u00a0b", "a\u200bb", "a\x1bb", "a\x7fb", "a\u2028b"),
    ],
)
def test_everything_else_is_unproven(line: str) -> None:
    with pytest.raises(Unproven) as raised:
        lex(line)
    assert raised.value.reason
