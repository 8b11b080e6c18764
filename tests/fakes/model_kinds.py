"""The kinds of models there are, each as a fake server has it and as it must be asked."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.ollama_server import FakeOllama, installed_model


@dataclass(frozen=True)
class ModelKind:
    """``thinks`` is what goes on the wire for an effort, None for nothing. ``takes_tools`` says that
    the server renders tools for it; ``has_ids`` that calls come with ids."""

    label: str
    model: str
    takes_tools: bool
    thinks: dict[str, bool | str | None]
    is_old: bool = False

    @property
    def is_cloud(self) -> bool:
        return self.label == "cloud"

    @property
    def thinks_natively(self) -> bool:
        return any(self.thinks.values())

    def put_on(self, server: FakeOllama) -> None:
        """Makes ``server`` one that has the model and is as old as the kind says."""
        server.hides_capabilities = self.is_old
        if self.label == "levels only":
            server.models.append(installed_model(self.model, "tools", "thinking", family="gptoss"))
        if self.is_cloud:
            server.models.append(
                installed_model(
                    self.model,
                    "tools",
                    "thinking",
                    size=384,
                    remote_model="glm-4.6",
                    remote_host="https://ollama.com:443",
                )
            )


_SWITCH: dict[str, bool | str | None] = {"none": False, "high": True}
_NOT: dict[str, bool | str | None] = {"none": None, "high": None}

KINDS = (
    ModelKind("no tools", "llama3:8b", takes_tools=False, thinks=_NOT),
    ModelKind("tools", "qwen3-coder:30b", takes_tools=True, thinks=_NOT),
    ModelKind("tools and thinking", "qwen3:1.7b", takes_tools=True, thinks=_SWITCH),
    ModelKind("levels only", "gpt-oss:20b", True, {"none": "low", "high": "high"}),
    # What is not known is tried, so "none" is sent; "high" is refused and then left out.
    ModelKind("old server", "llama3:8b", False, {"none": False, "high": None}, is_old=True),
    ModelKind("cloud", "glm-4.6:cloud", takes_tools=True, thinks=_SWITCH),
)
