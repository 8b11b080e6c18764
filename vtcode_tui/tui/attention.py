"""Sets the terminal's title and progress, and notifies a user whose focus is elsewhere. Writes only
sequences that the terminal is known to understand.

Sources: OSC 9 (iTerm2, WezTerm, Ghostty), OSC 99 (kitty, foot), OSC 777 (rxvt-unicode), OSC 9;4
(ConEmu, Windows Terminal, Ghostty), XTWINOPS 22 and 23 (xterm) for the previous title.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from vtcode_tui.config.schema import Notify
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    Event,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.transcript.clean import clean_line

Protocol: TypeAlias = Literal["osc9", "osc99", "osc777", "bell"]

_BELL = "\a"
_END = "\x1b\\"
_NAME = "vtcode-tui"
_LONGEST = 60
_PROGRAMS: Mapping[str, Protocol] = {"iterm.app": "osc9", "wezterm": "osc9", "ghostty": "osc9"}
_PROGRESS_PROGRAMS = frozenset({"ghostty"})
_BUSY, _PAUSED, _IDLE = "3;0", "4;100", "0;0"


def protocol_of(environ: Mapping[str, str]) -> Protocol:
    """The notification protocol of this terminal. Only a bell passes through tmux and screen."""
    term = environ.get("TERM", "").lower()
    if environ.get("TMUX") or environ.get("STY") or term.startswith(("tmux", "screen")):
        return "bell"
    if environ.get("KITTY_WINDOW_ID") or "kitty" in term or term.startswith("foot"):
        return "osc99"
    if term.startswith("rxvt-unicode"):
        return "osc777"
    return _PROGRAMS.get(environ.get("TERM_PROGRAM", "").lower(), "bell")


def shows_progress(environ: Mapping[str, str]) -> bool:
    if environ.get("TMUX") or environ.get("STY"):
        return False
    is_known = environ.get("TERM_PROGRAM", "").lower() in _PROGRESS_PROGRAMS
    return is_known or bool(environ.get("WT_SESSION")) or environ.get("ConEmuANSI") == "ON"


def notice(protocol: Protocol, text: str) -> str:
    """The bytes that show ``text``, cleaned so that it cannot end or begin a sequence."""
    harmless = plain(text)
    match protocol:
        case "osc9":
            return f"\x1b]9;{_NAME}: {harmless}{_END}"
        case "osc99":
            return f"\x1b]99;i={_NAME};{_NAME}: {harmless}{_END}"
        case "osc777":
            return f"\x1b]777;notify;{_NAME};{harmless}{_END}"
        case "bell":
            return _BELL


def title(*parts: str) -> str:
    # Cleaned separately: plain ASCII needs no work, and the dot between them is known to be safe.
    return f"\x1b]2;{' · '.join(map(plain, parts))}{_END}"


def plain(text: str) -> str:
    """One short line of printable characters, without field separators."""
    line = "".join(each for each in clean_line(text, _LONGEST) if each.isprintable())
    return line.replace(";", ",")


class Attention:
    """``write`` puts text on the terminal; ``is_in_front`` says whether the window has the focus;
    ``place`` is the folder's name. Call ``apply`` for each event and ``close`` at the end."""

    def __init__(
        self,
        *,
        write: Callable[[str], None],
        is_in_front: Callable[[], bool],
        environ: Mapping[str, str],
        notify: Notify,
        place: str,
    ) -> None:
        self._write = write
        self._is_in_front = is_in_front
        self._protocol: Protocol = "bell" if notify == "bell" else protocol_of(environ)
        self._is_silent = notify == "off"
        self._has_progress = shows_progress(environ)
        self._place = place

    def open(self) -> None:
        """Save the terminal's title and set this program's."""
        self._write("\x1b[22;2t")
        self._say("", _IDLE)

    def close(self) -> None:
        """Restore the saved title."""
        self._write("\x1b[23;2t" + self._progress(_IDLE))

    def apply(self, event: Event) -> None:
        match event:
            case TurnStarted():
                self._say("working", _BUSY)
            case ApprovalRequested():
                self._say("waiting for you", _PAUSED)
                self._call("A question waits for your answer.")
            case ApprovalResolved():
                self._say("working", _BUSY)
            case TurnFinished(end):
                self._say("", _IDLE)
                if end is not TurnEnd.CANCELLED:
                    self._call(
                        "The turn failed." if end is TurnEnd.FAILED else "The answer is there."
                    )
            case _:
                pass

    def _say(self, state: str, progress: str) -> None:
        words = filter(None, (state, self._place, _NAME))
        self._write(title(*words) + self._progress(progress))

    def _progress(self, value: str) -> str:
        return f"\x1b]9;4;{value}{_END}" if self._has_progress else ""

    def _call(self, text: str) -> None:
        if not self._is_silent and not self._is_in_front():
            self._write(notice(self._protocol, f"{text} ({self._place})"))
