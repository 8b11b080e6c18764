"""A question to the user about one tool call, and the answer. Frozen values.

The request is made from the very call that will run; nothing in it is the model's own description.
"""

from __future__ import annotations

from enum import StrEnum

from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Display
from vtcode_tui.lazy_dataclass import dataclass


class Verdict(StrEnum):
    """Everything but ``DENY`` lets the call run. ``SESSION`` also allows equal calls for the rest
    of the session; ``ALWAYS`` allows the exact call in later sessions of the workspace too."""

    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """One call that waits for the user's decision.

    ``action`` says what kind of thing happens ("Run a command"); ``subject`` is the whole command
    or path; ``preview`` is the whole command, diff or text that will be used; ``cwd`` is the
    absolute working directory; ``rule`` names the rule that asks. ``session_scope`` says in words
    what an approval for the session covers, and ``always_scope`` what one for always covers; it is
    empty where that is not offered. ``reason`` is set when the same call is asked about again, for
    instance because a file changed after its diff was shown. Without ``may_grant`` an approval
    covers this one call only. ``sandbox`` names the sandbox it runs in and what was proved of that;
    empty where nothing runs.
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
        """The SHA-256, in hex, of the call and everything that is shown of it."""
        from hashlib import sha256

        shown = (self.action, self.subject, repr(self.preview), self.cwd, self.sandbox)
        content = (self.request_id, self.call.name, self.call.canonical_arguments(), *shown)
        return sha256("\0".join(content).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """The answer. ``feedback`` is the user's message to the model with a denial, or empty;
    ``refusal`` says why the call is refused where no user could be asked."""

    verdict: Verdict
    feedback: str = ""
    refusal: str = ""
