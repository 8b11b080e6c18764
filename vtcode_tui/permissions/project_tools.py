"""Programs that run a project's own code: who lists one trusts the project, not every option.

The lists leave out what names another configuration, program or output file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from vtcode_tui.permissions.operands import nothing, require_few, require_path
from vtcode_tui.permissions.options import (
    Arguments,
    Options,
    a_name,
    any_text,
    valued,
    whole,
)
from vtcode_tui.permissions.oracle import PathOracle
from vtcode_tui.permissions.programs import Program, WordsCheck
from vtcode_tui.permissions.unproven import Unproven, quoted


def _no_plugin(value: str) -> bool:
    return re.fullmatch(r"no:[A-Za-z0-9_-]+", value) is not None


def _test_ids(program: str, arguments: Arguments, paths: PathOracle) -> None:
    """pytest: paths, each with the name of a test behind "::". "@file" would read options."""
    require_few(arguments.all_operands)
    for word in arguments.all_operands:
        if word.startswith("@"):
            raise Unproven(f"gives {program} a file of options: {quoted(word)}")
        require_path(word.partition("::")[0], paths)


_TEST_OPTIONS = whole("--exact --ignored --include-ignored --nocapture --show-output")


def _test_names(program: str, arguments: Arguments, _paths: PathOracle) -> None:
    words = [word for word in arguments.after_dashes if word not in _TEST_OPTIONS]
    for word in (*arguments.operands, *words):
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_:]*", word):
            raise Unproven(f"gives {program} more than names of tests: {quoted(word)}")


def _go_packages(program: str, arguments: Arguments, paths: PathOracle) -> None:
    require_few(arguments.all_operands)
    for word in arguments.all_operands:
        if not re.fullmatch(r"\.(?:/[A-Za-z0-9_.-]+)*/?", word):
            raise Unproven(f"gives {program} more than packages of this workspace: {quoted(word)}")
        require_path(word.removesuffix("/..."), paths)


_PYTEST = Options(
    "lqsvx",
    whole(
        "--co --collect-only --lf --last-failed --ff --failed-first --nf --new-first --sw"
        " --stepwise --exitfirst --quiet --verbose --showlocals --no-header --no-summary"
        " --disable-warnings --strict-markers --strict-config --runxfail"
    ),
    valued(any_text, "-k -m --deselect")
    | valued(a_name, "-r -n --tb --maxfail --durations --color --capture --timeout --verbosity")
    | {"-p": _no_plugin},
)
_CARGO = Options(
    "qv",
    whole(
        "--all --workspace --all-targets --all-features --no-default-features --lib --bins --tests"
        " --examples --benches --release --quiet --verbose --locked --offline --frozen"
        " --no-fail-fast --keep-going --no-run --no-deps"
    ),
    valued(a_name, "-p --package --features --bin --test --example --bench --exclude --color -j"),
)
_GO_VALUES = valued(any_text, "-run -skip -bench") | valued(
    a_name, "-count -timeout -cpu -parallel -p -tags"
)
_GO = Options(
    "",
    whole("-v -race -short -cover -failfast -benchmem -json -vet=off"),
    attached=_GO_VALUES,
    separate=_GO_VALUES,
)

_TOOLS = (
    Program("pytest", _PYTEST, _test_ids),
    Program("python -m pytest", _PYTEST, _test_ids),
    Program("python3 -m pytest", _PYTEST, _test_ids),
    Program("cargo check", _CARGO, nothing),
    Program("cargo build", _CARGO, nothing),
    Program("cargo clippy", _CARGO, nothing),
    Program("cargo test", _CARGO, _test_names),
    Program("go build", _GO, _go_packages),
    Program("go test", _GO, _go_packages),
    Program("go vet", _GO, _go_packages),
)

PROJECT_TOOLS: Mapping[tuple[str, ...], WordsCheck] = MappingProxyType(
    {tuple(program.name.split()): program.prove for program in _TOOLS}
)
