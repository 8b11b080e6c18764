"""Which settings of a project take effect by themselves, and which the user must approve. Pure.

Harmless settings are those in the table below, those equal to the user's own value, and those that
only make a tool stricter. All others could send prompts or a key somewhere, or let a tool run
without a question. An approval binds to the exact set of these values: any change asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from vtcode_tui.config.bound_keys import KeyPlace
from vtcode_tui.config.instructions import INSTRUCTIONS_NAME, InstructionFile
from vtcode_tui.config.keys import KeyPath, dotted, key_table
from vtcode_tui.config.layers import Layer, Origin
from vtcode_tui.config.schema import Policy
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.config.tightening import (
    UNLISTED,
    ToolRules,
    exceptions,
    loosened,
    strictest,
)
from vtcode_tui.lazy_dataclass import dataclass

HARMLESS: frozenset[KeyPath] = frozenset(
    {("ui", "theme"), ("ui", "ascii"), ("ui", "motion"), ("agent", "reasoning_effort")}
)
"""Keys that reach nothing beyond the screen and the time that an answer takes."""

HARMLESS_WHEN_LOWER: frozenset[KeyPath] = frozenset(
    {("tools", "command_timeout_s"), ("tools", "max_tool_loops")}
)
"""Limits: a project may lower the user's own."""

USERS_ALONE: frozenset[KeyPath] = frozenset({("commands", "pass_env")})
"""Keys that no project has, trusted or not: they hand out what is in the user's own environment."""

DENY_LIST: KeyPath = ("commands", "deny_list")
"""Harmless: what a project denies comes on top of what the user denies."""

TIGHTER: Mapping[KeyPath, tuple[object, ...]] = {
    ("sandbox", "mode"): ("off", "auto", "require"),
    ("sandbox", "network"): (True, False),
}
"""Choices by their strictness: a project may make a stricter one than the user."""

TOOLS_DEFAULT: KeyPath = ("tools", "default_policy")
TOOL_POLICIES: KeyPath = ("tools", "policies")

HIDDEN = ", characters that cannot be seen: "
_FORMAT = "vtcode-tui trust 1"


@dataclass(frozen=True, slots=True)
class TrustItem:
    """One setting that needs approval. ``name`` is its dotted key, or the name of an instruction
    file.

    ``value`` is a canonical text of the value. For a secret it is a variable's name or a digest,
    never the secret.
    """

    name: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved for a workspace: the digest, the values by name, and the ISO date."""

    digest: str
    values: Mapping[str, str]
    approved_on: str


@dataclass(frozen=True, slots=True)
class TrustQuestion:
    """What a project asks for. ``items`` are all settings that need approval, ordered by name.

    ``before`` is the last approval, if any. ``own_keys`` are the user's keys; the first that
    matches an address is sent there even if the project names no key. ``ignored`` are settings that
    cannot be approved.
    """

    workspace: Path
    items: tuple[TrustItem, ...]
    own_keys: tuple[KeyPlace, ...] = ()
    before: Approval | None = None
    ignored: tuple[TrustItem, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        return {item.name: item.value for item in self.items}

    @property
    def digest(self) -> str:
        return digest_of(self.workspace, self.values)

    @property
    def is_only_instructions(self) -> bool:
        """Whether the project only has instructions for the model, no settings."""
        return all(item.name == INSTRUCTIONS_NAME for item in self.items)


class Approvals(Protocol):
    """A store of approvals."""

    def approval_of(self, workspace: Path) -> Approval | None:
        """The last approval. Raises ConfigError if the store cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is trusted: the stored approvals, or with ``everything`` any content."""

    approvals: Approvals | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """A project's file, divided: ``items`` need approval, ``restricted`` applies without them."""

    items: tuple[TrustItem, ...]
    restricted: Layer


def review(project: Layer, own: Layer, instructions: InstructionFile | None) -> Review:
    """Divide the valid values of ``project``; ``own`` is the user's file."""
    items: list[TrustItem] = []
    kept: dict[KeyPath, object] = {}
    for path in dict.fromkeys((*project.values, *project.references)):
        if _is_tool_policy(path):
            continue
        if _is_harmless(path, project, own):
            kept[path] = project.values[path]
        else:
            items.append(TrustItem(dotted(path), _canonical(path, project), _origin(path, project)))
    own_rules, wanted = _rules(own), _rules(project).over(_rules(own))
    items += _policy_items(own_rules, wanted, project)
    kept |= _tightened(own_rules, wanted)
    if instructions is not None:
        items.append(_instruction_item(instructions))
    origins = {path: _origin(path, project) for path in kept}
    ordered = tuple(sorted(items, key=lambda item: item.name))
    return Review(ordered, Layer(kept, origins, project.warnings))


def without_users_alone(project: Layer) -> tuple[Layer, tuple[TrustItem, ...]]:
    """``project`` without the settings that only a user's own file may have; those settings; and
    warnings about them. Values need not be valid."""
    paths = [path for path in project.values if path in USERS_ALONE]
    if not paths:
        return project, ()
    ignored = tuple(
        TrustItem(dotted(path), _canonical(path, project), _origin(path, project)) for path in paths
    )
    warnings = (
        f"{item.origin.describe()}: {item.name} is ignored in a project's file; it counts in your own"
        " alone (vtcode-tui config path)."
        for item in ignored
    )
    values = {path: value for path, value in project.values.items() if path not in USERS_ALONE}
    origins = {path: origin for path, origin in project.origins.items() if path in values}
    kept = Layer(values, origins, (*project.warnings, *warnings), project.references)
    return kept, ignored


def digest_of(workspace: Path, values: Mapping[str, str]) -> str:
    """The SHA-256, in hex, of a workspace and the settings that need approval."""
    import json

    canonical = json.dumps([_FORMAT, str(workspace), sorted(values.items())], ensure_ascii=True)
    return _sha256(canonical)


def _sha256(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()


def _is_tool_policy(path: KeyPath) -> bool:
    return path == TOOLS_DEFAULT or path[:2] == TOOL_POLICIES


def _is_harmless(path: KeyPath, project: Layer, own: Layer) -> bool:
    value = project.values.get(path)
    if value is None or isinstance(value, SecretStr) or path in project.references:
        return False
    key = key_table().key_of(path)
    users = own.values.get(path, key.default if key is not None else None)
    if path in HARMLESS or path == DENY_LIST or (type(value) is type(users) and value == users):
        return True
    choices = TIGHTER.get(path, ())
    if value in choices and users in choices:
        return choices.index(value) >= choices.index(users)
    is_limit = path in HARMLESS_WHEN_LOWER and isinstance(value, int) and isinstance(users, int)
    return is_limit and cast("int", value) <= cast("int", users)


def _canonical(path: KeyPath, project: Layer) -> str:
    reference = project.references.get(path)
    if reference is not None:
        return f"${{{reference.variable}}}"
    value = project.values[path]
    if isinstance(value, SecretStr):
        return f"sha256:{_sha256(value.get_secret_value())}"
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, sort_keys=True, default=str)


def _rules(layer: Layer) -> ToolRules:
    policies = {
        path[2]: cast("Policy", value)
        for path, value in layer.values.items()
        if path[:2] == TOOL_POLICIES and len(path) == 3
    }
    return ToolRules(cast("Policy | None", layer.values.get(TOOLS_DEFAULT)), policies)


def _policy_items(own: ToolRules, wanted: ToolRules, project: Layer) -> list[TrustItem]:
    items: list[TrustItem] = []
    for tool, policy in loosened(own, wanted).items():
        path = TOOLS_DEFAULT if tool is UNLISTED else (*TOOL_POLICIES, tool)
        value: str = policy
        if tool is UNLISTED and policy == "allow" and exceptions(wanted):
            value = f"allow except {', '.join(map(_quoted, exceptions(wanted)))}"
        items.append(TrustItem(dotted(path), value, _origin(path, project)))
    return items


def _tightened(own: ToolRules, wanted: ToolRules) -> dict[KeyPath, object]:
    """The values that restrict the user's rules to the stricter of both."""
    strict = strictest(own, wanted)
    changed: dict[KeyPath, object] = {
        (*TOOL_POLICIES, tool): policy
        for tool, policy in strict.policies.items()
        if own.policies.get(tool) != policy
    }
    if strict.default is not None and strict.default != own.default:
        changed[TOOLS_DEFAULT] = strict.default
    return changed


def _instruction_item(file: InstructionFile) -> TrustItem:
    value = f"{file.line_count} lines, sha256 {file.digest}"
    if file.hidden_count:
        value += f"{HIDDEN}{file.hidden_count}"
    return TrustItem(INSTRUCTIONS_NAME, value, Origin("project", file.path))


def _origin(path: KeyPath, project: Layer) -> Origin:
    """Where the project sets this; for a tool without its own line, where the default is set."""
    reference = project.references.get(path)
    if reference is not None:
        return reference.origin
    return project.origins.get(path) or project.origins.get(TOOLS_DEFAULT) or Origin("project")


def _quoted(name: str) -> str:
    return dotted((name,))
