"""Where the user's files live. Pure functions of the environment and the platform they are given.

Linux follows the XDG base directories; macOS uses ~/Library unless an XDG variable is
set, so that people who keep their files under ``~/.config`` find them there on both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vtcode_tui.errors import ConfigError

APP_NAME = "vtcode-tui"
CONFIG_FILE_NAME = "vtcode.toml"


def user_config_dir(environ: Mapping[str, str], platform: str) -> Path:
    """The directory of the user's vtcode.toml. ``platform`` is a ``sys.platform``.

    Raises ConfigError where there is no home directory.
    """
    return _base_dir(environ, platform, "XDG_CONFIG_HOME", ".config") / APP_NAME


def user_state_dir(environ: Mapping[str, str], platform: str) -> Path:
    """The directory for sessions, history and logs. Arguments and errors as above."""
    return _base_dir(environ, platform, "XDG_STATE_HOME", ".local/state") / APP_NAME


def cache_dir(environ: Mapping[str, str], platform: str) -> Path:
    """The directory for what can be made again. Arguments and errors as above."""
    mac = "Library/Caches"
    return _base_dir(environ, platform, "XDG_CACHE_HOME", ".cache", mac) / APP_NAME


def find_project_file(workspace: Path) -> Path | None:
    """``workspace/vtcode.toml`` if something has that name; directories above are not searched.

    What has the name need not be a readable file: reading it says so.
    """
    path = workspace / CONFIG_FILE_NAME
    return path if os.path.lexists(path) else None


def _base_dir(
    environ: Mapping[str, str],
    platform: str,
    variable: str,
    below_home: str,
    below_home_on_mac: str = "Library/Application Support",
) -> Path:
    configured = environ.get(variable, "").strip()
    # The XDG specification has relative paths ignored.
    if configured.startswith("/"):
        return Path(configured)
    return home_dir(environ) / (below_home_on_mac if platform == "darwin" else below_home)


def home_dir(environ: Mapping[str, str]) -> Path:
    """The user's home directory. Raises ConfigError where there is none."""
    home = environ.get("HOME", "").strip()
    if home.startswith("/"):
        return Path(home)
    import pwd  # services and containers often run without HOME

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise ConfigError(
            "There is no home directory for the settings and sessions.",
            why="HOME is not set, and this user has no entry in the password database.",
            advice='Name one: export HOME="/path/to/home"',
        ) from None
