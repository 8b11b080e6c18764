"""Saves unsent drafts to disk shortly after a change, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vtcode_tui.session.drafts import DraftStore
from vtcode_tui.session.unsent import Draft, LeftOver, Waiting

_DELAY_S = 0.3


class DraftKeeper:
    """Call it after each change; ``close`` writes the last one.

    ``on_fault`` is called with the reason the first time that nothing can be saved.
    """

    def __init__(self, store: DraftStore, on_fault: Callable[[str], None]) -> None:
        self._store = store
        self._on_fault = on_fault
        self._fault_reported = False
        self._draft = self._saved_draft = Draft()
        self._waiting = self._saved_waiting = Waiting()
        self._timer: asyncio.TimerHandle | None = None
        self._saving: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def take_over(self) -> tuple[LeftOver, ...]:
        """The drafts of apps that are gone, newest first."""
        return await asyncio.to_thread(self._store.take_over)

    async def forget_taken(self) -> None:
        """Remove the taken-over drafts, after saving them as this app's own."""
        await self._save()
        await asyncio.to_thread(self._store.forget_taken)

    def add_to_draft(self, text: str) -> None:
        """Append ``text`` to the last draft."""
        self.draft_changed(Draft(self._draft.text + text, self._draft.folds))

    def draft_changed(self, draft: Draft) -> None:
        self._draft = draft
        self._save_soon()

    def waiting_changed(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._save_soon()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fault_reported = True  # No screen is left that could show it.
        await self._save()
        await asyncio.to_thread(self._store.close)

    def _save_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY_S, self._begin_saving)

    def _begin_saving(self) -> None:
        self._timer = None
        self._saving = asyncio.create_task(self._save())

    async def _save(self) -> None:
        async with self._lock:
            draft, waiting = self._draft, self._waiting
            # Additions first: being killed in between leaves a prompt twice instead of losing it.
            if waiting != self._saved_waiting:
                await asyncio.to_thread(self._store.save_waiting, waiting)
                self._saved_waiting = waiting
            if draft != self._saved_draft:
                await asyncio.to_thread(self._store.save_draft, draft)
                self._saved_draft = draft
            if self._store.fault and not self._fault_reported:
                self._fault_reported = True
                self._on_fault(self._store.fault)
