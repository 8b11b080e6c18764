"""Paths judged by their text alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.workspace.names import is_git_metadata, is_secret_name, path_trouble


@pytest.mark.parametrize(
    "path",
    ["", "  ", "a\0b", "a\nb", "\x1b[31m", "safe\u202etxt.exe", "a\u200bb", "\ud800", "\u2028",
     "http://x/y", "file:///etc/passwd", "~", "~/.ssh/id_rsa", "x ", " x", "a /b", "a" * 5000],
)  # fmt: skip
def test_a_name_that_hides_something_is_refused(path: str) -> None:
    assert path_trouble(path) is not None


@pytest.mark.parametrize(
    "path",
    ["a.txt", "café.txt", "[id].tsx", "a;b.txt", "..hidden", "a..b/c", "a b/c d", "%2e%2e/x", "~x",
     "/abs", "./a", "../a", "C:x", "日本語.md", "a:b"],
)  # fmt: skip
def test_an_ordinary_name_is_fine(path: str) -> None:
    assert path_trouble(path) is None


@pytest.mark.parametrize(
    "path",
    [".git", ".git/config", "sub/.git/hooks/x", ".GIT/config", ".g\u200cit/config", "GIT~1/config",
     ".git./config", ".git /config", ".git::$INDEX_ALLOCATION/config", "．git/config"],
)  # fmt: skip
def test_every_spelling_of_git_metadata_is_known(path: str) -> None:
    assert is_git_metadata(tuple(path.split("/")))


@pytest.mark.parametrize("path", [".gitignore", ".github/x", "gitlab/x", "notes.git.md", "x.git"])
def test_other_names_are_no_git_metadata(path: str) -> None:
    assert not is_git_metadata(tuple(path.split("/")))


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", ".ENV", ".envrc", "server.pem", "deploy.key", "x.p12", "id_ed25519",
     "id_rsa", "credentials", "credentials.json", "secret.json", "secrets.yaml", ".netrc"],
)  # fmt: skip
def test_files_that_usually_hold_secrets_are_known_by_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [".env.example", "id_rsa.pub", "secret_santa.py", "keyboard.py", "monkey", "env.py", "pem.md"],
)
def test_harmless_names_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    path_trouble(text)
    is_git_metadata((text,))
    is_secret_name(text)
