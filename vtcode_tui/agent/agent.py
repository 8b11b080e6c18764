"""The agent: prompt -> model -> calls -> permission -> tools -> model, until the model stops."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from vtcode_tui.agent.budget import Fill
from vtcode_tui.agent.calls import CallRunner
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.exchange import ModelExchange
from vtcode_tui.agent.history import History
from vtcode_tui.agent.loops import LoopWatch
from vtcode_tui.agent.model_choice import ModelChoice, Preamble
from vtcode_tui.agent.recording import NO_RECORDER, Recorder
from vtcode_tui.agent.request_builder import RequestBuilder
from vtcode_tui.agent.step import Reply
from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    ToolCallFinished,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    TurnSteered,
)
from vtcode_tui.conversation.messages import Message, ToolCall
from vtcode_tui.conversation.prompts import UserInput
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import VtcodeError
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.workspace.known_secrets import KnownSecrets

if TYPE_CHECKING:
    from vtcode_tui.workspace.sandbox import Sandbox

log = logging.getLogger(__name__)


class Agent:
    """One conversation with one server. Runs one turn at a time.

    ``system_prompt`` is called for each request with whether tools are offered, ``begin_turn`` with
    the number of each turn before its first event; ``clock`` gives monotonic seconds.
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
        begin_turn: Callable[[int], None] = lambda _: None,
        sandbox: Sandbox | None = None,
        secrets: KnownSecrets | None = None,
    ) -> None:
        self.history = history or History()
        builder = RequestBuilder(system_prompt, calls, secrets or KnownSecrets())
        self.exchange = ModelExchange(client, model, self.history, builder, compact_at=compact_at)
        self.sandbox = sandbox
        """That of the commands; None where there are no tools."""
        self._calls = calls
        self._clock = clock
        self.max_steps = max_steps
        self._begin_turn = begin_turn
        self._turns = 0
        self._steering: deque[UserInput] = deque()
        self._running: asyncio.Task[None] | None = None
        self._compacting: asyncio.Task[None] | None = None
        self._had_effect = False
        self._ended_early = False
        self.recorder: Recorder = NO_RECORDER
        """Hears of all that happens before it has consequences; may be replaced between turns."""

    @property
    def model(self) -> ModelChoice:
        """The model in use; may be replaced between turns."""
        return self.exchange.model

    @model.setter
    def model(self, model: ModelChoice) -> None:
        self.exchange.model = model

    @property
    def context_fill(self) -> Fill:
        """How full the context window would be if the conversation were sent now."""
        return self.exchange.fill

    @property
    def compact_at(self) -> float:
        """The share of the window, 0 to 1, above which the conversation is compacted."""
        return self.exchange.context.compact_at

    @property
    def preamble(self) -> Preamble:
        """The system prompt and tools as the current model receives them."""
        return self.exchange.preamble

    @property
    def calls(self) -> CallRunner:
        """Runs the tool calls; holds the tools, their policies and the grants."""
        return self._calls

    @property
    def is_running(self) -> bool:
        return self._running is not None and not self._running.done()

    def restore(
        self, messages: tuple[Message, ...] = (), *, turns: int = 0, grants: Sequence[str] = ()
    ) -> None:
        """Replace the conversation, between turns. Nothing of the previous one is kept, and its
        session's grants are dropped."""
        self.exchange.restore(messages)
        self._turns = turns
        self._ended_early = False
        self._calls.grants.replace(grants)

    def interrupt(self) -> bool:
        """Cancel the running turn or ``compact``; return whether there was one. The request's
        connection closes and a running command is killed.

        The turn still emits its last events and ends with TurnFinished.
        """
        under_way = self._under_way()
        for task in under_way:
            task.cancel()
        return bool(under_way)

    async def stop(self) -> None:
        """Interrupt whatever is running and wait until its last event is emitted."""
        under_way = self._under_way()
        for task in under_way:
            task.cancel()
        # A failure is for whoever began it: the end goes on.
        await asyncio.gather(*under_way, return_exceptions=True)

    def _under_way(self) -> list[asyncio.Task[None]]:
        tasks = (self._running, self._compacting)
        return [task for task in tasks if task is not None and not task.done()]

    @property
    def retryable_prompt(self) -> str | None:
        """The prompt of the last turn if it got no answer; None if there is nothing to retry."""
        is_open = self._ended_early or self.history.waits_for_an_answer
        return self.history.last_prompt if is_open and not self.is_running else None

    def steer(self, prompt: UserInput) -> bool:
        """Add ``prompt`` to the running turn's next request; return False if no turn runs.

        A model that is about to stop continues because of it. A prompt that the turn did not reach
        is left for ``take_unsent``.
        """
        if not self.is_running:
            return False
        self._steering.append(prompt)
        return True

    def take_unsent(self) -> tuple[UserInput, ...]:
        """Take the steering prompts that no request has included yet."""
        unsent = tuple(self._steering)
        self._steering.clear()
        return unsent

    async def run_turn(
        self, prompt: UserInput | str, *, is_retry: bool = False
    ) -> AsyncGenerator[Event, None]:
        """Run one turn and yield its events; the last one is TurnFinished.

        With ``is_retry`` the last turn is resumed from its last complete message: the prompt is not
        added again, no call that has a result runs again, and a partial answer is dropped. Failures
        of the server or a tool do not raise: they are in the last event. Closing the generator or
        cancelling its consumer interrupts the turn and leaves a valid history.
        """
        events: asyncio.Queue[Event] = asyncio.Queue()
        emit = Emitter(events.put_nowait, self.recorder)
        given = UserInput(prompt) if isinstance(prompt, str) else prompt
        self._running = asyncio.create_task(self._turn(given, emit, is_retry=is_retry))
        # Let it begin: a task that is cancelled before that would end without a word.
        await asyncio.sleep(0)
        try:
            while True:
                event = await events.get()
                if isinstance(event, TurnFinished):
                    await self.recorder.saved()
                    yield event
                    return
                yield event
        finally:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _turn(self, prompt: UserInput, emit: Emitter, *, is_retry: bool) -> None:
        started = self._clock()
        if is_retry:
            self.history.drop_partial_answer()
        else:
            self._turns += 1
            self._had_effect = False
            self._begin_turn(self._turns)
            self.history.add_prompt(prompt)
        emit(TurnStarted(self._turns, prompt.text, prompt.attachments, is_retry))
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
        closed = emit.close_calls(by_user=end is TurnEnd.CANCELLED)
        for call_id, name in self.history.unanswered_calls():
            self.history.add_result(call_id, name, closed.get(call_id, "Not run."))
        self.recorder.record_history(self.history.messages)
        self._ended_early = end in (TurnEnd.FAILED, TurnEnd.CANCELLED)
        emit(TurnFinished(end, self._clock() - started, error))

    async def _steps(self, emit: Emitter) -> TurnEnd:
        loops = LoopWatch(self.max_steps)
        for step in count(1):
            if loops.asks_before(step) and not await self._calls.may_go_on(loops, step - 1, emit):
                break
            self._take_steering(emit)
            reply = await self.exchange.ask(step, emit, had_effect=self._had_effect)
            if not reply.tool_calls:
                if self._steering:
                    continue
                return TurnEnd.LENGTH if reply.done_reason == "length" else TurnEnd.DONE
            if reply.done_reason == "length":
                self._skip_calls(
                    reply.tool_calls, "Not run: the reply was cut off at the output limit.", emit
                )
                return TurnEnd.LENGTH
            await self._run_calls(reply, loops, emit)
        return TurnEnd.STEP_LIMIT

    def _take_steering(self, emit: Emitter) -> None:
        for prompt in self.take_unsent():
            self.history.add_prompt(prompt)
            emit(TurnSteered(prompt.text, prompt.attachments))

    async def compact(self) -> ContextCompacted | None:
        """Summarise older turns on request, between turns; return None if nothing changed.

        Raises VtcodeError if it was interrupted; the history is then unchanged.
        """
        before = self.history.messages
        events: list[Event] = []
        if before:
            emit = Emitter(events.append, self.recorder)
            task = self._compacting = asyncio.create_task(
                self.exchange.compact(emit, to_summary=True)
            )
            try:
                await asyncio.wait((task,))
            finally:
                task.cancel()
            if task.cancelled():
                raise VtcodeError(
                    "Making room was stopped.",
                    why="The model is still told all of the conversation, as before.",
                    advice="Go on as you were; or make room after all: /compact",
                )
            await task
        if self.history.messages == before:
            return None
        return next((event for event in events if isinstance(event, ContextCompacted)), None)

    async def _run_calls(self, reply: Reply, loops: LoopWatch, emit: Emitter) -> None:
        """Run the calls in order; after a denial by the user, skip the rest."""
        calls = tuple(reply.tool_calls)
        for index, call in enumerate(calls):
            in_a_row = loops.count(call, self._calls.subject_of(call))
            problem = reply.problems.get(call.call_id)
            if problem is not None:
                result = ToolResult(Outcome.FAILED, problem, TextDisplay(problem), summary="failed")
            else:
                is_quoted = call.call_id in reply.quoted
                result = await self._calls.run(call, emit, in_a_row, is_quoted=is_quoted)
                self._had_effect |= self._calls.may_have_changed(call, result)
            self._finish_call(call, result, emit)
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
