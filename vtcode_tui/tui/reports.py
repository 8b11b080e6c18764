"""The texts of /tools, /config and /timing. Pure; foreign text in them is cleaned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from vtcode_tui.agent.calls import CallRunner
from vtcode_tui.config.keys import KeyPath, dotted, key_table
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import ATTENTION, BAD, EMPHASIS, GOOD, MUTED, TITLE
from vtcode_tui.tui.turn_times import AnswerTimes

_LONGEST = 200
_POLICY_TONES = {"allow": GOOD, "prompt": ATTENTION, "deny": BAD}
_POLICY_WORDS = {"allow": "runs", "prompt": "asks", "deny": "denied"}
_NO_TOOLS = "This model is offered no tools."


def tools_report(calls: CallRunner, *, mode: str, offers_tools: bool) -> Content:
    """Each tool: what it can do, its current policy, and the rule behind it."""
    lines = [Content(f"Mode: {mode}. What is denied is not offered to the model.")]
    if not offers_tools:
        lines.append(Content.styled(_NO_TOOLS, ATTENTION))
    for tool in calls.toolbox:
        policy, rule = calls.policy_of(tool)
        lines += [
            Content(""),
            Content.assemble(
                (tool.name, EMPHASIS),
                "  ",
                (_POLICY_WORDS[policy], _POLICY_TONES[policy]),
                (f" because {clean_line(rule, _LONGEST)}", MUTED),
            ),
            Content.styled(f"  {clean_line(tool.description, _LONGEST)}", MUTED),
        ]
    return Content("\n").join(lines)


def config_report(loaded: LoadedConfig) -> Content:
    """Every key with its value and origin; defaults are shown quietly."""
    lines = [_file_line(loaded), Content("")]
    values = _values(loaded)
    width = max(len(dotted(path)) for path in values)
    table = ""
    for path, value in values.items():
        if path[0] != table:
            if table:
                lines.append(Content(""))
            table = path[0]
        origin = loaded.origins.get(dotted(path))
        is_set = origin is not None and origin.layer != "default"
        where = clean_line(origin.describe(), _LONGEST) if origin is not None and is_set else ""
        lines.append(
            Content.assemble(
                (clean_line(dotted(path), _LONGEST).ljust(width), EMPHASIS if is_set else MUTED),
                ("  " + clean_line(value, _LONGEST), "" if is_set else MUTED),
                (f"  {where}" if where else "", MUTED),
            )
        )
    return Content("\n").join(lines)


def timing_report(times: Sequence[AnswerTimes]) -> Content:
    """The timing of this run's answers, newest first."""
    if not times:
        return Content("No answer came yet.")
    rows = [("request", "first token", "load", "tok/s", "in", "out", "total")]
    for number, each in reversed(list(enumerate(times, 1))):
        rows.append(
            (
                str(number),
                _seconds(each.first_token_s),
                _seconds(each.load_s),
                "" if each.tokens_per_second is None else f"{each.tokens_per_second:.1f}",
                "" if each.tokens_in is None else f"{each.tokens_in:,}",
                "" if each.tokens_out is None else f"{each.tokens_out:,}",
                _seconds(each.total_s),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        Content.styled(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)),
            TITLE if index == 0 else "",
        )
        for index, row in enumerate(rows)
    ]
    notes = (
        "First token: from sending the request to the first word, the model's loading included.",
        "Load, tok/s, in and out are the server's own counts.",
    )
    return Content("\n").join(
        [*lines, Content(""), *(Content.styled(note, MUTED) for note in notes)]
    )


def _file_line(loaded: LoadedConfig) -> Content:
    names = [
        f"{clean_line(str(file.path), _LONGEST)}{'' if file.path.exists() else ' (not there)'}"
        for file in loaded.files
    ]
    return Content.styled("\n".join(names), MUTED)


def _values(loaded: LoadedConfig) -> Mapping[KeyPath, str]:
    values: dict[KeyPath, str] = {}
    for key in key_table().keys.values():
        node: object = loaded.settings
        for name in key.path:
            node = getattr(node, name)
        if isinstance(node, Mapping):
            values |= {(*key.path, str(name)): _shown(value) for name, value in node.items()}
        else:
            values[key.path] = _shown(node)
    return values


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return "set, not shown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "empty"
    return str(value)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
