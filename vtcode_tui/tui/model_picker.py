"""Picks the model. Dismisses with it, or with None to keep the current one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.field import QueryField
from vtcode_tui.tui.model_list import ModelList
from vtcode_tui.tui.model_rows import (
    CUSTOM_NAME,
    ModelRow,
    PickedModel,
    is_among,
    names_on_server,
    typed_id,
)
from vtcode_tui.tui.rendering.tones import ATTENTION, EMPHASIS, MUTED
from vtcode_tui.tui.sheet import Heading, NotedHint, Sheet

_FILTER = "type to filter"
_CUSTOM_ROW = ModelRow(CUSTOM_NAME, "custom")


class ModelPicker(Sheet[PickedModel | None]):
    """Type to filter, arrows and Enter or a click to pick.

    If ``rows`` is None they are still being loaded: pass them to ``set_rows``. A row for entering
    any id is always listed; for an id that the server does not have a warning is shown first, and a
    second Enter accepts it. ``also_there`` are models on the server without a row.
    """

    DEFAULT_CSS = """
    ModelPicker {
        & > #sheet { height: 100%; max-height: 36; }
        &.-custom {
            ModelList { opacity: 40%; }
        }
    }
    """

    AUTO_FOCUS = "#query"
    has_set_heights = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Keep", show=False),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
        Binding("ctrl+s", "save", "Use and save", show=False, priority=True),
        Binding("ctrl+g", "pull_unknown", "Pull it", show=False, priority=True),
    ]

    def __init__(
        self,
        rows: Sequence[ModelRow] | None = None,
        current: str | None = None,
        *,
        message: str = "",
        config_name: str = "vtcode.toml",
    ) -> None:
        super().__init__()
        self._rows = rows
        self._current = current
        self._message = message
        self._config_name = config_name
        self._heading = Heading("Choose a model")
        self._query = QueryField(placeholder=_FILTER, id="query")
        self._filter_text = ""
        self.also_there: frozenset[str] = frozenset()
        self._unknown_name = ""
        self._pending_pick: PickedModel | None = None
        self._models = ModelList(current, id="models")
        self._hint = NotedHint()

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield self._heading
            yield self._query
            yield self._models
            yield self._hint

    def on_mount(self) -> None:
        self._show_hint()
        if self._rows is None:
            self._models.set_rows((_CUSTOM_ROW,))
            self._show_message(self._message or "loading…", is_fault=False)
        else:
            self.set_rows(self._rows, fault=self._message)

    def set_rows(self, rows: Sequence[ModelRow], *, fault: str = "") -> None:
        """Set the rows, also while the dialog is open; ``fault`` says why some are missing."""
        self._rows = tuple(rows)
        self._message = fault
        own = tuple(row for row in rows if row.kind != "custom")
        self._models.set_rows((*own, _CUSTOM_ROW))
        installed = sum(row.kind == "installed" for row in own)
        count = f"{installed} installed" if installed or not own else ""
        if not installed and any(row.kind == "not installed" for row in own):
            count = "none installed yet: enter pulls one"
        self._show_message(fault or count, is_fault=bool(fault))
        self._resolve_pending_pick()

    def _resolve_pending_pick(self) -> None:
        """Pick the name that was entered before the rows were loaded, unless some rows only
        resemble it."""
        awaited, self._pending_pick = self._pending_pick, None
        row = self._models.highlighted
        if awaited is None or row is None:
            return
        is_clear = bool(self._message) or self._is_on_server(awaited.name)
        if is_clear or row.kind == "custom":
            self._pick_typed(awaited.name, save=awaited.save)

    def _show_message(self, text: str, *, is_fault: bool) -> None:
        self._heading.show_state(clean_line(text, 300), EMPHASIS if is_fault else MUTED)

    def _show_hint(self) -> None:
        if self._unknown_name:
            pull = f"/pull {clean_line(shlex.quote(self._unknown_name), 40)}"
            hint = f"enter use it all the same · ctrl+g pull it, as {pull} does"
        elif self.has_class("-custom"):
            hint = f"enter use · ctrl+s use and save to {self._config_name} · esc back"
        else:
            keep = f"keep {clean_line(self._current, 40)}" if self._current else "close"
            hint = f"enter use · ctrl+s use and save to {self._config_name} · esc {keep}"
        self._hint.update(Content(hint), layout=False)

    @on(ModelList.Highlighted)
    def _show_note(self, event: ModelList.Highlighted) -> None:
        event.stop()
        if not self._unknown_name:
            self._show_row_note()

    def _show_row_note(self) -> None:
        row = self._models.highlighted
        self._hint.show_note(Content("" if row is None else _row_note(row)))

    # Typing and moving

    @on(Input.Changed, "#query")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._clear_warning()
        if not self.has_class("-custom") and event.value != self._filter_text:
            self._filter_text = event.value
            self._models.set_query(event.value)

    def action_move(self, step: int) -> None:
        if not self.has_class("-custom"):
            self._clear_warning()
            self._models.move(step)

    def action_page(self, pages: int) -> None:
        if not self.has_class("-custom"):
            self._clear_warning()
            self._models.page(pages)

    # Picking

    @on(Input.Submitted, "#query")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._pick_shown(save=False)

    @on(ModelList.Picked)
    def _pick_clicked(self, event: ModelList.Picked) -> None:
        event.stop()
        if not self.has_class("-custom"):
            self._pick(event.row, save=False)

    def action_save(self) -> None:
        self._pick_shown(save=True)

    def _pick_shown(self, *, save: bool) -> None:
        if self.has_class("-custom"):
            self._pick_typed(self._query.value.strip(), save=save)
            return
        row = self._models.highlighted
        if row is not None:
            self._pick(row, save=save)

    def _pick(self, row: ModelRow, *, save: bool) -> None:
        if row.kind != "custom":
            self._finish(PickedModel(row.name, save, row.kind))
        elif typed := typed_id(self._query.value):
            self._pick_typed(typed, save=save)
        elif self._rows is None:
            self._show_message("still loading…", is_fault=True)
        else:
            self._open_custom()

    def _pick_typed(self, name: str, *, save: bool) -> None:
        """Pick any id; warn first if the server does not have it."""
        if not name:
            return
        if self._rows is None:
            self._pending_pick = PickedModel(name, save, "custom")
            self._show_message(f"still loading, then {name}…", is_fault=True)
        elif self._message or name == self._unknown_name or self._is_on_server(name):
            self._finish(PickedModel(name, save, "custom"))
        else:
            self._unknown_name = name
            words = f'The server has no model "{clean_line(name, 60)}".'
            self._hint.show_note(Content.assemble(("! ", ATTENTION), words))
            self._show_hint()

    def _is_on_server(self, name: str) -> bool:
        return is_among(name, names_on_server(self._rows or ()) | self.also_there)

    def _clear_warning(self) -> None:
        """Drop the warning or pending pick after the query changes, and show the highlighted row's
        note."""
        if self._pending_pick is not None:
            self._pending_pick = None
            self._show_message("loading…", is_fault=False)
        self._show_row_note()
        if self._unknown_name:
            self._unknown_name = ""
            self._show_hint()

    def action_pull_unknown(self) -> None:
        if self._unknown_name:
            self._finish(PickedModel(self._unknown_name, save=False, kind="not installed"))

    def _open_custom(self) -> None:
        """Let the query field take any id."""
        self.add_class("-custom")
        self._filter_text = self._query.value
        self._write("", "id of the model")

    def _write(self, text: str, placeholder: str) -> None:
        self._query.value = text
        self._query.cursor_position = len(text)
        self._query.placeholder = placeholder
        self._show_hint()

    def action_back(self) -> None:
        if self._unknown_name:
            self._clear_warning()
        elif self.has_class("-custom"):
            self.remove_class("-custom")
            self._write(self._filter_text, _FILTER)
        else:
            self._finish(None)

    def _finish(self, picked: PickedModel | None) -> None:
        if self.is_active:
            self.dismiss(picked)


def _row_note(row: ModelRow) -> str:
    """A description of the highlighted model, with its full name in case the column cropped it."""
    if row.kind == "custom":
        return "The id is sent to the server exactly as you type it."
    name = clean_line(row.name, 120)
    facts = ["loaded"] if row.loaded else []
    if row.kind == "not installed":
        facts.append("enter pulls it")
    facts += [fact for fact in (row.need, row.speed) if fact]
    if row.note:
        facts.append(clean_line(row.note, 200))
    if row.remote:
        facts.append("runs on another machine")
    return f"{name}  {' · '.join(facts)}" if facts else name
