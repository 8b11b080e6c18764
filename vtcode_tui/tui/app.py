"""The full-screen app: owns the terminal, the theme and exiting. Its screens do the work."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.worker import WorkerFailed

from vtcode_tui.config.launch import Launch
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.actions import key_words
from vtcode_tui.tui.appearance import ReadableColours, is_ascii_only, theme_for, wants_ascii
from vtcode_tui.tui.ascii_filter import AsciiFilter
from vtcode_tui.tui.asking import AsksForTurn
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.dialog import DialogHost
from vtcode_tui.tui.harmless_filter import HarmlessFilter
from vtcode_tui.tui.keymap import actions_with_keys
from vtcode_tui.tui.loading import CHAT, load
from vtcode_tui.tui.signals import on_ending_signal
from vtcode_tui.tui.start_screen import StartScreen

if TYPE_CHECKING:
    from vtcode_tui.tui.chat_screen import ChatScreen

_QUIT_WINDOW_S = 2.0
_RESIZE_QUIET_S = 0.1


class VtcodeApp(ReadableColours[int], DialogHost[int]):
    """The app. ``launch`` holds everything that the process was started with."""

    TITLE = "vtcode-tui"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { scrollbar-size-vertical: 1; }
    ToastRack { dock: top; align: right top; margin: 0 1; }
    Input > .input--placeholder { color: $foreground 70%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("app")

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        # Nothing here has a tooltip: without it each screen has a widget less to mount.
        self._disable_tooltips = True
        self.launch = launch
        self.crash: Exception | None = None
        self._last_leave_press = ("", float("-inf"))
        self._own_filters: list[LineFilter] = [HarmlessFilter()]
        self._typed_early: list[events.Event] | None = []
        self._early_keys_replayed = asyncio.Event()
        self._start: StartScreen | None = None
        self._chat: ChatScreen | None = None
        self._repaint_timer: Timer | None = None
        self._last_size: Size | None = None
        self._needs_repaint = False
        self._take_appearance(launch)

    def _take_appearance(self, launch: Launch) -> None:
        ui = launch.loaded.settings.ui
        theme = ui.theme or theme_for(self.console.color_system)
        if theme is not None and theme in self.available_themes:
            self.theme = theme
        if wants_ascii(launch.environ, ui.ascii):
            only_glyphs = not is_ascii_only(launch.environ)
            self._own_filters.append(AsciiFilter(only_glyphs=only_glyphs))
        if not ui.motion:
            self.animation_level = "none"

    def get_driver_class(self) -> type[Driver]:
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from vtcode_tui.tui.terminal_driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        self._start = StartScreen(self.launch)
        return self._start

    @property
    def way_back(self) -> tuple[str, ...]:
        """The command line options that resume the session, or empty if nothing is in it."""
        return self._chat.way_back if self._chat is not None else ()

    @property
    def unsaved(self) -> str:
        """Why the session is not saved, or empty."""
        return self._chat.sessions.note if self._chat is not None else ""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), *self._own_filters)

    def on_mount(self) -> None:
        if not self.is_headless:
            on_ending_signal(self._exit_with)
        # As a message: it is handled when everything is mounted, and then waits for the first
        # paint.
        self.call_after_refresh(self.run_worker, self._open_chat)

    @property
    def _chat_on_top(self) -> ChatScreen | None:
        """The chat, if no other screen is on top of it."""
        return self._chat if self._chat is not None and self.screen is self._chat else None

    async def _open_chat(self) -> None:
        """Import the chat while the first screen is shown, then switch to it in one paint."""
        await load(CHAT)
        from vtcode_tui.tui.chat_screen import ChatScreen

        self._chat = chat = ChatScreen(self.launch)
        with self.batch_update():
            await self.switch_screen(chat)
            await self._early_keys_replayed.wait()
        # After the paint, which must not wait for importing a client or for a server's answer.
        chat.call_after_refresh(chat.in_worker, chat.begin)

    async def on_event(self, event: events.Event) -> None:
        """Keep keys and pastes that come before a widget has the focus, and show them on the first
        screen."""
        if self._typed_early is not None and isinstance(event, events.Key | events.Paste):
            self._typed_early.append(event)
            if self._start is not None:
                self._start.take(event)
            return
        if isinstance(event, events.Key) and self._is_alt_key_in_use(event):
            # Most terminals send Alt+letter as Esc and the letter; without this the letter is
            # typed.
            event.character = None
        await super().on_event(event)

    def _is_alt_key_in_use(self, event: events.Key) -> bool:
        if not event.key.startswith("alt+") or event.character is None:
            return False
        return bool(self.screen_stack) and event.key in self.screen.active_bindings

    def on_resize(self, event: events.Resize) -> None:
        """Repaint everything after several resizes, or one to the known size: a terminal that
        shrank and grew again has lost its content, and the app may see only the old size. A single
        change of size is painted by its layout."""
        is_repeated = self._repaint_timer is not None
        self._needs_repaint |= is_repeated or event.size == self._last_size
        self._last_size = event.size
        if self._repaint_timer is not None:
            self._repaint_timer.reset()
        else:
            self._repaint_timer = self.set_timer(_RESIZE_QUIET_S, self._repaint)

    def _repaint(self) -> None:
        self._repaint_timer = None
        if self._needs_repaint and self.is_running and self.screen_stack:
            self.screen.refresh()
        self._needs_repaint = False

    @on(events.DescendantFocus)
    async def _replay_early_keys(self, event: events.DescendantFocus) -> None:
        """Once a widget has the focus, send it the keys that came before."""
        typed, self._typed_early = self._typed_early or [], None
        for early in typed:
            await self.on_event(early)
        if not self._early_keys_replayed.is_set():
            event.widget.call_later(self._early_keys_replayed.set)

    def _exit_with(self, status: int) -> None:
        self.exit(status, return_code=status)

    def action_leave(self) -> None:
        self._exit_with(0)

    async def action_interrupt_or_leave(self) -> None:
        """In a dialog, interrupt the turn that waits for it or do what Esc does. Otherwise stop the
        model, else clear the prompt, else leave if pressed twice. Selected text is copied instead.
        """
        screen = self.screen
        if getattr(screen.focused, "selected_text", "") or screen.get_selected_text():
            raise SkipAction  # Textual's own binding of this key copies.
        if isinstance(screen, ModalScreen):
            await self._leave_dialog(screen)
            return
        if (chat := self._chat_on_top) is not None:
            if chat.interrupt():
                return
            if text := chat.composer.set_aside():
                chat.prompts.remember(text)
                return
        self._leave_on_second_press("interrupt_or_leave")

    def action_leave_an_empty_prompt(self) -> None:
        self._leave_on_second_press("leave_an_empty_prompt")

    def _leave_on_second_press(self, name: str) -> None:
        """Leave if the action ``name`` was run twice within ``_QUIT_WINDOW_S``."""
        now = self.launch.clock()
        first_name, first_s = self._last_leave_press
        if first_name == name and now - first_s < _QUIT_WINDOW_S:
            self._exit_with(0)
            return
        self._last_leave_press = name, now
        keys = next(
            each.keys for each in actions_with_keys(self.launch.loaded) if each.name == name
        )
        again = f"Press {key_words(keys[0])} again" if keys else "Again"
        text = f"{again} to leave."
        if (chat := self._chat_on_top) is not None:
            chat.tell(text, _QUIT_WINDOW_S)
        else:
            self.notify(text, timeout=_QUIT_WINDOW_S, markup=False)

    async def _leave_dialog(self, screen: ModalScreen[object]) -> None:
        if isinstance(screen, AsksForTurn) and self._chat is not None and self._chat.interrupt():
            return
        escape = screen.active_bindings.get("escape")
        if escape is not None:
            await self.run_action(escape.binding.action, escape.node)

    def action_help_quit(self) -> None:
        """Disables Textual's own answer to Ctrl+C, which the app replaces."""

    def _fatal_error(self) -> None:
        """Keep the exception; Textual would print a traceback with local variables, which can hold
        secrets."""
        self.crash = self._exception
        if isinstance(self.crash, WorkerFailed) and isinstance(self.crash.error, Exception):
            self.crash = self.crash.error
        self._close_messages_no_wait()


def run_app(launch: Launch) -> int:
    """Run the app until the user leaves; return the exit status.

    Raises ConfigError for invalid key settings, and after a crash the exception that ended the app.
    """
    actions_with_keys(launch.loaded)
    app = VtcodeApp(launch)
    app.run()
    _print_exit_notes(app)
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0


def _print_exit_notes(app: VtcodeApp) -> None:
    """Print how to resume and what is not saved, after the terminal is restored."""
    import shlex

    try:
        if app.way_back:
            sys.stdout.write(f"To go on: vtcode-tui {shlex.join(app.way_back)}\n")
        if app.unsaved:
            sys.stderr.write(f"vtcode-tui: this session is {clean_line(app.unsaved)}\n")
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # The terminal was closed, so nobody reads this. The interpreter flushes both streams again
        # when it exits, and a failure there would change the exit status.
        nothing = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nothing, stream.fileno())
