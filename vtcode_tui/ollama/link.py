"""The link to one Ollama server: what models it has and what a model can do. No screen, no policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vtcode_tui.errors import ServerError
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import InstalledModel, ModelDetails, RunningModel


@dataclass(frozen=True, slots=True)
class ModelList:
    """``loaded`` has the models in memory, by name."""

    installed: tuple[InstalledModel, ...]
    loaded: Mapping[str, RunningModel]


class ServerLink:
    """One client and what it learned. ``close`` ends its connections."""

    def __init__(self, address: ServerAddress, api_key: str | None) -> None:
        self.address = address
        self.client = OllamaClient(address, api_key)
        self._known: dict[str, InstalledModel] = {}
        self._details: dict[str, ModelDetails] = {}

    async def models(self) -> ModelList:
        """What is installed and what of it is in memory. Raises ServerError."""
        installed = await self.client.tags()
        try:
            running = await self.client.ps()
        except ServerError:
            running = ()  # A hosted server need not have this call.
        self._known.update({model.name: model for model in installed})
        return ModelList(installed, {model.name: model for model in running})

    async def model(self, name: str) -> InstalledModel:
        """What is known of a model, by the list of models, else by ``/api/show``.

        A model that the server cannot show is one of unknown abilities: the first request to it
        says what is wrong.
        """
        known = self._known.get(name) or self._known.get(f"{name}:latest") or InstalledModel(name)
        if known.capabilities is not None:
            return known
        details = await self.details(name)
        if details is None:
            return known
        known = replace(
            known,
            family=details.family or known.family,
            context_length=details.context_length or known.context_length,
            capabilities=details.capabilities,
        )
        self._known[name] = known
        return known

    async def details(self, name: str) -> ModelDetails | None:
        """What ``/api/show`` says of a model, asked once; None where the server cannot say."""
        if name not in self._details:
            try:
                self._details[name] = await self.client.show(name)
            except ServerError:
                return None
        return self._details[name]

    async def close(self) -> None:
        await self.client.aclose()
