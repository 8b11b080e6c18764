"""For each row of the table of actions: how to reach a state in which it has an effect, and what is
visible then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from textual.pilot import Pilot

from tests.screen.driving import chat_of, until
from tests.screen.places import screen_text
from tests.screen.scenes import SceneClock, send
from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    TextDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.completion import CompletionPopup
from vtcode_tui.tui.transcript_view import TranscriptView

Prepare = Callable[[Pilot[int]], Awaitable[None]]
Seen = Callable[[Pilot[int]], bool]
Stage = Literal["empty", "reading", "running"]

LONG = "\n\n".join(f"Paragraph {number} of the answer." for number in range(60))
LAST = "The last answer, see https://example.org/x\n\n```python\ncode_one()\n```\n"


def conversation() -> tuple[Event, ...]:
    return (
        TurnStarted(1, "First question"),
        ReasoningDelta("A deep thought."),
        TextDelta(LONG),
        TurnFinished(TurnEnd.DONE, 1.0),
        TurnStarted(2, "Second question"),
        TextDelta(LAST),
        TurnFinished(TurnEnd.DONE, 1.0),
    )


PROMPT, THOUGHT, ANSWER, SECOND, LAST_ANSWER = range(5)
"""The indexes of the blocks of that conversation."""


@dataclass(frozen=True)
class Check:
    """The effect to check. ``seen`` is false before the action and true after it; ``leave`` are the
    keys that close what it opened. ``argument`` follows the command; ``bare_seen`` is the effect
    without it."""

    seen: Seen
    stage: Stage = "empty"
    prepare: Prepare | None = None
    leave: tuple[str, ...] = ()
    argument: str = ""
    bare_seen: Seen | None = None


def shows(text: str) -> Seen:
    return lambda pilot: text in screen_text(pilot)


def tells(text: str, *leave: str, argument: str = "", bare: str = "") -> Check:
    """In an empty conversation, the action shows a text."""
    bare_seen = shows(bare) if bare else None
    return Check(shows(text), leave=leave, argument=argument, bare_seen=bare_seen)


# --- the prompt -------------------------------------------------------------------------------------


def draft(text: str, *, sent: str = "", then: tuple[str, ...] = ()) -> Prepare:
    async def prepare(pilot: Pilot[int]) -> None:
        chat = chat_of(pilot)
        if sent:
            chat.prompts.remember(sent)
            chat.composer.set_history([sent])
        chat.composer.load_draft(text)
        chat.composer.focus()
        await pilot.press(*then)

    return prepare


async def pasted(pilot: Pilot[int]) -> None:
    composer = chat_of(pilot).composer
    composer.focus()
    composer.insert_paste("line\n" * 30)
    await until(pilot, lambda: "[Pasted text" in composer.text, "a folded paste")


def text_is(text: str) -> Seen:
    return lambda pilot: chat_of(pilot).composer.text == text


# --- reading ----------------------------------------------------------------------------------------


def view_of(pilot: Pilot[int]) -> TranscriptView:
    return chat_of(pilot).transcript


def at(block: int, *, top: bool = True) -> Prepare:
    """Focus the conversation with its cursor on a block."""

    async def prepare(pilot: Pilot[int]) -> None:
        view = view_of(pilot)
        view.focus()
        view.action_scroll_home() if top else view.follow()
        view.cursor = block
        await until(pilot, lambda: view.is_settled and view.has_focus, "it stands still")

    return prepare


async def in_the_prompt(pilot: Pilot[int]) -> None:
    view_of(pilot).follow()
    chat_of(pilot).composer.focus()
    await pilot.pause()


async def from_the_top(pilot: Pilot[int]) -> None:
    view_of(pilot).action_scroll_home()
    chat_of(pilot).composer.focus()
    await pilot.pause()


async def found(pilot: Pilot[int]) -> None:
    """A search with many matches, stepped through in the conversation."""
    await send(pilot, "/find Paragraph")
    view = view_of(pilot)
    await until(pilot, lambda: match(pilot) is not None, "a match")
    view.focus()
    await pilot.press("n", "n")
    kept["match"] = match(pilot)


kept: dict[str, object] = {}
"""State from before the action."""


def match(pilot: Pilot[int]) -> object:
    finder = view_of(pilot).finder
    return None if finder is None else finder.current


def line(pilot: Pilot[int]) -> float:
    return view_of(pilot).scroll_offset.y


def cursor_is(block: int) -> Seen:
    return lambda pilot: view_of(pilot).cursor == block


def copied(text: str) -> Seen:
    """The text is in the clipboard, and a message says so."""
    return lambda pilot: text in pilot.app.clipboard and "opied" in screen_text(pilot)


def reading(seen: Seen, prepare: Prepare, *leave: str, argument: str = "") -> Check:
    return Check(seen, "reading", prepare, leave, argument)


# --- during a turn ---------------------------------------------------------------------------------


def waiting(*keys: str) -> Prepare:
    """Queue two prompts during a turn."""

    async def prepare(pilot: Pilot[int]) -> None:
        for text in ("second", "third"):
            await send(pilot, text)
            await until(pilot, lambda text=text: f"queued     {text}" in screen_text(pilot), text)  # type: ignore[misc]
        await pilot.press(*keys)

    return prepare


def running(seen: Seen, prepare: Prepare | None = None) -> Check:
    return Check(seen, "running", prepare)


CHECKS: dict[str, Check] = {
    "send": reading(shows("Hello from the fake server."), draft("Hello?")),
    "break_line": Check(text_is("a\n"), prepare=draft("a")),
    "up_or_older": Check(text_is("sent before"), prepare=draft("", sent="sent before")),
    "down_or_newer": Check(text_is(""), prepare=draft("", sent="sent before", then=("up",))),
    "send_now": running(shows("next step  at once"), draft("at once")),
    "unfold_paste": Check(
        lambda pilot: "line\n" * 29 in chat_of(pilot).composer.text, prepare=pasted
    ),
    "search_history": Check(
        shows("Prompts sent here before"), prepare=draft("", sent="sent"), leave=("escape",)
    ),
    "edit_draft": tells("An editor cannot be opened here."),
    "paste_image": tells("cannot see pictures"),
    "queue_up": running(shows("› queued     second"), waiting("up")),
    "queue_down": running(shows("› queued     third"), waiting("up", "up")),
    "edit_waiting": running(text_is("third"), waiting("up")),
    "remove_waiting": running(lambda pilot: "third" not in screen_text(pilot), waiting("up")),
    "send_waiting": running(shows("next step  third"), waiting("up")),
    "interrupt": running(shows("○ ready")),
    "leave_composer": reading(lambda pilot: view_of(pilot).has_focus, in_the_prompt),
    "cursor_up": reading(cursor_is(PROMPT), at(THOUGHT)),
    "cursor_down": reading(cursor_is(THOUGHT), at(PROMPT)),
    "toggle_block": reading(shows("A deep thought."), at(THOUGHT)),
    "copy_block": reading(copied("First question"), at(PROMPT)),
    "copy_answer": reading(copied("The last answer"), at(PROMPT)),
    "copy_code": reading(copied("code_one()"), at(LAST_ANSWER, top=False)),
    "edit_block": reading(shows("An editor cannot be opened here."), at(SECOND, top=False)),
    "open_link": reading(shows("in the browser?"), at(LAST_ANSWER, top=False), "escape"),
    "find": reading(shows("Find "), in_the_prompt, "escape", argument="Paragraph"),
    "next_match": reading(lambda pilot: match(pilot) != kept["match"], found),
    "previous_match": reading(lambda pilot: match(pilot) != kept["match"], found),
    "end_search": reading(lambda pilot: match(pilot) is None, found),
    "previous_prompt": reading(cursor_is(PROMPT), at(SECOND, top=False)),
    "next_prompt": reading(lambda pilot: line(pilot) > 0, from_the_top),
    "page_up": reading(lambda pilot: not view_of(pilot).is_following, in_the_prompt),
    "page_down": reading(lambda pilot: line(pilot) > 0, from_the_top),
    "scroll_home": reading(lambda pilot: line(pilot) == 0, at(LAST_ANSWER, top=False)),
    "jump_to_end": reading(shows("The last answer"), at(PROMPT)),
    "go_to_end": reading(shows("The last answer"), from_the_top),
    "copy": reading(copied("The last answer"), in_the_prompt),
    "release_mouse": tells("The mouse cannot be given to the terminal here"),
    "toggle_thinking": reading(shows("A deep thought."), from_the_top),
    "retry": tells("nothing to try again"),
    "pick_model": tells("Choose a model", "escape"),
    "next_model": tells("No other model was used"),
    "pick_effort": tells("Effort for", "escape"),
    "pull": tells("Pull mistral:7b?", "escape", argument="mistral:7b", bare="Choose a model"),
    "show_context": tells("To change it: /context"),
    "show_timing": tells("No answer came yet", "escape"),
    "compact": tells("nothing to compact yet"),
    "show_prompt": tells("coding agent"),
    "run_doctor": tells("ok    server"),
    "choose_server": tells("Which server", "escape"),
    "switch_mode": tells("» accept edits", "shift+tab", "shift+tab", argument="accept"),
    "show_tools": tells("runs because it only looks", "escape"),
    "show_permissions": tells("Granted for this session", "escape"),
    "show_diff": tells("changed nothing in this run"),
    "undo": tells("nothing to undo"),
    "redo": tells("nothing to redo"),
    "add_directory": tells("workspace's,", argument="../config", bare="needs a directory"),
    "new_conversation": reading(shows("Ask about the code in this folder"), in_the_prompt),
    "list_sessions": tells("Sessions", "escape"),
    "resume": tells("Sessions", "escape"),
    "fork": tells("nothing to copy yet"),
    "export": tells("nothing to export"),
    "choose_theme": tells("↑ ↓ try one on", "escape"),
    "init": tells("Write vtcode.toml?", "escape"),
    "show_config": tells("agent.provider", "escape"),
    "show_palette": Check(
        lambda pilot: bool(pilot.app.screen.query("CommandList")), leave=("escape",)
    ),
    "show_help": tells("Commands and keys", "escape"),
    "interrupt_or_leave": tells("Press Ctrl+C again to leave."),
    "leave_an_empty_prompt": tells("Press Ctrl+D again to leave."),
}


async def clean_up(pilot: Pilot[int], check: Check) -> None:
    """Close what was opened and restore the stage."""
    chat = chat_of(pilot)
    await pilot.press(*check.leave)
    await until(pilot, lambda: pilot.app.screen is chat, "the chat again")
    chat.prompts.queue.take_all()
    chat.interrupt()
    await until(pilot, lambda: not chat.is_turn_running, "nothing runs")
    chat.tell("")
    assert isinstance(pilot.app, VtcodeApp)
    assert isinstance(pilot.app.launch.clock, SceneClock)
    pilot.app.launch.clock.now += 10  # Past the time within which a second press leaves.
    chat.composer.load_draft("")
    chat.composer.focus()
    assert not chat.query_one(CompletionPopup).display or not check.leave


async def set_stage(pilot: Pilot[int], stage: Stage) -> None:
    chat = chat_of(pilot)
    view = chat.transcript
    chat.pane.end_search()
    pilot.app._clipboard = ""
    chat.transcript.clear()
    if stage == "reading":
        for event in conversation():
            view.apply(event)
        await until(pilot, lambda: view.is_settled, "it is rendered")
    elif stage == "running":
        await send(pilot, "first")
        await until(pilot, lambda: chat.is_turn_running, "a turn runs")
        await until(pilot, lambda: "▌ first" in screen_text(pilot), "its prompt")
