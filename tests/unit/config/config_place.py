"""Configuration in all its places, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from vtcode_tui.config.load import LoadedConfig, Trust, load_config
from vtcode_tui.errors import ConfigError

CANARY = "canary-4711"


@dataclass(frozen=True)
class Place:
    """A workspace and a user's directory, each with a file or without; the project is trusted."""

    project: Path
    user: Path

    def load(
        self,
        *,
        project: str | None = None,
        user: str | None = None,
        environ: Mapping[str, str] | None = None,
        cli: Mapping[str, str | None] | None = None,
    ) -> LoadedConfig:
        for path, text in ((self.project, project), (self.user, user)):
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
        return load_config(
            cli=cli or {},
            environ=environ or {},
            workspace=self.project.parent,
            user_config_dir=self.user.parent,
            trust=Trust(everything=True),
        )

    def load_one(
        self, kind: str, text: str, environ: Mapping[str, str] | None = None
    ) -> LoadedConfig:
        """With the project's or the user's file alone."""
        if kind == "project":
            return self.load(project=text, environ=environ)
        return self.load(user=text, environ=environ)

    def error(
        self,
        *,
        project: str | None = None,
        user: str | None = None,
        environ: Mapping[str, str] | None = None,
        cli: Mapping[str, str | None] | None = None,
    ) -> ConfigError:
        with pytest.raises(ConfigError) as caught:
            self.load(project=project, user=user, environ=environ, cli=cli)
        assert caught.value.advice
        assert caught.value.__context__ is None, "a chained error would show values"
        return caught.value
