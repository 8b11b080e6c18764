"""The attachments of the current prompt: mentioned files, images, command output; shown as chips."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind
from vtcode_tui.errors import VtcodeError
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.chips import Chip
from vtcode_tui.tui.mentions import Mention, mentions_in
from vtcode_tui.tui.pasted_images import image_paste

if TYPE_CHECKING:
    from vtcode_tui.agent.attaching import Attacher, Candidate

_MOST_KEPT = 200
_TYPING_PAUSE_S = 0.12
_KINDS = {AttachmentKind.OUTPUT: "$ ", AttachmentKind.IMAGE: "", AttachmentKind.FILE: ""}


class AttachmentTray:
    """``changed`` is called when the chips change; ``in_worker`` runs a coroutine in the
    background."""

    def __init__(
        self,
        bench: Workbench,
        in_worker: Callable[[Callable[[], Awaitable[None]]], None],
        changed: Callable[[], None],
    ) -> None:
        self._bench = bench
        self._in_worker = in_worker
        self._changed = changed
        self._attached: tuple[Attachment, ...] = ()
        self._text = ""
        self._notes: dict[str, str | None] = {}
        """By mentioned path: the size in words, None if there is no such file, empty during the
        lookup."""

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The attachments that are not mentions in the text."""
        return self._attached

    def attach(self, *attachments: Attachment) -> None:
        self._attached += attachments
        self._changed()

    def take_all(self) -> tuple[Attachment, ...]:
        taken, self._attached = self._attached, ()
        self._changed()
        return taken

    def remove_last(self) -> None:
        if self._attached:
            self._attached = self._attached[:-1]
            self._changed()

    def remove(self, key: str) -> Mention | None:
        """Remove a chip; return the mention to remove from the text, if it stands for one."""
        kind, _, rest = key.partition(" ")
        if kind == "attached":
            index = int(rest)
            self._attached = self._attached[:index] + self._attached[index + 1 :]
            self._changed()
            return None
        return next((each for each in mentions_in(self._text) if each.path == rest), None)

    def text_changed(self, text: str) -> None:
        """Look up the mentions in the prompt when typing pauses."""
        self._text = text
        new = [each for each in self._mentions() if each.path not in self._notes]
        if new:
            self._in_worker(self._look_up)

    def chips(self) -> tuple[Chip, ...]:
        mentioned = dict.fromkeys(each.path for each in self._mentions())
        named = [
            Chip(f"mentioned {path}", path, note)
            for path in mentioned
            if (note := self._notes.get(path))
        ]
        others = [
            Chip(f"attached {index}", f"{_KINDS[each.kind]}{each.name}", each.note)
            for index, each in enumerate(self._attached)
        ]
        return (*named, *others)

    def _mentions(self) -> tuple[Mention, ...]:
        return mentions_in(self._text)

    async def _look_up(self) -> None:
        await asyncio.sleep(_TYPING_PAUSE_S)
        new = [each for each in self._mentions() if each.path not in self._notes]
        if not new:
            return
        if len(self._notes) > _MOST_KEPT:
            self._notes.clear()
        attacher = await self._attacher()
        for mention in new:
            self._notes[mention.path] = await asyncio.to_thread(_note_of, attacher, mention)
        self._changed()

    async def _attacher(self) -> Attacher:
        from vtcode_tui.agent.attaching import Attacher

        files = await self._bench.files()
        return Attacher(files.gate, files.secrets)

    # --- reading --------------------------------------------------------------------------------

    async def read_mentions(self, app: App[int], text: str) -> tuple[Attachment, ...]:
        """Read the mentioned files, each once; ask the user where the gate requires it.

        A mention that names no file is plain text. Raises VtcodeError for what cannot be attached.
        """
        self._notes.clear()
        attacher = await self._attacher()
        candidates: dict[str, Candidate] = {}
        for mention in mentions_in(text):
            candidate = await asyncio.to_thread(_find, attacher, mention)
            if candidate is not None:
                candidates[candidate.name] = candidate
        read: list[Attachment] = []
        for candidate in candidates.values():
            if candidate.is_image:
                self.check_vision(candidate.name)
            if candidate.caution and not await self._confirm(app, candidate):
                continue
            read.append(await asyncio.to_thread(attacher.read, candidate))
        return tuple(read)

    async def _confirm(self, app: App[int], candidate: Candidate) -> bool:
        from vtcode_tui.tui.confirm_screen import ConfirmScreen

        question = ConfirmScreen(
            "Attach this file? Its text goes to the model.",
            f"{candidate.name}: {candidate.caution}",
            do="Attach it",
            keep="Send without it",
        )
        return await ask_screen(app, question)

    async def attach_pasted_image(self, text: str) -> bool:
        """Attach the image that a paste names or contains; return False if it is not one.

        Raises VtcodeError if it cannot be attached.
        """
        from vtcode_tui.agent.attaching import image_attachment

        pasted = image_paste(text)
        if pasted is None:
            return False
        if isinstance(pasted, bytes):
            self.check_vision("The picture")
            self.attach(image_attachment("pasted picture", pasted))
            return True
        home = self._bench.launch.environ.get("HOME", "~")
        path = f"{home}{pasted[1:]}" if pasted.startswith("~/") else pasted
        attacher = await self._attacher()
        candidate = await asyncio.to_thread(attacher.find, path)
        if candidate is None or not candidate.is_image or candidate.caution:
            return False
        self.check_vision(candidate.name)
        self.attach(await asyncio.to_thread(attacher.read, candidate))
        return True

    async def attach_clipboard(self) -> None:
        """Attach the image in the clipboard. Raises VtcodeError if there is none."""
        from vtcode_tui.agent.attaching import MAX_IMAGE_BYTES, image_attachment
        from vtcode_tui.workspace.process_foreground import clipboard_image, image_readers

        environ = self._bench.launch.environ
        if not await asyncio.to_thread(image_readers, environ):
            raise VtcodeError(
                "The clipboard cannot be read for a picture.",
                why="There is no wl-paste, xclip or pngpaste here.",
                advice="Install one, or name the picture's file: @shot.png",
            )
        self.check_vision("The picture")
        content = await asyncio.to_thread(clipboard_image, environ, MAX_IMAGE_BYTES)
        if not content:
            raise VtcodeError(
                "There is no picture in the clipboard.",
                why="It is empty, or holds something other than a PNG.",
                advice="Copy one, or name its file: @shot.png",
            )
        self.attach(image_attachment("picture from the clipboard", content))

    def check_pictures(self, attachments: Iterable[Attachment]) -> None:
        """``check_vision`` if there is an image among them."""
        for each in attachments:
            if each.kind is AttachmentKind.IMAGE:
                self.check_vision(each.name)

    def check_vision(self, name: str) -> None:
        """Raises VtcodeError if the current model is known not to accept images."""
        model = self._bench.model
        if model is not None and not model.may_have("vision"):
            raise VtcodeError(
                f"{model.name} cannot see pictures: {name} is not attached.",
                why="The server lists no vision among what this model can do.",
                advice="Choose a model with vision: /model",
            )


def _find(attacher: Attacher, mention: Mention) -> Candidate | None:
    return next(filter(None, map(attacher.find, mention.paths)), None)


def _note_of(attacher: Attacher, mention: Mention) -> str | None:
    """The size of a mentioned file; None if it does not exist or may not be read."""
    with suppress(VtcodeError):
        candidate = _find(attacher, mention)
        if candidate is not None:
            return f"{candidate.note}, asks first" if candidate.caution else candidate.note
    return None
