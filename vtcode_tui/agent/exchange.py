"""Sends requests that fit the window, retries where that helps, and returns the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vtcode_tui.agent.budget import Fill
from vtcode_tui.agent.context import AsSent, ContextKeeper, SummaryRequest
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.history import History
from vtcode_tui.agent.model_choice import ModelChoice, Preamble, without_feature
from vtcode_tui.agent.request_builder import RequestBuilder
from vtcode_tui.agent.retries import Pause, Retries
from vtcode_tui.agent.step import Reply, run_step
from vtcode_tui.conversation.events import (
    NoticeLevel,
    NoticeRaised,
    StepStarted,
    ToolCallRequested,
    Usage,
)
from vtcode_tui.conversation.messages import AssistantMessage, Message
from vtcode_tui.errors import (
    ContextOverflow,
    ModelLacksFeature,
    PictureUnreadable,
    ServerError,
    ToolCallUnreadable,
)
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import ChatRequest

_LEFT_OUT = "Those of the last prompt that has some are left out: save them anew, as PNG."


class ModelExchange:
    """The requests and replies of one conversation. ``client`` and ``model`` may be replaced
    between turns; ``compact_at`` is the share of the window, 0 to 1, above which it is
    compacted."""

    def __init__(
        self,
        client: OllamaClient,
        model: ModelChoice,
        history: History,
        builder: RequestBuilder,
        *,
        compact_at: float,
    ) -> None:
        self.client = client
        self.model = model
        self.history = history
        self.context = ContextKeeper(compact_at)
        self._builder = builder
        self._known_call_ids: set[str] = set()
        self.pause: Pause = asyncio.sleep
        """Waits for seconds before another try."""
        self.note_refusal: Callable[[str, str], None] = lambda _model, _feature: None
        """Takes the name of a model and of a feature that the server refused for it."""
        self.note_usage: Callable[[str, Usage], None] = lambda _model, _usage: None
        """Takes the name of a model and the counters of a whole reply of it."""

    @property
    def fill(self) -> Fill:
        """How full the context window would be if the conversation were sent now."""
        return self.context.fill(self._request(self.history.messages))

    @property
    def preamble(self) -> Preamble:
        """The system prompt and tools as the current model receives them."""
        return self._builder.preamble(self.model)

    def restore(self, messages: tuple[Message, ...]) -> None:
        """Replace the conversation; the server has counted none of it."""
        self.history.replace(messages)
        answers = [message for message in messages if isinstance(message, AssistantMessage)]
        self._known_call_ids = {call.call_id for each in answers for call in each.tool_calls}
        self.context.forget()

    async def ask(self, step: int, emit: Emitter, *, had_effect: bool) -> Reply:
        """Get one reply and add it to the history, however it ends.

        Asks again where that helps: without a feature that the model lacks, after compaction, or
        after a blank reply. ``had_effect`` says that a tool of this turn was not read-only: then no
        failed request is repeated. Raises ServerError.
        """
        made_room = False
        retries = Retries(emit, self.pause, is_loopback=self.client.address.is_loopback)
        while True:
            reply, is_kept = Reply(), True
            if self.context.must_compact(self._request(self.history.messages), self._num_ctx):
                await self.compact(emit)
            request = self._request(self.history.messages)
            emit.recorder.record_history(self.history.messages)
            try:
                await self._send(request, step, reply, retries, emit, had_effect=had_effect)
            except ModelLacksFeature as error:
                if not self._drop_feature(error, emit):
                    raise
            except PictureUnreadable as error:
                # It would go along with every further request, and fail it.
                if not reply.is_empty or not self.history.drop_last_pictures():
                    raise
                emit(NoticeRaised(NoticeLevel.WARNING, f"{error.what} {_LEFT_OUT}"))
            except ToolCallUnreadable as error:
                if reply.tool_calls:
                    raise
                is_kept = False
                if not await retries.of_unreadable(error):
                    is_kept = True
                    raise
            except ContextOverflow as error:
                if made_room or not reply.is_empty:
                    raise
                made_room = True
                await self.compact(emit, to_summary=True, window=error.window)
            else:
                is_kept = not reply.is_blank
                if retries.of_blank(reply):
                    continue
                if reply.usage is not None:
                    self.note_usage(self.model.name, reply.usage)
                if is_kept and reply.usage is not None:
                    self.context.count(request, reply.usage, self._num_ctx, emit)
                return reply
            finally:
                if is_kept:
                    self.history.add_answer(reply.message())
                for call in reply.tool_calls:
                    emit(ToolCallRequested(call, self._builder.calls.subject_of(call)))

    async def _send(
        self,
        request: ChatRequest,
        step: int,
        reply: Reply,
        retries: Retries,
        emit: Emitter,
        *,
        had_effect: bool,
    ) -> None:
        """Stream the answer into ``reply``. If it fails before its first part, the same request is
        repeated where that is safe."""
        while True:
            emit(StepStarted(step, self.model.name))
            await emit.recorder.saved()  # What the server gets to know is on the disk first.
            try:
                await run_step(
                    self.client,
                    request,
                    reply,
                    emit,
                    self._known_call_ids,
                    text_tools=self._builder.tools(self.model)
                    if self.model.reads_text_calls
                    else (),
                )
            except ServerError as error:
                is_safe = reply.is_empty and not had_effect
                if not (is_safe and await retries.of_failure(error)):
                    raise
            else:
                return

    async def compact(
        self, emit: Emitter, *, to_summary: bool = False, window: int | None = None
    ) -> None:
        """Compact the history. ``to_summary`` summarises old turns in any case; ``window`` is the
        window size in tokens if the server reported it."""
        model = self.model
        request = SummaryRequest(
            model.name, model.think, model.options, model.keep_alive, window or self._num_ctx
        )
        await self.context.compact(
            self.client,
            self.history,
            request,
            AsSent(self._request, self._masked),
            emit,
            to_summary=to_summary,
        )
        emit.recorder.record_history(self.history.messages)

    def _request(self, messages: tuple[Message, ...]) -> ChatRequest:
        return self._builder.request(self.model, self.client.address, messages)

    def _masked(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return self._builder.masked(self.model, self.client.address, messages)

    @property
    def _num_ctx(self) -> int | None:
        value = self.model.options.get("num_ctx")
        return value if isinstance(value, int) else None

    def _drop_feature(self, error: ModelLacksFeature, emit: Emitter) -> bool:
        """Continue without tools or thinking if the server refused them; return whether that may
        help."""
        instead = without_feature(self.model, error.feature)
        if instead is None:
            return False
        self.note_refusal(self.model.name, error.feature)
        self.model, text = instead
        emit(NoticeRaised(NoticeLevel.WARNING, text))
        return True
