"""Loading the configuration: command line over environment over project over user over defaults.

Of the project's file and its AGENTS.md, what has power holds only once the user approved exactly
that. Pure but for reading the files. Light enough to run before the first screen: a sound
configuration loads with the standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType

from vtcode_tui.config.bound_keys import BoundKey, bound_keys
from vtcode_tui.config.instructions import read_instructions
from vtcode_tui.config.keys import KeyPath, build_settings, dotted, key_table, nested
from vtcode_tui.config.layers import (
    ConfigFile,
    Layer,
    Origin,
    environment_layer,
    fallback_layer,
    file_layer,
    option_layer,
)
from vtcode_tui.config.paths import CONFIG_FILE_NAME, find_project_file
from vtcode_tui.config.schema import Settings
from vtcode_tui.config.trust import (
    DENY_LIST,
    Approval,
    Trust,
    TrustQuestion,
    review,
    without_users_alone,
)
from vtcode_tui.lazy_dataclass import dataclass

__all__ = ["ConfigFile", "LoadedConfig", "Origin", "Trust", "config_files", "load_config"]

_NOTHING = Layer({}, {})


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """``origins`` says for each dotted key of the schema, and each tool's policy, where it is from.

    ``warnings`` are for people and hold untrusted names. ``files`` are the files that were looked
    for and may or may not exist, the user's first. ``pending_trust`` is what the project asks for
    and does not have; ``given_trust`` what it asked for and has; at most one of them is there.
    ``keys`` are the API keys, each with the only address that it may be sent to; ``instructions``
    is the text of AGENTS.md, once it is trusted.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    warnings: tuple[str, ...]
    files: tuple[ConfigFile, ...] = ()
    pending_trust: TrustQuestion | None = None
    given_trust: TrustQuestion | None = None
    keys: tuple[BoundKey, ...] = ()
    instructions: str = field(default="", repr=False)


def load_config(
    *,
    cli: Mapping[str, str | None],
    environ: Mapping[str, str],
    workspace: Path,
    user_config_dir: Path,
    trust: Trust | None = None,
) -> LoadedConfig:
    """The settings that hold, and where each is from.

    ``cli`` may have "provider", "model", "base_url", "effort" and "theme"; None is "not given".
    Without ``trust`` nothing was approved. Raises ConfigError for anything in a file, a variable or
    an option that must not be there; unknown keys are only warned about.
    """
    files = config_files(workspace, user_config_dir)
    user, project = [*(file_layer(file, environ) for file in files), _NOTHING][:2]
    project, ignored = without_users_alone(project)
    stack = _Stack(
        fallback_layer(environ), user, project, environment_layer(environ), option_layer(cli)
    )
    # What is not trusted is checked too: a wrong value is an error before it is a question.
    settings = _settings(stack.layers)
    instructions, warnings = read_instructions(workspace)
    seen = review(project, user, instructions)
    question = None
    if seen.items:
        own_keys = tuple(key.place for key in replace(stack, project=_NOTHING).keys)
        before = _approval(trust, workspace)
        question = TrustQuestion(workspace, seen.items, own_keys, before, ignored)
    is_trusted = question is None or _is_trusted(question, trust)
    if not is_trusted:
        stack = replace(stack, project=seen.restricted)
        settings = _settings(stack.layers)
    return LoadedConfig(
        settings=settings,
        origins=_origins(stack.layers),
        warnings=(*(warning for layer in stack.layers for warning in layer.warnings), *warnings),
        files=files,
        pending_trust=None if is_trusted else question,
        given_trust=question if is_trusted else None,
        keys=stack.keys,
        instructions=instructions.text if instructions is not None and is_trusted else "",
    )


@dataclass(frozen=True, slots=True)
class _Stack:
    fallback: Layer
    user: Layer
    project: Layer
    environment: Layer
    options: Layer

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The lowest first."""
        return (self.fallback, self.user, self.project, self.environment, self.options)

    @property
    def keys(self) -> tuple[BoundKey, ...]:
        return bound_keys(
            user=self.user,
            project=self.project,
            environment=self.environment,
            options=self.options,
        )


def _approval(trust: Trust | None, workspace: Path) -> Approval | None:
    if trust is None or trust.approvals is None:
        return None
    return trust.approvals.approval_of(workspace)


def _is_trusted(question: TrustQuestion, trust: Trust | None) -> bool:
    if trust is not None and trust.everything:
        return True
    return question.before is not None and question.before.digest == question.digest


def config_files(workspace: Path, user_config_dir: Path) -> tuple[ConfigFile, ...]:
    """The user's file and, where there is one, the project's; the user's wins if they are one."""
    user = ConfigFile(user_config_dir / CONFIG_FILE_NAME, "user")
    project_path = find_project_file(workspace)
    if project_path is None or _is_same_file(project_path, user.path):
        return (user,)
    return user, ConfigFile(project_path, "project")


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _settings(layers: Sequence[Layer]) -> Settings:
    table = key_table()
    if all(table.accepts(path, value) for layer in layers for path, value in layer.values.items()):
        merged: dict[KeyPath, object] = {}
        for layer in layers:
            merged.update(layer.values)
        return _with_every_denial(build_settings(nested(merged)), layers)
    from vtcode_tui.config.validation import resolve

    return _with_every_denial(resolve(layers), layers)


def _with_every_denial(settings: Settings, layers: Sequence[Layer]) -> Settings:
    """A file adds to the deny list of the one below it: no project takes one of the user's away."""
    lists = [layer.values[DENY_LIST] for layer in layers if DENY_LIST in layer.values]
    entries = dict.fromkeys(
        entry for entries in lists if isinstance(entries, list) for entry in entries
    )
    if not entries:
        return settings
    return replace(settings, commands=replace(settings.commands, deny_list=tuple(entries)))


def _origins(layers: Sequence[Layer]) -> Mapping[str, Origin]:
    default = Origin("default")
    origins = {dotted(key.path): default for key in key_table().keys.values() if not key.is_mapping}
    for layer in layers:
        for path, reference in layer.references.items():
            if origins.get(dotted(path)) is default:
                origins[dotted(path)] = replace(reference.origin, name=reference.variable)
        origins.update((dotted(path), origin) for path, origin in layer.origins.items())
    return MappingProxyType(origins)
