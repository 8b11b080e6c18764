"""Keys configured in ``[ui.keys]``; invalid ones are errors with file, key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama
from tests.screen.places import app_in, screen_text, wait_for
from vtcode_tui.config.load import LoadedConfig, Trust, load_config
from vtcode_tui.errors import ConfigError
from vtcode_tui.tui.actions import ACTIONS
from vtcode_tui.tui.keymap import actions_with_keys, changed_keys, normal_key


def load(tmp_path: Path, keys: str) -> LoadedConfig:
    (tmp_path / "vtcode.toml").write_text(f"[ui.keys]\n{keys}\n", encoding="utf-8")
    return load_config(
        cli={},
        environ={},
        workspace=tmp_path,
        user_config_dir=tmp_path / "config",
        trust=Trust(everything=True),
    )


def refused(tmp_path: Path, keys: str) -> str:
    with pytest.raises(ConfigError) as caught:
        actions_with_keys(load(tmp_path, keys))
    text = str(caught.value)
    assert f"{tmp_path / 'vtcode.toml'}, line 2" in text
    assert caught.value.why
    assert caught.value.advice
    return text


def test_default_keys_are_those_of_the_table_of_actions(tmp_path: Path) -> None:
    actions = actions_with_keys(load(tmp_path, ""))
    assert actions == ACTIONS
    assert changed_keys(actions) == {}


def test_a_key_and_a_list_of_keys_take_the_place_of_the_default(tmp_path: Path) -> None:
    actions = actions_with_keys(
        load(tmp_path, 'pick_model = "Ctrl+B"\ntoggle_thinking = ["F4", "alt+t"]')
    )
    assert changed_keys(actions) == {"pick_model": "ctrl+b", "toggle_thinking": "f4,alt+t"}


def test_two_actions_can_swap_keys(tmp_path: Path) -> None:
    actions = actions_with_keys(load(tmp_path, 'pick_model = "ctrl+t"\ntoggle_thinking = "ctrl+o"'))
    assert changed_keys(actions) == {"pick_model": "ctrl+t", "toggle_thinking": "ctrl+o"}


def test_an_unknown_action_suggests_the_nearest(tmp_path: Path) -> None:
    text = refused(tmp_path, 'pik_model = "ctrl+l"')
    assert "no action pik_model" in text
    assert "Did you mean pick_model?" in text


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ('pick_model = "ctrl+t"', "It is the key of toggle_thinking."),
        ('pick_model = "f4"\ntoggle_thinking = "f4"', "It is the key of pick_model ("),
        ('pick_model = "ctrl+q"', "It is the key of leave."),
        ('cursor_up = "down"', "It is the key of cursor_down."),
        ('pick_model = ["f4", "f4"]', "twice"),
    ],
)
def test_a_key_that_would_do_two_things_is_refused(tmp_path: Path, keys: str, why: str) -> None:
    assert why in refused(tmp_path, keys)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("x", "a character that prompts are written with"),
        ("shift+x", "a character that prompts are written with"),
        ("enter", "a character that prompts are written with"),
        ("ctrl+a", "edits the prompt"),
        ("ctrl+m", "A terminal sends the same for Ctrl+M and Enter"),
        ("ctrl+i", "the same for Ctrl+I and Tab"),
        ("hyper+nonsense", "not the name of a key"),
        ("ctrl+ctrl+x", "not the name of a key"),
        ("[red]", "not the name of a key"),
    ],
)
def test_a_key_that_could_never_work_is_refused(tmp_path: Path, key: str, why: str) -> None:
    assert why in refused(tmp_path, f'pick_model = "{key}"')


def test_the_conversation_can_have_keys_that_are_letters(tmp_path: Path) -> None:
    actions = actions_with_keys(load(tmp_path, 'cursor_down = ["down", "j"]\ncursor_up = "k"'))
    assert changed_keys(actions) == {"cursor_down": "down,j", "cursor_up": "k"}


def test_a_fixed_row_and_an_empty_list_are_refused(tmp_path: Path) -> None:
    assert "It is always Enter." in refused(tmp_path, 'send = "f5"')
    assert "The list is empty." in refused(tmp_path, "pick_model = []")


@pytest.mark.parametrize(
    ("text", "key"),
    [("Shift+Ctrl+X", "ctrl+shift+x"), ("?", "question_mark"), ("esc", "escape"), ("PgUp", "pageup"),
     ("alt+,", "alt+comma"), ("F12", "f12"), ("space", "space"), ("question_mark", "question_mark")],
)  # fmt: skip
def test_keys_are_parsed_in_common_notations(text: str, key: str) -> None:
    assert normal_key(text) == key


@pytest.mark.anyio
async def test_the_changed_key_works_the_old_one_does_not_and_the_help_says_so(
    tmp_path: Path,
) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url, '[ui.keys]\nshow_help = "f3"\ntoggle_thinking = "f1"\n')
        async with app.run_test(size=(100, 80), notifications=True) as pilot:
            await wait_for(pilot, "ready · ")
            await pilot.press("f1")
            await pilot.pause()
            assert "Commands and keys" not in screen_text(pilot)
            await pilot.press("f3")
            screen = await wait_for(pilot, "Commands and keys")
            assert "/thinking, F1" in screen
