"""Programs that always ask, whatever the allow list says, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHELLS = words(
    "ash bash busybox csh dash elvish fish ion ksh mksh nu oksh osh pdksh pwsh rbash sash sh tcsh"
    " toybox xonsh yash zsh"
)
WRAPPERS = words(
    "builtin busybox caffeinate catchsegv chroot chrt chronic command coproc doas eatmydata env"
    " exec faketime fakeroot firejail flock gtimeout ionice ltrace nice nocache nohup nsenter"
    " numactl parallel pkexec prlimit proxychains rlwrap run-parts runuser screen script setarch"
    " setpriv setsid ssh sshpass start-stop-daemon stdbuf strace su sudo systemd-run taskset time"
    " timeout tmux torsocks toybox unbuffer unshare watch xargs xvfb-run"
)
EVALUATORS = words("eval trap")
RUNS_CODE = "can run any code"
EDITS = "is an editor or a pager"

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "is no program but a part of the shell's language": (
            "! [[ ]] { } case coproc do done elif else esac fi for function if in select then time"
            " until while"
        ),
        "acts on the shell itself": (
            ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue"
            " declare dirs disown enable eval exec exit export fc fg getopts hash help history"
            " jobs let local logout mapfile noglob popd printf pushd read readarray readonly"
            " return set shift shopt source suspend test times trap type typeset ulimit umask"
            " unalias unset wait"
        ),
        "can run any other program": " ".join(sorted(WRAPPERS)),
        "can run any commands": " ".join(sorted(SHELLS)),
        RUNS_CODE: (
            "awk bun deno elixir erl expect gawk gdb ghci groovy guile java jjs jshell"
            " julia kotlin lldb lua luajit m4 mawk mono nawk node nodejs octave ocaml osascript"
            " perl php pypy python r racket raku rscript ruby scala sqlite swift"
            " tclsh ts-node tsx wish"
        ),
        "talks to other machines": (
            "aria2c curl dig drill ftp host http https lftp lynx mail nc ncat netcat nslookup ping"
            " rclone rsync scp sendmail sftp socat telnet tftp tracepath traceroute w3m wget whois"
            " xh"
        ),
        EDITS: ("emacs ed ex info less man micro more most nano nvim pico vi view vim vimdiff"),
        "changes files": (
            "chattr chgrp chmod chown cp dd install link ln mkdir mkfifo mknod mktemp mv patch"
            " rename rm rmdir setfacl shred split sponge tee touch truncate unlink"
        ),
        "acts on the system": (
            "at batch chsh crontab fdisk halt init insmod kill killall launchctl losetup mkfs"
            " modprobe mount parted passwd pkill poweroff reboot service shutdown swapoff swapon"
            " sysctl systemctl umount useradd userdel usermod visudo wipefs xkill"
        ),
        "can show secrets of other programs": "lsof pgrep printenv ps",
    }
)

_REASON_OF = {word: reason for reason, text in _REASONS.items() for word in words(text)}


def reason_never(name: str) -> str | None:
    """Why a program with this name always asks, or None. Version suffixes are recognised:
    "python3.12"."""
    plain = name.casefold()
    unversioned = plain.rstrip("0123456789.-")
    kind = plain.partition(".")[0]
    return next(
        (_REASON_OF[form] for form in (plain, unversioned, kind) if form in _REASON_OF), None
    )
