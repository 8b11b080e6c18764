"""The command ``config``: values with their origin, the configuration files, a first file."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from vtcode_tui.config.launch import Launch
from vtcode_tui.config.layers import Origin
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.streams import Streams
from vtcode_tui.transcript.clean import clean_line

DONE = 0
EXAMPLE = "vtcode.toml.example"


@dataclass(frozen=True, slots=True)
class ConfigOptions:
    """With ``for_project``, ``init`` writes the project's file instead of the user's."""

    action: Literal["show", "path", "init"]
    as_json: bool = False
    for_project: bool = False


def run_config(launch: Launch, options: ConfigOptions, streams: Streams) -> int:
    """Run the command; return the exit code. Raises ConfigError."""
    match options.action:
        case "show":
            _show(launch, streams, as_json=options.as_json)
        case "path":
            _paths(launch, streams, as_json=options.as_json)
        case "init":
            _init(launch, streams, for_project=options.for_project)
    return DONE


def _show(launch: Launch, streams: Streams, *, as_json: bool) -> None:
    rows = list(_rows(launch))
    if as_json:
        entries = [
            {
                "key": key,
                "value": value,
                "origin": origin.layer,
                "where": origin.describe(),
                "path": str(origin.path) if origin.path else None,
                "line": origin.line,
            }
            for key, value, origin in rows
        ]
        _say(streams, json.dumps(entries))
        return
    for warning in launch.loaded.warnings:
        streams.note(warning)
    width = max(len(key) for key, _, _ in rows)
    for key, value, origin in rows:
        text = "(not set)" if value is None else json.dumps(value, ensure_ascii=False)
        _say(streams, f"{key:<{width}} = {text}  # {origin.describe()}")


def _rows(launch: Launch) -> Iterator[tuple[str, object, Origin]]:
    loaded = launch.loaded
    for key in sorted(loaded.origins):
        yield key, _plain(_value_of(loaded.settings, key.split("."))), loaded.origins[key]


def _value_of(holder: object, names: list[str]) -> object:
    """The value of a key. Names in a user-defined table may contain dots."""
    for at, name in enumerate(names):
        if isinstance(holder, Mapping):
            return holder.get(".".join(names[at:]))
        holder = getattr(holder, name, None)
    return holder


def _plain(value: object) -> object:
    """The value as JSON; a secret as stars."""
    if isinstance(value, SecretStr):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _paths(launch: Launch, streams: Streams, *, as_json: bool) -> None:
    paths = {"user": _path_of(launch, "user"), "project": _path_of(launch, "project")}
    found = [(kind, path, os.path.lexists(path)) for kind, path in paths.items()]
    if as_json:
        entries = [
            {"kind": kind, "path": str(path), "exists": is_there} for kind, path, is_there in found
        ]
        _say(streams, json.dumps(entries))
        return
    for kind, path, is_there in found:
        _say(streams, f"{kind:<8} {path}{'' if is_there else '  (not there)'}")


def _init(launch: Launch, streams: Streams, *, for_project: bool) -> None:
    path = _path_of(launch, "project" if for_project else "user")
    text = (files("vtcode_tui.config") / EXAMPLE).read_text("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already.",
            why="It is left as it is.",
            advice="See what it sets: vtcode-tui config show",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written.",
            why=f"{error.strerror or error}.",
            advice=f"Make its directory writable, and again: chmod u+w {shlex.quote(str(path.parent))}",
        ) from None
    _say(streams, f"Written: {path}")
    _say(
        streams,
        "Every key is in it with its default, behind a #. See what holds: vtcode-tui config show",
    )


def _path_of(launch: Launch, kind: Literal["user", "project"]) -> Path:
    known = (file.path for file in launch.loaded.files if file.kind == kind)
    return next(known, launch.workspace / "vtcode.toml")


def _say(streams: Streams, text: str) -> None:
    """Write one cleaned line to stdout."""
    streams.stdout.write(f"{clean_line(text)}\n")
    streams.stdout.flush()
