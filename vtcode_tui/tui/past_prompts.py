"""The list of past prompts that Up and Down walk through, like in a shell. No widget."""

from __future__ import annotations

from collections.abc import Sequence


class PastPrompts:
    """A list of prompts, oldest first, with a position in it; after the newest comes the draft."""

    def __init__(self) -> None:
        self._prompts: list[str] = []
        self._index = 0
        self._draft = ""

    def replace(self, prompts: Sequence[str]) -> None:
        self._prompts = list(prompts)
        self.rewind()

    def add(self, prompt: str) -> None:
        """Append ``prompt`` unless it is already the newest; drop the draft."""
        if self._prompts[-1:] != [prompt]:
            self._prompts.append(prompt)
        self._draft = ""
        self.rewind()

    def rewind(self) -> None:
        """Go to the draft."""
        self._index = len(self._prompts)

    @property
    def is_at_oldest(self) -> bool:
        return self._index == 0

    @property
    def is_at_draft(self) -> bool:
        return self._index == len(self._prompts)

    def older(self, current: str) -> str:
        """Go to the previous prompt; at the draft, ``current`` is saved as the draft first.

        Raises IndexError at the oldest prompt.
        """
        if self.is_at_oldest:
            raise IndexError("no older prompt")
        self._keep_draft(current)
        self._index -= 1
        return self._prompts[self._index]

    def newer(self) -> str:
        """Go to the next prompt, or to the draft after the newest. Raises IndexError there."""
        if self.is_at_draft:
            raise IndexError("no newer prompt")
        self._index += 1
        return self._draft if self.is_at_draft else self._prompts[self._index]

    def go_to(self, prompt: str, current: str) -> None:
        """Go to the newest prompt equal to ``prompt``; ``current`` as in ``older``."""
        self._keep_draft(current)
        if prompt in self._prompts:
            self._index = len(self._prompts) - 1 - self._prompts[::-1].index(prompt)

    def _keep_draft(self, current: str) -> None:
        if self.is_at_draft:
            self._draft = current
