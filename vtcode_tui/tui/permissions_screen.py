"""Lists tool policies and grants; Enter, Delete or a click revokes a grant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vtcode_tui.agent.permission_list import PermissionRow, RowKind, permission_rows, take_back
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.columns import in_columns
from vtcode_tui.tui.rendering.tones import MUTED, TITLE
from vtcode_tui.tui.sheet import Hint, Sheet

_HEADINGS: dict[RowKind, str] = {
    "tool": "Tools",
    "session": "Granted for this session",
    "always": "Granted for always, in this project",
}
_NONE = "  nothing"
_LONGEST = 500
_HINT = "enter or delete takes a grant back · esc close"


class PermissionsScreen(Sheet[PermissionRow | None]):
    """Dismisses with the grant to revoke, or None. ``trouble`` is shown above the rows."""

    DEFAULT_CSS = """
    PermissionsScreen {
        OptionList {
            margin: 1 0;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            & > .option-list--option-disabled { color: $foreground; }
        }
        &.-short OptionList { margin: 0; }
        #trouble { color: $foreground 70%; }
    }
    """
    AUTO_FOCUS = "#rows"
    fits = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("delete,backspace", "take_back", "Take back", show=False),
    ]

    def __init__(self, rows: Sequence[PermissionRow], trouble: str = "") -> None:
        super().__init__()
        self._grants = {str(number): row for number, row in enumerate(rows) if row.kind != "tool"}
        self._rows = tuple(rows)
        self._options = OptionList(*_options(rows, 0), id="rows", markup=False)
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content.styled("Permissions", TITLE))
            if self._trouble:
                yield Static(Content(clean_line(self._trouble, _LONGEST)), id="trouble")
            yield self._options
            yield Hint(_HINT)

    def fit(self) -> None:
        self.other_lines = 3 if self._trouble else 2
        super().fit()
        # The columns depend on the list's own width, which is known only after this resize.
        self.call_after_refresh(self._refresh_options)

    def _refresh_options(self) -> None:
        kept = self._options.highlighted
        self._options.set_options(
            _options(self._rows, self._options.scrollable_content_region.width)
        )
        self._options.highlighted = kept

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._finish(self._grants.get(event.option_id or ""))

    def action_take_back(self) -> None:
        option = self._options.highlighted_option
        if option is not None:
            self._finish(self._grants.get(option.id or ""))

    def _finish(self, row: PermissionRow | None) -> None:
        if row is not None and self.is_active:
            self.dismiss(row)

    def action_close(self) -> None:
        if self.is_active:
            self.dismiss(None)


async def show_permissions(app: App[int], bench: Workbench, notice: Callable[[str], None]) -> None:
    """Show the permissions until the user closes the list. Raises ConfigError."""
    if bench.agent is None:
        notice("No model is chosen yet: Ctrl+O opens the list.")
        return
    calls = bench.agent.calls
    while True:
        trouble = calls.always.trouble if calls.always is not None else ""
        row = await ask_screen(app, PermissionsScreen(permission_rows(calls), trouble))
        if row is None:
            return
        await take_back(calls, row, bench.recorder.record_grant_taken_back)


def _options(rows: Sequence[PermissionRow], width: int) -> list[Option]:
    """The rows under their headings; only grants can be selected."""
    options: list[Option] = []
    for kind, heading in _HEADINGS.items():
        above = Content("\n") if options else Content("")
        options.append(Option(above + Content.styled(heading, TITLE), disabled=True))
        numbered = [(number, row) for number, row in enumerate(rows) if row.kind == kind]
        for number, row in numbered:
            line = in_columns(_line(row), width) if width else _line(row)
            options.append(Option(line, id=str(number), disabled=kind == "tool"))
        if not numbered:
            options.append(Option(Content.styled(_NONE, MUTED), disabled=True))
    return options


def _line(row: PermissionRow) -> Content:
    text, detail = clean_line(row.text, _LONGEST), clean_line(row.detail, _LONGEST)
    if row.kind == "tool":
        return Content.assemble(f"  {text}\n", (f"    {detail}", MUTED))
    return Content.assemble(f"  {text}", (f"  {detail}" if detail else "", MUTED))
