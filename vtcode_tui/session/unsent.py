"""What was written but not sent yet."""

from __future__ import annotations

from vtcode_tui.conversation.prompts import Attachment, UserInput
from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The text in the composer; ``folds`` are the texts behind its marks."""

    text: str = ""
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A long text that is shown as ``mark``."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queued prompts, and the attachments of the draft."""

    queue: tuple[UserInput, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What an app that is gone has left."""

    draft: Draft
    waiting: Waiting
