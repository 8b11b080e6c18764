"""Checks of operands: workspace files, directories without secrets, plain text.

Each check takes the program's name, its arguments and the oracle, and raises ``Unproven``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from vtcode_tui.permissions.options import Arguments
from vtcode_tui.permissions.oracle import PathKind, PathOracle
from vtcode_tui.permissions.unproven import Unproven, quoted

OperandCheck: TypeAlias = Callable[[str, Arguments, PathOracle], None]

MAX_PATHS = 64


def require_file(path: str, paths: PathOracle) -> None:
    """Require ``path`` to be a regular file of the workspace, or "-" for the pipe."""
    if path != "-" and paths.kind(path) is not PathKind.FILE:
        raise Unproven(
            f"names {quoted(path)}, which is secret, missing or no file in this workspace"
        )


def require_path(path: str, paths: PathOracle) -> None:
    if paths.kind(path) not in (PathKind.FILE, PathKind.DIRECTORY):
        raise Unproven(f"names {quoted(path)}, which is secret, missing or not in this workspace")


def require_no_secrets(directory: str, paths: PathOracle) -> None:
    if paths.has_secrets(directory):
        raise Unproven(f"searches {quoted(directory)}, which holds files with secrets")


def require_searchable(path: str, paths: PathOracle) -> None:
    """Require a regular file, or a directory whose files may all be shown."""
    require_path(path, paths)
    if paths.kind(path) is PathKind.DIRECTORY:
        require_no_secrets(path, paths)


def require_few(operands: Sequence[str]) -> None:
    if len(operands) > MAX_PATHS:
        raise Unproven(f"names more than {MAX_PATHS} paths")


def nothing(program: str, arguments: Arguments, _paths: PathOracle) -> None:
    if arguments.all_operands:
        raise Unproven(f"gives {program} more than options")


def any_words(_program: str, _arguments: Arguments, _paths: PathOracle) -> None:
    """Accept words that the program only prints."""


def files(_program: str, arguments: Arguments, paths: PathOracle) -> None:
    require_few(arguments.all_operands)
    for path in arguments.all_operands:
        require_file(path, paths)


def paths_only(_program: str, arguments: Arguments, paths: PathOracle) -> None:
    """Accept paths of which only names and sizes are shown."""
    require_few(arguments.all_operands)
    for path in arguments.all_operands:
        require_path(path, paths)


def one_file(program: str, arguments: Arguments, paths: PathOracle) -> None:
    """Accept at most one file: a second one would be written."""
    if len(arguments.all_operands) > 1:
        raise Unproven(f"gives {program} a second file, which it would write")
    files(program, arguments, paths)


def characters(program: str, arguments: Arguments, _paths: PathOracle) -> None:
    if len(arguments.all_operands) not in (1, 2):
        raise Unproven(f"gives {program} other words than one or two sets of characters")


def date_format(program: str, arguments: Arguments, _paths: PathOracle) -> None:
    if any(not word.startswith("+") for word in arguments.all_operands):
        raise Unproven(f"gives {program} more than a format")


def program_names(program: str, arguments: Arguments, _paths: PathOracle) -> None:
    for word in arguments.all_operands:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", word):
            raise Unproven(f"gives {program} more than names of programs")


def pattern_and_files(_program: str, arguments: Arguments, paths: PathOracle) -> None:
    """grep: a pattern, then files; directories only with -r."""
    operands = _without_pattern(arguments)
    require_few(operands)
    is_recursive = arguments.has("-r", "--recursive")
    for path in operands or ((".",) if is_recursive else ()):
        if is_recursive and path != "-":
            require_searchable(path, paths)
        else:
            require_file(path, paths)


def pattern_and_tree(program: str, arguments: Arguments, paths: PathOracle) -> None:
    """ripgrep: a pattern, then files or directories, else the workspace; or only their names."""
    if arguments.has("--files"):
        paths_only(program, arguments, paths)
        return
    operands = _without_pattern(arguments)
    require_few(operands)
    for path in operands or (".",):
        if path != "-":
            require_searchable(path, paths)


def pattern_and_names(_program: str, arguments: Arguments, paths: PathOracle) -> None:
    """fd: a pattern, then directories whose names are listed."""
    require_few(arguments.all_operands)
    for path in arguments.all_operands[1:]:
        require_path(path, paths)


def _without_pattern(arguments: Arguments) -> tuple[str, ...]:
    if arguments.has("-e", "--regexp"):
        return arguments.all_operands
    if not arguments.all_operands:
        raise Unproven("searches without a pattern")
    return arguments.all_operands[1:]


_SED_PRINTS = re.compile(r"(?:[0-9]{1,9}|\$)(?:,(?:[0-9]{1,9}|\$))?[pdq]")
_SED_REPLACES = re.compile(r"s/[^/\\\[\]]+/[^/\\]*/[gip0-9]{0,4}")


def sed_script_and_files(program: str, arguments: Arguments, paths: PathOracle) -> None:
    """sed: one script that prints lines by number or replaces plain text, then files."""
    scripts = arguments.values("-e", "--expression") or arguments.all_operands[:1]
    operands = arguments.all_operands
    if not arguments.has("-e", "--expression"):
        operands = operands[1:]
    if not scripts or any(not _is_plain_sed(script) for script in scripts):
        raise Unproven(f"gives {program} a script that is not known to be harmless")
    require_few(operands)
    for path in operands:
        require_file(path, paths)


def _is_plain_sed(script: str) -> bool:
    return bool(_SED_PRINTS.fullmatch(script) or _SED_REPLACES.fullmatch(script))
