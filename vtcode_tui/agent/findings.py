"""The result of one check of the check-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vtcode_tui.conversation.messages import JsonValue


class Health(StrEnum):
    """``WARN`` works, but less well than it could; ``FAIL`` prevents working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` was checked, in a word; ``text`` is its state; ``advice`` contains the command that
    fixes it, or is empty; ``lines`` are details; ``facts`` are for programs."""

    what: str
    health: Health
    text: str
    advice: str = ""
    lines: tuple[str, ...] = ()
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """The terminal; ``columns`` and ``rows`` are None if there is none."""

    columns: int | None = None
    rows: int | None = None
    encoding: str = ""


def report_lines(findings: Sequence[Finding]) -> list[str]:
    """The findings as lines of text, with a summary at the end. Not cleaned: texts are untrusted."""
    width = max(len(finding.what) for finding in findings)
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.health:<5} {finding.what:<{width}}  {_in_line(finding.text)}")
        lines += [f"        {_in_line(line)}" for line in finding.lines if line]
        lines += [f"        → {_in_line(line)}" for line in finding.advice.splitlines()]
    counts = {health: sum(each.health is health for each in findings) for health in Health}
    lines.append("")
    lines.append(
        f"{counts[Health.OK]} ok, {counts[Health.WARN]} to look at, {counts[Health.FAIL]} failed"
    )
    return lines


def _in_line(text: str) -> str:
    return " ".join(text.split())
