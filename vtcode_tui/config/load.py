"""Loading the configuration: command line over environment over project over user over defaults.

Pure but for reading the two files. Light enough to run before the first screen: a sound
configuration loads with the standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

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

__all__ = ["ConfigFile", "LoadedConfig", "Origin", "config_files", "load_config"]


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """``origins`` says for each dotted key of the schema, and each tool's policy, where it is from.

    ``warnings`` are for people and hold untrusted names. ``files`` are the files that were looked
    for and may or may not exist, the user's first.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    warnings: tuple[str, ...]
    files: tuple[ConfigFile, ...] = ()


def load_config(
    *,
    cli: Mapping[str, str | None],
    environ: Mapping[str, str],
    workspace: Path,
    user_config_dir: Path,
) -> LoadedConfig:
    """The settings that hold, and where each is from.

    ``cli`` may have "provider", "model", "base_url", "effort" and "theme"; None is "not given".
    Raises ConfigError for anything in a file, a variable or an option that must not be there;
    unknown keys are only warned about.
    """
    files = config_files(workspace, user_config_dir)
    layers = (
        fallback_layer(environ),
        *(file_layer(file, environ) for file in files),
        environment_layer(environ),
        option_layer(cli),
    )
    return LoadedConfig(
        settings=_settings(layers),
        origins=_origins(layers),
        warnings=tuple(warning for layer in layers for warning in layer.warnings),
        files=files,
    )


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
        return build_settings(nested(merged))
    from vtcode_tui.config.validation import resolve

    return resolve(layers)


def _origins(layers: Sequence[Layer]) -> Mapping[str, Origin]:
    default = Origin("default")
    origins = {dotted(key.path): default for key in key_table().keys.values() if not key.is_mapping}
    for layer in layers:
        origins.update((dotted(path), origin) for path, origin in layer.origins.items())
    return MappingProxyType(origins)
