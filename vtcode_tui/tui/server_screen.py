"""Says that no server answered and offers options.

Dismisses with the chosen option, or None if the user closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DIALOG_BREAKPOINTS, Dialog, DialogBody
from vtcode_tui.tui.field import Field
from vtcode_tui.tui.rendering.tones import ATTENTION, EMPHASIS

_LABEL_WIDTH = len("Try the built-in model")
_ABOUT_WIDTH = 40
"""Cells of a row after its label."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the same address again."""


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """Try ``address``, as the user typed it."""

    address: str


@dataclass(frozen=True, slots=True)
class TryEmbedded:
    """Start the built-in model."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Exit the app."""


ServerChoice: TypeAlias = Retry | OtherAddress | TryEmbedded | Quit


@dataclass(frozen=True, slots=True)
class ServerTrouble:
    """``address`` failed; ``what``, ``why`` and ``advice`` are an error's three parts.

    With ``is_question`` nothing failed: the user asked to choose.
    """

    address: str
    what: str
    why: str = ""
    advice: str = ""
    is_question: bool = False


class ServerScreen(Dialog[ServerChoice | None]):
    """``install_command`` is the command that installs the built-in model, or empty if it is
    installed. ``before`` is the session's previous address if that was another one.

    ``fault_of`` returns what is wrong with a typed address, or an empty text.
    """

    DEFAULT_CSS = """
    ServerScreen {
        align: center middle;
        background: $background;
        & > #sheet {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            overflow-y: auto;
            padding: 1 3;
        }
        Static { width: 1fr; height: auto; }
        #why, #advice { margin: 1 0 0 0; }
        #why, #hint, #install { color: $foreground 70%; }
        #install { margin: 1 0 0 1; }
        ChoiceGroup { margin: 1 0 0 0; }
        #hint { margin: 1 0 0 1; }
        #address { display: none; margin: 1 0 0 1; }
        #fault { color: $text-error; margin: 0 0 0 1; display: none; }
        &.-writing {
            #address { display: block; }
            #fault { display: block; }
            ChoiceGroup, #install { display: none; }
        }
        &.-short {
            & > #sheet { padding: 0 1; }
            #why, #install { display: none; }
            #advice, ChoiceGroup, #hint { margin: 0; }
        }
    }
    """

    VERTICAL_BREAKPOINTS = DIALOG_BREAKPOINTS

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", show=False)]

    def __init__(
        self,
        trouble: ServerTrouble,
        *,
        install_command: str = "",
        before: str = "",
        fault_of: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self._trouble = trouble
        self._install_command = clean_line(install_command, 200)
        self._before = before
        self._fault_of = fault_of

    def compose(self) -> ComposeResult:
        trouble = self._trouble
        with DialogBody(id="sheet"):
            mark = "! " if trouble.why or trouble.advice else ""
            what = Content.assemble((mark, ATTENTION), (clean_text(trouble.what), EMPHASIS))
            yield Static(what, id="what")
            if trouble.why:
                yield Static(Content(clean_text(trouble.why)), id="why")
            if trouble.advice:
                yield Static(Content(clean_text(trouble.advice)), id="advice")
            with ChoiceGroup():
                yield Choice(
                    "Connect again" if trouble.is_question else "Try again",
                    clean_line(trouble.address, 200),
                    label_width=_LABEL_WIDTH,
                    id="retry",
                )
                if self._before:
                    yield Choice(
                        "The session's server",
                        clean_line(self._before, 200),
                        label_width=_LABEL_WIDTH,
                        id="before",
                    )
                yield Choice(
                    "Another address…",
                    "a server on another host or port",
                    label_width=_LABEL_WIDTH,
                    id="other",
                )
                yield self._built_in_choice()
                if not trouble.is_question:
                    yield Choice("Quit", label_width=_LABEL_WIDTH, id="quit")
            if len(f"first: {self._install_command}") > _ABOUT_WIDTH:
                yield Static(Content(f"built-in model: {self._install_command}"), id="install")
            yield Field(placeholder="http://host:11434", id="address")
            yield Static(Content(), id="fault")
            yield Static(Content(), id="hint")

    def _built_in_choice(self) -> Choice:
        if not self._install_command:
            about = "small; to try the app, not to write code"
        else:
            about = f"first: {self._install_command}"
            if len(about) > _ABOUT_WIDTH:
                about = "not installed yet"
        return Choice(
            "Try the built-in model",
            about,
            label_width=_LABEL_WIDTH,
            id="built-in",
            disabled=bool(self._install_command),
        )

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#retry", Choice), scroll_visible=False)
        self._show_hint()

    def _show_hint(self) -> None:
        is_writing = self.has_class("-writing")
        hint = "enter try this address · esc back" if is_writing else "↑ ↓ then enter · esc close"
        self.query_one("#hint", Static).update(Content(hint), layout=False)

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        match event.choice.id:
            case "retry":
                self._finish(Retry())
            case "before":
                self._finish(OtherAddress(self._before))
            case "other":
                self._write_address()
            case "built-in":
                self._finish(TryEmbedded())
            case _:
                self._finish(Quit())

    def _write_address(self) -> None:
        self.add_class("-writing")
        address = self.query_one("#address", Input)
        address.value = clean_line(self._trouble.address, 200)
        self.set_focus(address, scroll_visible=False)
        self._show_hint()

    @on(Input.Submitted, "#address")
    def _use_address(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        fault = "Type an address first." if not text else ""
        if text and self._fault_of is not None:
            fault = self._fault_of(text)
        self.query_one("#fault", Static).update(Content(clean_text(fault)))
        if not fault:
            self._finish(OtherAddress(text))

    def action_back(self) -> None:
        if not self.has_class("-writing"):
            self._finish(None)
            return
        self.remove_class("-writing")
        self.set_focus(self.query_one("#other", Choice), scroll_visible=False)
        self._show_hint()

    def _finish(self, choice: ServerChoice | None) -> None:
        if self.is_active:
            self.dismiss(choice)
