"""One Ollama server: its models and what they can do. No screen, no policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vtcode_tui.errors import ServerError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import InstalledModel, ModelDetails, RunningModel


@dataclass(frozen=True, slots=True)
class ModelList:
    """The installed models; ``loaded`` has those in memory, by name."""

    installed: tuple[InstalledModel, ...]
    loaded: Mapping[str, RunningModel]


@dataclass(slots=True)
class _Learned:
    """What is known about a model. ``digest`` is empty if it was unknown at that time."""

    digest: str
    details: ModelDetails | None = None
    refused: frozenset[str] = frozenset()


class ServerLink:
    """A client and a cache of model facts, valid as long as the model's digest is the same.

    ``close`` closes its connections.
    """

    def __init__(self, address: ServerAddress, api_key: str | None) -> None:
        self.address = address
        self.client = OllamaClient(address, api_key)
        self._listed: dict[str, InstalledModel] = {}
        self._learned: dict[str, _Learned] = {}

    async def models(self) -> ModelList:
        """The installed models and those in memory. Raises ServerError."""
        installed = await self.client.tags()
        try:
            running = await self.client.ps()
        except ServerError:
            running = ()  # A hosted server need not have this call.
        self._listed = {model.name: model for model in installed}
        return ModelList(
            tuple(self._with_refusals(model) for model in installed),
            {model.name: model for model in running},
        )

    async def model(self, name: str) -> InstalledModel:
        """What is known about a model, from the list of models, else from ``/api/show``.

        An old server reports no capabilities: features that it refuses are noted by
        ``note_refusal``. A model that the server cannot show has unknown capabilities; the first
        request reports the error.
        """
        known = self._with_refusals(self._in_list(name))
        if known.capabilities is not None:
            return known
        details = await self.details(name)
        if details is None:
            return known
        return replace(
            known,
            family=details.family or known.family,
            context_length=details.context_length or known.context_length,
            capabilities=details.capabilities,
            remote_host=details.remote_host or known.remote_host,
        )

    async def details(self, name: str) -> ModelDetails | None:
        """The answer of ``/api/show``, cached; None if the server cannot give it."""
        learned = self._learned_of(name)
        if learned.details is None:
            try:
                learned.details = await self.client.show(name)
            except ServerError:
                return None
        return learned.details

    def digest_of(self, name: str) -> str:
        """The model's digest in the last list, or empty."""
        return self._in_list(name).digest

    def note_refusal(self, name: str, feature: str) -> None:
        """Remember that the server refused ``feature`` (``tools``, ``thinking``) for the model."""
        learned = self._learned_of(name)
        learned.refused |= {feature}

    def _in_list(self, name: str) -> InstalledModel:
        return self._listed.get(name) or self._listed.get(f"{name}:latest") or InstalledModel(name)

    def _with_refusals(self, model: InstalledModel) -> InstalledModel:
        return replace(model, refused=self._learned_of(model.name).refused)

    def _learned_of(self, name: str) -> _Learned:
        listed = self._in_list(name)
        learned = self._learned.get(listed.name)
        if learned is None or (learned.digest and learned.digest != listed.digest):
            learned = self._learned[listed.name] = _Learned(listed.digest)
        learned.digest = listed.digest
        return learned

    async def close(self) -> None:
        await self.client.aclose()
