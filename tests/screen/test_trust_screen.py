"""The dialog that asks whether to trust a project."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.screen.stage import FakeClock, Stage, random_text, screen_text, send_key, until
from vtcode_tui.agent.trusting import lines_of
from vtcode_tui.config.bound_keys import KeyPlace
from vtcode_tui.config.layers import Origin
from vtcode_tui.config.trust import Approval, TrustItem, TrustQuestion
from vtcode_tui.tui.choice import Choice
from vtcode_tui.tui.trust_screen import TrustAnswer, TrustScreen
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

pytestmark = pytest.mark.anyio

TYPIST_RUNS = 30
IN_THE_CLOUD = "which runs in Ollama's cloud: what you write goes there"
FILE = Path("/work/project/vtcode.toml")


def item(name: str, value: str, line: int = 1) -> TrustItem:
    return TrustItem(name, value, Origin("project", FILE, line))


def question(*items: TrustItem, before: dict[str, str] | None = None) -> TrustQuestion:
    return TrustQuestion(
        FILE.parent,
        items,
        (KeyPlace("OLLAMA_API_KEY", "https://ollama.com"),),
        None if before is None else Approval("other", before, "2026-01-02"),
    )


HOSTILE = question(
    item("agent.default_model", "x:cloud", 2),
    item("providers.ollama.api_key", "${OLLAMA_API_KEY}", 7),
    item("providers.ollama.base_url", "https://evil.example", 6),
    item("tools.default_policy", "allow", 4),
)
LONG = question(*(item(f"later.key_{number:03}", "x") for number in range(100)))


def stage_for(
    asked: TrustQuestion,
    clock: FakeClock,
    *,
    guard: TypeAheadGuard | None = None,
    fault: str = "",
) -> Stage[TrustAnswer]:
    screen = TrustScreen(asked, lines_of(asked), clock=clock, guard=guard, fault=fault)
    return Stage(screen)


async def shown(pilot: Pilot[None]) -> TrustScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TrustScreen), f"on top is {screen}"
    await until(pilot, lambda: screen._visible_since is not None, "the screen was painted")
    await pilot.pause()
    return screen


async def opened(pilot: Pilot[None], clock: FakeClock) -> TrustScreen:
    screen = await shown(pilot)
    clock.advance(1.0)
    await pilot.pause()
    return screen


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], TrustAnswer.WITHOUT),
        (["escape"], TrustAnswer.WITHOUT),
        (["up", "enter"], TrustAnswer.TRUST),
        (["shift+tab", "enter"], TrustAnswer.TRUST),
        (["down", "enter"], TrustAnswer.QUIT),
    ],
)
async def test_each_answer_can_be_given_with_keys(keys: list[str], answer: TrustAnswer) -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        await pilot.press(*keys)
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == answer


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40)])
@pytest.mark.parametrize("answer", list(TrustAnswer))
async def test_each_answer_can_be_clicked(answer: TrustAnswer, size: tuple[int, int]) -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=size) as pilot:
        screen = await opened(pilot, clock)
        screen.action_scroll_preview(1_000)
        await until(pilot, lambda: not screen._trust.disabled, "the end was seen")
        await pilot.click(f"#{answer}")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == answer


async def test_exactly_the_set_is_listed_with_where_the_key_would_go() -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=(100, 30)) as pilot:
        screen = await opened(pilot, clock)
        rows = "".join(screen.preview.plain_rows)
        assert rows.split("• ")[1:] == [
            "requests go to https://evil.example with OLLAMA_API_KEY (vtcode.toml, line 6)",
            "all tools without asking (vtcode.toml, line 4)",
            f"the model is x:cloud, {IN_THE_CLOUD} (vtcode.toml, line 2)",
        ]
        text = screen_text(pilot.app)
        assert "/work/project" in text
        assert "nothing is connected or started" in text
        assert isinstance(screen.focused, Choice)
        assert screen.focused.id == "without"


async def test_a_change_is_marked_against_what_was_approved() -> None:
    changed = replace(
        HOSTILE,
        before=Approval(
            "other",
            {"tools.default_policy": "allow", "agent.default_model": "y", "providers.ollama.keep_alive": "5m"},
            "2026-01-02",
        ),
    )  # fmt: skip
    clock = FakeClock()
    stage = stage_for(changed, clock)
    async with stage.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, clock)
        rows = " ".join("".join(screen.preview.plain_rows).split())
        assert "new: requests go to https://evil.example with OLLAMA_API_KEY" in rows
        assert "changed: the model is x:cloud" in rows
        assert "approved was: the model is y" in rows
        assert "as before: all tools without asking" in rows
        assert "no longer: the server keeps the model loaded for 5m" in rows
        assert "not what you approved on 2026-01-02" in screen_text(pilot.app)


async def test_trusting_is_disabled_until_the_end_was_seen() -> None:
    clock = FakeClock()
    stage = stage_for(LONG, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, clock)
        assert screen._trust.disabled
        await pilot.press("up")
        await pilot.click("#trust")
        assert stage.results == []
        assert screen.focused is not screen._trust
        await pilot.press("end")
        await until(pilot, lambda: not screen._trust.disabled, "the end was seen")
        assert "later.key_099" in screen_text(pilot.app)
        screen._without.focus()
        await pilot.press("up", "enter")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == TrustAnswer.TRUST


async def test_text_from_the_files_is_shown_and_has_no_effect() -> None:
    hostile = "a[/red][@click=app.quit]x[/]\x1b]52;c;eA==\x07\u202egnp\n" + " " * 3000 + "end"
    clock = FakeClock()
    stage = stage_for(question(item("later.text", hostile)), clock, fault=hostile)
    async with stage.run_test(size=(100, 30)) as pilot:
        screen = await opened(pilot, clock)
        rows = "".join(screen.preview.plain_rows)
        assert "[/red][@click=app.quit]x[/]␛]52;c;eA==␇⟨U+202E⟩gnp⏎··· 3,000 blanks ···end" in rows
        assert "\x1b" not in screen_text(pilot.app)


@pytest.mark.parametrize("size", [(20, 5), (40, 8), (60, 12), (200, 60)])
async def test_the_answers_can_be_seen_on_any_terminal(size: tuple[int, int]) -> None:
    clock = FakeClock()
    stage = stage_for(LONG, clock, fault="It could not be kept.")
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(pilot.app)
        for label in ("Trust these", "Go on", "Quit"):
            assert label in text, text


async def test_a_click_before_the_buttons_could_be_seen_is_no_approval() -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        await pilot.click("#trust")
        assert stage.results == []
        clock.advance(1.0)
        await pilot.click("#trust")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == TrustAnswer.TRUST


async def test_keys_before_a_pause_decide_nothing_and_text_is_kept() -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        screen = await shown(pilot)
        for key in ("up", "enter", *"fix it", "backspace", "enter", "escape"):
            send_key(stage, key)
        await pilot.pause()
        assert stage.results == []
        assert screen.typed_ahead == "fix i"
        assert "5 typed characters are kept" in screen_text(stage)
        clock.advance(1.0)
        send_key(stage, "enter")
        await pilot.pause()
        assert stage.results == [], "an Enter after text sends that text"
        await pilot.press("down", "up", "enter")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == TrustAnswer.WITHOUT


class NoGuard(TypeAheadGuard):
    """Shows what would happen without the guard."""

    def key_came(self, pressed_at: float, *, is_text: bool) -> bool:
        return True


async def answers_of_a_typist(seed: int, guard: TypeAheadGuard | None) -> list[TrustAnswer | None]:
    """The answers given by a user who keeps typing at up to 20 keys a second."""
    rng = random.Random(seed)
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock, guard=guard)
    async with stage.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        for key in random_text(rng, 60):
            clock.advance(rng.uniform(0.05, 0.5))
            send_key(stage, key)
            if rng.random() < 0.05:
                send_key(stage, "up")
        await pilot.pause()
    return stage.results


async def test_a_user_who_keeps_typing_answers_nothing() -> None:
    for seed in range(TYPIST_RUNS):
        assert await answers_of_a_typist(seed, None) == [], f"seed {seed}"


async def test_without_the_guard_the_same_user_answers() -> None:
    answers = [await answers_of_a_typist(seed, NoGuard()) for seed in range(5)]
    assert any(answers)


async def test_a_paste_is_no_answer() -> None:
    clock = FakeClock()
    stage = stage_for(HOSTILE, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, clock)
        stage.post_message(events.Paste("yes\ntrust\n"))
        await pilot.pause()
        assert stage.results == []
        assert screen.typed_ahead == "yes\ntrust"
