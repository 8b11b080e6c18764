"""Keeps a conversation within its context window: counts tokens, compacts, and tells when a server
truncated it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from vtcode_tui.agent.budget import Fill, TokenGauge, was_cut
from vtcode_tui.agent.compaction import (
    Split,
    plain_summary,
    shorten_results,
    summary_request,
    ways_to_split,
)
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.history import History
from vtcode_tui.conversation.events import ContextCompacted, NoticeLevel, NoticeRaised, Usage
from vtcode_tui.conversation.messages import JsonValue, Message, ToolResultMessage
from vtcode_tui.errors import ServerError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.think_tags import ThinkTagSplitter
from vtcode_tui.ollama.types import ChatRequest, ContentPart, ThinkingPart

_AFTER_COMPACTION = 0.6
_SUMMARY_TOKENS = 700
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """How to ask the model for a summary: with the conversation's own parameters, so that it is not
    reloaded."""

    model: str
    think: bool | str | None
    options: Mapping[str, JsonValue]
    keep_alive: str | None
    window: int | None = None
    """The size of the window in tokens, where it is known."""


Messages: TypeAlias = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class AsSent:
    """``request`` builds the request for given messages, with system prompt and tools; ``masked``
    removes what must not leave this machine."""

    request: Callable[[Messages], ChatRequest]
    masked: Callable[[Messages], Messages]


class ContextKeeper:
    """``compact_at`` is the share of the window, 0 to 1, above which the conversation is compacted."""

    def __init__(self, compact_at: float = 0.8) -> None:
        self.compact_at = compact_at
        self._gauge = TokenGauge()

    def forget(self) -> None:
        """Drop all counts: another conversation follows."""
        self._gauge.forget()

    def fill(self, request: ChatRequest) -> Fill:
        return self._gauge.fill(request.messages, request.tools)

    def count(self, request: ChatRequest, usage: Usage, num_ctx: int | None, emit: Emitter) -> None:
        """Record the server's count; warn the user if it shows that the prompt was truncated."""
        expected = self.fill(request).tokens
        self._gauge.count(request.messages, usage, request.tools)
        if was_cut(usage, num_ctx) and expected > (usage.prompt_tokens or 0) * 1.2:
            text = (
                f"The server cut the prompt: it read {usage.prompt_tokens:,} tokens of about "
                f"{expected:,}. Update Ollama, or make room with /compact."
            )
            emit(NoticeRaised(NoticeLevel.WARNING, text))

    def must_compact(self, request: ChatRequest, num_ctx: int | None) -> bool:
        if num_ctx is None:
            return False
        return self.fill(request).tokens > num_ctx * self.compact_at

    async def compact(
        self,
        client: OllamaClient,
        history: History,
        request: SummaryRequest,
        as_sent: AsSent,
        emit: Emitter,
        *,
        to_summary: bool = False,
    ) -> None:
        """Compact the history.

        With ``to_summary`` old turns are summarised even if shortening tool results would be
        enough.
        """
        before = self.fill(as_sent.request(history.messages)).tokens
        # Where no window is known, what was just refused is about one.
        window = request.window or before
        messages = shorten_results(history.messages)
        self._gauge.forget()
        summary = ""
        if to_summary or self._estimate(as_sent.request(messages)) > window * _AFTER_COMPACTION:
            split = self._split(messages, as_sent, int(window * _AFTER_COMPACTION))
            if split is not None:
                summary = await self._summary(client, as_sent.masked(split.old), request, window)
                messages = split.with_summary(summary)
        messages = self._with_results_that_fit(messages, as_sent, window)
        if self._estimate(as_sent.request(messages)) >= self._estimate(
            as_sent.request(history.messages)
        ):
            return  # Little was said so far: a summary of it would be longer.
        history.replace(messages)
        emit(ContextCompacted(summary, before, self._estimate(as_sent.request(messages))))

    def _estimate(self, request: ChatRequest) -> int:
        return self._gauge.estimate(request.messages, request.tools)

    def _split(self, messages: Messages, as_sent: AsSent, target: int) -> Split | None:
        """The smallest split that makes enough room; else the one that makes most."""
        split = None
        for split in ways_to_split(messages):
            rest = as_sent.request((*split.prompt, *split.kept))
            if self._estimate(rest) + _SUMMARY_TOKENS <= target:
                break
        return split

    def _with_results_that_fit(self, messages: Messages, as_sent: AsSent, window: int) -> Messages:
        """As a last resort, cut the newest results to what fits."""
        if self._estimate(as_sent.request(messages)) <= window * self.compact_at:
            return messages
        results = sum(isinstance(message, ToolResultMessage) for message in messages)
        without = self._estimate(as_sent.request(shorten_results(messages, keep_last=0)))
        room = self._gauge.characters_in(max(0, int(window * _AFTER_COMPACTION) - without))
        ends = max(200, room // (2 * max(1, min(results, 2))))
        return shorten_results(shorten_results(messages, keep_last=2), keep_last=0, ends=ends)

    async def _summary(
        self,
        client: OllamaClient,
        old: Messages,
        request: SummaryRequest,
        window: int,
    ) -> str:
        """The model's summary of ``old``, or a plain list if it gives none."""
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
        tags = ThinkTagSplitter()
        try:
            async with aclosing(client.chat(chat)) as parts:
                async for part in parts:
                    if isinstance(part, ContentPart):
                        written += _answer_in(tags.feed(part.text))
            written += _answer_in(tags.finish())
        except ServerError:
            written.clear()  # The conversation goes on with what can be said without a model.
        return "".join(written).strip() or plain_summary(old)


def _answer_in(parts: Iterable[ThinkingPart | ContentPart]) -> list[str]:
    """The content of ``parts``, without thinking."""
    return [part.text for part in parts if isinstance(part, ContentPart)]
