"""Sends one JSON request to the model and writes its message.

No tool runs: calls are returned to the caller. ``tool_choice``, which an Ollama server ignores, is
enforced here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import field, replace

from vtcode_tui.agent.model_choice import (
    ModelChoice,
    Prompt,
    chat_request,
    without_feature,
)
from vtcode_tui.agent.retries import Retries
from vtcode_tui.agent.step import Reply, run_step
from vtcode_tui.conversation.events import (
    Event,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
    TextDelta,
    Usage,
)
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.errors import (
    ModelLacksFeature,
    ServerError,
    ToolCallUnreadable,
    VtcodeError,
)
from vtcode_tui.headless.json_request import JsonRequest
from vtcode_tui.headless.output import Answer, Output
from vtcode_tui.headless.streams import Streams
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.text_protocol import (
    forced_call_in_words,
    messages_in_words,
    with_system_words,
)
from vtcode_tui.ollama.tool_choice import (
    ChoiceKind,
    call_schema,
    forced_call,
    kept_calls,
    offered_tools,
)
from vtcode_tui.ollama.types import ToolSpec

_FORCED_ID = "call_1"


async def ask_json(
    client: OllamaClient,
    choice: ModelChoice,
    request: JsonRequest,
    streams: Streams,
    output: Output,
) -> bool:
    """Ask and write; return whether there is an answer. Raises VtcodeError, also if the model does
    not make a call that ``tool_choice`` requires."""
    asker = _Asker(client, _asked_for(choice, request), request, streams, output)
    try:
        answer = await asker.answer()
    except VtcodeError as error:
        output.fail(error.what)
        raise
    except asyncio.CancelledError:
        output.fail("interrupted")
        raise
    output.finish(answer)
    return bool(answer.message.content.strip() or answer.message.tool_calls)


def _asked_for(choice: ModelChoice, request: JsonRequest) -> ModelChoice:
    """The model with the request's options; others stay as configured."""
    return replace(
        choice,
        think=choice.think if request.think is None else request.think,
        options={**choice.options, **request.options},
        keep_alive=request.keep_alive or choice.keep_alive,
    )


@dataclass(slots=True)
class _Asker:
    client: OllamaClient
    choice: ModelChoice
    request: JsonRequest
    streams: Streams
    output: Output
    call_ids: set[str] = field(default_factory=set)
    shown_size: int = 0

    async def answer(self) -> Answer:
        """The answer that satisfies ``tool_choice``, with a second request if necessary."""
        tool_choice = self.request.tool_choice
        offered = offered_tools(tool_choice, self.request.tools)
        if offered and not self.choice.offers_tools:
            self.streams.note(f"{self.choice.name} cannot call tools: they were left out")
        prompt = Prompt(self.request.messages, offered, self.request.format, self.request.stream)
        reply = await self._reply(prompt, shows_text=not tool_choice.owes_call)
        calls = self._calls_of(reply, offered)
        if tool_choice.owes_call and not calls:
            return await self._forced(offered)
        message = replace(reply.message(), tool_calls=calls)
        if reply.problems:
            message = replace(message, content=reply.written)
        rest = message.content[self.shown_size :]
        if rest:
            self.output.text(rest)
        return self._answer(message, reply)

    def _calls_of(self, reply: Reply, offered: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
        """The calls for the caller: of offered tools, and if they were text, with matching
        arguments."""
        if reply.problems:
            return ()
        calls = kept_calls(reply.tool_calls, offered)
        left_out = [call.name for call in reply.tool_calls if call not in calls]
        if left_out:
            names = ", ".join(left_out)
            self.streams.note(f"left out, since it was not offered: a call of {names}")
        return calls

    async def _forced(self, offered: Sequence[ToolSpec]) -> Answer:
        """A call from a reply constrained to the schema of one. Raises VtcodeError if that fails
        too."""
        self.streams.note(
            "the model did not call a tool: it is asked again, held to a call's schema"
        )
        words = forced_call_in_words(offered)
        prompt = Prompt(
            with_system_words(messages_in_words(self.request.messages), words),
            format=call_schema(offered),
            stream=self.request.stream,
        )
        # Thinking stands before what the schema allows; a level cannot be switched off.
        think = self.choice.think if isinstance(self.choice.think, str) else False
        self.choice = replace(self.choice, think=think)
        reply = await self._reply(prompt, shows_text=False)
        call = forced_call(reply.written, offered)
        if call is None:
            raise self._not_kept(reply)
        call = replace(call, call_id=_FORCED_ID)
        return self._answer(replace(reply.message(), content="", tool_calls=(call,)), reply)

    def _not_kept(self, reply: Reply) -> VtcodeError:
        wanted = self.request.tool_choice
        what = "any tool" if wanted.kind is ChoiceKind.REQUIRED else wanted.function
        cut = reply.done_reason == "length"
        return VtcodeError(
            f"The model did not call {what}, as tool_choice wants it.",
            why=f"It was asked twice. It wrote: {' '.join(reply.written.split())[:200] or 'nothing'}",
            advice='Raise "num_predict" in options: the reply was cut off.'
            if cut
            else "Try again, say it in other words, or choose a larger model.",
        )

    def _answer(self, message: AssistantMessage, reply: Reply) -> Answer:
        usage = reply.usage or Usage()
        return Answer(self.choice.name, message, reply.done_reason or "stop", usage)

    async def _reply(self, prompt: Prompt, *, shows_text: bool) -> Reply:
        """One reply, with retries. Raises ServerError."""
        emit = self._taker(shows_text=shows_text)
        retries = Retries(emit, is_loopback=self.client.address.is_loopback)
        while True:
            reply, self.shown_size = Reply(), 0
            text_tools = prompt.tools if self.choice.reads_text_calls else ()
            try:
                await run_step(
                    self.client,
                    chat_request(self.choice, prompt),
                    reply,
                    emit,
                    self.call_ids,
                    text_tools=text_tools,
                )
            except ModelLacksFeature as error:
                instead = without_feature(self.choice, error.feature)
                if instead is None:
                    raise
                self.choice, words = instead
                self.streams.note(words)
            except ToolCallUnreadable as error:
                has_shown = reply.tool_calls or reply.content
                if has_shown or not await retries.of_unreadable(error):
                    raise
            except ServerError as error:
                if not (reply.is_empty and await retries.of_failure(error)):
                    raise
            else:
                if not shows_text or not retries.of_blank(reply):
                    return reply

    def _taker(self, *, shows_text: bool) -> Callable[[Event], None]:
        def take(event: Event) -> None:
            match event:
                case TextDelta(text):
                    if shows_text:
                        self.shown_size += len(text)
                        self.output.text(text)
                case ReasoningDelta(text):
                    self.output.thinking(text)
                case NoticeRaised(_, text):
                    self.streams.note(text)
                case RetryScheduled(_, delay_s, error):
                    self.streams.note(f"{error.what} Trying again in {delay_s:.1f} s.")
                case _:
                    pass  # The reply itself holds the rest.

        return take
