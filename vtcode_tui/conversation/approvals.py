"""A question to the user about one tool call, and the answer. Frozen values.

The request is made from the very call that will run; nothing in it is the model's own description.
"""

from __future__ import annotations

from enum import StrEnum

from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Display
from vtcode_tui.lazy_dataclass import dataclass


class Verdict(StrEnum):
    """All but ``DENY`` let the call run; ``SESSION`` also lets equal ones run unasked, ``ALWAYS``
    the exact call, in later sessions of the workspace too."""

    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """One call that waits for the user.

    ``action`` says what kind of thing happens ("Run a command"); ``subject`` is the whole command
    or the path; ``preview`` is the whole command, the whole diff or the text that will be used;
    ``cwd`` is the absolute directory it happens in; ``rule`` names the rule that asks;
    ``session_scope`` says in words what an approval for the session would cover; ``reason`` is set
    when the same call is asked again, such as a file that changed since its diff was shown;
    without ``may_grant`` an approval is for this one call and not for the session; ``sandbox`` says
    in which sandbox it would run and what was proved of that, or is empty where nothing would run;
    ``always_scope`` says in words what an approval for always would cover, and is empty where none
    is to be had.
    """

    request_id: str
    call: ToolCall
    action: str
    subject: str
    preview: Display
    cwd: str
    rule: str
    session_scope: str
    reason: str = ""
    may_grant: bool = True
    sandbox: str = ""
    always_scope: str = ""
    heed: str = ""

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of the call and of all that is shown of it."""
        from hashlib import sha256

        shown = (self.action, self.subject, repr(self.preview), self.cwd, self.sandbox)
        content = (self.request_id, self.call.name, self.call.canonical_arguments(), *shown)
        return sha256("\0".join(content).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """``feedback`` is the user's word to the model with a denial, or empty; ``refusal`` says why a
    call is refused where there is no user to deny it."""

    verdict: Verdict
    feedback: str = ""
    refusal: str = ""
