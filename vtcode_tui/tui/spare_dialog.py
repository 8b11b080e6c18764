"""Keeps a dialog that is mounted and styled before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual.app import App

from vtcode_tui.tui.dialog import Dialog

_Kept = TypeVar("_Kept", bound=Dialog[Any])


class SpareDialog(Generic[_Kept]):
    """At most one dialog of a kind that is ready to be pushed. Mounting and styling its widgets takes
    as long as everything else that opening it does, and needs no key to be pressed first.

    ``build`` makes a dialog from arguments; for other arguments, or in a terminal of another size or
    theme, the spare is not used.
    """

    def __init__(self, build: Callable[..., _Kept]) -> None:
        self._build = build
        self._dialog: _Kept | None = None
        self._made_for: tuple[object, ...] = ()

    def prepare(self, app: App[int], *arguments: object) -> None:
        """Mount a dialog to be opened later, unless that is done already."""
        if self._fits(app, arguments) or not app.is_running:
            return
        self._discard()
        self._dialog, self._made_for = self._build(*arguments), _look(app, arguments)
        app._get_screen(self._dialog)

    def take(self, app: App[int], *arguments: object) -> _Kept:
        """The mounted dialog if it fits, otherwise a new one."""
        dialog = self._dialog
        if dialog is not None and dialog.is_mounted and self._fits(app, arguments):
            self._dialog = None
            return dialog
        self._discard()
        return self._build(*arguments)

    def _fits(self, app: App[int], arguments: tuple[object, ...]) -> bool:
        return self._dialog is not None and self._made_for == _look(app, arguments)

    def _discard(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None and dialog.is_running:
            dialog.remove()


def _look(app: App[int], arguments: tuple[object, ...]) -> tuple[object, ...]:
    return arguments, app.theme, app.size
