"""Builds the requests of a conversation: system prompt, messages and offered tools.

Known secrets are replaced in everything that leaves this machine.
"""

from __future__ import annotations

from collections.abc import Callable

from vtcode_tui.agent.calls import CallRunner
from vtcode_tui.agent.masking import masked_messages
from vtcode_tui.agent.model_choice import ModelChoice, Preamble, Prompt, chat_request
from vtcode_tui.conversation.messages import Message, SystemMessage
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.catalogue import runs_elsewhere
from vtcode_tui.ollama.types import ChatRequest, ToolSpec
from vtcode_tui.workspace.known_secrets import KnownSecrets


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """``system_prompt`` is called for each request with whether tools are offered."""

    system_prompt: Callable[[bool], str]
    calls: CallRunner
    secrets: KnownSecrets

    def request(
        self, model: ModelChoice, address: ServerAddress, messages: tuple[Message, ...]
    ) -> ChatRequest:
        """The request to ``model`` at ``address`` for the conversation in ``messages``."""
        return chat_request(model, self._prompt(model, self.masked(model, address, messages)))

    def masked(
        self, model: ModelChoice, address: ServerAddress, messages: tuple[Message, ...]
    ) -> tuple[Message, ...]:
        """``messages`` with known secrets replaced, unless they stay on this machine; a local
        server forwards a cloud model's requests."""
        stays_here = address.is_loopback and not runs_elsewhere(model.name, model.remote_host)
        return messages if stays_here else masked_messages(messages, self.secrets)

    def preamble(self, model: ModelChoice) -> Preamble:
        """The system prompt and tools as ``model`` receives them."""
        sent = chat_request(model, self._prompt(model, ()))
        system = next((m.content for m in sent.messages if isinstance(m, SystemMessage)), "")
        return Preamble(system, sent.tools)

    def tools(self, model: ModelChoice) -> tuple[ToolSpec, ...]:
        """The tools offered to ``model``."""
        if not model.offers_tools:
            return ()
        return tuple(
            ToolSpec(tool.name, tool.description, tool.parameters) for tool in self.calls.offered
        )

    def _prompt(self, model: ModelChoice, messages: tuple[Message, ...]) -> Prompt:
        tools = self.tools(model)
        return Prompt((SystemMessage(self.system_prompt(bool(tools))), *messages), tools)
