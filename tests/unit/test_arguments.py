"""A plain command line is read without the grammar, and means what the grammar says it means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtcode_tui import arguments
from vtcode_tui.arguments import parse_arguments

WORDS = [
    *("--provider", "-m", "--model", "--base-url", "--effort", "--theme", "-C", "--resume"),
    *("--embedded", "--trust", "--insecure-http", "--continue", "--output-format"),
    *("ask", "exec", "a b", "x", "-", "--", "-x", "-1", "", "--mod", "--model=x", "json"),
]


def by_grammar(argv: list[str]) -> arguments.Arguments:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arguments, "_plain_arguments", lambda argv: None)
        return parse_arguments(argv, "1")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_read_without_the_grammar_is_what_the_grammar_reads(argv: list[str]) -> None:
    plain = arguments._plain_arguments(argv)
    if plain is not None:
        assert plain == by_grammar(argv)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--base-url http://127.0.0.1:1 --model x --embedded --trust --continue",
        "--provider ollama -m x --effort low --theme nord --insecure-http ask one two",
    ],
)
def test_the_commonest_lines_are_read_without_it(line: str) -> None:
    plain = arguments._plain_arguments(line.split())
    assert plain is not None
    assert plain == by_grammar(line.split())


@pytest.mark.parametrize(
    "argv",
    [
        ["fix the bug"],
        ["-m", "x", "fix the bug"],
        ["fix the bug", "--model", "x"],
        ["--model=x", "--add-dir", "d", "fix the bug", "--continue"],
    ],
)
def test_words_in_the_place_of_a_command_are_the_first_prompt(argv: list[str]) -> None:
    read = parse_arguments(argv, "1")
    assert (read.command, read.prompt) == (None, ("fix the bug",))
    assert read.model == ("x" if len(argv) > 1 else None)


def test_a_prompt_and_a_command_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["fix the bug", "doctor"], "1")
    assert caught.value.code == 2
    assert "A prompt does not go before doctor." in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["--model", "--model -x", "ask", "ask -", "--help", "--continue ask x"]
)
def test_what_may_be_a_mistake_is_left_to_it(line: str) -> None:
    assert arguments._plain_arguments(line.split()) is None


@pytest.mark.parametrize(
    ("argv", "model", "prompt"),
    [
        (["exec", "--model", "m", "hi"], "m", ("hi",)),
        (["exec", "hi", "-m", "m"], "m", ("hi",)),
        (["ask", "--model=m", "hi"], "m", ("hi",)),
        (["--effort", "low", "exec", "--model", "m", "--json", "hi"], "m", ("hi",)),
        (["--model", "exec", "exec", "hi"], "exec", ("hi",)),
        (["exec", "--", "--model", "m"], None, ("--model", "m")),
    ],
)
def test_the_programs_own_options_may_stand_behind_the_command(
    argv: list[str], model: str | None, prompt: tuple[str, ...]
) -> None:
    arguments = parse_arguments(argv, "1")
    assert (arguments.model, arguments.prompt) == (model, prompt)


def test_the_option_that_a_command_has_too_stays_with_it() -> None:
    arguments = parse_arguments(["exec", "--continue", "--base-url", "http://h", "go"], "1")
    assert arguments.continues_last
    assert (arguments.base_url, arguments.prompt) == ("http://h", ("go",))
