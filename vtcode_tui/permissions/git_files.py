"""What git's own files say, from their bytes: pure functions for whoever answers the oracle.

Also the environment in which git starts without a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

SECRET_ATTRIBUTES = Path(__file__).with_name("secret_attributes")

_OVERRIDES = (
    ("core.attributesFile", str(SECRET_ATTRIBUTES)),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.pager", "cat"),
    ("core.sshCommand", "false"),
    ("credential.helper", ""),
    ("diff.autoRefreshIndex", "false"),
    ("gpg.program", "false"),
    ("gpg.openpgp.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("grep.fallbackToNoIndex", "false"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
)

GIT_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "GIT_CONFIG_COUNT": str(len(_OVERRIDES)),
        **{f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in enumerate(_OVERRIDES)},
        **{f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(_OVERRIDES)},
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
    }
)
"""For git that starts without a question: no program, no network, no write.

``diff.external`` is not among them: set to nothing it makes every patch fail ("external diff
died"). ``is_plain_config`` keeps repositories out that set it, and filters and textconv, which no
override can switch off. By ``core.attributesFile`` no difference and no search shows a file with the
name of a secret, which the history may still hold; the project's own attributes stand above it, as
those of a file do that is meant to be shown. Without ``diff.autoRefreshIndex`` a diff would write the index, and with
it a file that was touched but not changed may show up with an empty difference.
"""

_HARMLESS_KEYS = frozenset(
    f"{section}.{key}"
    for section, keys in {
        "core": "repositoryformatversion filemode bare logallrefupdates ignorecase symlinks"
        " precomposeunicode protecthfs protectntfs autocrlf eol safecrlf hookspath quotepath"
        " abbrev whitespace longpaths commentchar",
        "remote": "url pushurl fetch prune tagopt skipdefaultupdate gh-resolved",
        "branch": "remote merge rebase description pushremote autosetuprebase autosetupmerge"
        " vscode-merge-base github-pr-owner-number gh-merge-base sort",
        "user": "name email signingkey",
        "author": "name email",
        "committer": "name email",
        "init": "defaultbranch",
        "pull": "rebase ff",
        "push": "default autosetupremote followtags",
        "fetch": "prune prunetags",
        "merge": "ff conflictstyle",
        "rebase": "autostash autosquash",
        "rerere": "enabled autoupdate",
        "commit": "gpgsign",
        "tag": "gpgsign sort",
        "diff": "algorithm renames colormoved mnemonicprefix",
        "color": "ui",
        "advice": "detachedhead",
        "gc": "auto",
        "log": "date decorate abbrevcommit",
        "status": "showuntrackedfiles branch short",
        "gui": "wmstate geometry",
        "lfs": "repositoryformatversion",
    }.items()
    for key in keys.split()
)
_SECTION = re.compile(r'\[([A-Za-z0-9-]+)(?: "[^"\\]*")?\]')
_SETTING = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?: ?= ?([^\\]*))?")
_CREDENTIALS = re.compile(r"https?://[^/\s]*@", re.IGNORECASE)


def is_plain_config(text: str) -> bool:
    """Whether a git configuration file of this text sets only what is known to be harmless.

    False for settings that name a program, another file or another work tree, for addresses that
    hold a password, and for everything that is not understood.
    """
    section = ""
    for raw_line in text.split("\n"):
        line = " ".join(raw_line.split())
        if not line or line[0] in "#;":
            continue
        header = _SECTION.fullmatch(line)
        if header:
            section = header[1].lower()
            continue
        setting = _SETTING.fullmatch(line)
        if setting is None or f"{section}.{setting[1].lower()}" not in _HARMLESS_KEYS:
            return False
        if _CREDENTIALS.search(line):
            return False
    return True


_ENTRY_BYTES = 62
_EXTENDED = 0x4000
_UNREADABLE_EXTENSIONS = frozenset({b"link", b"sdir"})


def tracked_names(index: bytes) -> tuple[str, ...] | None:
    """The paths in a git index of versions 2 to 4 with SHA-1; None where it is something else.

    A split or sparse index lists only a part of the paths, so it counts as something else.
    """
    if len(index) < 32 or index[:4] != b"DIRC":
        return None
    version = int.from_bytes(index[4:8])
    if version not in (2, 3, 4):
        return None
    names: list[str] = []
    name = b""
    position = 12
    for _ in range(int.from_bytes(index[8:12])):
        entry = position
        flags = int.from_bytes(index[entry + 60 : entry + 62])
        position += _ENTRY_BYTES + (2 if version >= 3 and flags & _EXTENDED else 0)
        if version == 4:
            cut, position = _offset(index, position)
            if cut > len(name):
                return None
            name = name[: len(name) - cut]
        else:
            name = b""
        end = index.find(b"\0", position)
        if end < 0:
            return None
        name += index[position:end]
        position = end + 1 if version == 4 else entry + (end - entry + 8) // 8 * 8
        names.append(name.decode(errors="surrogateescape"))
    return tuple(names) if _ends_whole(index, position) else None


def _offset(index: bytes, position: int) -> tuple[int, int]:
    """The number at ``position`` in git's offset encoding, and the position behind it."""
    value = 0
    while position < len(index):
        byte = index[position]
        position += 1
        value |= byte & 0x7F
        if not byte & 0x80:
            break
        value = (value + 1) << 7
    return value, position


def _ends_whole(index: bytes, position: int) -> bool:
    """Whether what follows the entries are extensions that leave none of them out."""
    end = len(index) - 20
    while position < end:
        if index[position : position + 4] in _UNREADABLE_EXTENSIONS:
            return False
        position += 8 + int.from_bytes(index[position + 4 : position + 8])
    return position == end
