"""The list of sessions. Dismisses with an action on one of them, or None."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from vtcode_tui.conversation.wording import counted
from vtcode_tui.session.listing import SessionSummary
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.field import QueryField
from vtcode_tui.tui.session_rows import RowFrame, row_content, search
from vtcode_tui.tui.sheet import Heading, NotedHint, Sheet

_HINT = "enter open · ctrl+r rename · ctrl+e export · ctrl+d delete · esc back"
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class PickedSession:
    """``title`` is the new name for "rename"; ``query`` is the search text of the list."""

    action: Literal["open", "rename", "export", "delete"]
    session: SessionSummary
    title: str = ""
    query: str = ""


class SessionPicker(Sheet[PickedSession | None]):
    """Type to search, arrows and Enter or a click to open.

    ``rows`` None means that they are still being read: pass them to ``set_rows`` later. ``current``
    is the id of the open session; ``chosen`` the one to select first; ``outcome`` is the result of
    the last action, shown until the selection moves.
    """

    DEFAULT_CSS = """
    SessionPicker {
        & > #sheet { height: 100%; max-height: 36; }
        #new-title { display: none; }
        OptionList { height: 1fr; }
        &.-renaming {
            #query { display: none; }
            #new-title { display: block; }
            OptionList { opacity: 40%; }
        }
    }
    """
    AUTO_FOCUS = "#query"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("up", "move('cursor_up')", "Up", show=False, priority=True),
        Binding("down", "move('cursor_down')", "Down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Page up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Page down", show=False, priority=True),
        Binding("ctrl+r", "rename", "Rename", show=False, priority=True),
        Binding("ctrl+e", "pick('export')", "Export", show=False, priority=True),
        Binding("ctrl+d", "pick('delete')", "Delete", show=False, priority=True),
    ]

    def __init__(
        self,
        rows: Sequence[SessionSummary] | None = None,
        *,
        now: datetime.datetime,
        current: str = "",
        chosen: str = "",
        query: str = "",
        outcome: str = "",
    ) -> None:
        super().__init__()
        self._rows = rows
        self._shown: list[SessionSummary] = []
        self._now = now
        self._current = current
        self._chosen = chosen
        self._outcome = outcome
        self._initial_query = query
        self._query = QueryField(query, placeholder="type to search", id="query")
        self._title = QueryField(id="new-title", select_on_focus=False)
        self._list = OptionList(id="sessions", markup=False)
        self._list.can_focus = False
        self._heading = Heading("Sessions", "reading…")
        self._hint = NotedHint(_HINT)

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield self._heading
            yield self._query
            yield self._title
            yield self._list
            yield self._hint

    def fit(self) -> None:
        super().fit()
        # The columns depend on the list's own width, which is known only after this resize.
        self.call_after_refresh(self._show_rows)

    def set_rows(self, rows: Sequence[SessionSummary]) -> None:
        """Set the sessions, newest first, also while the screen is open."""
        self._rows = rows
        self._show_rows()

    @property
    def highlighted(self) -> SessionSummary | None:
        index = self._list.highlighted
        return self._shown[index] if index is not None and index < len(self._shown) else None

    def _show_rows(self) -> None:
        width = self._list.scrollable_content_region.width
        if self._rows is None or not width:
            return
        kept = self.highlighted.session_id if self.highlighted else self._chosen
        self._shown = search(self._rows, self._query.value)
        frame = RowFrame(width, self._now, self._current)
        options = [Option(row_content(row, frame)) for row in self._shown]
        self._list.set_options(options)
        ids = [row.session_id for row in self._shown]
        if ids:
            at = ids.index(kept) if kept in ids and not self._query.value else 0
            self._list.highlighted = at
        count = len(self._rows)
        held = counted(count, "session was", "sessions were")
        text = f"{held} held here" if count else "No session was held here yet."
        self._heading.show_state(text)
        self._show_note()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_note()

    def _show_note(self) -> None:
        row = self.highlighted
        text = clean_line(self._outcome)
        if row is not None and not text:
            size = f"{max(1, row.size_bytes // 1000):,} kB"
            facts = (row.session_id, row.model, counted(row.turns, "turn"), size)
            text = clean_line(" · ".join(fact for fact in facts if fact))
        self._hint.show_note(Content(text))

    # Typing and moving

    @on(Input.Changed, "#query")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._initial_query:
            self._outcome = ""
        self._show_rows()

    def action_move(self, way: str) -> None:
        self._outcome = ""
        if not self.has_class("-renaming"):
            getattr(self._list, f"action_{way}")()

    # Picking

    @on(Input.Submitted, "#query")
    def _open_highlighted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick("open")

    @on(OptionList.OptionSelected)
    def _open_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if not self.has_class("-renaming"):
            self.action_pick("open")

    def action_pick(self, action: Literal["open", "export", "delete"]) -> None:
        row = self.highlighted
        if row is not None and not self.has_class("-renaming"):
            self._finish(PickedSession(action, row, query=self._query.value))

    def action_rename(self) -> None:
        row = self.highlighted
        if row is None:
            return
        self.add_class("-renaming")
        self._title.value = row.title or clean_line(row.first_words, _LONGEST_TITLE)
        self._title.cursor_position = len(self._title.value)
        self._title.focus(scroll_visible=False)
        self._hint.update(Content("enter rename · esc back"), layout=False)

    @on(Input.Submitted, "#new-title")
    def _name_typed(self, event: Input.Submitted) -> None:
        event.stop()
        row, title = self.highlighted, event.value.strip()[:_LONGEST_TITLE]
        if row is not None and title:
            self._finish(PickedSession("rename", row, title, self._query.value))

    def action_back(self) -> None:
        if not self.has_class("-renaming"):
            self._finish(None)
            return
        self.remove_class("-renaming")
        self._query.focus(scroll_visible=False)
        self._hint.update(Content(_HINT), layout=False)

    def _finish(self, picked: PickedSession | None) -> None:
        if self.is_active:
            self.dismiss(picked)
