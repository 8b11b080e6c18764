"""Runs one command and outlives none of its processes. A program of its own, not to be imported.

    python -I -S process_keeper.py [option ...] -- program [argument ...]

Options restrict the command, not this process; a command that cannot take one on does not start:

    --ruleset=FD                   the Landlock ruleset that this descriptor stands for, and no
                                   privilege that root could get around it with
    --sockets=HEX                  the seccomp program of these bytes
    --processes=N                  at most N processes (RLIMIT_NPROC)

Standard input is a socket to the program that asked. Over it come ``T`` (stop the command) and the
end of the stream, which means that the asking program is gone; over it go lines of text:

    pid N                          the command runs as process and process group N
    error N                        it could not be started; N is the errno
    end STATUS LEFT                all is over; STATUS as of waitpid, LEFT background processes
                                   that were still there after the command itself had ended

It is a process between the two so that nothing escapes: on Linux orphans of the command, also those
that left its process group, become children of this process (PR_SET_CHILD_SUBREAPER), which has no
others and ends them all. It lets go of the output at once, so the pipe closes with the command.
"""

import contextlib
import errno
import os
import resource
import select
import signal
import sys
import time

BACKGROUND_GRACE_S = 0.2
STOP_GRACE_S = 2.0
SHORT_STOP_GRACE_S = 0.3
KILL_LIMIT_S = 2.0
FILE_SIZE_LIMIT_BYTES = 2 * 1024**3
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_RESTRICT_SELF = 446
CAPABILITY_VERSION = 0x20080522
CAPABILITIES = 64


def set_process_option(option: int, value: int) -> None:
    """prctl, where there is one."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def restrict_itself(options: list[str]) -> None:
    """Take on what ``options`` say, for good. Raises OSError, ValueError."""
    import ctypes

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)

    def check(result: int) -> None:
        if result != 0:
            raise OSError(ctypes.get_errno(), "the command could not be restricted")

    for option in options:
        name, _, value = option.partition("=")
        if name == "--processes":
            limit = int(value)
            _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
            continue
        check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if name == "--ruleset":
            for capability in range(CAPABILITIES):
                libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
            header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
            check(libc.capset(header, (ctypes.c_uint32 * 6)()))
            descriptor = int(value)
            check(libc.syscall(ctypes.c_long(LANDLOCK_RESTRICT_SELF), descriptor, 0))
            os.close(descriptor)
        elif name == "--sockets":
            steps = bytes.fromhex(value)
            program = Filter(len(steps) // 8, steps)
            check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))
        else:
            raise ValueError(option)


class Keeper:
    """One command and all that descends from it."""

    def __init__(self, control: int, leader: int, wakeup: int) -> None:
        self.control = control
        self.leader = leader
        self.wakeup = wakeup
        self.status: int | None = None
        self.left = 0
        self.kill_at: float | None = None

    def run(self) -> None:
        """Return when no process of the command is left, or none that can be killed."""
        grace_until: float | None = None
        while self.reap():
            now = time.monotonic()
            if self.kill_at is not None and now >= self.kill_at:
                self.kill_all()
                return
            if self.status is not None and self.kill_at is None:
                grace_until = grace_until or now + BACKGROUND_GRACE_S
                if now >= grace_until:
                    self.left = max(1, len(self.descendants()))
                    self.stop(SHORT_STOP_GRACE_S)
            deadline = self.kill_at if self.kill_at is not None else grace_until
            self.wait(None if deadline is None else max(0.0, deadline - now))

    def wait(self, timeout_s: float | None) -> None:
        watched = [self.wakeup] if self.control < 0 else [self.wakeup, self.control]
        readable, _, _ = select.select(watched, [], [], timeout_s)
        if self.wakeup in readable:
            os.read(self.wakeup, 4096)
        if self.control not in readable:
            return
        if os.read(self.control, 16):
            self.stop(STOP_GRACE_S)
            return
        self.control = -1
        self.stop(SHORT_STOP_GRACE_S)

    def reap(self) -> bool:
        """Collect what has ended; whether anything is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return self.group_lives()
            if pid == 0:
                return True
            if pid == self.leader:
                self.status = status

    def group_lives(self) -> bool:
        try:
            os.killpg(self.leader, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return sys.platform == "linux"
        return True

    def stop(self, grace_s: float) -> None:
        kill_at = time.monotonic() + grace_s
        if self.kill_at is not None:
            self.kill_at = min(self.kill_at, kill_at)
            return
        self.kill_at = kill_at
        self.signal_all(signal.SIGTERM)
        self.signal_all(signal.SIGCONT)

    def kill_all(self) -> None:
        give_up_at = time.monotonic() + KILL_LIMIT_S
        while time.monotonic() < give_up_at:
            self.signal_all(signal.SIGKILL)
            if not self.reap():
                return
            select.select([], [], [], 0.005)

    def signal_all(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.leader, number)
        for pid in self.descendants():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def descendants(self) -> list[int]:
        """Processes below this one that still run; empty where there is no /proc."""
        children: dict[int, list[int]] = {}
        ended: set[int] = set()
        for pid, parent, state in all_processes():
            children.setdefault(parent, []).append(pid)
            if state in "ZX":
                ended.add(pid)
        found: list[int] = []
        waiting = [os.getpid()]
        while waiting:
            below = children.get(waiting.pop(), [])
            found += below
            waiting += below
        return [pid for pid in found if pid not in ended]


def all_processes() -> list[tuple[int, int, str]]:
    """(pid, parent, state) of each process, from /proc/PID/stat."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 (pathlib would double the start-up)
    except OSError:
        return []
    processes: list[tuple[int, int, str]] = []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 (as above)
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        processes.append((int(name), int(parent), state.decode()))
    return processes


def become_command(options: list[str], program: list[str], report: int, keeper: int) -> None:
    """In the forked child: turn into the command. Returns only by ending the process."""
    try:
        os.setsid()
        set_process_option(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(127)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        if hard == resource.RLIM_INFINITY or hard > FILE_SIZE_LIMIT_BYTES:
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE_LIMIT_BYTES, hard))
        if options:
            restrict_itself(options)
        os.execv(program[0], program)  # noqa: S606 (no shell is the point)
    except (OSError, ValueError) as error:
        code = error.errno if isinstance(error, OSError) else None
        os.write(report, b"error %d\n" % (code or errno.EINVAL))
    finally:
        os._exit(127)


def main() -> None:
    control = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    set_process_option(PR_SET_CHILD_SUBREAPER, 1)
    wakeup, wakeup_in = os.pipe()
    os.set_blocking(wakeup_in, False)
    signal.set_wakeup_fd(wakeup_in, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    itself = os.getpid()
    end_of_options = sys.argv.index("--")
    leader = os.fork()
    if leader == 0:
        options, program = sys.argv[1:end_of_options], sys.argv[end_of_options + 1 :]
        become_command(options, program, control, itself)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    with contextlib.suppress(OSError):
        os.write(control, b"pid %d\n" % leader)
    keeper = Keeper(control, leader, wakeup)
    keeper.run()
    with contextlib.suppress(OSError):
        os.write(control, b"end %d %d\n" % (keeper.status or 0, keeper.left))


if __name__ == "__main__":
    main()
