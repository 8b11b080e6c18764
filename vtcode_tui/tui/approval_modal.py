"""The dialog that asks the user about one tool call. Dismisses with the decision and guards against
accidental answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.results import CommandDisplay, DiffDisplay, TextDisplay
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.asking import AsksForTurn
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.consent_dialog import GUARD_CHECK_S, HELD, ConsentDialog
from vtcode_tui.tui.dialog import DIALOG_BREAKPOINTS, DialogBody, fill_remaining_height
from vtcode_tui.tui.field import Field
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.marked import marked_content
from vtcode_tui.tui.rendering.preview import has_hidden_parts, preview_size
from vtcode_tui.tui.rendering.tones import ATTENTION, EMPHASIS, MARK, MUTED
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

_READ_FIRST = "read to the end first"
_ASKS_EACH_TIME = "not offered: this asks each time"
_SESSION_LABEL = "Approve for this session"
_ALWAYS_LABEL = "Always, in this project"
_LABEL_WIDTH = len(_SESSION_LABEL)


class ApprovalModal(AsksForTurn, ConsentDialog[ApprovalDecision]):
    """Shows exactly what ``request`` would run and asks for a verdict.

    ``clock`` gives monotonic seconds. Text typed while the dialog is open is kept in
    ``typed_ahead`` for the composer; ``has_draft`` says that the user had begun a prompt there.
    """

    DEFAULT_CSS = """
    ApprovalModal {
        align: center bottom;
        & > #sheet {
            width: 100%;
            max-width: 120;
            &.-wide { max-width: 204; }
            height: auto;
            max-height: 100%;
            background: $surface;
            border-left: outer $warning;
            padding: 1 2 1 2;
        }
        #sheet Static { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #where, #rule, #sandbox, #hint { color: $foreground 70%; }
        #sheet #rule, #sheet #sandbox { height: auto; max-height: 2; text-wrap: wrap; }
        PreviewView { margin: 1 0; }
        #word { display: none; border: none; height: 1; padding: 0 1; margin: 0 0 0 2; }
        &.-writing #word { display: block; }
        &.-writing ChoiceGroup { display: none; }
        #always.-not-offered { display: none; }
        #hint { margin: 1 0 0 1; }
        &.-short {
            & > #sheet { padding: 0 1; }
            PreviewView { margin: 0; }
            #hint { margin: 0 0 0 1; }
            #hidden, #rule.-may-go, #sandbox.-may-go, #always { display: none; }
            #sheet #rule, #sheet #sandbox { max-height: 1; text-wrap: nowrap; }
        }
    }
    """

    AUTO_FOCUS = "#deny"
    VERTICAL_BREAKPOINTS = DIALOG_BREAKPOINTS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Deny", show=False),
        Binding("ctrl+y", "approve_once", "Approve once", show=False),
    ]

    def __init__(
        self,
        request: ApprovalRequest,
        *,
        clock: Callable[[], float],
        guard: TypeAheadGuard | None = None,
        has_draft: bool = False,
    ) -> None:
        preview = PreviewView(request.preview, id="preview")
        super().__init__(preview, clock=clock, guard=guard)
        self._request = request
        self._has_draft = has_draft
        self._user_moved_focus = False
        self._guard_timer: Timer | None = None
        self._where = Static(Content(), id="where")
        self._once = _disabled_choice("Approve once", _READ_FIRST, "once")
        per_session = _READ_FIRST if request.may_grant else _ASKS_EACH_TIME
        self._session = _disabled_choice(_SESSION_LABEL, per_session, "session")
        self._always = _disabled_choice(_ALWAYS_LABEL, _READ_FIRST, "always")
        self._always.set_class(not (request.may_grant and request.always_scope), "-not-offered")
        self._deny = Choice("Deny", "esc", label_width=_LABEL_WIDTH, id="deny")
        self._deny_with_reason = Choice(
            "Deny and say why…", "tell the model why", label_width=_LABEL_WIDTH, id="word-choice"
        )
        self._reason_field = Field(
            placeholder="what should it do instead?", id="word", select_on_focus=False
        )

    @property
    def request(self) -> ApprovalRequest:
        return self._request

    def compose(self) -> ComposeResult:
        request = self._request
        is_change = isinstance(request.preview, DiffDisplay)
        with DialogBody(id="sheet", classes="-wide" if is_change else ""):
            yield Static(self._title(), id="title")
            yield self._where
            if request.reason:
                reason = clean_line(request.reason, 500)
                yield Static(Content.assemble(("! ", ATTENTION), reason), id="reason")
            if request.heed:
                heed = clean_line(request.heed, 200)
                yield Static(Content.assemble(("! ", ATTENTION), heed), id="heed")
            rule = Static(Content(f"asks because {clean_line(request.rule, 500)}"), id="rule")
            yield rule.set_class(bool(request.reason or request.heed), "-may-go")
            if request.sandbox:
                sandbox = Static(_sandbox_line(request.sandbox), id="sandbox")
                is_command = isinstance(request.preview, CommandDisplay)
                yield sandbox.set_class(not is_command, "-may-go")
            if has_hidden_parts(request.preview):
                words = "Invisible and look-alike characters have a "
                notice = Content.assemble(("! ", ATTENTION), words, ("marker", MARK), ".")
                yield Static(notice, id="hidden")
            yield self.preview
            with ChoiceGroup():
                yield self._once
                yield self._session
                yield self._always
                yield self._deny
                yield self._deny_with_reason
            yield self._reason_field
            yield self.hint

    def on_mount(self) -> None:
        self._guard_timer = self.set_interval(GUARD_CHECK_S, self._check_guard)

    def fit_content(self) -> None:
        """Give the preview the height that the other widgets leave."""
        fill_remaining_height(self.preview, self.size.height)
        self.preview.finalize_height()
        cwd = _shorten_path(self._request.cwd, self._where.size.width - 3)
        self._where.update(Content(f"in {cwd}"), layout=False)

    # Keys

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Input):
            return
        may_act = self.may_act(event)
        if event.key in ("up", "down", "left", "right", "tab", "shift+tab") and may_act:
            self._user_moved_focus = True
        # A user who was typing means to send the prompt; otherwise Enter means the focused button.
        was_typing = self.has_typed or self._has_draft
        is_stray_enter = event.key == "enter" and was_typing and not self._user_moved_focus
        if may_act and not is_stray_enter:
            return
        self.hold(event)

    def typing_continued(self) -> None:
        self._user_moved_focus = False
        self.set_focus(self._deny, scroll_visible=False)
        if self._guard_timer is not None:
            self._guard_timer.resume()

    def _check_guard(self) -> None:
        if self.guard.is_open(self.clock()) and self._guard_timer is not None:
            self._guard_timer.pause()
        self.show_hint()

    # Text

    def _title(self) -> Content:
        request = self._request
        is_command = isinstance(request.preview, CommandDisplay)
        subject = "" if is_command else f" {clean_line(request.subject, 500)}"
        # The preview of a read-only call is a sentence; its size would be taken for the file's.
        is_size = not isinstance(request.preview, TextDisplay)
        return Content.assemble(
            (clean_line(request.action, 100), ATTENTION),
            marked_content(subject).stylize(EMPHASIS),
            "   ",
            (preview_size(request.preview) if is_size else "", MUTED),
        )

    def hint_text(self) -> str:
        if self.has_class("-writing"):
            return "enter deny and send · esc back"
        if not self.guard.is_open(self.clock()):
            return HELD
        if not self.preview.end_was_seen:
            return "esc deny · pgdn to the end to approve"
        return "esc deny · ctrl+y approve once · ↑ ↓ then enter"

    @on(PreviewView.EndSeen)
    def _enable_approval(self) -> None:
        self._once.detail = "ctrl+y"
        self._once.disabled = False
        if self._request.may_grant:
            self._session.detail = self._request.session_scope
            self._session.disabled = False
            if self._request.always_scope:
                self._always.detail = self._request.always_scope
                self._always.disabled = False
        self.show_hint()

    # The answer

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        if event.clicked_at is not None and not self.click_counts(event.clicked_at):
            self.typing_continued()
            return
        if event.choice is self._once:
            self.answer(ApprovalDecision(Verdict.ONCE))
        elif event.choice is self._session:
            self.answer(ApprovalDecision(Verdict.SESSION))
        elif event.choice is self._always:
            self.answer(ApprovalDecision(Verdict.ALWAYS))
        elif event.choice is self._deny_with_reason:
            self._open_reason()
        else:
            self.answer(ApprovalDecision(Verdict.DENY))

    def action_approve_once(self) -> None:
        if self.preview.end_was_seen and not self.has_class("-writing"):
            self.answer(ApprovalDecision(Verdict.ONCE))

    def action_back(self) -> None:
        if not self.has_class("-writing"):
            self.answer(ApprovalDecision(Verdict.DENY))
            return
        self.remove_class("-writing")
        self.set_focus(self._deny_with_reason, scroll_visible=False)
        self.call_after_refresh(self.fit_content)
        self.show_hint()

    def _open_reason(self) -> None:
        self._user_moved_focus = True
        self.add_class("-writing")
        self.set_focus(self._reason_field, scroll_visible=False)
        self.call_after_refresh(self.fit_content)
        self.show_hint()

    @on(Input.Submitted, "#word")
    def _send_reason(self, event: Input.Submitted) -> None:
        event.stop()
        self.answer(ApprovalDecision(Verdict.DENY, event.value.strip()))


def _disabled_choice(label: str, detail: str, choice_id: str) -> Choice:
    """A disabled choice."""
    return Choice(label, detail, label_width=_LABEL_WIDTH, id=choice_id, disabled=True)


def _sandbox_line(words: str) -> Content:
    text = clean_line(words, 500)
    return Content(text if text.startswith("no sandbox") else f"sandbox: {text}")


def _shorten_path(path: str, width: int) -> str:
    """Shorten ``path`` to ``width`` cells; its end says more than its beginning."""
    path = clean_line(path)
    while cell_len(path) > max(width, 8):
        path = "…" + path[2:]
    return path
