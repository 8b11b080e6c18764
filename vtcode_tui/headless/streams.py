"""Writing to stdout and stderr as a person or a pipe wants it."""

from __future__ import annotations

import sys
from dataclasses import field
from typing import TextIO

from vtcode_tui.errors import VtcodeError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.clean import clean_text

_DIM, _RESET = "\x1b[2m", "\x1b[0m"


@dataclass(slots=True)
class Streams:
    """The three standard streams. A model's text is cleaned for a terminal and left raw for a pipe,
    so that what another program reads is exactly what the model wrote."""

    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    colour: bool = True
    _last: str = "\n"

    def answer(self, text: str) -> None:
        """Write a part of the answer at once. Raises BrokenPipeError when nobody reads any more."""
        self.stdout.write(clean_text(text) if self.stdout.isatty() else text)
        self.stdout.flush()
        if text:
            self._last = text[-1]

    def end_answer(self) -> None:
        """End the answer's last line, once."""
        if self._last != "\n":
            self.answer("\n")

    def thinking(self, text: str) -> None:
        """Write a part of the thinking to stderr, dimmed, if a person reads it there."""
        if not self.stderr.isatty():
            return
        shown = clean_text(text)
        self.stderr.write(f"{_DIM}{shown}{_RESET}" if self.colour else shown)
        self.stderr.flush()

    def note(self, text: str) -> None:
        """One line for the user on stderr."""
        print(f"vtcode-tui: {clean_text(text)}", file=self.stderr, flush=True)

    def error(self, error: VtcodeError) -> None:
        """What happened, why, and what to do, on stderr."""
        self.note(error.what)
        for part in (error.why, error.advice):
            if part:
                indented = clean_text(part).replace("\n", "\n  ")
                print(f"  {indented}", file=self.stderr, flush=True)
