"""Programs known to be read-only, each with its harmless options and operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from vtcode_tui.permissions import operands
from vtcode_tui.permissions.operands import OperandCheck
from vtcode_tui.permissions.options import (
    Options,
    a_name,
    a_number,
    any_text,
    parse_arguments,
    valued,
    whole,
)
from vtcode_tui.permissions.oracle import PathOracle

WordsCheck: TypeAlias = Callable[[Sequence[str], PathOracle], None]
"""Judges the words after a program's name; raises ``Unproven``."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program or subcommand, with its harmless options and a check of its operands."""

    name: str
    options: Options
    check: OperandCheck

    def prove(self, words: Sequence[str], paths: PathOracle) -> None:
        """``words`` come after the name. Raises ``Unproven``."""
        if tuple(words) == ("--version",):
            return
        self.check(self.name, parse_arguments(self.name, words, self.options), paths)


def only_prints(_words: Sequence[str], _paths: PathOracle) -> None:
    """Accept any words: the program at most prints them."""


_HEAD = Options(
    "qv",
    whole("--quiet --silent --verbose"),
    valued(a_number, "-n -c --lines --bytes"),
    count=True,
)
_SORT = Options(
    "bcCdfghiMnrsuV",
    whole(
        "--numeric-sort --reverse --unique --ignore-case --human-numeric-sort --version-sort"
        " --general-numeric-sort --month-sort --stable --check --ignore-leading-blanks"
    ),
    valued(any_text, "-k -t --key --field-separator"),
)
_UNIQ = Options(
    "cdDiu",
    whole("--count --repeated --unique --ignore-case"),
    valued(a_number, "-f -s --skip-fields --skip-chars"),
)
_CUT = Options(
    "s",
    whole("--complement --only-delimited"),
    valued(any_text, "-b -c -d -f --bytes --characters --delimiter --fields --output-delimiter"),
)
_GREP = Options(
    "abcEFGhHiIlLnoPqrsUvwxy",
    whole(
        "--recursive --line-number --ignore-case --invert-match --count --files-with-matches"
        " --files-without-match --only-matching --word-regexp --line-regexp --extended-regexp"
        " --fixed-strings --perl-regexp --basic-regexp --quiet --silent --no-messages --text"
        " --with-filename --no-filename --byte-offset --no-ignore-case --color --colour"
    ),
    valued(a_number, "-A -B -C -m --after-context --before-context --context --max-count")
    | valued(any_text, "-e --regexp --include --exclude --exclude-dir"),
    valued(a_name, "--color --colour"),
    count=True,
)
_RG = Options(
    "0cFHiIlnNoPqsSUvwx.",
    whole(
        "--files --fixed-strings --with-filename --no-filename --no-line-number --pcre2"
        " --smart-case --multiline --count --ignore-case --files-with-matches --line-number"
        " --only-matching --case-sensitive --invert-match --word-regexp --line-regexp"
        " --files-without-match --count-matches --heading --no-heading --hidden --no-ignore"
        " --json --stats --column --vimgrep --trim --quiet --no-messages"
    ),
    valued(
        a_number,
        "-A -B -C -m -d -M --after-context --before-context --context --max-count --max-depth"
        " --max-columns",
    )
    | valued(any_text, "-e --regexp -g --glob --iglob -r --replace")
    | valued(a_name, "-t --type -T --type-not --color --sort --sortr"),
)
_FD = Options(
    "0aFgHiIps",
    whole("--hidden --no-ignore --glob --fixed-strings --ignore-case --case-sensitive"),
    valued(a_number, "-d --max-depth --min-depth --max-results")
    | valued(a_name, "-e --extension -t --type --color")
    | valued(any_text, "-E --exclude"),
)
_LS = Options(
    "1aAbBcCdfFgGhiklmnopqrRsStuUxX",
    whole(
        "--all --almost-all --human-readable --recursive --reverse --directory --inode --size"
        " --group-directories-first --classify --full-time --numeric-uid-gid --color --no-group"
        " --escape --literal --si"
    ),
    attached=valued(a_name, "--color --sort --time --format --time-style --indicator-style"),
)
_DU = Options(
    "abchkms",
    whole("--all --bytes --total --human-readable --summarize --apparent-size"),
    valued(a_number, "-d --max-depth") | valued(any_text, "--exclude"),
)
_DIFF = Options(
    "aBbcdiNpqsuwy",
    whole(
        "--brief --unified --ignore-all-space --ignore-space-change --ignore-blank-lines"
        " --ignore-case --side-by-side --report-identical-files --text --minimal --color"
    ),
    valued(a_number, "-U -W --width"),
    {"--unified": a_number, "--color": a_name},
)
_TREE = Options(
    "aACdDfFghinprstuvx",
    whole("--dirsfirst --noreport --gitignore --prune --du --si"),
    separate={"-L": a_number, "-I": any_text, "-P": any_text},
)
_DATE = Options(
    "Ru",
    whole("-I -Idate -Ihours -Iminutes -Iseconds --iso-8601 --utc --universal --rfc-email"),
    attached={"--iso-8601": a_name},
)
_SED = Options(
    "nErsu",
    whole("--quiet --silent --regexp-extended --posix --sandbox"),
    valued(any_text, "-e --expression"),
)

_READERS = (
    Program("cat", Options("AbeEnstTuv", whole("--number --show-all")), operands.files),
    Program("head", _HEAD, operands.files),
    Program("tail", _HEAD, operands.files),
    Program("wc", Options("clLmw", whole("--bytes --chars --lines --words")), operands.files),
    Program("nl", Options("", valued=valued(a_name, "-b -n -v -i -w")), operands.files),
    Program("sort", _SORT, operands.files),
    Program("uniq", _UNIQ, operands.one_file),
    Program("cut", _CUT, operands.files),
    Program("tr", Options("cCds"), operands.characters),
    Program("grep", _GREP, operands.pattern_and_files),
    Program("egrep", _GREP, operands.pattern_and_files),
    Program("fgrep", _GREP, operands.pattern_and_files),
    Program("rg", _RG, operands.pattern_and_tree),
    Program("fd", _FD, operands.pattern_and_names),
    Program("fdfind", _FD, operands.pattern_and_names),
    Program("sed", _SED, operands.sed_script_and_files),
    Program("diff", _DIFF, operands.files),
    Program("ls", _LS, operands.paths_only),
    Program("du", _DU, operands.paths_only),
    Program("tree", _TREE, operands.paths_only),
    Program(
        "stat",
        Options("", whole("--terse"), valued(any_text, "-c --format"), {"--printf": any_text}),
        operands.paths_only,
    ),
    Program(
        "file",
        Options("bik", whole("--brief --mime --mime-type --mime-encoding")),
        operands.paths_only,
    ),
    Program("pwd", Options("LP"), operands.nothing),
    Program("date", _DATE, operands.date_format),
    Program("which", Options("a"), operands.program_names),
    Program("basename", Options("a", valued={"-s": any_text}), operands.any_words),
    Program("dirname", Options(), operands.any_words),
    Program("uname", Options("amnoprsv"), operands.nothing),
    Program("whoami", Options(), operands.nothing),
)

READERS: Mapping[tuple[str, ...], WordsCheck] = MappingProxyType(
    {(program.name,): program.prove for program in _READERS}
    | dict.fromkeys((("echo",), ("true",), ("false",)), only_prints)
)
