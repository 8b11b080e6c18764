"""Keeps a conversation inside its context window: counts, compacts, and says when a server cut it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from vtcode_tui.agent.budget import Fill, TokenGauge, was_cut
from vtcode_tui.agent.compaction import (
    plain_summary,
    shorten_results,
    split_turns,
    summary_request,
    with_summary,
)
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.history import History
from vtcode_tui.conversation.events import ContextCompacted, NoticeLevel, NoticeRaised, Usage
from vtcode_tui.conversation.messages import JsonValue, Message
from vtcode_tui.errors import ServerError
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import ChatRequest, ContentPart

_AFTER_COMPACTION = 0.6
_SUMMARY_TOKENS = 700
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """How the model is asked for a summary: as in the conversation, so that it is not reloaded."""

    model: str
    think: bool | str | None
    options: Mapping[str, JsonValue]
    keep_alive: str | None


class ContextKeeper:
    """``compact_at`` is the part of the window, 0 to 1, from which room is made."""

    def __init__(self, compact_at: float = 0.8) -> None:
        self.compact_at = compact_at
        self._gauge = TokenGauge()

    def forget(self) -> None:
        """Another conversation goes on: the server has counted none of it."""
        self._gauge.forget()

    def fill(self, messages: tuple[Message, ...]) -> Fill:
        return self._gauge.fill(messages)

    def count(
        self, sent: tuple[Message, ...], usage: Usage, num_ctx: int | None, emit: Emitter
    ) -> None:
        """Take the server's count; tell the user when it shows that the server cut the prompt."""
        expected = self._gauge.fill(sent).tokens
        self._gauge.count(sent, usage)
        if was_cut(usage, num_ctx) and expected > (usage.prompt_tokens or 0) * 1.2:
            text = (
                f"The server cut the prompt: it read {usage.prompt_tokens:,} tokens of about "
                f"{expected:,}. Update Ollama, or make room with /compact."
            )
            emit(NoticeRaised(NoticeLevel.WARNING, text))

    def must_compact(self, messages: tuple[Message, ...], num_ctx: int | None) -> bool:
        if num_ctx is None:
            return False
        return self._gauge.fill(messages).tokens > num_ctx * self.compact_at

    async def compact(
        self,
        client: OllamaClient,
        history: History,
        request: SummaryRequest,
        overhead: Callable[[tuple[Message, ...]], tuple[Message, ...]],
        emit: Emitter,
        *,
        to_summary: bool = False,
    ) -> None:
        """Make room. ``overhead`` gives the messages as they are sent, with the system prompt.

        With ``to_summary`` old turns are summarised even if shortening old results would do.
        """
        before = self._gauge.fill(overhead(history.messages)).tokens
        num_ctx = request.options.get("num_ctx")
        window = num_ctx if isinstance(num_ctx, int) else 4 * before
        messages = shorten_results(history.messages)
        self._gauge.forget()
        summary = ""
        if to_summary or self._gauge.estimate(overhead(messages)) > window * _AFTER_COMPACTION:
            split = split_turns(messages)
            if split.old:
                summary = await self._summary(client, split.old, request, window)
                messages = with_summary(summary, split.kept)
        if self._gauge.estimate(overhead(messages)) > window * self.compact_at:
            messages = shorten_results(messages, keep_last=0)
        history.replace(messages)
        after = self._gauge.estimate(overhead(messages))
        emit(ContextCompacted(summary, before, after))

    async def _summary(
        self,
        client: OllamaClient,
        old: tuple[Message, ...],
        request: SummaryRequest,
        window: int,
    ) -> str:
        """The model's summary of ``old``, or a plain list where it gives none."""
        limit = max(1_000, (window - _SUMMARY_TOKENS) * _CHARACTERS_PER_TOKEN // 2)
        chat = ChatRequest(
            model=request.model,
            messages=summary_request(old, limit),
            think=False if request.think is True else request.think,
            options={**request.options, "num_predict": _SUMMARY_TOKENS},
            keep_alive=request.keep_alive,
            truncate=False,
            shift=False,
        )
        written: list[str] = []
        try:
            async with aclosing(client.chat(chat)) as parts:
                async for part in parts:
                    if isinstance(part, ContentPart):
                        written.append(part.text)  # noqa: PERF401 - what came stays when it breaks
        except ServerError:
            written.clear()  # The conversation goes on with what can be said without a model.
        return "".join(written).strip() or plain_summary(old)
