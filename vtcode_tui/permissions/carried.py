"""Commands that words carry: as the value of a setting or an option, or inside a program's code.

Part of the tolerant reading for the deny list (see ``visible``): by the shape of a word and the kind of
its program, not by lists of options. Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from vtcode_tui.permissions.never import EDITS, RUNS_CODE, reason_never, words
from vtcode_tui.permissions.shell_reading import ASSIGNMENT, base_name

_LONGEST_NAME = 48
_RUNS_ITS_VALUE = re.compile(
    r"command|cmd|exec|program|pager|editor|visual|browser|askpass|rsh|shell|external|fsmonitor|html|hook"
    r"|helper|preview|checkpoint-action|upload-?pack|receive-?pack|lessopen|lessclose|prompt_command|textconv"
    r"|difftool|mergetool|driver|_ssh|config_value_[0-9]|\A-*run\Z|\Aps[04]\Z",
    re.IGNORECASE,
)
"""In the name of a setting or an option: a command is its value."""

_IS_READ_LATER = re.compile(r"PAGER|EDITOR|VISUAL|BROWSER|GIT_|PROMPT_COMMAND|LESS|PS4")
_MAY_RUN_ITS_VALUE = re.compile(r"-*filter", re.IGNORECASE)
_RUNS_THE_NEXT = re.compile(
    r"(?:command|cmd|exec|preview|rsh|program|pager|editor)\Z|\A-+run\Z", re.IGNORECASE
)
_NAMES_A_COMMAND = re.compile(r"Command[ =]+(?P<value>.+)", re.DOTALL)
_TAKES_COMMANDS = words(
    "complete make man mapfile nix-shell npm npx pnpx readarray rsync scp sftp ssh tar vagrant zip"
)
"""Programs with short options that take a command; their other options take none with a blank in it."""

_GIT_COMMANDS = words("-u -x")
_READS_CODE = frozenset({RUNS_CODE, EDITS})
_MORE_CODE = words("expect psql mysql sed gsed gdb")
_PASSED_ON = r"""(?:"([^"]*)"|'([^']*)')((?:\s*,\s*(?:"[^"]*"|'[^']*'))*)"""
_CALLS = re.compile(
    r"(?:\b(?:system|exec\w{0,12}|popen\w{0,4}|Popen|spawn\w{0,12}|run|call|check_call|check_output|getoutput|getstatusoutput"
    r"|shell_exec|passthru|proc_open|execute|sh|shell|Command)\b|\|)\s*[(\[{]*\s*" + _PASSED_ON
)
_IN_CODE = re.compile(
    r"""`(?P<ticks>[^`]+)`
      | (?:\bqx|%x)\s*[^\w\s](?P<quoted>[^)}\]/|!]+)
      | "(?P<read>[^"]*)"\s*\|\s*getline
      | (?:^|[\s:;"'\\])!\s*(?P<bang>[^\n=][^\n]*)
      | (?:^|[\s;.:])(?:shell|system|spawn)\s+(?P<word>[^\n]+)""",
    re.VERBOSE,
)
_SED_ADDRESS = r"(?:[0-9]+|\$|/[^/\n]*/)"
_SED_RUNS = re.compile(
    rf"(?:^|[;{{\n])\s*(?:{_SED_ADDRESS}(?:,{_SED_ADDRESS})?)?\s*!?\s*e\s+(?P<plain>[^\n]+)"
    r"|(?:^|[;{\n])\s*s(?P<mark>[^\w\s])[^\n]{0,99}?(?P=mark)(?P<replaced>[^\n]{0,99}?)(?P=mark)[gpiIm0-9]*e"
)


def carried_scripts(started: Sequence[str]) -> Iterator[str]:
    """The words, or parts of them, that the command of ``started`` has a shell or a program run."""
    name = base_name(started[0])
    for before, word in pairwise(started):
        yield from _value_that_runs(word)
        named = _NAMES_A_COMMAND.search(word)
        if named is not None:
            yield _as_script(named["value"])
        is_next = (
            before[:1] == "-" and len(before) < _LONGEST_NAME and _RUNS_THE_NEXT.search(before)
        )
        if is_next or _takes_command(name, before, word):
            yield _as_script(word)
    if is_code_host(name):
        for word in started[1:]:
            yield from scripts_in_code(word, is_sed=name.endswith("sed"))


def set_scripts(line: Sequence[str]) -> Iterator[str]:
    """The values of settings, before a command or by themselves, that programs run."""
    is_alone = all(map(ASSIGNMENT.match, line))
    for word in line:
        if not word.startswith("-") and (not is_alone or _IS_READ_LATER.match(word)):
            yield from _value_that_runs(word)


def _value_that_runs(word: str) -> Iterator[str]:
    name, _, value = word.partition("=")
    if not value or len(name) > _LONGEST_NAME or any(map(str.isspace, name)):
        return
    if _RUNS_ITS_VALUE.search(name) or (" " in value and _MAY_RUN_ITS_VALUE.fullmatch(name)):
        yield _as_script(value)


def is_code_host(name: str) -> bool:
    """Whether the program of this name reads code, in which commands can stand."""
    return name in _MORE_CODE or reason_never(name) in _READS_CODE


def scripts_in_code(code: str, *, is_sed: bool = False) -> Iterator[str]:
    """What ``code`` of any language hands to a shell, where that stands in it as it is."""
    if is_sed:
        for found in _SED_RUNS.finditer(code):
            yield found["plain"] or found["replaced"] or ""
        return
    for found in _CALLS.finditer(code):
        more = re.findall(r"\"([^\"]*)\"|'([^']*)'", found[3])
        yield " ".join([found[1] or found[2] or "", *(one or other for one, other in more)])
    for found in _IN_CODE.finditer(code):
        yield next(filter(None, found.groups()), "")


def decoded(text: str) -> Iterator[str]:
    """What ``text`` may stand for, where a program turns it into another before a shell reads it."""
    yield text[::-1]
    for word in text.split():
        for decode in (base64.b64decode, bytes.fromhex):
            try:
                yield decode(word).decode("ascii")
            except (ValueError, binascii.Error):
                continue


def _takes_command(name: str, before: str, word: str) -> bool:
    if name == "git":
        return before in _GIT_COMMANDS or word.startswith("-O")
    is_its_value = before[:1] == "-" and before[1:2] not in ("", "-")
    is_glued = word[:1] == "-" and word[1:2] not in ("", "-")
    return name in _TAKES_COMMANDS and " " in word and (is_its_value or is_glued)


def _as_script(value: str) -> str:
    """Without what stands before the command: a pipe, an alias's mark, a short option's letter, "exec="."""
    return re.sub(r"\A(?:-[A-Za-z])?(?:[\w.-]+=)?[|!:]*", "", value)
