"""What the dialogs have in common: a sheet over the chat, told from it by its ground and its bar."""

from __future__ import annotations

from textual.screen import ScreenResultType

from vtcode_tui.tui.dialog import Dialog


class Sheet(Dialog[ScreenResultType]):
    """Put everything in one container with the id ``sheet``; a dialog's own style says what differs.

    Lines are one row high and cut with ``…``; a list has no frame; what stands in ``#hint``,
    ``#note`` and ``#about`` is quiet.
    """

    DEFAULT_CSS = """
    Sheet {
        align: center middle;
        & > #sheet {
            width: 100%;
            max-width: 104;
            height: auto;
            max-height: 100%;
            background: $surface;
            border-left: outer $primary;
            padding: 1 2;
        }
        Static { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #hint, #note, #about { color: $foreground 70%; }
        #heading { height: 1; }
        #heading > #title { width: auto; margin: 0 3 0 0; }
        #query-line { height: 1; margin: 1 0; }
        #query-line > #prompt { width: 2; color: $text-primary; }
        OptionList {
            height: auto;
            border: none;
            padding: 0;
            background: transparent;
            scrollbar-size: 0 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $surface;
            &:focus { border: none; }
            & > .option-list--option { padding: 0; }
        }
    }
    """
