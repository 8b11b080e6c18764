"""The composer: editing, history, pastes and cleaning."""

from __future__ import annotations

import time

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.screen.stage import screen_text, send_key, until
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.folding_area import clean_input
from vtcode_tui.tui.pasted_images import image_paste

pytestmark = pytest.mark.anyio


class ComposerStage(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.pictures: list[str] = []

    def compose(self) -> ComposeResult:
        yield Composer()

    def on_mount(self) -> None:
        self.composer.focus()

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @on(Composer.Submitted)
    def keep(self, message: Composer.Submitted) -> None:
        self.sent.append(message.text)

    @on(Composer.ImagePasted)
    def keep_picture(self, message: Composer.ImagePasted) -> None:
        self.pictures.append(message.text)


async def paste(pilot: Pilot[None], composer: Composer, text: str) -> None:
    before = composer.text
    pilot.app.post_message(events.Paste(text))
    await until(pilot, lambda: composer.text != before, "the paste arrived")


async def test_enter_sends_and_empties() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        await pilot.press(*"hello", "enter")
        await until(pilot, lambda: bool(stage.sent), "the text was sent")
        assert stage.sent == ["hello"]
        assert stage.composer.text == ""


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_blank_text_is_not_sent(text: str) -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.composer.load_draft(text)
        await pilot.press("enter")
        await pilot.pause()
        assert stage.sent == []
        assert stage.composer.text == text


@pytest.mark.parametrize("key", ["shift+enter", "ctrl+j"])
async def test_the_line_can_be_broken(key: str) -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        await pilot.press("a", key, "b", "enter")
        await until(pilot, lambda: bool(stage.sent), "the text was sent")
        assert stage.sent == ["a\nb"]


async def test_enter_after_a_backslash_breaks_the_line_in_its_place() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.composer.load_draft("a\\")
        await pilot.press("enter", "b", "enter")
        await until(pilot, lambda: bool(stage.sent), "the text was sent")
        assert stage.sent == ["a\nb"]


@pytest.mark.parametrize("width", [24, 40, 60, 100])
async def test_the_placeholder_is_never_cut(width: int) -> None:
    stage = ComposerStage()
    async with stage.run_test(size=(width, 10)) as pilot:
        await pilot.pause()
        shown = str(stage.composer.placeholder)
        assert shown in screen_text(stage)
        assert stage.composer.size.height == 1


async def test_slash_commands_and_markup_are_sent_as_they_are() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        for text in ("/model x", "[/red] [@click=app.quit]a[/]"):
            stage.composer.load_draft(text)
            await pilot.press("enter")
        await until(pilot, lambda: len(stage.sent) == 2, "both were sent")
        assert stage.sent == ["/model x", "[/red] [@click=app.quit]a[/]"]


async def test_it_grows_with_its_lines_up_to_eight() -> None:
    stage = ComposerStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        assert stage.composer.outer_size.height == 1
        await pilot.press("a", "ctrl+j", "b")
        await until(pilot, lambda: stage.composer.outer_size.height == 2, "two lines")
        stage.composer.load_draft("\n".join("x" * 30))
        await until(pilot, lambda: stage.composer.outer_size.height == 8, "eight lines")


async def test_up_and_down_walk_the_history_and_keep_the_draft() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.composer.set_history(["first", "second\nline"])
        await pilot.press(*"draft", "up")
        assert stage.composer.text == "second\nline"
        await pilot.press("up")
        assert stage.composer.text == "second\nline", "up first walks the lines"
        await pilot.press("up")
        assert stage.composer.text == "first"
        await pilot.press("up")
        assert stage.composer.text == "first", "there is nothing older"
        await pilot.press("down")
        assert stage.composer.text == "second\nline"
        await pilot.press("down")
        assert stage.composer.text == "draft"
        await pilot.press("enter", "up")
        assert stage.composer.text == "draft", "what was sent is history"


async def test_up_walks_rows_of_a_long_line_before_it_goes_back() -> None:
    stage = ComposerStage()
    async with stage.run_test(size=(40, 12)) as pilot:
        stage.composer.set_history(["older"])
        stage.composer.load_draft("word " * 20)
        await pilot.press("up")
        assert stage.composer.text == "word " * 20
        await pilot.press("up", "up", "up")
        assert stage.composer.text == "older"


async def test_a_paste_of_ten_thousand_lines_is_folded_quick_and_whole() -> None:
    text = "\n".join(f"line {number} of the log, with some more words" for number in range(10_000))
    stage = ComposerStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("x")
        start = time.process_time()
        await paste(pilot, stage.composer, text)
        assert time.process_time() - start < 1.0
        assert stage.composer.text == "x[Pasted text 1, 10,000 lines]"
        await pilot.press("ctrl+l")
        assert stage.composer.text == "x" + text
        start = time.process_time()
        await pilot.press("y")
        assert time.process_time() - start < 0.5
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.sent), "it was sent")
        assert stage.sent == ["x" + text + "y"]


async def test_a_long_paste_is_sent_in_the_place_of_its_mark() -> None:
    text = "\n".join("abcdefghijkl")
    stage = ComposerStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("<")
        await paste(pilot, stage.composer, text)
        await pilot.press(">")
        await paste(pilot, stage.composer, "z" * 1_001)
        mark, other = "[Pasted text 1, 12 lines]", "[Pasted text 2, 1,001 characters]"
        assert stage.composer.text == f"<{mark}>{other}"
        assert f"<{mark}>" in screen_text(stage)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.sent), "it was sent")
        assert stage.sent == [f"<{text}>{'z' * 1_001}"]


async def test_a_mark_is_deleted_whole_and_an_undo_brings_it_back() -> None:
    text = "\n".join("abcdefghijkl")
    stage = ComposerStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "space")
        await paste(pilot, stage.composer, text)
        await pilot.press("backspace")
        assert stage.composer.text == "a "
        await pilot.press("ctrl+z")
        assert stage.composer.expanded() == f"a {text}"
        await pilot.press("home", "right", "right", "delete")
        assert stage.composer.text == "a "


async def test_an_opened_paste_of_many_lines_can_be_undone() -> None:
    stage = ComposerStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await paste(pilot, stage.composer, "line\n" * 500)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: stage.composer.document.line_count == 501, "it is open")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: stage.composer.document.line_count == 1, "it is folded")
        assert stage.composer.text == "[Pasted text 1, 501 lines]"


async def test_a_text_that_only_looks_like_a_mark_is_a_text() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        await paste(pilot, stage.composer, "[Pasted text 7, 99 lines]")
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: bool(stage.sent), "it was sent")
        assert stage.sent == ["[Pasted text 7, 99 lines"]


def send_burst(stage: ComposerStage, text: str) -> None:
    """Send keys all at once, like a paste in a terminal without bracketed paste."""
    for character in text:
        send_key(stage, "enter" if character == "\n" else character)


async def test_line_breaks_in_a_burst_of_keys_do_not_send() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        send_burst(stage, "one\ntwo\n\nthree\n")
        await until(pilot, lambda: stage.composer.text == "one\ntwo\n\nthree\n", "it is all there")
        assert stage.sent == []


async def test_one_line_and_an_enter_at_once_are_sent_as_from_a_script() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        send_burst(stage, "hello\n")
        await until(pilot, lambda: stage.sent == ["hello"], "it was sent")


async def test_an_exclamation_mark_shows_that_it_is_a_command_line() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        await pilot.press("!")
        await until(pilot, lambda: stage.composer.has_class("-command"), "it looks like one")
        await pilot.press("backspace")
        await until(pilot, lambda: not stage.composer.has_class("-command"), "a prompt again")


async def test_a_pasted_picture_is_handed_on_and_its_path_is_not_text() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.post_message(events.Paste("/tmp/My\\ Shot.png"))
        await until(pilot, lambda: bool(stage.pictures), "it was handed on")
        assert stage.pictures == ["/tmp/My\\ Shot.png"]
        assert stage.composer.text == ""


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("/tmp/a.png", "/tmp/a.png"),
        ("'/tmp/a b.JPG'\n", "/tmp/a b.JPG"),
        ("/tmp/a\\ b.webp", "/tmp/a b.webp"),
        ("/tmp/a b.png", "/tmp/a b.png"),
        ("file:///tmp/a%20b.jpeg", "/tmp/a b.jpeg"),
        ("~/a.png", "~/a.png"),
        ("data:image/png;base64,aGk=", b"hi"),
        ("data:image/png;base64,no base64", None),
        ("see /tmp/a.png", None),
        ("a.png", None),
        ("/tmp/a.txt", None),
        ("/tmp/a.png\n/tmp/b.png", None),
        ("'/tmp/a.png", None),
        ("", None),
    ],
)
def test_what_of_a_paste_is_a_picture(pasted: str, found: str | bytes | None) -> None:
    assert image_paste(pasted) == found


async def test_control_characters_of_a_paste_become_markers() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        await paste(pilot, stage.composer, "a\x1b[31mb\r\nc\rd\te\u202e\x00")
        assert stage.composer.text == "a␛[31mb\nc\nd\te⟨U+202E⟩␀"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ufeffx", "x"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\tb\x07", "a\tb␇"),
        ("नमस्ते\u200c", "नमस्ते\u200c"),
    ],
)
def test_input_is_cleaned_but_not_damaged(text: str, cleaned: str) -> None:
    assert clean_input(text) == cleaned


async def test_typed_ahead_text_is_added_at_the_cursor() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.composer.load_draft("please ")
        stage.composer.insert_typed_ahead("wait\x1b")
        stage.composer.insert_typed_ahead("")
        await pilot.pause()
        assert stage.composer.text == "please wait␛"
        await pilot.press("!")
        assert stage.composer.text == "please wait␛!"


async def test_a_paste_replaces_the_selection() -> None:
    stage = ComposerStage()
    async with stage.run_test() as pilot:
        stage.composer.load_draft("old")
        stage.composer.select_all()
        await paste(pilot, stage.composer, "new")
        assert stage.composer.text == "new"
