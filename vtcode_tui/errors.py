"""The one tree of errors. Each says what happened, why, and what to do now.

    VtcodeError
    ├── ConfigError            a file, an option or a variable holds what it must not
    ├── ServerError            talking to the Ollama server failed
    │   ├── ServerUnreachable      nothing answered at the address
    │   ├── ModelNotFound          the server does not have the model
    │   ├── ModelLacksFeature      the model cannot do what was asked (tools, thinking, images)
    │   ├── NotAuthorised          the server wants a key or a sign-in
    │   ├── ContextOverflow        the prompt does not fit the context window
    │   ├── ServerBusy             the server is overloaded for now
    │   ├── RequestRefused         the server refused the request as malformed
    │   ├── ToolCallUnreadable     the model wrote a call that the server could not read
    │   ├── StreamBroken           the answer stopped before its end
    │   └── UnexpectedReply        what answered does not speak the Ollama API
    ├── WorkspaceError         a file, a path or a process could not be used
    │   ├── OutsideWorkspace       the path leads out of the workspace
    │   └── FileChanged            the file is no longer the one that was shown
    ├── SessionError           a session's file could not be used
    │   └── SessionNotFound        no session has this id
    └── EmbeddedModelError     the built-in model could not be started

Texts hold untrusted parts (a server's words, a path): clean them before they reach a terminal.
"""

from __future__ import annotations


class VtcodeError(Exception):
    """An error in three parts, for a person.

    ``what`` is one sentence; ``why`` the cause as far as it is known; ``advice`` what to do now,
    with the exact command where there is one.
    """

    def __init__(self, what: str, *, why: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.advice = advice

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.why, self.advice) if part)


class ConfigError(VtcodeError):
    pass


class ServerError(VtcodeError):
    """``status`` is the HTTP status, or None where there was no answer.

    ``may_retry`` says that the same request can safely be sent again as it is.
    """

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        advice: str = "",
        status: int | None = None,
        may_retry: bool = False,
    ) -> None:
        super().__init__(what, why=why, advice=advice)
        self.status = status
        self.may_retry = may_retry


class ServerUnreachable(ServerError):
    pass


class ModelNotFound(ServerError):
    """``suggestion`` is the name that was most likely meant, or empty; ``is_there`` says that the
    server has it."""

    suggestion: str = ""
    is_there: bool = False


class ModelLacksFeature(ServerError):
    """``feature`` is ``tools``, ``thinking``, ``effort`` or ``images``, or empty where it is not known."""

    feature: str = ""


class NotAuthorised(ServerError):
    """``sign_in_url`` is the page of Ollama's own where the server can be signed in, or empty."""

    sign_in_url: str = ""


class ContextOverflow(ServerError):
    """``window`` is the size of the window in tokens as the server said it, or None."""

    window: int | None = None


class ServerBusy(ServerError):
    """``retry_after_s`` is the wait in seconds that the server itself named, or None."""

    retry_after_s: float | None = None


class RequestRefused(ServerError):
    pass


class ToolCallUnreadable(ServerError):
    pass


class PictureUnreadable(ServerError):
    pass


class StreamBroken(ServerError):
    pass


class UnexpectedReply(ServerError):
    pass


class WorkspaceError(VtcodeError):
    pass


class OutsideWorkspace(WorkspaceError):
    pass


class FileChanged(WorkspaceError):
    pass


class SessionError(VtcodeError):
    pass


class SessionNotFound(SessionError):
    pass


class EmbeddedModelError(VtcodeError):
    pass
