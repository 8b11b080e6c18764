"""find: directories whose names are listed, then tests and actions that only print."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from vtcode_tui.permissions.operands import require_few, require_file, require_path
from vtcode_tui.permissions.options import ValueCheck, any_text, valued, whole
from vtcode_tui.permissions.oracle import PathOracle
from vtcode_tui.permissions.unproven import Unproven, quoted

_ALONE = whole(
    "( ) ! -a -and -daystart -depth -empty -executable -false -ls -mount -not -o -or -print -print0"
    " -prune -quit -readable -true -writable -xdev"
)


def _a_measure(value: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,15}[bcwkMG]?", value) is not None


def _a_type(value: str) -> bool:
    return re.fullmatch(r"[bcdflps](?:,[bcdflps])*", value) is not None


_WITH_VALUE: Mapping[str, ValueCheck] = MappingProxyType(
    valued(
        any_text, "-iname -ipath -iregex -iwholename -name -path -perm -printf -regex -wholename"
    )
    | valued(
        _a_measure,
        "-amin -atime -cmin -ctime -links -maxdepth -mindepth -mmin -mtime -size",
    )
    | {"-type": _a_type}
)
_WITH_FILE = frozenset({"-newer", "-anewer", "-cnewer"})


def prove_find(words: Sequence[str], paths: PathOracle) -> None:
    """``words`` come after "find". Raises ``Unproven``."""
    starts = 0
    while starts < len(words) and not _begins_expression(words[starts]):
        starts += 1
    require_few(words[:starts])
    for path in words[:starts]:
        require_path(path, paths)
    rest = list(reversed(words[starts:]))
    while rest:
        _take_term(rest.pop(), rest, paths)


def refuse_term(term: str) -> None:
    """What happens to a test or an action that is not listed."""
    raise Unproven(f"gives find a term that is not known to be harmless: {quoted(term)}")


def _begins_expression(word: str) -> bool:
    return word.startswith("-") or word in ("(", ")", "!", ",")


def _take_term(term: str, rest: list[str], paths: PathOracle) -> None:
    if term in _ALONE:
        return
    check = _WITH_VALUE.get(term)
    if check is None and term not in _WITH_FILE:
        refuse_term(term)
        return
    if not rest:
        raise Unproven(f"ends before the value of find's {term}")
    value = rest.pop()
    if check is None:
        require_file(value, paths)
    elif not check(value):
        raise Unproven(f"gives find a value that is not known to be harmless: {quoted(value)}")
