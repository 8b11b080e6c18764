"""What was written but not sent yet. Frozen values."""

from __future__ import annotations

from vtcode_tui.conversation.prompts import Attachment, UserInput
from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The text in the composer; ``folds`` are the texts that stand folded in it, by their marks."""

    text: str = ""
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A long text that shows as ``mark``."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Prompts that wait to be sent, and what is attached to the draft."""

    queue: tuple[UserInput, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What one app that is gone has left."""

    draft: Draft
    waiting: Waiting
