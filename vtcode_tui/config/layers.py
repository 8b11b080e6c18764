"""The layers of the configuration, each with where its values come from. Reads no environment.

A layer holds only keys that the schema knows, in their raw form; secrets are wrapped the moment
they are read. Layers stay apart until ``config.load`` puts them over each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal, TypeAlias

from vtcode_tui.config.keys import KeyPath, dotted, key_table
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass

LayerName: TypeAlias = Literal["cli", "environment", "project", "user", "default"]

OPTIONS: Mapping[str, tuple[str, KeyPath]] = {
    "provider": ("--provider", ("agent", "provider")),
    "model": ("--model", ("agent", "default_model")),
    "base_url": ("--base-url", ("providers", "ollama", "base_url")),
    "effort": ("--effort", ("agent", "reasoning_effort")),
    "theme": ("--theme", ("ui", "theme")),
}
VARIABLES: Mapping[str, KeyPath] = {
    "OLLAMA_BASE_URL": ("providers", "ollama", "base_url"),
    "OLLAMA_API_KEY": ("providers", "ollama", "api_key"),
}
PROJECT_VARIABLE = "OLLAMA_API_KEY"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    path: Path
    kind: Literal["user", "project"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. ``path`` and ``line`` for a file; ``name`` of a variable or option.

    A file with a ``name`` gives no value: it names a variable that is not set.
    """

    layer: LayerName
    path: Path | None = None
    line: int | None = None
    name: str = ""

    def describe(self) -> str:
        if self.layer == "cli":
            return f"the option {self.name}"
        if self.layer == "environment":
            return f"the environment variable {self.name}"
        if self.path is None:
            return "the default"
        place = f"{self.path}, line {self.line}" if self.line else f"{self.path}"
        return f"{place}: the variable {self.name} is not set" if self.name else place


@dataclass(frozen=True, slots=True)
class Reference:
    """A secret that stands in a file as ``${variable}``."""

    variable: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Layer:
    """Raw values by key path and, for each, its origin; ``warnings`` in the order of the file.

    ``references`` has the secrets that name a variable. Where that is not set there is no value.
    """

    values: Mapping[KeyPath, object]
    origins: Mapping[KeyPath, Origin]
    warnings: tuple[str, ...] = ()
    references: Mapping[KeyPath, Reference] = field(default_factory=dict)


def option_layer(options: Mapping[str, str | None]) -> Layer:
    """The command line. ``options`` are named as in OPTIONS; None stands for "not given"."""
    values: dict[KeyPath, object] = {}
    origins: dict[KeyPath, Origin] = {}
    for option, value in options.items():
        if value is not None:
            name, path = OPTIONS[option]
            values[path] = value
            origins[path] = Origin("cli", name=name)
    return Layer(values, origins)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The variables of this program. A blank one counts as unset."""
    values: dict[KeyPath, object] = {}
    origins: dict[KeyPath, Origin] = {}
    for name, path in VARIABLES.items():
        value = environ.get(name, "").strip()
        if value:
            values[path] = SecretStr(value) if _is_secret(path) else value
            origins[path] = Origin("environment", name=name)
    return Layer(values, origins)


def fallback_layer(environ: Mapping[str, str]) -> Layer:
    """OLLAMA_HOST, which is the server's own variable: it counts where nothing else says more.

    Ollama strips blanks and quotes around it, and so does this.
    """
    value = environ.get("OLLAMA_HOST", "").strip().strip("\"'").strip()
    if not value:
        return Layer({}, {})
    path = VARIABLES["OLLAMA_BASE_URL"]
    return Layer({path: value}, {path: Origin("environment", name="OLLAMA_HOST")})


def file_layer(file: ConfigFile, environ: Mapping[str, str]) -> Layer:
    """One file; none there is an empty layer. Raises ConfigError as ``config.reading`` does, and
    for a variable that the file may not name."""
    from vtcode_tui.config.reading import read_document

    document = read_document(file.path)
    if document is None:
        return Layer({}, {})
    values: dict[KeyPath, object] = {}
    origins: dict[KeyPath, Origin] = {}
    references: dict[KeyPath, Reference] = {}
    strangers: list[KeyPath] = []
    for path, value in _walk(document.values, ()):
        if not _is_known(path):
            strangers.append(path)
            continue
        origin = Origin(file.kind, file.path, document.positions.line_of(path))
        if _is_secret(path) and isinstance(value, str):
            secret = _expanded(value, origin, path, environ)
            reference = _REFERENCE.fullmatch(value.strip())
            if reference is not None:
                references[path] = Reference(reference[1], origin)
            if not secret:
                continue
            value = SecretStr(secret)
        values[path] = value
        origins[path] = origin
    warnings: tuple[str, ...] = ()
    if strangers or _has_strange_tool(values):
        from vtcode_tui.config.unknown import unknown_key_warnings, unknown_tool_warnings

        warnings = (
            *unknown_key_warnings(strangers, file.path, document.positions),
            *unknown_tool_warnings(values, origins),
        )
    return Layer(values, origins, warnings, references)


def _walk(table: Mapping[str, object], prefix: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """Each key with its value; tables of the schema are entered, all else is taken as a value."""
    tables = key_table().tables
    for name, value in table.items():
        path = (*prefix, name)
        if path in tables and isinstance(value, dict):
            yield from _walk(value, path)
        else:
            yield path, value


def _is_known(path: KeyPath) -> bool:
    table = key_table()
    return path in table.tables or table.key_of(path) is not None


def _is_secret(path: KeyPath) -> bool:
    key = key_table().key_of(path)
    return key is not None and key.kind.base is SecretStr


def _has_strange_tool(values: Mapping[KeyPath, object]) -> bool:
    from vtcode_tui.config.policies import KNOWN_TOOLS, OPTIONAL_TOOLS

    return any(
        path[:2] == ("tools", "policies")
        and len(path) > 2
        and path[2] not in (*KNOWN_TOOLS, *OPTIONAL_TOOLS)
        for path in values
    )


def _expanded(text: str, origin: Origin, path: KeyPath, environ: Mapping[str, str]) -> str:
    """A secret of a file, with ``${NAME}`` replaced; empty when there is none.

    What looks like a variable and is none is refused, since it would be sent as it stands.
    """
    text = text.strip()
    if "$" not in text:
        return text
    reference = _REFERENCE.fullmatch(text)
    if reference is None:
        raise ConfigError(
            f"{origin.describe()}: {dotted(path)} holds a $ that is not one whole variable.",
            why=f'Allowed: the key itself, or one variable and nothing else, as in "${{{PROJECT_VARIABLE}}}".',
            advice=f'Write {path[-1]} = "${{{PROJECT_VARIABLE}}}", or take the line out.',
        )
    name = reference[1]
    if origin.layer == "project" and name != PROJECT_VARIABLE:
        raise ConfigError(
            f"{origin.describe()}: {dotted(path)} names the variable {name}.",
            why=f"Allowed in the file of a project: ${{{PROJECT_VARIABLE}}} alone, so that a strange"
            " project cannot have another secret sent.",
            advice=f'Write {path[-1]} = "${{{PROJECT_VARIABLE}}}", or move the line to your own vtcode.toml.',
        )
    return environ.get(name, "").strip()
