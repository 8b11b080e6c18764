"""The interface through which the agent records a session."""

from __future__ import annotations

from typing import Protocol

from vtcode_tui.conversation.events import Event
from vtcode_tui.conversation.messages import Message
from vtcode_tui.session.settings import SessionSettings


class Recorder(Protocol):
    """Receives everything before it has consequences. Its methods never raise and return quickly."""

    def record(self, event: Event) -> None:
        """Record one event when it is emitted."""
        ...

    def record_history(self, messages: tuple[Message, ...]) -> None:
        """Record the current history, after a compaction and at the end of a turn."""
        ...

    def record_grant(self, key: str) -> None:
        """Record that the user approved all calls with this grant key for the session."""
        ...

    def record_grant_taken_back(self, key: str) -> None:
        """Record that such an approval was revoked."""
        ...

    def record_settings(self, settings: SessionSettings) -> None:
        """Record the settings in use from now on."""
        ...

    async def saved(self) -> None:
        """Wait until everything recorded is on the disk, or has failed to be."""
        ...


class NoRecorder:
    """Records nothing."""

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
