"""The tool run_terminal_cmd: one command in the workspace, in its sandbox.

A command that the user approved runs in bash with the exact text that was shown. One that the
policy alone allows runs without a shell if possible, with the words that were judged.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from vtcode_tui.conversation.messages import JsonObject, JsonValue, ToolCall
from vtcode_tui.conversation.results import CommandDisplay, ToolResult
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import (
    Effect,
    OutputSink,
    PreparedCall,
    argument_text,
    grant_key,
    one_line,
)
from vtcode_tui.tools.calls import finished, prepared
from vtcode_tui.tools.command_guard import UNGUARDED, CommandGuard, JudgedCommand
from vtcode_tui.tools.command_result import MODEL_BYTES, command_result
from vtcode_tui.tools.context import ToolContext
from vtcode_tui.workspace.enclosure import OPEN, Enclosure
from vtcode_tui.workspace.process import BASH, CommandResult, run_program
from vtcode_tui.workspace.spool import OutputSpool, SpooledOutput
from vtcode_tui.workspace.walls import SandboxKind, SandboxState

_PROPERTIES: dict[str, JsonValue] = {
    "command": {"type": "string"},
    "timeout_s": {"type": "number"},
}
_OUTSIDE: dict[str, JsonValue] = {
    "outside_sandbox": {
        "type": "boolean",
        "description": "only for what needs the network, or writes to .git or outside the project",
    }
}


class RunTerminalCmd:
    name = "run_terminal_cmd"
    description = "Run a bash command in the project and get its output. No input, no terminal."
    effect = Effect.EXECUTE

    def __init__(self, context: ToolContext, guard: CommandGuard = UNGUARDED) -> None:
        self._context = context
        self._guard = guard
        self._may_leave = guard.sandbox is not None and guard.sandbox.mode == "auto"
        self.parameters: JsonObject = {
            "type": "object",
            "properties": {**_PROPERTIES, **(_OUTSIDE if self._may_leave else {})},
            "required": ["command"],
        }

    def subject(self, arguments: JsonObject) -> str:
        return one_line(argument_text(arguments, "command"))

    async def prepare(self, call: ToolCall) -> PreparedCall:
        sandbox = self._guard.sandbox
        state = _NO_SANDBOX if sandbox is None else await sandbox.state()
        refusal = None if sandbox is None else await sandbox.why_refused()
        return await prepared(lambda call: self._prepare(call, state, refusal or ""), call)

    def _prepare(self, call: ToolCall, state: SandboxState, refusal: str) -> PreparedCall:
        from vtcode_tui.tools.parameters import (
            LeavingCmdParameters,
            RunTerminalCmdParameters,
            parse,
        )

        model = LeavingCmdParameters if self._may_leave else RunTerminalCmdParameters
        wanted = parse(model, call, self.parameters)
        wants_out = isinstance(wanted, LeavingCmdParameters) and bool(wanted.outside_sandbox)
        leaves = wants_out and state.kind is not SandboxKind.NONE
        cwd = str(self._context.workspace.root)
        judged = self._guard.judge(wanted.command)
        run = _Run(
            self._context,
            self._guard,
            wanted.command,
            wanted.timeout_s or self._context.command_timeout_s,
            leaves=leaves,
        )
        return PreparedCall(
            call=call,
            effect=self.effect,
            subject=wanted.command,
            action="Run a command outside the sandbox" if leaves else "Run a command",
            preview=CommandDisplay(wanted.command, cwd),
            cwd=cwd,
            grant_key=grant_key(self.name, cwd, wanted.command, *(["outside"] if leaves else [])),
            session_scope="this exact command in this directory",
            execute=run.as_shown,
            caution="the model wants it to run outside the sandbox" if leaves else "",
            refusal=refusal or (judged.reason if judged.decision == "deny" else ""),
            doubt=judged.reason if judged.decision == "prompt" else "",
            sandbox=f"none for this command; else {state.words}" if leaves else state.words,
            execute_proven=lambda sink: run.as_judged(judged, sink),
        )


_NO_SANDBOX = SandboxState(SandboxKind.NONE, trouble="none was set up")


@dataclass(frozen=True, slots=True)
class _Run:
    """One command, ready to run. With ``leaves`` it runs outside the sandbox."""

    context: ToolContext
    guard: CommandGuard
    command: str
    timeout_s: float
    leaves: bool

    async def as_shown(self, sink: OutputSink) -> ToolResult:
        """Run the exact text in bash."""
        return await self._finished(lambda: (*BASH, self.command), {}, sink)

    async def as_judged(self, judged: JudgedCommand, sink: OutputSink) -> ToolResult:
        """Run the judged words, if the ruling has any."""

        def words() -> tuple[str, ...]:
            if judged.argv is None:
                return (*BASH, self.command)
            return (self._program(judged.argv[0]), *judged.argv[1:])

        return await self._finished(words, judged.environment, sink)

    def _program(self, name: str) -> str:
        path = shutil.which(name, path=self.context.environment.get("PATH", ""))
        if path is None:
            raise WorkspaceError(f"{name}: there is no such program.")
        return path

    async def _finished(
        self,
        words: Callable[[], tuple[str, ...]],
        environment: Mapping[str, str],
        sink: OutputSink,
    ) -> ToolResult:
        async def work() -> ToolResult:
            argv = await asyncio.to_thread(words)
            async with self._enclosure() as enclosure:
                result, spooled = await self._run(argv, environment, enclosure, sink)
            return command_result(
                CommandDisplay(self.command, str(self.context.workspace.root)),
                self.timeout_s,
                result,
                spooled,
                is_enclosed=enclosure is not OPEN,
            )

        return await finished(self.context.clock, work)

    async def _run(
        self,
        argv: tuple[str, ...],
        environment: Mapping[str, str],
        enclosure: Enclosure,
        sink: OutputSink,
    ) -> tuple[CommandResult, SpooledOutput | None]:
        spool = self._spool()
        try:
            result = await run_program(
                argv,
                self.context.workspace.root,
                timeout_s=self.timeout_s,
                environment={**self.context.environment, **environment},
                on_output=sink,
                clock=self.context.clock,
                enclosure=enclosure,
                on_bytes=None if spool is None else spool.add,
            )
        except BaseException:
            if spool is not None:
                spool.discard()
            raise
        return result, None if spool is None else await spool.finish()

    def _spool(self) -> OutputSpool | None:
        if self.guard.state_dir is None:
            return None
        secrets = self.context.secrets
        return OutputSpool(self.guard.state_dir, after_bytes=MODEL_BYTES, secrets=secrets)

    @asynccontextmanager
    async def _enclosure(self) -> AsyncIterator[Enclosure]:
        if self.guard.sandbox is None or self.leaves:
            yield OPEN
            return
        async with self.guard.sandbox.enclosure() as enclosure:
            yield enclosure
