"""Handles a project that is not trusted: describes what it asks for, approves it, or continues
without it. Knows no screen. Functions that touch files block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vtcode_tui.agent.key_origin import read_address
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.config.paths import CONFIG_FILE_NAME
from vtcode_tui.config.trust import TrustQuestion
from vtcode_tui.config.trust_store import TrustStore
from vtcode_tui.config.trust_words import TrustLine, trust_lines
from vtcode_tui.errors import ConfigError


def lines_of(question: TrustQuestion) -> tuple[TrustLine, ...]:
    """What a project asks for, in words, with addresses in the form that would be connected to."""
    return trust_lines(question, read_address)


def refusal(question: TrustQuestion) -> ConfigError:
    """The error for a command that cannot ask: what is not approved, and how to approve it."""
    asked_for = "\n".join(
        f"- {line.text} ({line.place})" if line.place else f"- {line.text}"
        for line in lines_of(question)
        if line.change not in ("gone", "ignored")
    )
    return ConfigError(
        f"The project in {question.workspace} asks for what you have not approved.",
        why=asked_for,
        advice="To see and approve it, run there: vtcode-tui trust\n"
        "For this run alone, give the option --trust before the command.",
    )


def without_untrusted(launch: Launch) -> Launch:
    """Continue without what is not approved: the settings are already loaded that way."""
    return replace(launch, loaded=replace(launch.loaded, pending_trust=None))


def without_a_question(launch: Launch) -> Launch:
    """For a command that cannot ask. Raises ConfigError if settings are not approved; an unapproved
    AGENTS.md alone is left out."""
    question = launch.loaded.pending_trust
    if question is not None and not question.is_only_instructions:
        raise refusal(question)
    return without_untrusted(launch)


def approve(launch: Launch, question: TrustQuestion) -> Launch:
    """Store the approval and load the configuration again.

    What changed on disk after the question was built is not approved and stays pending. Raises
    ConfigError.
    """
    TrustStore(launch.state_dir).approve(question, launch.today())
    return replace(launch, loaded=_load_again(launch))


def save_settings(launch: Launch, values: Mapping[str, str]) -> Path:
    """Save settings in the project's file at the user's request; return its path.

    The user is not asked about values that the user set: if everything else in the file is trusted
    or harmless, exactly these values are approved too. Raises ConfigError.
    """
    from vtcode_tui.config.editor import save_value

    path = launch.workspace / CONFIG_FILE_NAME
    before = _load_again(launch)
    for key, value in values.items():
        save_value(path, key, value)
    after = _load_again(launch)
    if before.pending_trust is None and after.pending_trust is not None:
        given = before.given_trust.values if before.given_trust is not None else {}
        if _differ_only_in(values, given, after.pending_trust.values):
            TrustStore(launch.state_dir).approve(after.pending_trust, launch.today())
    return path


def _load_again(launch: Launch) -> LoadedConfig:
    return launch.loaded if launch.reload is None else launch.reload()


def _differ_only_in(
    saved: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]
) -> bool:
    """Whether ``after`` differs from ``before`` only in the saved keys, with the saved values."""
    others_before = {name: value for name, value in before.items() if name not in saved}
    others_after = {name: value for name, value in after.items() if name not in saved}
    if others_before != others_after:
        return False
    return all(after.get(name, value) == value for name, value in saved.items())
