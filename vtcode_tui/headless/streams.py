"""Writes to stdout and stderr, for a terminal or a pipe."""

from __future__ import annotations

import os
import sys
from dataclasses import field
from typing import TextIO

from vtcode_tui.errors import VtcodeError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.clean import clean_text

_DIM, _RESET = "\x1b[2m", "\x1b[0m"


@dataclass(slots=True)
class Streams:
    """The standard streams. A model's text is cleaned for a terminal and left raw for a pipe, so
    that another program reads exactly what the model wrote."""

    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    colour: bool = True
    _last: str = "\n"

    def answer(self, text: str) -> None:
        """Write a part of the answer and flush. Raises BrokenPipeError if nobody reads it, and
        VtcodeError if it cannot be written for another reason."""
        try:
            self.stdout.write(clean_text(text) if self.stdout.isatty() else text)
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.forget_output()
            raise VtcodeError(
                "Standard output could not be written to.",
                why=error.strerror or type(error).__name__,
                advice="What exec answers is kept: vtcode-tui sessions show ID",
            ) from error
        if text:
            self._last = text[-1]

    def forget_output(self) -> None:
        """Write no more to stdout."""
        _forget(self.stdout)

    def end_answer(self) -> None:
        """End the answer's last line, once."""
        if self._last != "\n":
            self.answer("\n")

    def thinking(self, text: str) -> None:
        """Write a part of the thinking to stderr, dimmed, if that is a terminal."""
        if not self.stderr.isatty():
            return
        shown = clean_text(text)
        self._tell(f"{_DIM}{shown}{_RESET}" if self.colour else shown)

    def note(self, text: str) -> None:
        """Write one line for the user to stderr."""
        self._tell(f"vtcode-tui: {clean_text(text)}\n")

    def error(self, error: VtcodeError) -> None:
        """Write an error's three parts to stderr."""
        self.note(error.what)
        for part in (error.why, error.advice):
            if part:
                indented = clean_text(part).replace("\n", "\n  ")
                self._tell(f"  {indented}\n")

    def _tell(self, text: str) -> None:
        """Words that nobody can read are no reason to end."""
        try:
            self.stderr.write(text)
            self.stderr.flush()
        except OSError:
            _forget(self.stderr)


def _forget(stream: TextIO) -> None:
    """Discard what is buffered: otherwise the interpreter would flush it at exit, complain and
    change the exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
