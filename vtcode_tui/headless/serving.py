"""The built-in model's server, for a command that was asked to use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vtcode_tui.config.launch import Launch
from vtcode_tui.headless.streams import Streams


@asynccontextmanager
async def served(launch: Launch, streams: Streams) -> AsyncIterator[tuple[str | None, str | None]]:
    """The address and the model of the built-in server, or neither where it was not asked for.

    Raises EmbeddedModelError.
    """
    if not launch.use_embedded:
        yield None, None
        return
    from vtcode_tui.embedded.launcher import EMBEDDED_MODEL, EmbeddedServer

    server = EmbeddedServer()
    try:
        yield await server.start(launch.cache_dir, streams.note), EMBEDDED_MODEL
    finally:
        await server.stop()
