"""What a user sends: a text with what goes along with it, and the message made from both. Pure."""

from __future__ import annotations

from enum import StrEnum

from vtcode_tui.conversation.messages import UserMessage
from vtcode_tui.lazy_dataclass import dataclass


class AttachmentKind(StrEnum):
    """What is attached to a prompt: a file's text, an image, or the output of a user's command."""

    FILE = "file"
    IMAGE = "image"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Attachment:
    """``name`` is a path or a command. ``text`` is what the model reads; for a picture, ``image``
    holds its bytes in base64 instead. ``note`` says how large it is and what was left out."""

    kind: AttachmentKind
    name: str
    text: str = ""
    image: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class UserInput:
    """One prompt, ready to be sent."""

    text: str
    attachments: tuple[Attachment, ...] = ()


def user_message(prompt: str, attachments: tuple[Attachment, ...] = ()) -> UserMessage:
    """The message that a model reads: the prompt, then each attachment under a line that names it."""
    parts = [prompt, *map(_section, attachments)]
    images = tuple(each.image for each in attachments if each.image)
    return UserMessage("\n\n".join(part for part in parts if part), images)


def _section(attachment: Attachment) -> str:
    name = " ".join(attachment.name.split())
    note = f" ({attachment.note})" if attachment.note else ""
    match attachment.kind:
        case AttachmentKind.IMAGE:
            return f"[image: {name}]"
        case AttachmentKind.OUTPUT:
            return f"[the user ran: {name}{note}]\n{attachment.text}\n[end of its output]"
        case AttachmentKind.FILE:
            return f"[file: {name}{note}]\n{attachment.text}\n[end of {name}]"
