"""What the agent tells whoever keeps the session, so that nothing that happened is lost."""

from __future__ import annotations

from typing import Protocol

from vtcode_tui.conversation.events import Event
from vtcode_tui.conversation.messages import Message
from vtcode_tui.session.settings import SessionSettings


class Recorder(Protocol):
    """Hears of everything before it has consequences. Its methods never raise and return soon."""

    def record(self, event: Event) -> None:
        """One event, at the moment it is emitted."""
        ...

    def record_history(self, messages: tuple[Message, ...]) -> None:
        """The history as it is now, told after a compaction and at the end of a turn."""
        ...

    def record_grant(self, key: str) -> None:
        """The user approved all calls with this grant key for the session."""
        ...

    def record_grant_taken_back(self, key: str) -> None:
        """The user took the approval back: those calls ask again."""
        ...

    def record_settings(self, settings: SessionSettings) -> None:
        """What is used from now on."""
        ...

    async def saved(self) -> None:
        """Wait until all that was told is on the disk, or is known not to be."""
        ...


class NoRecorder:
    """Keeps nothing."""

    def record(self, event: Event) -> None:
        pass

    def record_history(self, messages: tuple[Message, ...]) -> None:
        pass

    def record_grant(self, key: str) -> None:
        pass

    def record_grant_taken_back(self, key: str) -> None:
        pass

    def record_settings(self, settings: SessionSettings) -> None:
        pass

    async def saved(self) -> None:
        pass


NO_RECORDER = NoRecorder()
