"""The command ``doctor``: prints the check-up, and fails if something prevents working."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence

from vtcode_tui.agent.checkup import check_up
from vtcode_tui.agent.findings import Finding, Health, TerminalFacts, report_lines
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.serving import served
from vtcode_tui.headless.streams import Streams
from vtcode_tui.transcript.clean import clean_line

DONE, FAILED = 0, 1

_COLOURS = {Health.OK: "\x1b[32m", Health.WARN: "\x1b[33m", Health.FAIL: "\x1b[1;31m"}
_RESET = "\x1b[0m"


def run_doctor(launch: Launch, streams: Streams, *, as_json: bool = False) -> int:
    """Check everything and print it; return the exit code."""
    findings = asyncio.run(_checked(launch, streams))
    return _print(findings, streams, as_json=as_json)


def run_doctor_without_settings(
    error: ConfigError, streams: Streams, *, as_json: bool = False
) -> int:
    """Print what can be checked if the settings cannot be read; return the exit code."""
    lines = (error.why,) if error.why else ()
    finding = Finding("configuration", Health.FAIL, error.what, error.advice, lines)
    return _print((finding,), streams, as_json=as_json)


async def _checked(launch: Launch, streams: Streams) -> tuple[Finding, ...]:
    terminal = terminal_facts(streams)
    async with served(launch, streams) as (url, model):
        return await check_up(launch, terminal, url=url, model=model)


def terminal_facts(streams: Streams) -> TerminalFacts:
    encoding = getattr(streams.stdout, "encoding", "") or ""
    for stream in (streams.stdout, streams.stderr):
        try:
            size = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
        return TerminalFacts(size.columns, size.lines, encoding)
    return TerminalFacts(encoding=encoding)


def _print(findings: Sequence[Finding], streams: Streams, *, as_json: bool) -> int:
    has_failed = any(finding.health is Health.FAIL for finding in findings)
    if as_json:
        rows: list[JsonValue] = [_as_json(finding) for finding in findings]
        streams.stdout.write(json.dumps({"ok": not has_failed, "findings": rows}) + "\n")
    else:
        is_coloured = streams.colour and streams.stdout.isatty()
        for line in report_lines(findings):
            shown = clean_line(line)
            streams.stdout.write(f"{_coloured(shown) if is_coloured else shown}\n")
    streams.stdout.flush()
    return FAILED if has_failed else DONE


def _coloured(line: str) -> str:
    for health, colour in _COLOURS.items():
        if line.startswith(f"{health} "):
            return f"{colour}{health}{_RESET}{line.removeprefix(health)}"
    return line


def _as_json(finding: Finding) -> dict[str, JsonValue]:
    return {
        "what": finding.what,
        "health": str(finding.health),
        "text": finding.text,
        "advice": finding.advice,
        "lines": list(finding.lines),
        "facts": dict(finding.facts),
    }
