"""The command ``exec``: one turn of the agent without a screen, under the user's policies."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from vtcode_tui.agent.agent import Agent
from vtcode_tui.agent.sessions import SessionKeeper, settings_to_use
from vtcode_tui.agent.trusting import without_a_question
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.policies import KNOWN_TOOLS, OPTIONAL_TOOLS
from vtcode_tui.conversation.events import (
    Event,
    StepFinished,
    ToolCallFinished,
    TurnEnd,
    TurnFinished,
)
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.exec_output import ExecOutput, JsonOutput, TextOutput
from vtcode_tui.headless.missing_model import no_model
from vtcode_tui.headless.serving import served
from vtcode_tui.headless.signals import Ending, ends_the_task
from vtcode_tui.headless.streams import Streams
from vtcode_tui.headless.unattended import UnattendedApprover
from vtcode_tui.session.settings import SessionSettings

DONE, FAILED, REFUSED, LIMIT, INTERRUPTED = 0, 1, 3, 4, 130


@dataclass(frozen=True, slots=True)
class ExecOptions:
    """``approve`` are tools that may run where their policy asks; ``timeout_s`` limits the whole
    run, including connecting and loading the model."""

    as_json: bool = False
    approve: frozenset[str] = frozenset()
    approve_all: bool = False
    max_steps: int | None = None
    timeout_s: float | None = None


@dataclass(slots=True)
class _Course:
    """The progress and outcome of a turn."""

    end: TurnEnd | None = None
    has_refusal: bool = False
    is_late: bool = False
    said_or_did: bool = False

    def take(self, event: Event) -> None:
        match event:
            case ToolCallFinished(result=result):
                self.said_or_did = True
                self.has_refusal |= result.outcome is Outcome.REFUSED
            case StepFinished(message=message):
                self.said_or_did |= bool(message.content.strip())
            case TurnFinished(end=end):
                self.end = end
            case _:
                pass

    @property
    def limit(self) -> str:
        """Which limit was reached, in words; or empty."""
        if self.is_late:
            return "the time limit was reached"
        if self.end is TurnEnd.STEP_LIMIT:
            return "the limit on steps was reached"
        if self.end is TurnEnd.LENGTH:
            return "the answer was cut off at the model's output limit"
        return ""

    @property
    def exit_code(self) -> int:
        if self.is_late:
            return LIMIT
        match self.end:
            case TurnEnd.DONE if not self.said_or_did:
                return FAILED
            case TurnEnd.DONE:
                return REFUSED if self.has_refusal else DONE
            case TurnEnd.LENGTH | TurnEnd.STEP_LIMIT:
                return LIMIT
            case TurnEnd.CANCELLED:
                return INTERRUPTED
            case TurnEnd.FAILED | None:
                return FAILED


def run_exec(launch: Launch, prompt: str, options: ExecOptions, streams: Streams) -> int:
    """Run one turn; return the exit code. Raises VtcodeError, KeyboardInterrupt, BrokenPipeError.

    Raises ConfigError if the project has settings that the user did not approve, or for an unknown
    tool in ``approve``.
    """
    tools = (*KNOWN_TOOLS, *OPTIONAL_TOOLS)
    if unknown := options.approve.difference(tools):
        raise ConfigError(
            f"There is no tool {', '.join(sorted(unknown))} to approve.",
            why=f"The tools are: {', '.join(tools)}.",
            advice="Name one of them: vtcode-tui exec --approve edit_file PROMPT",
        )
    launch = without_a_question(launch)
    for warning in launch.loaded.warnings:
        streams.note(warning)
    return asyncio.run(_until_signal(launch, prompt, options, streams))


async def _until_signal(launch: Launch, prompt: str, options: ExecOptions, streams: Streams) -> int:
    with ends_the_task() as ending:
        try:
            async with served(launch, streams) as (url, model):
                return await _Execution(launch, options, streams, ending).run(prompt, url, model)
        except asyncio.CancelledError:
            if ending.status is None:
                raise
            return ending.status


class _Execution:
    """One run: session, agent and output."""

    def __init__(
        self, launch: Launch, options: ExecOptions, streams: Streams, ending: Ending
    ) -> None:
        approver = UnattendedApprover(options.approve, options.approve_all, streams.note)
        self._launch = launch
        self._options = options
        self._streams = streams
        self._ending = ending
        self._bench = Workbench(launch, approver)
        self._keeper = SessionKeeper(launch, self._bench, self._tell_of_fault)
        self._output: ExecOutput = JsonOutput(streams) if options.as_json else TextOutput(streams)
        self._course = _Course()

    async def run(self, prompt: str, url: str | None, embedded_model: str | None) -> int:
        """Raises VtcodeError, and CancelledError if it is interrupted."""
        limit_s = self._options.timeout_s
        deadline = None if limit_s is None else asyncio.get_running_loop().time() + limit_s
        try:
            async with asyncio.timeout_at(deadline):
                agent = await self._prepare(url, embedded_model)
            return await self._run_turn(agent, prompt, deadline)
        except TimeoutError:
            self._streams.note("the time limit was reached before the model could be asked")
            return LIMIT
        finally:
            await self._keeper.close()
            await self._bench.close()

    async def _prepare(self, url: str | None, embedded_model: str | None) -> Agent:
        """Open the session, connect, choose the model. Raises VtcodeError."""
        settings = await self._open_session()
        for notice in await self._bench.connect(url, is_embedded=url is not None):
            self._streams.note(notice)
        model, effort = settings_to_use(self._launch, settings)
        name = embedded_model or model
        if name is None:
            raise await no_model(self._bench, "exec")
        agent = await self._bench.choose(name, effort)
        if self._options.max_steps is not None:
            agent.max_steps = self._options.max_steps
        return agent

    async def _open_session(self) -> SessionSettings:
        wish = self._launch.session
        if wish is None:
            await self._keeper.begin()
            return SessionSettings()
        opened = await self._keeper.open(await self._keeper.find(wish))
        for notice in opened.notices:
            self._streams.note(notice)
        return opened.replayed.settings

    async def _run_turn(self, agent: Agent, prompt: str, deadline: float | None) -> int:
        def stop() -> None:
            self._course.is_late = True
            agent.interrupt()

        self._begin()
        loop = asyncio.get_running_loop()
        timer = None if deadline is None else loop.call_at(deadline, stop)
        self._ending.stop = agent.interrupt
        try:
            async with aclosing(agent.run_turn(prompt)) as events:
                async for event in events:
                    self._course.take(event)
                    self._output.show(event)
        except asyncio.CancelledError:
            self._end(self._ending.status or INTERRUPTED)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if self._course.limit:
            self._streams.note(self._course.limit)
        if self._course.end is TurnEnd.CANCELLED and self._ending.status is not None:
            return self._end(self._ending.status)
        return self._end(self._course.exit_code)

    def _begin(self) -> None:
        model, recorder = self._bench.model, self._keeper.recorder
        facts: dict[str, JsonValue] = {
            "app": self._launch.app_version(),
            "session": recorder.session_id if recorder is not None else "",
            "workspace": str(self._launch.workspace),
            "model": model.name if model is not None else "",
            "effort": self._bench.effort,
        }
        self._output.begin(facts)

    def _end(self, exit_code: int) -> int:
        self._output.end({"exit_code": exit_code, "session": self._keeper.resumable_id})
        return exit_code

    def _tell_of_fault(self, fault: str) -> None:
        words = (
            f"this session is not being saved: {fault}" if fault else "the session is saved again"
        )
        self._streams.note(words)
