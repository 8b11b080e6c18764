"""What a tool is: the protocol, a prepared call, and the error that the model reads.

There are two steps. ``prepare`` checks a call and freezes what it will do, so that it can be shown;
``execute`` then does exactly that. ``prepare`` raises only ToolInputError, ``execute`` only
FileChanged; both let a cancellation pass.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol, TypeAlias

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import Display, ToolResult
from vtcode_tui.errors import VtcodeError
from vtcode_tui.lazy_dataclass import dataclass

_SUBJECT_LIMIT = 300


class Effect(StrEnum):
    """The most that a call can do. ``READ`` changes nothing."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"


class ToolInputError(VtcodeError):
    """The call cannot be prepared. ``str(error)`` is written for the model.

    ``__cause__`` is the WorkspaceError behind it, if there is one.
    """


OutputSink: TypeAlias = Callable[[str], None]
"""Takes output while a call runs, in the event loop's thread; must return at once."""


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A checked call, frozen: ``execute`` does exactly what ``preview`` shows.

    ``subject`` is the whole command or the path; ``action`` says what kind of thing happens;
    ``cwd`` is the absolute directory it happens in; ``grant_key`` is equal for calls that one
    approval for the session covers, and ``session_scope`` says in words what those are.
    ``caution`` is a rule of the program's own that asks the user whatever the policy, or empty;
    without ``may_grant`` an approval is for this one call, never for the session.
    ``refusal`` says why it cannot run whatever the policy, or is empty; ``doubt`` completes "it
    ..." and says why a policy of "allow" does not mean this call, or is empty; ``sandbox`` says in
    words in which sandbox it runs.
    ``execute`` may be awaited once; it raises FileChanged when a file is not the one shown.
    ``execute_proven`` takes its place where the policy alone lets the call run.
    """

    call: ToolCall
    effect: Effect
    subject: str
    action: str
    preview: Display
    cwd: str
    grant_key: str
    session_scope: str
    execute: Callable[[OutputSink], Awaitable[ToolResult]]
    caution: str = ""
    may_grant: bool = True
    refusal: str = ""
    doubt: str = ""
    sandbox: str = ""
    execute_proven: Callable[[OutputSink], Awaitable[ToolResult]] | None = None


class Tool(Protocol):
    """One tool. ``parameters`` is a flat JSON schema of type object."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def parameters(self) -> JsonObject: ...

    @property
    def effect(self) -> Effect: ...

    def subject(self, arguments: JsonObject) -> str:
        """The call in one line for a screen, from unchecked arguments. Never raises."""
        ...

    async def prepare(self, call: ToolCall) -> PreparedCall:
        """Check the call and freeze what it will do. Raises ToolInputError."""
        ...


def one_line(text: str) -> str:
    """``text`` in one line of bounded length. It stays untrusted."""
    line = text[: _SUBJECT_LIMIT + 1].replace("\r\n", "\n").replace("\n", "⏎")
    return line if len(line) <= _SUBJECT_LIMIT else line[: _SUBJECT_LIMIT - 1] + "…"


def argument_text(arguments: JsonObject, name: str, default: str = "") -> str:
    """The argument as text whatever its type, for ``Tool.subject``."""
    value = arguments.get(name)
    if value is None:
        return default
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def grant_key(*parts: str) -> str:
    """One unambiguous string for several."""
    return json.dumps(parts, ensure_ascii=False)
