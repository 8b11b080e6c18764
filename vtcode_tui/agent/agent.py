"""The agent: prompt -> model -> calls -> permission -> tools -> model, until the model stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from vtcode_tui.agent.budget import Fill
from vtcode_tui.agent.calls import CallRunner
from vtcode_tui.agent.context import ContextKeeper, SummaryRequest
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.history import History
from vtcode_tui.agent.step import Reply, run_step
from vtcode_tui.config.policies import ToolPolicy
from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    NoticeLevel,
    NoticeRaised,
    StepStarted,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import JsonValue, Message, SystemMessage, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import ContextOverflow, ModelLacksFeature, VtcodeError
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import ChatRequest, ToolSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model of a request. ``think`` goes on the wire as it is: None is not sent.

    ``offers_tools`` is False for a model that is known to answer 400 to ``tools``.
    """

    name: str
    think: bool | str | None = None
    offers_tools: bool = True
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    keep_alive: str | None = None


class Agent:
    """One conversation with one server. Runs one turn at a time.

    ``system_prompt`` is called for each request with whether tools are offered; ``clock`` gives
    monotonic seconds. ``model`` may be replaced between turns.
    """

    def __init__(
        self,
        *,
        client: OllamaClient,
        model: ModelChoice,
        calls: CallRunner,
        system_prompt: Callable[[bool], str],
        clock: Callable[[], float],
        history: History | None = None,
        max_steps: int = 40,
        compact_at: float = 0.8,
    ) -> None:
        self.client = client
        self.model = model
        self.history = history or History()
        self._calls = calls
        self._system_prompt = system_prompt
        self._clock = clock
        self._max_steps = max_steps
        self._turns = 0
        self._known_call_ids: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self._context = ContextKeeper(compact_at)

    @property
    def context_fill(self) -> Fill:
        """How much of the window the conversation takes, as it would be sent now."""
        return self._context.fill(self._request().messages)

    @property
    def is_running(self) -> bool:
        return self._running is not None and not self._running.done()

    def interrupt(self) -> None:
        """Stop the running turn: the request's connection closes, a running command is killed.

        The turn still gives its last events and ends with TurnFinished.
        """
        if self._running is not None:
            self._running.cancel()

    async def run_turn(self, prompt: str) -> AsyncGenerator[Event, None]:
        """Run one turn and yield its events; the last one is TurnFinished.

        Never raises for a failure of the server or a tool: that is the last event. Closing the
        generator or cancelling its consumer interrupts the turn and leaves a valid history.
        """
        events: asyncio.Queue[Event] = asyncio.Queue()
        self._running = asyncio.create_task(self._turn(prompt, Emitter(events.put_nowait)))
        # Let it begin: a task that is cancelled before that would end without a word.
        await asyncio.sleep(0)
        try:
            while True:
                event = await events.get()
                yield event
                if isinstance(event, TurnFinished):
                    return
        finally:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _turn(self, prompt: str, emit: Emitter) -> None:
        started = self._clock()
        self._turns += 1
        emit(TurnStarted(self._turns, prompt))
        self.history.add_prompt(prompt)
        end, error = TurnEnd.FAILED, None
        try:
            end = await self._steps(emit)
        except asyncio.CancelledError:
            end = TurnEnd.CANCELLED
        except VtcodeError as caught:
            error = caught
        except Exception as caught:
            log.exception("the turn failed")
            error = VtcodeError(
                "The turn ended because of a defect in this program.",
                why=f"{type(caught).__name__}",
                advice="Your conversation is kept: send the prompt again to go on.",
            )
        closed = emit.close_calls()
        for call_id, name in self.history.unanswered_calls():
            self.history.add_result(call_id, name, closed.get(call_id, "Not run."))
        emit(TurnFinished(end, self._clock() - started, error))

    async def _steps(self, emit: Emitter) -> TurnEnd:
        for step in range(1, self._max_steps + 1):
            reply = await self._ask_model(step, emit)
            if not reply.tool_calls:
                return TurnEnd.LENGTH if reply.done_reason == "length" else TurnEnd.DONE
            if reply.done_reason == "length":
                self._skip_calls(
                    reply.tool_calls, "Not run: the reply was cut off at the output limit.", emit
                )
                return TurnEnd.LENGTH
            await self._run_calls(tuple(reply.tool_calls), emit)
        return TurnEnd.STEP_LIMIT

    async def _ask_model(self, step: int, emit: Emitter) -> Reply:
        """One reply, entered in the history whatever ends it; asks again at once without a feature
        that the model turns out to lack."""
        made_room = False
        while True:
            reply = Reply()
            if self._context.must_compact(self._request().messages, self._num_ctx):
                await self._compact(emit)
            request = self._request()
            emit(StepStarted(step, self.model.name))
            try:
                await run_step(self.client, request, reply, emit, self._known_call_ids)
            except ModelLacksFeature as error:
                if not self._drop_feature(error, emit):
                    raise
            except ContextOverflow:
                if made_room or not reply.is_empty:
                    raise
                made_room = True
                await self._compact(emit, to_summary=True)
            else:
                if reply.usage is not None:
                    self._context.count(request.messages, reply.usage, self._num_ctx, emit)
                return reply
            finally:
                self.history.add_answer(reply.message())
                for call in reply.tool_calls:
                    emit(ToolCallRequested(call, self._calls.subject_of(call)))

    @property
    def _num_ctx(self) -> int | None:
        value = self.model.options.get("num_ctx")
        return value if isinstance(value, int) else None

    async def compact(self) -> ContextCompacted | None:
        """Summarise the older turns by hand, between turns; None where there is nothing to do."""
        if not self.history.messages:
            return None
        events: list[Event] = []
        await self._compact(Emitter(events.append), to_summary=True)
        return next((event for event in events if isinstance(event, ContextCompacted)), None)

    async def _compact(self, emit: Emitter, *, to_summary: bool = False) -> None:
        choice = self.model
        request = SummaryRequest(choice.name, choice.think, choice.options, choice.keep_alive)
        await self._context.compact(
            self.client, self.history, request, self._as_sent, emit, to_summary=to_summary
        )

    def _as_sent(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        specs = self._tool_specs() if self.model.offers_tools else ()
        return (SystemMessage(self._system_prompt(bool(specs))), *messages)

    def _request(self) -> ChatRequest:
        specs = self._tool_specs() if self.model.offers_tools else ()
        return ChatRequest(
            model=self.model.name,
            messages=self._as_sent(self.history.messages),
            tools=specs,
            think=self.model.think,
            options=self.model.options,
            keep_alive=self.model.keep_alive,
            # A prompt or an answer beyond the window is to be an error, not a silent cut.
            truncate=False,
            shift=False,
        )

    def _tool_specs(self) -> tuple[ToolSpec, ...]:
        return tuple(
            ToolSpec(tool.name, tool.description, tool.parameters)
            for tool in self._calls.toolbox
            if self._calls.policy_of(tool)[0] is not ToolPolicy.DENY
        )

    def _drop_feature(self, error: ModelLacksFeature, emit: Emitter) -> bool:
        """Go on without tools or thinking where the server refused them; whether that may help."""
        choice = self.model
        if error.feature == "tools" and choice.offers_tools:
            self.model = replace(choice, offers_tools=False)
            text = f"{choice.name} cannot call tools: it answers without reading or changing files."
        elif error.feature == "thinking" and choice.think:
            self.model = replace(choice, think=None)
            text = f"{choice.name} cannot think: the effort is left out."
        else:
            return False
        emit(NoticeRaised(NoticeLevel.WARNING, text))
        return True

    async def _run_calls(self, calls: Sequence[ToolCall], emit: Emitter) -> None:
        """Run the calls in their order; after a denial by the user the rest are not run."""
        for index, call in enumerate(calls):
            started = self._clock()
            result = await self._calls.run(call, emit)
            self._finish_call(call, _timed(result, self._clock() - started), emit)
            if result.outcome is Outcome.DENIED:
                text = "Not run: the user denied an earlier call of the same reply."
                self._skip_calls(calls[index + 1 :], text, emit)
                return

    def _skip_calls(self, calls: Sequence[ToolCall], text: str, emit: Emitter) -> None:
        for call in calls:
            result = ToolResult(Outcome.CANCELLED, text, TextDisplay(text), summary="not run")
            self._finish_call(call, result, emit)

    def _finish_call(self, call: ToolCall, result: ToolResult, emit: Emitter) -> None:
        self.history.add_result(call.call_id, call.name, result.content)
        emit(ToolCallFinished(call.call_id, result))


def _timed(result: ToolResult, duration_s: float) -> ToolResult:
    return result if result.duration_s else replace(result, duration_s=duration_s)
