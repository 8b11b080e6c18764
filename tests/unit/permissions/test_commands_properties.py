"""For any text there is a ruling, at once, and no part that is not listed ever runs."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.permissions.corpus import read_corpus
from tests.unit.permissions.folder import FolderOracle, make_folder
from tests.unit.permissions.fuzzing import ALLOW_LIST, HARMLESS
from vtcode_tui.permissions.commands import rule_on_command

LIMIT_S = 0.5
DENY_LIST = ("rm", "git push", "curl *", "sudo")

any_text = st.text(st.characters(exclude_categories=()), max_size=300)
shell_text = st.text(
    st.sampled_from("ab1 \t\n;|&<>$`'\"\\(){}[]*?~!#=:,@^-%+./\0\ud800é\u202e"), max_size=120
)
tokens = st.lists(
    st.sampled_from(
        [
            *(record.command for record in read_corpus() if len(record.command) < 200),
            *HARMLESS,
            *("rm x", "touch x", "$(", "`", "'", '"', "\\", "<<E", "\n", ";", "&&", "|", "&", "{"),
            *("function", "env", "sh", "-c", "eval", "sudo", "find", "-exec", "A=1", "time", "!"),
        ]
    ),
    max_size=30,
).flatmap(lambda parts: st.sampled_from([" ", "", "; ", "\n"]).map(lambda glue: glue.join(parts)))


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> FolderOracle:
    return FolderOracle(make_folder(tmp_path_factory.mktemp("properties")).workspace)


def _seconds_for(command: str, oracle: FolderOracle) -> float:
    """The fastest of some tries: a busy machine may be late, slow code always is."""
    fastest = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        rule_on_command(command, allow_list=ALLOW_LIST, deny_list=DENY_LIST, paths=oracle)
        fastest = min(fastest, time.perf_counter() - started)
        if fastest < LIMIT_S:
            break
    return fastest


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(command=any_text | shell_text | tokens)
def test_any_text_gets_a_ruling_at_once(command: str, oracle: FolderOracle) -> None:
    assert _seconds_for(command, oracle) < LIMIT_S


@pytest.mark.parametrize(
    "piece",
    [
        *"a;|&$`'\"\\({[<>*~!#= \n\0é\ud800",
        *("a ", "; ", "$(", "${", "<<E ", "\\\n", "' '", '" "', '"$(', "A=1 ", "\\\\", "é;", "2>"),
        *(
            "env ",
            "eval ",
            "function f ",
            "sh -c ",
            "sudo -u ",
            "find -exec ",
            "rm",
            "git ",
            "((",
            "/",
        ),
        *(
            "rm;",
            "a/",
            "!rm ",
            "'; rm",
            "<<E\n",
            "{rm,",
            "\n\n ",
            "echo 'a' ",
            "-a ",
            "ls -- ",
            "@{0}",
        ),
    ],
)
@pytest.mark.parametrize("length", [4_000, 8_192, 16_384, 131_071, 1_000_000])
def test_a_text_of_any_length_gets_a_ruling_at_once(
    piece: str, length: int, oracle: FolderOracle
) -> None:
    assert _seconds_for((piece * (length // len(piece) + 1))[:length], oracle) < LIMIT_S


def test_a_pipe_to_the_background_does_not_loop_for_ever(oracle: FolderOracle) -> None:
    assert _seconds_for("git status & x", oracle) < LIMIT_S


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=4),
    foreign=st.sampled_from(
        ["touch PWNED", "./pwn", "sh", "npm install", "cat .env", "ls > PWNED", "A=1", "git push"]
    ),
    place=st.integers(0, 4),
    glue=st.sampled_from([";", " ; ", " && ", "||", " | ", "\n", " & ", "&"]),
)
def test_no_line_with_a_part_that_is_not_listed_runs(
    parts: list[str], foreign: str, place: int, glue: str, oracle: FolderOracle
) -> None:
    line = glue.join((*parts[:place], foreign, *parts[place:]))
    ruling = rule_on_command(line, allow_list=ALLOW_LIST, deny_list=(), paths=oracle)
    assert ruling.decision == "prompt"


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(command=any_text | shell_text | tokens, entry=any_text | shell_text)
def test_lists_of_any_text_are_read_without_an_error(
    command: str, entry: str, oracle: FolderOracle
) -> None:
    ruling = rule_on_command(command, allow_list=(entry,), deny_list=(), paths=oracle)
    if ruling.decision == "allow":
        assert entry.split()[0] == command.split()[0]
    rule_on_command(command, allow_list=(), deny_list=(entry,), paths=oracle)


@pytest.mark.parametrize(
    "command",
    [
        "a=aaaaaaaaaa;" + "a=$a$a$a$a;" * 700,
        "${a:0:999}" * 800,
        "{a,b}" * 1600,
        "[$(" * 2700,
        "sh -c '" * 1100,
        "ssh -p " * 1100,
        "command" * 1100 + "=x",
        "sed 's" + "/a" * 4000 + "'",
        "python -c '" + "popen" * 1600 + "'",
    ],
    ids=lambda command: command[:12],
)
def test_a_text_that_grows_when_it_is_read_is_read_in_bounds(
    command: str, oracle: FolderOracle
) -> None:
    assert _seconds_for(command, oracle) < LIMIT_S
