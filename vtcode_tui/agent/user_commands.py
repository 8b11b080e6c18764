"""Runs a command that the user typed: as the user, outside the sandbox, without a question.

Environment, process group and time limit are those of a tool's command.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.events import (
    Event,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind
from vtcode_tui.conversation.results import CommandDisplay, Outcome, TextDisplay, ToolResult
from vtcode_tui.conversation.wording import counted
from vtcode_tui.tools.calls import finished
from vtcode_tui.tools.command_result import MODEL_BYTES, command_result
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.process import run_command
from vtcode_tui.workspace.spool import OutputSpool

_STOPPED = "Stopped by the user while it ran. What it had done by then stays done."
_SHOWN_OUTPUT = 64 * 1024


async def run_user_command(
    command: str,
    launch: Launch,
    emit: Callable[[Event], None],
    known: KnownSecrets | None = None,
    learn: Callable[[str], Awaitable[None]] | None = None,
) -> ToolResult:
    """Run ``command`` with bash and emit its events. A cancellation stops it and is reported as its
    result, not raised. ``known`` secrets are replaced in output that is kept in a file; ``learn`` is
    called first, to learn those that the command may print. Never raises for a failure of the command."""
    command_id = f"user-{secrets.token_hex(4)}"
    shown: list[str] = []

    def take(text: str) -> None:
        shown.append(text)
        emit(UserCommandOutput(command_id, text))

    emit(UserCommandStarted(command_id, command))
    try:
        result = await finished(launch.clock, lambda: _run(command, launch, take, known, learn))
    except asyncio.CancelledError:
        output = "".join(shown)[-_SHOWN_OUTPUT:]
        text = f"{output.rstrip()}\n[{_STOPPED}]".lstrip()
        result = ToolResult(Outcome.CANCELLED, text, TextDisplay(text), "stopped")
    emit(UserCommandFinished(command_id, result))
    return result


async def _run(
    command: str,
    launch: Launch,
    take: Callable[[str], None],
    known: KnownSecrets | None,
    learn: Callable[[str], Awaitable[None]] | None,
) -> ToolResult:
    if learn is not None:
        await learn(command)
    settings = launch.loaded.settings
    timeout_s = settings.tools.command_timeout_s
    more = settings.commands.pass_env or ()
    spool = OutputSpool(launch.state_dir, after_bytes=MODEL_BYTES, secrets=known)
    try:
        result = await run_command(
            command,
            launch.workspace,
            timeout_s=timeout_s,
            environment=child_environment(launch.environ, launch.workspace, more),
            on_output=take,
            clock=launch.clock,
            on_bytes=spool.add,
        )
    except BaseException:
        spool.discard()
        raise
    spooled = await spool.finish()
    display = CommandDisplay(command, str(launch.workspace))
    return command_result(display, timeout_s, result, spooled, is_enclosed=False)


def output_attachment(command: str, result: ToolResult) -> Attachment:
    """A command's output as an attachment for the next prompt."""
    count = len(result.content.splitlines()) - 1  # The first line says how it ended.
    note = f"{result.summary}, {counted(max(0, count), 'line')}"
    return Attachment(AttachmentKind.OUTPUT, command, result.content, note=note)
