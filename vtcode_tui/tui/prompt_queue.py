"""The queue of prompts while the model works. No widget.

A prompt is sent when the turn before it has ended. A held prompt waits for the user; a steering
prompt is with the agent and is part of the running turn's next request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from vtcode_tui.conversation.prompts import UserInput
from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class WaitingPrompt:
    input: UserInput
    is_held: bool = False
    is_steering: bool = False

    @property
    def is_command(self) -> bool:
        """Whether it is a shell command of the user's."""
        return self.input.text.startswith("!")


class PromptQueue:
    """``changed`` is called after each change of ``prompts``."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.prompts: tuple[WaitingPrompt, ...] = ()
        self._changed = changed

    def __len__(self) -> int:
        return len(self.prompts)

    def add(self, prompt: UserInput, *, is_held: bool = False) -> None:
        self._set((*self.prompts, WaitingPrompt(prompt, is_held=is_held)))

    @property
    def next(self) -> WaitingPrompt | None:
        """The first prompt that may be sent."""
        waiting = (each for each in self.prompts if not each.is_held and not each.is_steering)
        return next(waiting, None)

    def take_next(self) -> WaitingPrompt | None:
        """Take the first prompt that may be sent."""
        prompt = self.next
        return None if prompt is None else self.take(self.prompts.index(prompt))

    def take(self, index: int) -> WaitingPrompt:
        """Remove and return one. Raises IndexError."""
        prompt = self.prompts[index]
        self._set((*self.prompts[:index], *self.prompts[index + 1 :]))
        return prompt

    def take_all(self) -> tuple[WaitingPrompt, ...]:
        taken = self.prompts
        self._set(())
        return taken

    def release(self, index: int) -> None:
        """Make a held prompt sendable."""
        self._replace(index, replace(self.prompts[index], is_held=False))

    def steer(self, index: int) -> None:
        """The agent has taken the prompt."""
        self._replace(index, replace(self.prompts[index], is_held=False, is_steering=True))

    def steered(self, prompt: UserInput) -> None:
        """The running turn has included the prompt."""
        for index, each in enumerate(self.prompts):
            if each.is_steering and each.input == prompt:
                self.take(index)
                return

    def take_back_steering(self) -> None:
        """The turn ended first: steering prompts wait like the others."""
        if any(each.is_steering for each in self.prompts):
            self._set(replace(each, is_steering=False) for each in self.prompts)

    def hold_all(self) -> None:
        """Hold all prompts until the user sends them."""
        if self.prompts:
            self._set(replace(each, is_held=True, is_steering=False) for each in self.prompts)

    def _replace(self, index: int, prompt: WaitingPrompt) -> None:
        self._set((*self.prompts[:index], prompt, *self.prompts[index + 1 :]))

    def _set(self, prompts: Iterable[WaitingPrompt]) -> None:
        self.prompts = tuple(prompts)
        self._changed()
