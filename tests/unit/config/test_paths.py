"""Where the user's files live, for each platform and environment."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from vtcode_tui.config.paths import cache_dir, find_project_file, user_config_dir, user_state_dir

HOME = {"HOME": "/home/ada"}


@pytest.mark.parametrize(
    ("environ", "platform", "config", "state", "cache"),
    [
        (HOME, "linux", "/home/ada/.config", "/home/ada/.local/state", "/home/ada/.cache"),
        (HOME, "freebsd14", "/home/ada/.config", "/home/ada/.local/state", "/home/ada/.cache"),
        (
            HOME,
            "darwin",
            "/home/ada/Library/Application Support",
            "/home/ada/Library/Application Support",
            "/home/ada/Library/Caches",
        ),
        (
            HOME | {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"},
            "darwin",
            "/c",
            "/s",
            "/k",
        ),
        (
            {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"},
            "linux",
            "/c",
            "/s",
            "/k",
        ),
        (
            HOME | {"XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": " ", "XDG_CACHE_HOME": ""},
            "linux",
            "/home/ada/.config",
            "/home/ada/.local/state",
            "/home/ada/.cache",
        ),
    ],
)
def test_directories_follow_the_platform_and_the_environment(
    environ: dict[str, str], platform: str, config: str, state: str, cache: str
) -> None:
    assert user_config_dir(environ, platform) == Path(config) / "vtcode-tui"
    assert user_state_dir(environ, platform) == Path(state) / "vtcode-tui"
    assert cache_dir(environ, platform) == Path(cache) / "vtcode-tui"


def test_without_home_the_password_database_is_asked() -> None:
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert user_config_dir({}, "linux") == home / ".config" / "vtcode-tui"


def test_the_project_file_is_the_one_in_the_workspace_itself(tmp_path: Path) -> None:
    workspace = tmp_path / "inner"
    workspace.mkdir()
    (tmp_path / "vtcode.toml").touch()
    assert find_project_file(workspace) is None
    (workspace / "vtcode.toml").touch()
    assert find_project_file(workspace) == workspace / "vtcode.toml"


def test_a_project_file_that_is_no_file_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "vtcode.toml").mkdir()
    assert find_project_file(tmp_path) == tmp_path / "vtcode.toml"
