"""Remedies after a failed turn: the dialog offers them, and Enter takes the first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, installed_model, reply
from tests.screen.scenes import make_app, wait_for
from vtcode_tui.errors import ModelNotFound, NotAuthorised, ServerBusy
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.remedies import remedy_for

LINK = "https://ollama.com/connect?name=host&key=abc"


def app_for(server: FakeOllama, model: str, state_dir: Path) -> VtcodeApp:
    """An app that saves an unsent prompt in ``state_dir`` for the next start."""
    return make_app(server.url, model=model, theme="textual-dark", state_dir=state_dir)


async def ask(pilot: Pilot[int], model: str) -> None:
    await wait_for(pilot, f"ready · {model}")
    await pilot.press(*"Hello", "enter")


def sent(server: FakeOllama) -> list[tuple[str, list[str]]]:
    """Model and user messages of each chat request."""
    bodies = [request.body for request in server.chats if request.body is not None]
    return [
        (body["model"], [m["content"] for m in body["messages"] if m["role"] == "user"])
        for body in bodies
    ]


@pytest.mark.anyio
async def test_enter_accepts_the_corrected_model_name_and_the_prompt_is_sent_again(
    server: FakeOllama, tmp_path: Path
) -> None:
    server.models.append(installed_model("gpt-oss:20b", "tools", "thinking", family="gptoss"))
    app = app_for(server, "gpt-oss-20b", tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "gpt-oss-20b")
        await wait_for(pilot, "› Use that")
        server.script(reply("Here I am."))
        await pilot.press("enter")
        await wait_for(pilot, "Here I am.")
        await wait_for(pilot, "ready · gpt-oss:20b")
    assert sent(server) == [("gpt-oss-20b", ["Hello"]), ("gpt-oss:20b", ["Hello"])]


@pytest.mark.anyio
async def test_a_missing_model_is_pulled_after_confirmation(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_for(server, "gpt-oss-20b", tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "gpt-oss-20b")
        await wait_for(pilot, "› Get it")
        await pilot.press("enter")
        await wait_for(pilot, "Pull gpt-oss:20b?")
        server.script(reply("Here I am."))
        await pilot.press("enter")
        await wait_for(pilot, "Here I am.")
    assert sent(server)[-1] == ("gpt-oss:20b", ["Hello"])


@pytest.mark.anyio
async def test_another_model_can_be_chosen_or_the_offer_declined(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_for(server, "nobody/has:this", tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "nobody/has:this")
        await wait_for(pilot, "Choose another")
        await pilot.press("escape")
        await wait_for(pilot, "ready · nobody/has:this")
        await pilot.press(*"/retry", "enter")
        await wait_for(pilot, "Choose another")
        await pilot.press("down", "enter")
        await wait_for(pilot, "4 installed")
        server.script(reply("Here I am."))
        await pilot.press(*"llama3", "enter")
        await wait_for(pilot, "Here I am.")
    assert sent(server)[-1] == ("llama3:8b", ["Hello"])


@pytest.mark.anyio
@pytest.mark.parametrize("display", [":0", ""])
async def test_the_sign_in_page_is_shown_and_opened_and_then_tried_again(
    server: FakeOllama, tmp_path: Path, display: str
) -> None:
    """The page opens like every address: in a browser that does not use this terminal."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\nprintf %s \"$1\" >'{opened}'\n")
    browser.chmod(0o700)
    model = "glm-4.6:cloud"
    host = "https://ollama.com:443" if display else ""
    server.models.append(installed_model(model, "tools", remote_host=host))
    server.script(reply(status=401, error="unauthorized", error_fields={"signin_url": LINK}))
    app = app_for(server, model, tmp_path)
    environ = {**app.launch.environ, "DISPLAY": display, "BROWSER": str(browser)}
    app = VtcodeApp(replace(app.launch, environ=environ))
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, model)
        screen = await wait_for(pilot, "› Open the page" if display else "› Copy the address")
        assert LINK in screen
        assert "· cloud ·" in screen, "also where only its name tells that it is elsewhere"
        await pilot.press("enter")
        await wait_for(pilot, "› Try again")
        assert (opened.exists(), app.clipboard) == ((True, "") if display else (False, LINK))
        assert not display or opened.read_text() == LINK
        server.script(reply("Signed in."))
        await pilot.press("enter")
        await wait_for(pilot, "Signed in.")
    assert sent(server) == [(model, ["Hello"]), (model, ["Hello"])]


@pytest.mark.anyio
async def test_typing_closes_the_offer_and_loses_no_letter(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_for(server, "gpt-oss-20b", tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "gpt-oss-20b")
        await wait_for(pilot, "› Get it")
        await pilot.press(*"next thing")
        screen = await wait_for(pilot, "next thing")
        assert "› Get it" not in screen
    assert len(server.chats) == 1


def test_only_errors_with_a_remedy_get_an_offer() -> None:
    found = ModelNotFound("It is not there.")
    assert remedy_for(ServerBusy("Busy."), "m") is None
    assert remedy_for(NotAuthorised("No."), "m") is None
    assert [way.name for way in remedy_for(found, "m").ways] == ["pull", "choose"]  # type: ignore[union-attr]
    hosted = remedy_for(found, "old-model", is_cloud_host=True)
    assert hosted is not None
    assert [(way.name, way.detail) for way in hosted.ways] == [("choose", "from the host's list")]
    cloud = remedy_for(found, "old:cloud")
    assert cloud is not None
    assert [way.name for way in cloud.ways] == ["pull", "choose"]
