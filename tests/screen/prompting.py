"""Prompts that tests write and send, and what of them is sent."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.driving import chat_of, until

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 12 + b"IEND\xaeB`\x82"


async def write(pilot: Pilot[int], text: str) -> None:
    """Type, and wait until it is there: what comes with the keys is settled."""
    composer = chat_of(pilot).composer
    wanted = composer.text + text
    await pilot.press(*["space" if each == " " else each for each in text])
    await until(pilot, lambda: composer.text == wanted, f"{wanted!r} is typed")


async def send(pilot: Pilot[int], text: str) -> None:
    await write(pilot, text)
    await pilot.press("enter")
    await until(pilot, lambda: not chat_of(pilot).composer.text, "it was sent")


def sent(server: FakeOllama, chat: int = -1) -> dict[str, Any]:
    """The last message of a request."""
    body = server.chats[chat].body
    assert body is not None
    message = body["messages"][-1]
    assert isinstance(message, dict)
    return message
