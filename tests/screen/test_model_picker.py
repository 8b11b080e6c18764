"""The model picker and the effort dialog."""

from __future__ import annotations

import time

import pytest
from textual import events

from tests.fakes.ollama_server import FakeOllama
from tests.screen.scenes import make_app, wait_for
from tests.screen.stage import Stage, screen_text, until
from vtcode_tui.ollama.catalogue import FIRST_MODEL
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.effort_picker import EffortPicker
from vtcode_tui.tui.model_list import ModelList
from vtcode_tui.tui.model_picker import ModelPicker
from vtcode_tui.tui.model_rows import CUSTOM_NAME, ModelRow, PickedModel, grouped, search

pytestmark = pytest.mark.anyio

ROWS = (
    ModelRow(
        "qwen3:8b",
        "installed",
        "8.2B",
        "Q4_K_M",
        5_200_000_000,
        40_960,
        frozenset({"tools", "thinking"}),
        loaded=True,
    ),
    ModelRow("llama3:8b", "installed", "8.0B", "Q4_0", 4_700_000_000, 8_192),
    ModelRow("qwen2.5vl:7b", "installed", "8.3B", badges=frozenset({"vision"})),
    ModelRow("glm-4.6:cloud", "cloud", "355B", remote=True),
    ModelRow("qwen3-coder:30b", "not installed", "30B", size_bytes=19_000_000_000),
)


def stage_for(picker: ModelPicker) -> Stage[PickedModel | None]:
    return Stage(picker)


async def test_rows_are_grouped_with_all_their_facts() -> None:
    stage = stage_for(ModelPicker(ROWS, "llama3:8b"))
    async with stage.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "custom-ollama" in screen_text(stage), "the rows")
        text = screen_text(stage)
    order = ["Installed", "qwen3:8b", "Cloud", "glm-4.6:cloud", "Not installed", "custom-ollama"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    row = next(line for line in text.splitlines() if " qwen3:8b" in line)
    assert [*row.replace("▌", "").split()] == [
        "●", "qwen3:8b", "8.2B", "Q4_K_M", "5.2", "GB", "40k", "tools", "think",
    ]  # fmt: skip
    current = next(line for line in text.splitlines() if " llama3:8b" in line)
    assert "›" in current
    assert "✓" in current


@pytest.mark.parametrize(("size", "shows_rate"), [((80, 24), False), ((120, 40), True)])
async def test_a_row_says_whether_it_fits_and_the_note_has_the_numbers(
    size: tuple[int, int], shows_rate: bool
) -> None:
    rows = (
        ModelRow(
            "qwen3:8b", "installed", "8.2B", "Q4_K_M", 5_200_000_000, 40_960,
            frozenset({"tools", "thinking", "vision"}),
            fit="fits", need="needs 6.1 GB of 16 GB", rate="34 tok/s",
            speed="34 tok/s, loads in 4 s here",
        ),
        ModelRow("gpt-oss:120b", "not installed", "120B", size_bytes=65 * 10**9, fit="too large",
                 need="needs about 78 GB of 16 GB"),
    )  # fmt: skip
    stage = stage_for(ModelPicker(rows))
    async with stage.run_test(size=size) as pilot:
        await until(pilot, lambda: "needs 6.1 GB of 16 GB" in screen_text(stage), "the note")
        lines = screen_text(stage).splitlines()
        row = next(line for line in lines if "5.2 GB" in line)
        assert "tools think vision  fits" in row
        assert ("34 tok/s" in row) is shows_rate
        assert len(row) <= size[0]
        assert any("loads in 4 s here" in line for line in lines)
        await pilot.press("down")
        await until(pilot, lambda: "enter pulls it · needs about 78 GB" in screen_text(stage), "it")
        assert "too large" in screen_text(stage)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_columns_are_aligned(size: tuple[int, int]) -> None:
    stage = stage_for(ModelPicker(ROWS))
    async with stage.run_test(size=size) as pilot:
        await until(pilot, lambda: "8.2B" in screen_text(stage), "the rows")
        lines = screen_text(stage).splitlines()
    ends = {
        line.index(text) + len(text)
        for text in ("8.2B", "8.0B", "355B")
        for line in lines
        if text in line
    }
    assert len(ends) == 1
    sizes = {line.index(" GB") for line in lines if " GB" in line}
    assert len(sizes) == 1


async def test_enter_picks_the_highlighted_row_after_arrows() -> None:
    stage = stage_for(ModelPicker(ROWS, "qwen3:8b"))
    async with stage.run_test() as pilot:
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("llama3:8b", save=False, kind="installed")


async def test_up_from_the_first_goes_to_the_last() -> None:
    stage = stage_for(ModelPicker(ROWS, "qwen3:8b"))
    async with stage.run_test() as pilot:
        await pilot.press("up")
        models = stage.screen.query_one(ModelList)
        assert models.highlighted is not None
        assert models.highlighted.name == CUSTOM_NAME
        await pilot.press("pageup")
        assert models.highlighted.name == "qwen3:8b"


async def test_typing_filters_fuzzily_and_the_best_is_picked() -> None:
    stage = stage_for(ModelPicker(ROWS, "llama3:8b"))
    async with stage.run_test() as pilot:
        await pilot.press(*"qwcod")
        await until(
            pilot, lambda: "llama3:8b" not in screen_text(stage).split("enter use")[0], "a filter"
        )
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("qwen3-coder:30b", save=False, kind="not installed")


async def test_escape_keeps_the_current_model() -> None:
    stage = stage_for(ModelPicker(ROWS, "llama3:8b"))
    async with stage.run_test() as pilot:
        await pilot.press("down", "escape")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result is None


async def test_ctrl_s_picks_and_asks_to_save() -> None:
    stage = stage_for(ModelPicker(ROWS, "qwen3:8b"))
    async with stage.run_test() as pilot:
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("qwen3:8b", save=True, kind="installed")


async def test_a_click_picks_the_row_under_the_mouse() -> None:
    stage = stage_for(ModelPicker(ROWS, "qwen3:8b"))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "glm-4.6:cloud" in screen_text(stage), "the rows")
        lines = screen_text(stage).splitlines()
        y = next(index for index, line in enumerate(lines) if "glm-4.6:cloud" in line)
        await pilot.click(offset=(12, y))
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("glm-4.6:cloud", save=False, kind="cloud")


async def test_a_click_on_a_heading_picks_nothing() -> None:
    stage = stage_for(ModelPicker(ROWS, "qwen3:8b"))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Cloud" in screen_text(stage), "the rows")
        lines = screen_text(stage).splitlines()
        y = next(index for index, line in enumerate(lines) if "Cloud" in line)
        await pilot.click(offset=(8, y))
        await pilot.pause()
        assert stage.results == []


@pytest.mark.parametrize(("key", "save"), [("enter", False), ("ctrl+s", True)])
async def test_any_id_can_be_typed_verbatim_and_is_taken_once_it_was_said_to_be_missing(
    key: str, save: bool
) -> None:
    stage = stage_for(ModelPicker(ROWS))
    async with stage.run_test() as pilot:
        await pilot.press(*"my/own:1b x[b]", "space")
        await until(pilot, lambda: "use my/own:1b x[b]" in screen_text(stage), "the row says so")
        await pilot.press(key)
        missing = 'The server has no model "my/own:1b x[b]".'
        await until(pilot, lambda: missing in screen_text(stage), "a doubt")
        assert "/pull 'my/own:1b x[b]'" in screen_text(stage)
        assert stage.results == []
        await pilot.press(key)
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("my/own:1b x[b]", save=save, kind="custom")


async def test_an_id_that_is_missing_can_be_pulled_or_written_anew() -> None:
    stage = stage_for(ModelPicker(ROWS))
    async with stage.run_test() as pilot:
        await pilot.press(*"own:1b", "enter")
        await until(pilot, lambda: "has no model" in screen_text(stage), "a doubt")
        await pilot.press("escape")
        await until(pilot, lambda: "has no model" not in screen_text(stage), "it is taken back")
        await pilot.press("enter", "x")
        await until(pilot, lambda: "use own:1bx" in screen_text(stage), "another id")
        assert "has no model" not in screen_text(stage)
        await pilot.press("ctrl+g", "enter", "ctrl+g")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("own:1bx", save=False, kind="not installed")


@pytest.mark.parametrize("typed", ["embedder", "own:1b"])
async def test_what_the_server_has_without_a_row_is_taken_at_once(typed: str) -> None:
    picker = ModelPicker(None)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        await until(pilot, lambda: "loading…" in screen_text(stage), "a word of patience")
        picker.also_there = frozenset({"embedder:latest", "own:1b"})
        picker.set_rows(ROWS)
        await pilot.press(*typed, "enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel(typed, save=False, kind="custom")


async def test_enter_while_the_list_loads_opens_nothing() -> None:
    picker = ModelPicker(None)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        await until(pilot, lambda: "loading…" in screen_text(stage), "a word of patience")
        await pilot.press("enter")
        await until(pilot, lambda: "still loading…" in screen_text(stage), "what it waits for")
        assert not stage.screen.has_class("-custom")
        picker.set_rows(ROWS)
        await until(pilot, lambda: "3 installed" in screen_text(stage), "the rows")
        assert stage.results == []


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("qwen3:8b", "picked"), ("qwen", "the rows"), ("own:1b", "a doubt")],
)
async def test_enter_after_an_id_waits_for_the_list(typed: str, wanted: str) -> None:
    picker = ModelPicker(None)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        await pilot.press(*typed, "enter")
        await until(pilot, lambda: f"then {typed}…" in screen_text(stage), "it waits")
        picker.set_rows(ROWS)
        if wanted == "picked":
            await until(pilot, lambda: bool(stage.results), "a pick")
            assert stage.only_result == PickedModel("qwen3:8b", save=False, kind="custom")
            return
        await until(pilot, lambda: "3 installed" in screen_text(stage), "the rows")
        await until(
            pilot, lambda: ("has no model" in screen_text(stage)) == (wanted == "a doubt"), wanted
        )
        assert stage.results == []


async def test_without_a_list_any_id_is_taken_at_once() -> None:
    picker = ModelPicker(None)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        picker.set_rows((), fault="No server answers")
        await pilot.press(*"own:1b", "enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("own:1b", save=False, kind="custom")


async def test_what_was_typed_to_find_the_custom_row_is_no_part_of_the_id() -> None:
    stage = stage_for(ModelPicker(ROWS))
    async with stage.run_test() as pilot:
        await pilot.press(*"cust", "enter")
        await until(pilot, lambda: stage.screen.has_class("-custom"), "the field is open")
        await pilot.press(*"my/own:1b", "enter", "enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("my/own:1b", save=False, kind="custom")


async def test_escape_in_the_field_goes_back_and_an_empty_id_is_not_taken() -> None:
    stage = stage_for(ModelPicker(ROWS))
    async with stage.run_test() as pilot:
        await pilot.press("up", "enter", "enter")
        await pilot.pause()
        assert stage.results == []
        assert stage.screen.has_class("-custom")
        await pilot.press("escape")
        assert not stage.screen.has_class("-custom")
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result is None


async def test_where_none_is_installed_the_one_to_get_is_offered_and_no_cloud_model() -> None:
    rows = [
        ModelRow("a:cloud", "cloud"),
        *(ModelRow(n, "not installed") for n in ("b:1b", FIRST_MODEL)),
    ]
    stage = stage_for(ModelPicker(rows))
    async with stage.run_test() as pilot:
        await until(pilot, lambda: f"›   {FIRST_MODEL}" in screen_text(stage), "the highlight")
        assert "none installed yet: enter pulls one" in screen_text(stage)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel(FIRST_MODEL, save=False, kind="not installed")


async def test_rows_can_come_later_and_keep_what_was_typed() -> None:
    picker = ModelPicker(None, "llama3:8b")
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        await until(pilot, lambda: "loading…" in screen_text(stage), "a word of patience")
        assert CUSTOM_NAME in screen_text(stage)
        await pilot.press(*"vl")
        picker.set_rows(ROWS)
        await until(pilot, lambda: "qwen2.5vl:7b" in screen_text(stage), "the filtered rows")
        assert "llama3:8b  " not in screen_text(stage)
        assert "3 installed" in screen_text(stage)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("qwen2.5vl:7b", save=False, kind="installed")


async def test_rows_may_be_set_before_it_is_shown_and_after_it_is_gone() -> None:
    picker = ModelPicker(None, "llama3:8b")
    picker.set_rows(ROWS)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        await until(pilot, lambda: "qwen3:8b" in screen_text(stage), "the rows")
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "an end")
        picker.set_rows(ROWS[:1])
        await pilot.pause()


async def test_a_fault_is_told_and_the_rest_can_still_be_picked() -> None:
    picker = ModelPicker(None)
    stage = stage_for(picker)
    async with stage.run_test() as pilot:
        picker.set_rows(ROWS[3:], fault="No server answers at [/red]http://x")
        await until(pilot, lambda: "No server answers at [/red]http" in screen_text(stage), "why")
        assert "glm-4.6:cloud" in screen_text(stage)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_hostile_and_long_names_are_cleaned_and_cut(size: tuple[int, int]) -> None:
    rows = (
        ModelRow("evil\x1b[2J[/red]\u202e", "installed", "1B\x1b", "\nQ", 1, 1),
        ModelRow("n" * 300, "installed", "1B", "Q4_K_M", 10**12, 10**7),
    )
    stage = stage_for(ModelPicker(rows))
    async with stage.run_test(size=size) as pilot:
        await until(pilot, lambda: "evil" in screen_text(stage), "the rows")
        text = screen_text(stage)
        assert "evil␛[2J" in text
        assert "nnnn…" in text
        assert text.replace("\n", "").isprintable()
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == PickedModel("evil\x1b[2J[/red]\u202e", False, "installed")


async def test_five_hundred_rows_are_filtered_at_once() -> None:
    rows = [ModelRow(f"family{n % 7}/model-{n}:{n}b", "installed", f"{n}B") for n in range(500)]
    stage = stage_for(ModelPicker(rows))
    async with stage.run_test(size=(120, 40)) as pilot:
        models = stage.screen.query_one(ModelList)
        start = time.process_time()
        for query in ("m", "mo", "mod4", "zz", ""):
            models.set_query(query)
        assert time.process_time() - start < 0.5
        await pilot.press("end")
        assert models.virtual_size.height > 500


def names(query: str, *candidates: str) -> list[str]:
    rows = [ModelRow(name, "installed") for name in candidates]
    return [hit.row.name for _, hits in grouped(search(rows, query)) for hit in hits]


def test_a_prefix_goes_before_a_word_before_an_inside_before_scattered_letters() -> None:
    assert names("cod", "c-o-d", "mycode", "my-code", "code") == [
        "code",
        "my-code",
        "mycode",
        "c-o-d",
    ]


def test_every_word_must_match_and_case_does_not_matter() -> None:
    assert names("QWEN 8b", "qwen3:8b", "qwen3:4b", "llama3:8b") == ["qwen3:8b"]


def test_the_custom_row_is_always_found() -> None:
    rows = [ModelRow("a", "installed"), ModelRow(CUSTOM_NAME, "custom")]
    assert [hit.row.name for hit in search(rows, "zzz")] == [CUSTOM_NAME]


def test_search_takes_linear_time_on_a_hostile_name() -> None:
    rows = [ModelRow("a" * 100_000, "installed")]
    start = time.process_time()
    assert search(rows, "a" * 40 + "b") == []
    search(rows, "aaaa aaaa")
    assert time.process_time() - start < 1.0


async def test_an_effort_is_picked_with_keys_and_with_the_mouse() -> None:
    for by_mouse in (False, True):
        picker = EffortPicker(["none", "low", "medium", "high", "max"], "medium", model="[/b]m")
        stage: Stage[str | None] = Stage(picker)
        async with stage.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "medium ✓" in screen_text(stage), "the current one")  # noqa: B023
            assert "Effort for [/b]m" in screen_text(stage)
            if by_mouse:
                await pilot.click("#effort-3")
            else:
                await pilot.press("down", "enter")
            await until(pilot, lambda: bool(stage.results), "a pick")  # noqa: B023
        assert stage.only_result == "high"


@pytest.mark.parametrize(
    ("choices", "wanted"), [(["none", "medium"], "medium"), (["none"], "none")]
)
async def test_without_an_effort_the_focus_is_on_the_usual_one(
    choices: list[str], wanted: str
) -> None:
    stage: Stage[str | None] = Stage(EffortPicker(choices))
    async with stage.run_test(size=(40, 12)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "a pick")
    assert stage.only_result == wanted


async def test_what_is_typed_into_the_question_of_the_effort_is_a_prompt() -> None:
    with FakeOllama() as server:
        app = make_app(server.url, model=None, theme="textual-dark")
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, "Choose a model")
            await pilot.press(*"qwen3:1.7b", "enter")
            await wait_for(pilot, "Effort for")
            for key in "Why?":
                app.post_message(events.Key(key, key))
            await wait_for(pilot, "Why?")
            await wait_for(pilot, "ready · qwen3:1.7b")
            assert app.screen.query_one(Composer).text == "Why?"


async def test_escape_keeps_the_effort() -> None:
    stage: Stage[str | None] = Stage(EffortPicker(["none", "medium"]))
    async with stage.run_test(size=(40, 10)) as pilot:
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result is None
