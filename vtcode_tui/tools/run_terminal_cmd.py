"""The tool run_terminal_cmd: one shell command in the workspace."""

from __future__ import annotations

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import CommandDisplay, Outcome, ToolResult
from vtcode_tui.tools.base import (
    Effect,
    OutputSink,
    PreparedCall,
    argument_text,
    grant_key,
    one_line,
)
from vtcode_tui.tools.calls import counted, finished, prepared
from vtcode_tui.tools.context import ToolContext
from vtcode_tui.tools.read_file import shorten_line
from vtcode_tui.workspace.output import cut_text, omission_note
from vtcode_tui.workspace.process import CommandResult, run_command

HEAD_BYTES = 8 * 1024
TAIL_BYTES = 24 * 1024

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "command": {"type": "string"},
        "timeout_s": {"type": "number", "description": "seconds after which it is stopped"},
    },
    "required": ["command"],
}


class RunTerminalCmd:
    name = "run_terminal_cmd"
    description = "Run a bash command in the project and get its output. No input, no terminal."
    effect = Effect.EXECUTE
    parameters = _PARAMETERS

    def __init__(self, context: ToolContext) -> None:
        self._context = context

    def subject(self, arguments: JsonObject) -> str:
        return one_line(argument_text(arguments, "command"))

    async def prepare(self, call: ToolCall) -> PreparedCall:
        return await prepared(self._prepare, call)

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import RunTerminalCmdParameters, parse

        wanted = parse(RunTerminalCmdParameters, call, self.parameters)
        context = self._context
        command = wanted.command
        cwd = str(context.workspace.root)
        timeout_s = wanted.timeout_s or context.command_timeout_s

        async def execute(sink: OutputSink) -> ToolResult:
            async def work() -> ToolResult:
                result = await run_command(
                    command,
                    context.workspace.root,
                    timeout_s=timeout_s,
                    environment=context.environment,
                    on_output=sink,
                    clock=context.clock,
                )
                return _result(command, cwd, timeout_s, result)

            return await finished(context.clock, work)

        return PreparedCall(
            call=call,
            effect=self.effect,
            subject=command,
            action="Run a command",
            preview=CommandDisplay(command, cwd),
            cwd=cwd,
            grant_key=grant_key(self.name, cwd, command),
            session_scope="this exact command in this directory",
            execute=execute,
        )


def _result(command: str, cwd: str, timeout_s: float, result: CommandResult) -> ToolResult:
    summary = _summary(timeout_s, result)
    notes = [f"[{summary}]"]
    if result.left_running:
        notes.append(
            f"[left {counted(result.left_running, 'background process', 'background processes')},"
            " stopped]"
        )
    output = _for_model(result) or "[no output]"
    is_ok = result.exit_code == 0 and not result.timed_out
    return ToolResult(
        Outcome.OK if is_ok else Outcome.FAILED,
        "\n".join([*notes, output]),
        CommandDisplay(command, cwd, "\n".join([result.output, *notes[1:]]), result.exit_code),
        summary,
    )


def _summary(timeout_s: float, result: CommandResult) -> str:
    if result.timed_out:
        return f"timed out after {timeout_s:g} s, stopped"
    if result.exit_code is not None:
        return f"exit {result.exit_code}"
    if result.signal_name is None:
        return "ended in an unknown way"
    return f"ended by {result.signal_name}"


def _for_model(result: CommandResult) -> str:
    """The two ends of the output, with a note of all that is not between them."""
    if not result.omitted_bytes:
        kept = cut_text(result.head, HEAD_BYTES, TAIL_BYTES)
        if not kept.omitted_bytes:
            return _short_lines(kept.head)
        return _joined(kept.head, kept.tail, kept.omitted_lines, kept.omitted_bytes)
    head = cut_text(result.head, HEAD_BYTES, 0)
    tail = cut_text(result.tail, 0, TAIL_BYTES)
    return _joined(
        head.head,
        tail.tail,
        result.omitted_lines + head.omitted_lines + tail.omitted_lines,
        result.omitted_bytes + head.omitted_bytes + tail.omitted_bytes,
    )


def _joined(head: str, tail: str, lines: int, count: int) -> str:
    return "\n".join([_short_lines(head), omission_note(lines, count), _short_lines(tail)])


def _short_lines(text: str) -> str:
    return "\n".join(shorten_line(line) for line in text.split("\n"))
