"""Files and pictures that a user attaches to a prompt, checked by the same gate as tools and cut to
size.

If the gate wants the user to be asked, ``Candidate.caution`` says why and the caller asks. Methods
block; they raise WorkspaceError with text for the user.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.conversation.prompts import Attachment, AttachmentKind
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.read_file import MAX_BYTES, cut_lines
from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.files import MAX_FILE_BYTES, open_regular, read_bytes
from vtcode_tui.workspace.gate import Gate, Place
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.names import shown_path
from vtcode_tui.workspace.text import decode, without_surrogates

MAX_IMAGE_BYTES = 8 * 1024 * 1024
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_MOST_NAMES = 200
_ALL_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be attached. ``note`` is its size in words; ``caution`` says why the user
    must be asked first, or is empty."""

    place: Place
    note: str
    caution: str = ""
    is_image: bool = False
    is_directory: bool = False

    @property
    def name(self) -> str:
        return self.place.name


class Attacher:
    """Checks attachments with ``gate`` and reads them; ``secrets`` learns the values in secret
    files."""

    def __init__(self, gate: Gate, secrets: KnownSecrets | None = None) -> None:
        self._gate = gate
        self._secrets = secrets or KnownSecrets()

    def find(self, path: str) -> Candidate | None:
        """The candidate that ``path`` names, or None if nothing has that name. Raises
        WorkspaceError if it may not be attached."""
        if not _may_exist(self._gate.workspace.root, path):
            return None
        place = self._gate.to_read(path)
        if place.identity is None:
            return None
        if place.path.is_dir():
            return Candidate(place, "directory", place.caution, is_directory=True)
        with open_regular(place.root, place.path) as descriptor:
            if descriptor is None:
                return None
            size = os.fstat(descriptor).st_size
        is_image = place.path.suffix.lower() in IMAGE_SUFFIXES
        # Naming a picture that lies elsewhere is a wish to show it; a text there may be a slip.
        caution = "" if is_image and not place.holds_secrets else place.caution
        note = size_in_words(size)
        if size > MAX_FILE_BYTES and not is_image:
            note += ", too large to attach"
        elif size > MAX_BYTES and not is_image:
            note += f", the first {size_in_words(MAX_BYTES)} of it"
        return Candidate(place, note, caution, is_image=is_image)

    def read(self, candidate: Candidate) -> Attachment:
        """Read a candidate into an attachment."""
        place = candidate.place
        if candidate.is_directory:
            return _directory(place)
        if candidate.is_image:
            content = read_bytes(
                place.root, place.path, max_bytes=MAX_IMAGE_BYTES, check=place.check_opened
            )
            return image_attachment(place.name, content)
        content = read_bytes(place.root, place.path, check=place.check_opened)
        decoded = decode(content)
        if decoded is None:
            raise WorkspaceError(
                f'"{place.name}" cannot be attached: it is a binary file, with no text in it.'
            )
        if place.holds_secrets:
            self._secrets.learn(decoded.text)
        lines = without_surrogates(decoded.text).replace("\r\n", "\n").split("\n")
        if lines[-1] == "":
            lines.pop()
        cut = cut_lines(lines, 1, _ALL_LINES)
        note = counted(cut.total, "line")
        if cut.shown_to < cut.total:
            note = f"the first {cut.shown_to:,} of {cut.total:,} lines"
        return Attachment(AttachmentKind.FILE, place.name, cut.text, note=note)


def _may_exist(root: Path, path: str) -> bool:
    try:
        return bool(path.strip()) and os.path.lexists(root / path)
    except (OSError, ValueError):
        return False


def image_attachment(name: str, content: bytes) -> Attachment:
    """An attachment for the picture in ``content``. Raises WorkspaceError if it is not a picture or
    too large."""
    if len(content) > MAX_IMAGE_BYTES:
        raise WorkspaceError(
            f'"{name}" cannot be attached: it has {size_in_words(len(content))}.',
            why=f"A picture may have {size_in_words(MAX_IMAGE_BYTES)} at most.",
            advice="Make it smaller first.",
        )
    if not is_picture(content):
        raise WorkspaceError(
            f'"{name}" cannot be attached: it is no PNG, JPEG or WebP picture.',
        )
    if not is_whole(content):
        raise WorkspaceError(
            f'"{name}" cannot be attached: the picture is cut off.',
            why="Its end is missing.",
            advice="Save or download it anew.",
        )
    image = base64.b64encode(content).decode()
    return Attachment(AttachmentKind.IMAGE, name, image=image, note=size_in_words(len(content)))


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin like an image format that an Ollama server decodes."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    )


def is_whole(content: bytes) -> bool:
    """Whether an image is complete: a server refuses the whole request otherwise."""
    if content.startswith(b"RIFF"):
        return len(content) >= int.from_bytes(content[4:8], "little") + 8
    return (b"IEND" if content.startswith(b"\x89PNG") else b"\xff\xd9") in content


def size_in_words(size: int) -> str:
    """``812 B``, ``4.2 kB``, ``1.3 MB``."""
    if size < 1_000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1_000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


def _directory(place: Place) -> Attachment:
    """The names in a directory, without git's own and what is off limits."""
    left_out = {way[0] for way in place.excluded if len(way) == 1} | {".git"}
    try:
        with directory_beneath(place.root.root_fd, place.root.names(place.path)) as descriptor:
            place.check_opened(descriptor)
            with os.scandir(descriptor) as entries:
                names = sorted(
                    f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
                    for entry in entries
                    if entry.name not in left_out
                )
    except OSError as error:
        raise WorkspaceError(
            f'"{place.name}" cannot be attached: {error.strerror or error}.'
        ) from error
    shown = [shown_path(name) for name in names[:_MOST_NAMES]]
    note = counted(len(names), "entry", "entries")
    if len(names) > _MOST_NAMES:
        note = f"the first {_MOST_NAMES} of {len(names):,} entries"
    return Attachment(AttachmentKind.FILE, f"{place.name}/", "\n".join(shown), note=note)
