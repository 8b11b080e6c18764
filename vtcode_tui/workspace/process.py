"""Starts and ends processes: the only module of the program that does.

A command runs below a keeper process (see process_keeper), which ends with all that descends from
it: when it is done, at its time limit, when the awaiting task is cancelled, and when this program
is killed. No process gets a terminal, an input, or a variable that it was not given.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.enclosure import OPEN, Enclosure
from vtcode_tui.workspace.output import OutputKeeper
from vtcode_tui.workspace.pipes import pipe, reading, wait_at_most

BASH = ("/bin/bash", "--noprofile", "--norc", "-c")
STREAMED_BYTES = 256 * 1024
_KEEPER = Path(__file__).with_name("process_keeper.py")
_SETPRIV = "/usr/bin/setpriv"
_STOP_LIMIT_S = 2.7
_DRAIN_LIMIT_S = 0.2
_REAP_LIMIT_S = 0.01


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended.

    ``exit_code`` is None where a signal ended it, ``signal_name`` such as ``SIGKILL``. ``head`` and ``tail`` are
    the two ends of its output, stdout and stderr as they came, ``tail`` empty where nothing was
    left out; ``output`` is both with a note between them. ``left_running`` counts the background
    processes that it left and that were stopped.
    """

    exit_code: int | None
    output: str
    omitted_bytes: int
    timed_out: bool
    duration_s: float
    head: str = ""
    tail: str = ""
    omitted_lines: int = 0
    signal_name: str | None = None
    left_running: int = 0


async def run_command(
    command: str,
    cwd: Path,
    *,
    timeout_s: float,
    environment: Mapping[str, str],
    on_output: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    enclosure: Enclosure = OPEN,
    on_bytes: Callable[[bytes], None] | None = None,
) -> CommandResult:
    """Run ``command`` with bash, without profiles; see run_program."""
    return await run_program(
        (*BASH, command),
        cwd,
        timeout_s=timeout_s,
        environment=environment,
        on_output=on_output,
        clock=clock,
        enclosure=enclosure,
        on_bytes=on_bytes,
    )


async def run_program(
    argv: Sequence[str],
    cwd: Path,
    *,
    timeout_s: float,
    environment: Mapping[str, str],
    on_output: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    enclosure: Enclosure = OPEN,
    on_bytes: Callable[[bytes], None] | None = None,
) -> CommandResult:
    """Run ``argv``, whose first word is an absolute path, as a session and process group.

    ``on_output`` gets the first 256 KiB of the output as it comes, in the event loop's thread, and
    ``on_bytes`` all of it. At the time limit, and before a cancellation goes on, every process gets
    SIGTERM, and SIGKILL two seconds later. Raises WorkspaceError where the program cannot be
    started, also where ``enclosure`` cannot be put around it.
    """
    started = clock()
    loop = asyncio.get_running_loop()
    output = _StreamedOutput(on_output, on_bytes)
    timed_out = False
    with _kept_command(loop, argv, cwd, environment, output.add, enclosure) as command:
        try:
            async with asyncio.timeout(timeout_s):
                await command.ended.wait()
        except TimeoutError:
            timed_out = True
            await command.stop()
        except asyncio.CancelledError:
            await command.stop()
            raise
        await wait_at_most(command.drained, _DRAIN_LIMIT_S)
        output.finish()
        if command.start_error is not None:
            raise WorkspaceError(
                f"{argv[0]} could not be started: {os.strerror(command.start_error)}."
            )
        if not command.has_started and not timed_out:
            what = "sandbox could not be set up" if enclosure.around_all else "keeper did not start"
            raise WorkspaceError(
                f"The command was not run: its {what}.", why=output.keeper.kept().text.strip()
            )
    code = None if command.status is None else os.waitstatus_to_exitcode(command.status)
    kept = output.keeper.kept()
    return CommandResult(
        exit_code=code if code is not None and code >= 0 else None,
        output=kept.text,
        omitted_bytes=kept.omitted_bytes,
        timed_out=timed_out,
        duration_s=clock() - started,
        head=kept.head,
        tail=kept.tail,
        omitted_lines=kept.omitted_lines,
        signal_name=_signal_name(-code) if code is not None and code < 0 else None,
        left_running=command.left_running,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(frozen=True, slots=True)
class HelperResult:
    """How a helper program ended; ``stopped`` is true where it was ended before it was done."""

    exit_code: int
    errors: str
    stopped: bool
    timed_out: bool


async def run_helper(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    timeout_s: float,
    on_chunk: Callable[[bytes], bool],
    stdin_fd: int | None = None,
) -> HelperResult:
    """Run a trusted program that starts no others, such as ripgrep.

    ``on_chunk`` takes its standard output, in the event loop's thread, and answers whether it
    wants more; the program is killed when not, at the time limit and on cancellation.
    Raises OSError where it cannot be started.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    errors = OutputKeeper(4096, 4096)
    stopped = timed_out = False

    def take(chunk: bytes) -> None:
        nonlocal stopped
        if not stopped and not on_chunk(chunk):
            stopped = True
            done.set()

    with contextlib.ExitStack() as stack:
        out_read, out_write = pipe(stack)
        error_read, error_write = pipe(stack)
        process = _start(
            [*_ends_with_this_program(), *argv],
            cwd=cwd,
            environment=environment,
            stdin=subprocess.DEVNULL if stdin_fd is None else stdin_fd,
            stdout=out_write,
            stderr=error_write,
        )
        stack.callback(_reap, process)
        errors_done = asyncio.Event()
        stack.enter_context(reading(loop, out_read, take, done))
        stack.enter_context(reading(loop, error_read, errors.add, errors_done))
        try:
            async with asyncio.timeout(timeout_s):
                await done.wait()
                if not stopped:
                    await asyncio.to_thread(process.wait)
            await wait_at_most(errors_done, _DRAIN_LIMIT_S)
        except TimeoutError:
            timed_out = True
    exit_code = -signal.SIGKILL if process.returncode is None else process.returncode
    return HelperResult(exit_code, errors.kept().text, stopped or timed_out, timed_out)


def _ends_with_this_program() -> tuple[str, ...]:
    """The words before a helper that have it killed when this program is; none where there is no such
    tool (of util-linux; that of busybox cannot), where it ends when it finds its output closed."""
    if sys.platform != "linux" or not os.access(_SETPRIV, os.X_OK):
        return ()
    is_busybox = "busybox" in os.path.realpath(_SETPRIV)
    return () if is_busybox else (_SETPRIV, "--pdeathsig", "KILL", "--")


def _start(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    stdin: int,
    stdout: io.FileIO,
    stderr: io.FileIO,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process without a terminal; this program's copies of its output are closed."""
    try:
        return subprocess.Popen(  # noqa: S603 (a list of words; no shell reads them)
            argv,
            cwd=cwd,
            env=dict(environment),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    finally:
        stdout.close()
        stderr.close()


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Kill the process where it still runs and take its exit status, without a long wait."""
    if process.poll() is not None:
        return
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_REAP_LIMIT_S)
        return
    threading.Thread(target=process.wait, daemon=True).start()


class _StreamedOutput:
    """Keeps a command's output and passes its beginning on as text."""

    def __init__(
        self, on_output: Callable[[str], None], on_bytes: Callable[[bytes], None] | None
    ) -> None:
        self.keeper = OutputKeeper()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._on_output = on_output
        self._on_bytes = on_bytes
        self._is_full = False

    def add(self, chunk: bytes) -> None:
        room = STREAMED_BYTES - self.keeper.total_bytes
        self.keeper.add(chunk)
        if self._on_bytes is not None:
            self._on_bytes(chunk)
        if self._is_full:
            return
        text = self._decoder.decode(chunk[:room])
        if len(chunk) > room:
            self._is_full = True
            text += "\n[... output goes on, only its end will be shown ...]\n"
        if text:
            self._on_output(text)

    def finish(self) -> None:
        rest = "" if self._is_full else self._decoder.decode(b"", final=True)
        if rest:
            self._on_output(rest)


class _KeptCommand:
    """A command below its keeper, as this program sees it."""

    def __init__(
        self, process: subprocess.Popen[bytes], control: socket.socket, *, has_own_pids: bool
    ) -> None:
        """``has_own_pids``: the keeper may see other process ids than this program."""
        self.ended = asyncio.Event()
        self.drained = asyncio.Event()
        self.status: int | None = None
        self.left_running = 0
        self.start_error: int | None = None
        self._process = process
        self._control = control
        self._has_own_pids = has_own_pids
        self._leader: int | None = None
        self._unread = b""

    @property
    def has_started(self) -> bool:
        return self._leader is not None

    def report(self, chunk: bytes) -> None:
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            word, *numbers = line.split()
            values = [int(number) for number in numbers]
            if word == b"pid":
                self._leader = values[0]
            elif word == b"error":
                self.start_error = values[0]
            else:
                self.status, self.left_running = values

    async def stop(self) -> None:
        """End the command and all that descends from it."""
        with contextlib.suppress(OSError):
            self._control.send(b"T")
            # A command may have stopped its keeper, which shares a group with its sandbox.
            os.killpg(self._process.pid, signal.SIGCONT)
        if not await wait_at_most(self.ended, _STOP_LIMIT_S):
            self._process.kill()
            self._kill_leader()

    def release(self) -> None:
        """Let go of the keeper; one that still runs ends its processes now, by itself."""
        self._control.close()
        was_killed = self.ended.is_set() and self.status is None and self.start_error is None
        if was_killed:
            self._kill_leader()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_LIMIT_S)
            return
        threading.Thread(target=self._process.wait, daemon=True).start()

    def _kill_leader(self) -> None:
        """What the keeper would have done, as far as possible without it."""
        if self._leader is None or self._has_own_pids:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, signal.SIGKILL)


@contextlib.contextmanager
def _kept_command(
    loop: asyncio.AbstractEventLoop,
    argv: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    on_bytes: Callable[[bytes], None],
    enclosure: Enclosure,
) -> Iterator[_KeptCommand]:
    keeper = (sys.executable, "-I", "-S", str(_KEEPER), *enclosure.keeper_options(), "--")
    with contextlib.ExitStack() as stack:
        mine, theirs = socket.socketpair()
        stack.enter_context(mine)
        out_read, out_write = pipe(stack)
        with theirs:
            try:
                process = _start(
                    [*enclosure.around_all, *keeper, *enclosure.around_command, *argv],
                    cwd=str(cwd),
                    environment={**environment, **enclosure.environment},
                    stdin=theirs.fileno(),
                    stdout=out_write,
                    stderr=out_write,
                    pass_fds=() if enclosure.ruleset_fd is None else (enclosure.ruleset_fd,),
                )
            except (OSError, ValueError) as error:
                raise _not_started(error, cwd) from error
        mine.setblocking(False)
        command = _KeptCommand(process, mine, has_own_pids=bool(enclosure.around_all))
        stack.callback(command.release)
        stack.enter_context(reading(loop, mine, command.report, command.ended))
        stack.enter_context(reading(loop, out_read, on_bytes, command.drained))
        yield command


def _not_started(error: OSError | ValueError, cwd: Path) -> WorkspaceError:
    why = f"{(isinstance(error, OSError) and error.strerror) or error}."
    advice = ""
    if not cwd.is_dir():
        why = f"There is no directory {cwd} any more."
        advice = f"Make it again: mkdir -p {shlex.quote(str(cwd))}"
    return WorkspaceError("The command could not be started.", why=why, advice=advice)
