"""The git commands that only read, each with its harmless options.

Three things beside the words decide: the repository's configuration may make a reading command
start programs, a patch may show a file that is a secret, and a word may be a revision or a path.
Allowed commands start with ``git_files.GIT_ENVIRONMENT``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from vtcode_tui.permissions import operands
from vtcode_tui.permissions.operands import (
    OperandCheck,
    require_few,
    require_file,
    require_path,
    require_searchable,
)
from vtcode_tui.permissions.options import (
    Arguments,
    Options,
    a_name,
    a_number,
    any_text,
    parse_arguments,
    valued,
    whole,
)
from vtcode_tui.permissions.oracle import PathKind, PathOracle
from vtcode_tui.permissions.unproven import Unproven, quoted

_REVISION = re.compile(
    r"\^?[A-Za-z0-9_@][A-Za-z0-9_.@{}^~+-]*(?:/[A-Za-z0-9_@][A-Za-z0-9_.@{}^~+-]*)*"
)
_NUMBER = re.compile(r"\^?(?:.*-g)?([0-9a-fA-F]{4,64})(?:[@^~].*)?")
_PATCH = (
    "-p",
    "-u",
    "-U",
    "-c",
    "-m",
    "--patch",
    "--unified",
    "--cc",
    "--check",
    "--word-diff",
    "--color-words",
)
_SUMMARY = (
    "--stat",
    "--shortstat",
    "--numstat",
    "--dirstat",
    "--name-only",
    "--name-status",
    "--summary",
    "--raw",
    "--quiet",
    "-s",
    "--no-patch",
)


def a_format(value: str) -> bool:
    """No placeholder that has a signature verified, which starts a program: "%GK", also as "%+GK"."""
    return not re.search(r"%[-+ ]?G", value) and "signature" not in value


def require_plain_repository(paths: PathOracle) -> None:
    if not paths.git_is_plain():
        raise Unproven("runs git in a repository whose configuration may start programs")


def require_no_tracked_secrets(paths: PathOracle) -> None:
    if paths.tracks_secrets():
        raise Unproven("shows contents of a repository that holds files with secrets")


def require_revision(word: str, paths: PathOracle) -> None:
    """``word`` names commits ("main..HEAD~2") and no file whatever."""
    ends = re.split(r"\.{2,3}", word, maxsplit=1)
    if any(end and not _REVISION.fullmatch(end) for end in ends) or ".." in ends[-1]:
        raise Unproven(f"gives git {quoted(word)}, which is neither a revision nor a plain path")
    if paths.kind(word) is not PathKind.ABSENT:
        raise Unproven(f"names {quoted(word)}, which is secret or not in this workspace")
    for end in ends:
        require_commit(end, paths)


def require_commit(revision: str, paths: PathOracle) -> None:
    """A number ("1a2b3c4", "v1-3-g1a2b3c4") is that of a commit, not of a file's content."""
    number = _NUMBER.fullmatch(revision)
    if number is not None and not paths.names_commits(number[1]):
        raise Unproven(f"names {quoted(revision)}, which is not known to be a commit")


def require_pathspec(word: str, paths: PathOracle) -> None:
    """``word`` is a path for git too: nothing in it is a pattern or one of git's own signs."""
    require_path(word, paths)
    if word.startswith(":") or any(sign in word for sign in "*?[\\"):
        raise Unproven(f"names {quoted(word)}, which git takes for a pattern")


def _pathspecs(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    require_few(arguments.all_operands)
    for word in arguments.all_operands:
        require_pathspec(word, paths)


def split_operands(
    arguments: Arguments, paths: PathOracle
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The operands as revisions and as paths. Raises ``Unproven`` for what is neither.

    With "--" the words before it are revisions, as git takes them. Without it a word that is a
    path is none: git refuses to guess where it is both.
    """
    require_few(arguments.all_operands)
    is_path = {
        word: not arguments.has_dashes and paths.kind(word) in (PathKind.FILE, PathKind.DIRECTORY)
        for word in arguments.operands
    }
    revisions = tuple(word for word in arguments.operands if not is_path[word])
    named = tuple(word for word in arguments.operands if is_path[word]) + arguments.after_dashes
    for word in revisions:
        require_revision(word, paths)
    for word in named:
        require_pathspec(word, paths)
    return revisions, named


def require_shown_contents(
    revisions: Sequence[str], named: Sequence[str], paths: PathOracle
) -> None:
    """Contents may be shown: only plain files are named, or no secret is tracked.

    A revision may be any object, the contents of a secret too, so with one the paths decide
    nothing. Two paths outside a repository are compared as they are, directories to the bottom.
    """
    if len(named) > 1:
        for path in named:
            require_searchable(path, paths)
    kinds = {paths.kind(path) for path in named}
    if revisions or kinds != {PathKind.FILE}:
        require_no_tracked_secrets(paths)


def _log(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    revisions, named = split_operands(arguments, paths)
    if arguments.has(*_PATCH):
        require_shown_contents(revisions, named, paths)


def _diff(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    revisions, named = split_operands(arguments, paths)
    if arguments.has(*_PATCH) or not arguments.has(*_SUMMARY):
        require_shown_contents(revisions, named, paths)


def _show(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    """Objects: revisions, or "REVISION:PATH" for a file that is plain by its name now."""
    blobs = tuple(word for word in arguments.operands if ":" in word)
    for word in blobs:
        revision, _, path = word.partition(":")
        if not revision:
            raise Unproven(f"gives git {quoted(word)}, which is not a plain revision")
        require_revision(revision, paths)
        require_path(path, paths)
    others = tuple(word for word in arguments.operands if ":" not in word)
    split_operands(replace(arguments, operands=others), paths)
    if others or not blobs:
        require_no_tracked_secrets(paths)


def _blame(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    *revisions, path = arguments.all_operands or ("",)
    require_few(revisions)
    require_file(path, paths)
    for word in revisions:
        require_revision(word, paths)


def _grep(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    has_pattern = arguments.has("-e")
    if not has_pattern and not arguments.operands:
        raise Unproven("searches without a pattern")
    where = arguments.operands if has_pattern else arguments.operands[1:]
    revisions, named = split_operands(replace(arguments, operands=where), paths)
    require_shown_contents(revisions, named, paths)


def _listing(*, only_with: tuple[str, ...]) -> OperandCheck:
    """branch, tag: words are patterns or commits where an option says list, else new names."""

    def check(name: str, arguments: Arguments, _paths: PathOracle) -> None:
        if arguments.all_operands and not arguments.has(*only_with):
            raise Unproven(f"would make or change something with {name}")

    return check


def _revisions(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    require_few(arguments.all_operands)
    for word in arguments.all_operands:
        require_revision(word, paths)


def _stash_show(_name: str, arguments: Arguments, paths: PathOracle) -> None:
    _revisions(_name, arguments, paths)
    require_no_tracked_secrets(paths)


_DIFF_WHOLE = whole(
    "--stat --shortstat --numstat --dirstat --name-only --name-status --summary --raw --check -p"
    " -u --patch -s --no-patch -w -b --ignore-all-space --ignore-space-change --ignore-blank-lines"
    " --ignore-space-at-eol --minimal --patience --histogram --word-diff --color-words --no-color"
    " --color -M -C -R --find-renames --no-renames --exit-code --quiet --no-ext-diff"
    " --no-textconv --full-index --abbrev -z -W --function-context --compact-summary"
)
_DIFF_VALUED = valued(a_number, "-U") | valued(any_text, "-S -G")
_DIFF_ATTACHED = (
    valued(a_number, "--unified --abbrev --inter-hunk-context")
    | valued(
        a_name, "--diff-filter --diff-algorithm --color --word-diff --stat --ignore-submodules"
    )
    | valued(any_text, "--color-words --word-diff-regex")
)
_LOG_WHOLE = _DIFF_WHOLE | whole(
    "--oneline --graph --decorate --no-decorate --all --branches --tags --remotes --abbrev-commit"
    " --no-abbrev-commit --merges --no-merges --first-parent --reverse --follow --topo-order"
    " --date-order --author-date-order -i --full-history --parents --children --left-right"
    " --cherry-pick --cherry-mark --boundary --no-notes --relative-date --cc -c -m"
)
_LOG_VALUED = (
    _DIFF_VALUED
    | valued(a_number, "-n --max-count --skip")
    | valued(any_text, "--since --until --after --before --author --committer --grep --date")
)
_LOG_ATTACHED = _DIFF_ATTACHED | valued(a_format, "--format --pretty") | {"--decorate": a_name}

_STATUS = Options(
    "",
    whole(
        "-s --short -b --branch -sb -bs -u -uno -unormal -uall --untracked-files --porcelain"
        " --long --ignored -z --show-stash --ahead-behind --no-ahead-behind --no-renames"
    ),
    attached=valued(a_name, "--porcelain --untracked-files --ignored"),
)
_LOG = Options("", _LOG_WHOLE, _LOG_VALUED, _LOG_ATTACHED, count=True)
_DIFF = Options(
    "", _DIFF_WHOLE | whole("--cached --staged --merge-base"), _DIFF_VALUED, _DIFF_ATTACHED
)
_LISTS_BRANCHES = (
    "--list",
    "--contains",
    "--no-contains",
    "--merged",
    "--no-merged",
    "--points-at",
)
_BRANCH_VALUES = valued(
    any_text, "--contains --no-contains --merged --no-merged --points-at"
) | valued(a_format, "--sort --format")
_BRANCH = Options(
    "",
    whole(
        "-a -r -v -vv -av -avv -ra -rv --all --remotes --verbose --show-current --no-color --color"
        " --no-column --ignore-case"
    ).union(_LISTS_BRANCHES),
    attached=_BRANCH_VALUES | {"--color": a_name},
)
_TAG = Options(
    "",
    whole("-l -n --no-column").union(_LISTS_BRANCHES),
    attached=_BRANCH_VALUES,
)
_BLAME = Options(
    "",
    whole("-w -s -l -e -n -f -M -C --show-email --show-name --porcelain --line-porcelain"),
    valued(any_text, "-L") | {"--date": any_text},
)
_GREP = Options(
    "",
    whole(
        "-n -i -l -L -c -w -v -E -F -G -P -h -H -o -q -I -ni -in -nE -nw -nF --line-number"
        " --ignore-case --name-only --files-with-matches --count --word-regexp --cached"
        " --no-color --color --heading --break --all-match --and --or --not"
    ),
    valued(a_number, "-A -B -C -m --max-depth") | valued(any_text, "-e"),
)
_REV_PARSE = Options(
    "",
    whole(
        "--abbrev-ref --short --show-toplevel --show-prefix --show-cdup --verify --git-dir"
        " --is-inside-work-tree --is-bare-repository --symbolic-full-name --quiet -q"
    ),
    attached={"--short": a_number, "--abbrev-ref": a_name},
)
_LS_FILES = Options(
    "",
    whole(
        "-c -d -m -o -s -t -u -z --cached --deleted --modified --others --stage --exclude-standard"
        " --unmerged --killed --ignored -i --full-name --error-unmatch --eol"
    ),
    valued(any_text, "-x --exclude"),
)
_DESCRIBE = Options("", whole("--tags --all --always --long"), attached={"--abbrev": a_number})
_SHORTLOG = Options(
    "", whole("-s -n -e -sn -ns -sne --summary --numbered --email --no-merges --all")
)

SUBCOMMANDS: Mapping[tuple[str, ...], tuple[Options, OperandCheck]] = MappingProxyType(
    {
        ("status",): (_STATUS, _pathspecs),
        ("log",): (_LOG, _log),
        ("diff",): (_DIFF, _diff),
        ("show",): (_LOG, _show),
        ("branch",): (_BRANCH, _listing(only_with=_LISTS_BRANCHES)),
        ("tag",): (_TAG, _listing(only_with=("-l", *_LISTS_BRANCHES))),
        ("blame",): (_BLAME, _blame),
        ("grep",): (_GREP, _grep),
        ("rev-parse",): (_REV_PARSE, _revisions),
        ("ls-files",): (_LS_FILES, _pathspecs),
        ("describe",): (_DESCRIBE, _revisions),
        ("shortlog",): (_SHORTLOG, _revisions),
        ("stash", "list"): (Options(), operands.nothing),
        # Here "-u" takes in what is not tracked.
        ("stash", "show"): (Options("", _DIFF_WHOLE - {"-u"}), _stash_show),
        ("remote",): (Options(), operands.nothing),
    }
)
_BEFORE_SUBCOMMAND = frozenset({"--no-pager", "-P", "--no-optional-locks"})


def without_global_options(argv: Sequence[str]) -> tuple[str, ...]:
    """``argv`` of a git command without the harmless options before its subcommand."""
    position = 1
    while position < len(argv) and argv[position] in _BEFORE_SUBCOMMAND:
        position += 1
    return (*argv[:1], *argv[position:])


def prove_git(words: Sequence[str], paths: PathOracle) -> None:
    """``words`` come after "git" and its harmless global options. Raises ``Unproven``."""
    if tuple(words) == ("--version",):
        return
    for length in (2, 1):
        known = SUBCOMMANDS.get(tuple(words[:length]))
        if known is not None and len(words) >= length:
            options, check = known
            name = " ".join(("git", *words[:length]))
            require_plain_repository(paths)
            check(name, parse_arguments(name, words[length:], options), paths)
            return
    shown = quoted(" ".join(("git", *words[:1])))
    raise Unproven(f"runs {shown}, which is not one of the git commands that only read")
