"""What a link learns of a model, and for how long it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.link import ServerLink

pytestmark = pytest.mark.anyio


@pytest.fixture
async def link(server: FakeOllama) -> AsyncIterator[ServerLink]:
    link = ServerLink(parse_address(server.url), None)
    yield link
    await link.close()


def shows(server: FakeOllama) -> int:
    return sum(request.path == "/api/show" for request in server.requests)


async def test_abilities_come_from_the_list_where_it_has_them(
    link: ServerLink, server: FakeOllama
) -> None:
    await link.models()
    model = await link.model("qwen3:1.7b")
    assert model.capabilities == frozenset({"completion", "tools", "thinking"})
    assert shows(server) == 0


async def test_without_a_list_abilities_are_asked_for_once(
    link: ServerLink, server: FakeOllama
) -> None:
    for _ in range(3):
        model = await link.model("llama3:8b")
    assert model.capabilities == frozenset({"completion"})
    assert not model.may_have("tools")
    assert shows(server) == 1


async def test_a_name_without_its_tag_is_the_same_model(
    link: ServerLink, server: FakeOllama
) -> None:
    server.models.append(installed_model("mine:latest", "tools"))
    await link.models()
    assert (await link.model("mine")).name == "mine:latest"


async def test_an_old_server_names_none_and_what_it_refused_is_kept(
    link: ServerLink, server: FakeOllama
) -> None:
    server.hides_capabilities = True
    model = await link.model("llama3:8b")
    assert model.capabilities is None
    assert model.may_have("tools")
    link.note_refusal("llama3:8b", "tools")
    await link.models()
    model = await link.model("llama3:8b")
    assert not model.may_have("tools")
    assert model.may_have("thinking")
    listed = (await link.models()).installed[0]
    assert listed.refused == {"tools"}


async def test_another_digest_is_another_model(link: ServerLink, server: FakeOllama) -> None:
    server.hides_capabilities = True
    await link.models()
    await link.model("llama3:8b")
    link.note_refusal("llama3:8b", "tools")
    assert shows(server) == 1
    server.models[0]["digest"] = "0" * 64
    await link.models()
    assert (await link.model("llama3:8b")).may_have("tools")
    assert shows(server) == 2


async def test_a_model_the_server_cannot_show_is_of_unknown_abilities(link: ServerLink) -> None:
    model = await link.model("nobody:1b")
    assert (model.name, model.capabilities) == ("nobody:1b", None)
