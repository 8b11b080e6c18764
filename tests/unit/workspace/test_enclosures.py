"""The sandboxes as texts and bytes: mounts in their order, the profile's last match, the filter."""

from __future__ import annotations

import errno
import os
import re
import struct
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from vtcode_tui.workspace import landlock, seatbelt
from vtcode_tui.workspace.bubblewrap import bubblewrap_words
from vtcode_tui.workspace.enclosure import Boundaries, Enclosure
from vtcode_tui.workspace.landlock import readable_around, socket_filter
from vtcode_tui.workspace.seatbelt import seatbelt_profile, seatbelt_words


@pytest.fixture
def home() -> Iterator[Path]:
    """Below /tmp, which bubblewrap gives to each command anew."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        base = Path(os.path.realpath(directory))
        for name in ("project/.git", ".ssh", "state/scratch/1", "toolchain"):
            (base / name).mkdir(parents=True)
        (base / ".netrc").touch()
        yield base


def boundaries_of(home: Path, *, network: bool = False) -> Boundaries:
    return Boundaries(
        writable=(home / "project",),
        scratch=home / "state/scratch/1",
        read_only=(home / "project/.git",),
        hidden=(home / ".netrc", home / ".ssh", home / "state"),
        kept=(home / "toolchain",),
        network=network,
    )


def mounts(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """(what, where) of each mount, in order."""
    found: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("--bind", "--ro-bind"):
            source, target = rest.pop(0), rest.pop(0)
            found.append((f"{word} {source}", target))
        elif word in ("--tmpfs", "--remount-ro", "--dev", "--proc", "--chdir"):
            found.append((word, rest.pop(0)))
    return found


def test_what_lies_deeper_is_mounted_later_and_the_root_first(home: Path) -> None:
    found = mounts(bubblewrap_words(boundaries_of(home)))
    assert found[:3] == [("--ro-bind /", "/"), ("--dev", "/dev"), ("--proc", "/proc")]
    placed = [Path(where) for what, where in found[3:] if what not in ("--remount-ro", "--chdir")]
    for index, path in enumerate(placed):
        assert not any(later != path and path.is_relative_to(later) for later in placed[index:])
    assert found[-1] == ("--chdir", str(home / "project"))


def test_the_workspace_is_writable_its_git_is_not_and_tmp_is_the_commands_own(home: Path) -> None:
    words = bubblewrap_words(boundaries_of(home))
    found = {where: what for what, where in mounts(words) if what != "--chdir"}
    project, git = str(home / "project"), str(home / "project/.git")
    assert found["/tmp"] == f"--bind {home / 'state/scratch/1'}"
    assert found[project] == f"--bind {project}"
    assert found[git] == f"--ro-bind {git}"
    assert found[str(home / "toolchain")] == f"--ro-bind {home / 'toolchain'}"


def test_what_the_new_tmp_covers_is_not_hidden_a_second_time(home: Path) -> None:
    words = bubblewrap_words(boundaries_of(home))
    assert str(home / ".ssh") not in words
    assert str(home / "state") not in words


def test_secrets_in_a_writable_home_are_hidden_over_it(home: Path) -> None:
    boundaries = Boundaries(
        writable=(home,), scratch=home / "state/scratch/1", hidden=(home / ".netrc", home / ".ssh")
    )
    words = bubblewrap_words(boundaries)
    order = [where for _, where in mounts(words)]
    assert order.index(str(home)) < order.index(str(home / ".ssh"))
    assert ("--tmpfs", str(home / ".ssh")) in mounts(words)
    assert ("--remount-ro", str(home / ".ssh")) in mounts(words)
    assert (f"--ro-bind {os.devnull}", str(home / ".netrc")) in mounts(words)


def test_a_workspace_in_a_hidden_directory_is_reached_through_it(home: Path) -> None:
    boundaries = Boundaries(
        writable=(home / ".ssh",), scratch=home / "state/scratch/1", hidden=(home,)
    )
    assert (f"--bind {home / '.ssh'}", str(home / ".ssh")) in mounts(bubblewrap_words(boundaries))


@pytest.mark.parametrize("network", [False, True])
def test_each_namespace_is_left_and_the_network_where_it_is_not_wanted(
    home: Path, network: bool
) -> None:
    words = bubblewrap_words(boundaries_of(home, network=network))
    assert ("--unshare-net" in words) != network
    assert {"--unshare-pid", "--unshare-ipc", "--die-with-parent"} <= set(words)
    assert words[words.index("--cap-drop") + 1] == "ALL"
    assert words[0] == "/usr/bin/bwrap"
    assert words[-1] == "--"


# sandbox-exec: the profile is judged as the kernel does, by the last rule that matches.

_RULE = re.compile(r'\((allow|deny) ([a-z*\- ]+) \(subpath \(param "([A-Z_0-9]+)"\)\)\)')


def allows(boundaries: Boundaries, operation: str, path: Path) -> bool:
    words = seatbelt_words(boundaries)
    parameters = dict(word[2:].split("=", 1) for word in words if word.startswith("-D"))
    verdict = operation == "file-read*"  # (allow default), then (deny file-write*)
    for line in seatbelt_profile(boundaries).splitlines():
        rule = _RULE.fullmatch(line)
        if rule and operation in rule[2].split() and path.is_relative_to(parameters[rule[3]]):
            verdict = rule[1] == "allow"
    return verdict


CASES = [
    ("file-write*", "project/src/a.py", True),
    ("file-write*", "project/.git/config", False),
    ("file-write*", "project/.gitignore", True),
    ("file-write*", "notes.txt", False),
    ("file-write*", "toolchain/bin/cc", False),
    ("file-write*", "state/trust.json", False),
    ("file-write*", "state/scratch/1/x", True),
    ("file-write*", "state/scratch/2/x", False),
    ("file-write*", ".ssh/authorized_keys", False),
    ("file-read*", "notes.txt", True),
    ("file-read*", "toolchain/bin/cc", True),
    ("file-read*", "project/.git/config", True),
    ("file-read*", ".ssh/id_ed25519", False),
    ("file-read*", ".netrc", False),
    ("file-read*", "state/trust.json", False),
    ("file-read*", "state/scratch/1/x", True),
]


@pytest.mark.parametrize(("operation", "name", "expected"), CASES)
def test_the_last_rule_that_matches_is_the_right_one(
    home: Path, operation: str, name: str, expected: bool
) -> None:
    assert allows(boundaries_of(home), operation, home / name) is expected


def test_secrets_in_a_home_that_is_the_workspace_are_denied_after_it_is_allowed(home: Path) -> None:
    boundaries = Boundaries(writable=(home,), scratch=home / "s", hidden=(home / ".ssh",))
    assert allows(boundaries, "file-write*", home / "x")
    assert not allows(boundaries, "file-read*", home / ".ssh/id")


def test_the_profile_begins_with_what_the_exceptions_are_from(home: Path) -> None:
    lines = seatbelt_profile(boundaries_of(home)).splitlines()
    first_exception = next(n for n, line in enumerate(lines) if "subpath" in line)
    assert lines[:2] == ["(version 1)", "(allow default)"]
    assert lines.index("(deny file-write*)") < first_exception
    assert lines[-1] == "(deny network*)"
    assert lines.index("(deny signal)") < lines.index("(allow signal (target same-sandbox))")
    assert "network" not in seatbelt_profile(boundaries_of(home, network=True))
    assert seatbelt_profile(boundaries_of(home)).count("(") == seatbelt_profile(
        boundaries_of(home)
    ).count(")")


def test_no_path_becomes_text_of_the_profile(tmp_path: Path) -> None:
    odd = tmp_path / 'a") (allow default) ("'
    boundaries = Boundaries(writable=(odd,), scratch=tmp_path)
    assert "allow default) (" not in seatbelt_profile(boundaries)
    assert f"-DPATH_1={odd}" in seatbelt_words(boundaries)
    with ExitStack() as stack:
        enclosure = seatbelt.enclose(boundaries, stack)
    assert enclosure.around_command[:2] == ("/usr/bin/sandbox-exec", "-p")
    assert enclosure.around_all == ()


# Landlock: what is readable, and the filter of sockets run step by step.


def test_all_but_the_hidden_is_readable(home: Path) -> None:
    (home / "link").symlink_to(home / ".ssh")
    readable = set(readable_around(home, (home / ".ssh", home / ".netrc", home / "state/scratch")))
    assert readable == {home / "project", home / "toolchain"}
    assert list(readable_around(home, ())) == [home]
    assert list(readable_around(home / ".ssh", (home / ".ssh",))) == []


ALLOW, REFUSE, ABSENT = 0x7FFF0000, 0x50000 | errno.EACCES, 0x50000 | errno.ENOSYS
X86, ARM, I386 = 0xC000003E, 0xC00000B7, 0x40000003
AF_UNIX, AF_INET, AF_NETLINK = 1, 2, 16


def verdict(program: bytes, architecture: int, number: int, family: int = 0) -> int:
    """What the kernel answers to a call, by the rules of classic BPF."""
    facts = struct.pack("=IIQQ", number, architecture, 0, family)
    steps = [struct.unpack("HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    accumulator = position = 0
    while True:
        code, if_true, if_false, value = steps[position]
        position += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", facts, value)[0]
        elif code == 0x06:
            return int(value)
        else:
            assert code in (0x15, 0x35)
            holds = accumulator == value if code == 0x15 else accumulator >= value
            position += if_true if holds else if_false


@pytest.mark.parametrize(("machine", "own", "number"), [("x86_64", X86, 41), ("aarch64", ARM, 198)])
def test_new_sockets_are_refused_and_other_calls_are_not(
    machine: str, own: int, number: int
) -> None:
    closed = socket_filter(machine, network=False)
    open_ = socket_filter(machine, network=True)
    for family in (AF_UNIX, AF_INET, AF_NETLINK):
        assert verdict(closed, own, number, family) == REFUSE
    assert verdict(open_, own, number, AF_INET) == ALLOW
    assert verdict(open_, own, number, AF_NETLINK) == ALLOW
    assert verdict(open_, own, number, AF_UNIX) == REFUSE
    for program in (closed, open_):
        for other in (0, 1, number - 1, number + 1, number + 12, 424, 426):
            assert verdict(program, own, other, AF_INET) == ALLOW
        assert verdict(program, own, 425) == ABSENT  # io_uring_setup
        assert verdict(program, own, number | 0x40000000, AF_INET) == ABSENT  # x32
        assert verdict(program, I386, 359, AF_INET) == ABSENT


def test_a_machine_that_is_not_known_gets_no_filter() -> None:
    assert socket_filter("riscv64", network=False) == b""


def test_an_old_landlock_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, words in ((0, "no Landlock"), (2, "too old"), (3, None)):
        monkeypatch.setattr(landlock, "_version", lambda version=version: version)
        reason = landlock.missing()
        assert reason is None if words is None else words in (reason or "")


def test_the_keepers_options_say_all_of_an_enclosure() -> None:
    full = Enclosure(ruleset_fd=7, socket_filter="0a", max_processes=9)
    assert full.keeper_options() == ("--ruleset=7", "--sockets=0a", "--processes=9")
    assert Enclosure().keeper_options() == ()
