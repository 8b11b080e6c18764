"""Starts the built-in model's server for a command, if that was requested."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vtcode_tui.config.launch import Launch
from vtcode_tui.headless.streams import Streams


@asynccontextmanager
async def served(launch: Launch, streams: Streams) -> AsyncIterator[tuple[str | None, str | None]]:
    """The address and model of the built-in server, or neither if it was not requested.

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
