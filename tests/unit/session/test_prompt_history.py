from __future__ import annotations

import fcntl
import stat
import sys
import threading
from pathlib import Path

import pytest

from vtcode_tui.secrecy import MASK
from vtcode_tui.session.masking import mask_secrets
from vtcode_tui.session.prompt_history import MOST_PROMPTS, PromptHistory


@pytest.fixture
def history(tmp_path: Path) -> PromptHistory:
    return PromptHistory(tmp_path / "state", tmp_path / "project")


def file_of(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "state" / "history").iterdir()
    return path


def test_prompts_come_back_in_their_order(history: PromptHistory) -> None:
    for prompt in ("first", "second\nline", "second\nline", " ", "é\u2028\ud800"):
        history.add(prompt)
    assert history.load() == ("first", "second\nline", "é\u2028\ud800")


def test_another_workspace_has_another_history(history: PromptHistory, tmp_path: Path) -> None:
    history.add("here")
    assert PromptHistory(tmp_path / "state", tmp_path / "other").load() == ()


@pytest.mark.usefixtures("umask_000")
def test_the_file_is_the_users_alone(history: PromptHistory, tmp_path: Path) -> None:
    history.add("x")
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(file_of(tmp_path).parent.stat().st_mode) == 0o700


@pytest.fixture
def umask_000() -> object:
    import os

    before = os.umask(0)
    yield
    os.umask(before)


def test_secrets_are_starred_out_before_they_are_written(
    history: PromptHistory, tmp_path: Path
) -> None:
    history.add(
        "use a-known-key and ghp_0123456789abcdefghijABCDEFGHIJ with password=hunter22",
        ("a-known-key",),
    )
    content = file_of(tmp_path).read_text()
    for secret in ("a-known-key", "ghp_", "hunter22"):
        assert secret not in content
    assert history.load() == (f"use {MASK} and {MASK} with password={MASK}",)


def test_a_file_that_grew_too_long_is_made_short(history: PromptHistory, tmp_path: Path) -> None:
    history.add("x")
    path = file_of(tmp_path)
    path.write_text("".join(f'"prompt {number}"\n' for number in range(MOST_PROMPTS + 5)))
    loaded = history.load()
    assert loaded[-1] == f"prompt {MOST_PROMPTS + 4}"
    assert len(loaded) == MOST_PROMPTS // 2
    assert len(path.read_text().splitlines()) == MOST_PROMPTS // 2


def test_it_is_made_short_whole_or_not_at_all(history: PromptHistory, tmp_path: Path) -> None:
    history.add("x")
    path = file_of(tmp_path)
    long = "".join(f'"prompt {number}"\n' for number in range(MOST_PROMPTS + 5))
    path.write_text(long)
    path.with_suffix(".new").write_text("left by a run that was killed")
    with path.open() as before:
        history.load()
        assert before.read() == long
    assert file_of(tmp_path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(long)
    path.with_suffix(".new").mkdir()  # so that nothing can be written beside it
    assert history.load()[-1] == f"prompt {MOST_PROMPTS + 4}"
    assert path.read_text() == long


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/locks")
def test_what_another_app_adds_while_it_is_made_short_is_not_lost(
    history: PromptHistory, tmp_path: Path
) -> None:
    history.add("first")
    path = file_of(tmp_path)
    adding = threading.Thread(target=history.add, args=("second",))
    with path.open("rb") as shortened:
        fcntl.flock(shortened, fcntl.LOCK_EX)
        adding.start()
        waits = f"{path.stat().st_ino} 0 EOF"
        while not any(
            "->" in line and waits in line for line in Path("/proc/locks").read_text().splitlines()
        ):
            assert adding.is_alive()
        beside = path.with_suffix(".new")
        beside.write_text('"shortened"\n')
        beside.replace(path)
    adding.join()
    assert history.load() == ("shortened", "second")


def test_damage_costs_its_line_alone(history: PromptHistory, tmp_path: Path) -> None:
    history.add("good")
    with file_of(tmp_path).open("ab") as file:
        file.write(b'"torn\n\x00\xff\n{"no": "text"}\n')
    history.add("after")
    assert history.load() == ("good", "after")


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    history = PromptHistory(tmp_path / "state", tmp_path)
    history.add("x")
    assert history.load() == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sk-abcdefghijklmnopqrstuvwx", MASK),
        ("AKIAIOSFODNN7EXAMPLE is it", f"{MASK} is it"),
        ("Authorization: Bearer abc.def-123", f"Authorization: Bearer {MASK}"),
        ("https://me:hunter2@host/x", f"https://me:{MASK}@host/x"),
        ('"api_key": "0123abcd"', f'"api_key": "{MASK}"'),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
            f"-----BEGIN RSA PRIVATE KEY-----{MASK}-----END RSA PRIVATE KEY-----",
        ),
        ("rename the token class and its tests", "rename the token class and its tests"),
        ("fix http://localhost:11434/api", "fix http://localhost:11434/api"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


def test_a_known_secret_that_is_as_short_as_a_word_masks_nothing() -> None:
    assert mask_secrets("make the test pass", ["test"]) == "make the test pass"
    assert mask_secrets("make hunter2 pass", ["hunter2"]) == "make *** pass"
