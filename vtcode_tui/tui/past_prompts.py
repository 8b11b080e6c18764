"""The prompts that Up and Down walk through in the composer, as in a shell. No widget."""

from __future__ import annotations

from collections.abc import Sequence


class PastPrompts:
    """A list of prompts, oldest first, and a position in it; behind its end stands the draft."""

    def __init__(self) -> None:
        self._prompts: list[str] = []
        self._index = 0
        self._draft = ""

    def replace(self, prompts: Sequence[str]) -> None:
        self._prompts = list(prompts)
        self.rewind()

    def add(self, prompt: str) -> None:
        """Make ``prompt`` the newest, once if it was the newest already; the draft is dropped."""
        if self._prompts[-1:] != [prompt]:
            self._prompts.append(prompt)
        self._draft = ""
        self.rewind()

    def rewind(self) -> None:
        """Go back behind the newest prompt."""
        self._index = len(self._prompts)

    @property
    def is_at_oldest(self) -> bool:
        return self._index == 0

    @property
    def is_at_draft(self) -> bool:
        return self._index == len(self._prompts)

    def older(self, current: str) -> str:
        """Step back to the prompt before; ``current`` is kept as the draft where it is one.

        Raises IndexError at the oldest prompt.
        """
        if self.is_at_oldest:
            raise IndexError("no older prompt")
        self._keep_draft(current)
        self._index -= 1
        return self._prompts[self._index]

    def newer(self) -> str:
        """Step to the next prompt, or to the draft behind the newest. Raises IndexError there."""
        if self.is_at_draft:
            raise IndexError("no newer prompt")
        self._index += 1
        return self._draft if self.is_at_draft else self._prompts[self._index]

    def go_to(self, prompt: str, current: str) -> None:
        """Make the newest ``prompt`` like this one the position; ``current`` as in ``older``."""
        self._keep_draft(current)
        if prompt in self._prompts:
            self._index = len(self._prompts) - 1 - self._prompts[::-1].index(prompt)

    def _keep_draft(self, current: str) -> None:
        if self.is_at_draft:
            self._draft = current
