"""Every user action in one table: the source of slash commands, palette, keys, hints, help and the
lists in docs/. Pure; knows no widget.

A row's ``name`` is its key in ``[ui.keys]`` of vtcode.toml, and its widget has a method
``action_NAME``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

Place: TypeAlias = Literal["app", "chat", "composer", "queue", "transcript"]
"""What must have the focus: anything, anything in the chat, the prompt, the queue of waiting
prompts, the conversation."""

PROMPT, QUEUE, READING = "Writing a prompt", "Prompts that wait", "Reading"
MODEL, TOOLS = "Model and server", "Files and permissions"
SESSIONS, PROGRAM = "Sessions", "Program"
GROUPS = (PROMPT, QUEUE, READING, MODEL, TOOLS, SESSIONS, PROGRAM)
"""The headings of the help, in order."""
WANTED_FIRST = (MODEL, SESSIONS, TOOLS, PROGRAM, READING, PROMPT, QUEUE)
"""The order of groups in the palette and after a bare slash: actions without a handier way first.
"""


@dataclass(frozen=True, slots=True)
class Action:
    """One user action.

    ``command`` is the slash command's name, ``aliases`` its other names, ``argument`` what may
    follow it; ``keys`` have Textual's names; ``hint`` is its word in the hint line.

    A row that ``is_fixed`` is handled by its widget itself: it is listed, but its key cannot be
    changed. A row that ``is_for_keys`` makes no sense when chosen from a list, such as scrolling.
    With ``has_priority`` its key takes precedence over the focused widget's; in the place ``app``
    it works in every dialog too. A command that ``needs`` the session, or the model and its server,
    waits while the app has just started and there is none yet.
    """

    name: str
    description: str
    group: str
    place: Place = "chat"
    command: str = ""
    aliases: tuple[str, ...] = ()
    argument: str = ""
    keys: tuple[str, ...] = ()
    hint: str = ""
    is_fixed: bool = False
    has_priority: bool = False
    is_for_keys: bool = False
    needs: Literal["", "session", "model"] = ""

    @property
    def slash(self) -> str:
        """The command as typed, or empty."""
        return f"/{self.command}" if self.command else ""

    @property
    def is_in_palette(self) -> bool:
        """Whether it can be started from a list."""
        return self.place in ("app", "chat") and not (self.is_fixed or self.is_for_keys)


# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("send", "send the prompt", PROMPT, "composer", keys=("enter",), is_fixed=True),
    Action("break_line", "break the line; so does Enter after a backslash", PROMPT, "composer", keys=("shift+enter", "ctrl+j"), is_fixed=True),
    Action("up_or_older", "up a line, then back through the prompts sent", PROMPT, "composer", keys=("up",)),
    Action("down_or_newer", "down a line, then on through the prompts sent", PROMPT, "composer", keys=("down",)),
    Action("send_now", "send it into the running turn, with its next step", PROMPT, "composer", keys=("ctrl+s",)),
    Action("unfold_paste", "open a folded paste; without one draw the screen again", PROMPT, "composer", keys=("ctrl+l",)),
    Action("search_history", "search the prompts sent here before", PROMPT, command="history", keys=("ctrl+r",)),
    Action("edit_draft", "write the prompt in $VISUAL or $EDITOR", PROMPT, command="edit", keys=("ctrl+g",)),
    Action("paste_image", "attach the picture that is in the clipboard", PROMPT, command="paste-image", keys=("alt+v",)),
    Action("interrupt", "stop the model; twice: set the prompt aside", PROMPT, keys=("escape",), hint="stop", is_for_keys=True),

    Action("queue_up", "to the prompt above", QUEUE, "queue", keys=("up",)),
    Action("queue_down", "to the prompt below, then back to the one being written", QUEUE, "queue", keys=("down",)),
    Action("edit_waiting", "take the prompt back to edit it", QUEUE, "queue", keys=("enter",)),
    Action("remove_waiting", "remove the prompt", QUEUE, "queue", keys=("delete", "backspace")),
    Action("send_waiting", "send the prompt now", QUEUE, "queue", keys=("ctrl+s",)),

    Action("leave_composer", "from the prompt to the conversation and back", READING, "composer", keys=("tab",), is_fixed=True),
    Action("cursor_up", "to the block above", READING, "transcript", keys=("up",), hint="walk"),
    Action("cursor_down", "to the block below", READING, "transcript", keys=("down",)),
    Action("toggle_block", "open or fold the block", READING, "transcript", keys=("enter", "space"), hint="open, fold"),
    Action("copy_block", "copy the block", READING, "transcript", keys=("y",), hint="copy"),
    Action("copy_answer", "copy the last answer", READING, "transcript", keys=("Y",)),
    Action("copy_code", "copy a piece of its code; again: the next one", READING, "transcript", keys=("c",)),
    Action("edit_block", "show the block in $VISUAL or $EDITOR", READING, "transcript", keys=("e",)),
    Action("open_link", "open an address of the block, after showing where it leads", READING, "transcript", keys=("o",)),
    Action("find", "find in the conversation", READING, command="find", argument="[TEXT]", keys=("ctrl+f",), hint="find", has_priority=True),
    Action("next_match", "to the next match", READING, "transcript", keys=("n",)),
    Action("previous_match", "to the match before", READING, "transcript", keys=("N",)),
    Action("end_search", "end the search", READING, "transcript", keys=("escape",)),
    Action("previous_prompt", "to the prompt above", READING, keys=("ctrl+up",), is_for_keys=True),
    Action("next_prompt", "to the prompt below", READING, keys=("ctrl+down",), is_for_keys=True),
    Action("page_up", "a page up", READING, keys=("pageup",), has_priority=True, is_for_keys=True),
    Action("page_down", "a page down", READING, keys=("pagedown",), has_priority=True, is_for_keys=True),
    Action("scroll_home", "to the beginning", READING, "transcript", keys=("home",)),
    Action("jump_to_end", "to the end, and follow it", READING, "transcript", keys=("end",)),
    Action("go_to_end", "to the end, and follow it, from the prompt too", READING, keys=("ctrl+end",), is_for_keys=True),
    Action("copy", "copy the last answer, or a piece of its code", READING, command="copy", argument="[code]", keys=("alt+c",)),
    Action("release_mouse", "leave the mouse to the terminal, or take it back", READING, command="mouse", keys=("f8",)),
    Action("toggle_thinking", "open or fold all thinking", READING, command="thinking", keys=("ctrl+t",), hint="thinking"),

    Action("pick_model", "choose the model", MODEL, command="model", keys=("ctrl+o",), hint="model"),
    Action("next_model", "switch to the next model used in this run", MODEL, keys=("f2",)),
    Action("pick_effort", "choose how hard the model thinks", MODEL, command="effort", needs="model"),
    Action("pull", "have the server download a model", MODEL, command="pull", argument="NAME", needs="model"),
    Action("show_context", "show the context window, how full it is; or set it", MODEL, command="context", argument="[N|auto]", needs="model"),
    Action("show_timing", "show first token, load time and tokens/s of each answer", MODEL, command="timing"),
    Action("compact", "summarise older turns to make room", MODEL, command="compact", needs="model"),
    Action("show_prompt", "show what the model is told before your first word", MODEL, command="prompt", needs="model"),
    Action("run_doctor", "check server, models, settings and this machine", MODEL, command="doctor"),
    Action("choose_server", "connect again, or to another address", MODEL, command="server"),
    Action("retry", "try the last prompt again after it failed or was stopped", MODEL, command="retry", needs="model"),

    Action("switch_mode", "switch the mode: normal, accept-edits, plan", TOOLS, command="mode", argument="[normal|accept-edits|plan]", keys=("shift+tab",), hint="mode"),
    Action("show_tools", "list the tools and what happens to their calls", TOOLS, command="tools", needs="model"),
    Action("show_permissions", "list what tools may do, and revoke grants", TOOLS, command="permissions", needs="model"),
    Action("show_diff", "show what the file tools changed in this run", TOOLS, command="diff", needs="session"),
    Action("undo", "put back what the last turn wrote", TOOLS, command="undo", argument="[skip|force]", needs="session"),
    Action("redo", "take the last undo back", TOOLS, command="redo", needs="session"),
    Action("add_directory", "let tools use another directory too", TOOLS, command="add-dir", argument="DIR", needs="session"),

    Action("new_conversation", "start a new conversation; this one is kept", SESSIONS, command="new", aliases=("clear",), needs="session"),
    Action("list_sessions", "list the sessions: open, search, rename, export, delete", SESSIONS, command="sessions", needs="session"),
    Action("resume", "go on with a session", SESSIONS, command="resume", argument="[ID]", needs="session"),
    Action("fork", "go on in a copy of this session", SESSIONS, command="fork", needs="session"),
    Action("export", "write this session to a file here", SESSIONS, command="export", argument="[md|json]", needs="session"),

    Action("choose_theme", "choose the colours, each tried on at once", PROGRAM, command="theme"),
    Action("init", "write vtcode.toml with what differs from the defaults; or let the model draft AGENTS.md", PROGRAM, command="init", argument="[agents]", needs="session"),
    Action("show_config", "show every setting and where it is from", PROGRAM, command="config"),
    Action("show_palette", "search all commands", PROGRAM, keys=("ctrl+p",), hint="commands", is_for_keys=True),
    Action("show_help", "show the commands and keys; ? does too on an empty prompt", PROGRAM, command="help", keys=("f1",), hint="help"),
    Action("interrupt_or_leave", "stop the model, or set the prompt aside; twice to leave", PROGRAM, "app", keys=("ctrl+c",), has_priority=True, is_for_keys=True),
    Action("leave_an_empty_prompt", "twice on an empty prompt: leave", PROGRAM, "app", keys=("ctrl+d",), is_for_keys=True),
    Action("suspend_process", "suspend: back to the shell, and fg returns; while you type it undoes typing", PROGRAM, "app", keys=("ctrl+z",)),
    Action("leave", "leave", PROGRAM, "app", command="exit", aliases=("quit",), keys=("ctrl+q",), has_priority=True),
)
# fmt: on

BY_NAME = {action.name: action for action in ACTIONS}

_KEY_WORDS = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Delete",
    "backspace": "Backspace",
    "ctrl": "Ctrl",
    "shift": "Shift",
    "alt": "Alt",
    "question_mark": "?",
    "slash": "/",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
}


def key_words(key: str) -> str:
    """A key's name for people: ``ctrl+o`` becomes Ctrl+O."""
    *modifiers, last = key.split("+")
    word = _KEY_WORDS.get(last)
    if word is None:
        word = last.upper() if modifiers or len(last) > 1 else last
    return "+".join([*(_KEY_WORDS.get(each, each.title()) for each in modifiers), word])


def keys_in_words(action: Action) -> str:
    """All keys of a row for people, or empty."""
    return ", ".join(key_words(key) for key in action.keys)


def in_groups(actions: Iterable[Action]) -> dict[str, list[Action]]:
    """The rows by heading, in the order of GROUPS."""
    grouped: dict[str, list[Action]] = {group: [] for group in GROUPS}
    for action in actions:
        grouped[action.group].append(action)
    return grouped
