"""Saving one value: nothing else in the file changes, and the file is never half written."""

from __future__ import annotations

import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.config.toml_files import KeyLines, TomlFile, toml_files
from vtcode_tui.config.editor import save_value
from vtcode_tui.config.load import load_config
from vtcode_tui.config.positions import parse_key
from vtcode_tui.errors import ConfigError

NEW_VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["[tools]", '"""', "'''", "# x", "\\", "\r\n", "\x00\x7f\x85\u2028"]),
)


def saved(path: Path, before: str, key: str, value: str | int | bool) -> str:
    path.write_bytes(before.encode())
    save_value(path, key, value)
    return path.read_bytes().decode()


def value_at(text: str, key: str) -> object:
    node: object = tomllib.loads(text)
    for name in parse_key(key) or ():
        assert isinstance(node, dict)
        node = node[name]
    return node


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vtcode.toml"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editor") / "vtcode.toml"


def lines_of(file: TomlFile) -> list[str]:
    """The lines with their ends, the last one as if it had its end too."""
    if file.text and not file.text.endswith(file.newline):
        return (file.text + file.newline).split(file.newline)[:-1]
    return file.text.split(file.newline)[:-1]


@settings(deadline=None, max_examples=120)
@given(file=toml_files(), choice=st.data(), value=NEW_VALUES)
def test_a_new_value_changes_the_lines_of_its_key_alone(
    scratch: Path, file: TomlFile, choice: st.DataObject, value: str | int | bool
) -> None:
    if not file.keys:
        return
    key: KeyLines = choice.draw(st.sampled_from(file.keys))
    after = saved(scratch, file.text, key.path, value)

    old = lines_of(file)
    new = lines_of(TomlFile(after, (), (), file.newline))
    assert new[: key.first - 1] == old[: key.first - 1]
    assert new[key.first :] == old[key.last :]
    line = new[key.first - 1]
    assert line.startswith(key.head)
    assert line.endswith(key.tail)
    assert after.endswith(file.newline) == file.text.endswith(file.newline)
    found = value_at(after, key.path)
    assert (type(found), found) == (type(value), value)


@settings(deadline=None, max_examples=120)
@given(file=toml_files(), choice=st.data(), value=NEW_VALUES)
def test_a_new_key_adds_one_line_to_its_table(
    scratch: Path, file: TomlFile, choice: st.DataObject, value: str | int | bool
) -> None:
    if not file.tables:
        return
    table: str = choice.draw(st.sampled_from(file.tables))
    key = f"{table}.new_key"
    after = saved(scratch, file.text, key, value)

    old = lines_of(file)
    new = lines_of(TomlFile(after, (), (), file.newline))
    added = [index for index in range(len(new)) if new[:index] + new[index + 1 :] == old]
    assert added
    assert any(new[index].lstrip().startswith("new_key = ") for index in added)
    assert after.endswith(file.newline) == file.text.endswith(file.newline)
    found = value_at(after, key)
    assert (type(found), found) == (type(value), value)


@settings(deadline=None, max_examples=120)
@given(file=toml_files(), value=NEW_VALUES)
def test_a_new_table_is_added_below_everything(
    scratch: Path, file: TomlFile, value: str | int | bool
) -> None:
    after = saved(scratch, file.text, "brand.new.key", value)
    assert after.startswith(file.text)
    added = [line for line in after[len(file.text) :].split(file.newline) if line]
    assert added[0] == "[brand.new]"
    assert len(added) == 2
    found = value_at(after, "brand.new.key")
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        (
            '[agent]\nprovider = "ollama"\n\n# The tools\n[tools]\n',
            "agent.default_model",
            '[agent]\nprovider = "ollama"\ndefault_model = "new"\n\n# The tools\n[tools]\n',
        ),
        (
            '[agent]\n# The model.\n# default_model = "llama3:8b"\n\n[tools]\n# default_model = 1\n',
            "agent.default_model",
            '[agent]\n# The model.\n# default_model = "llama3:8b"\ndefault_model = "new"\n\n[tools]\n# default_model = 1\n',
        ),
        (
            '[agent]\nx = """\n# default_model = 1\n"""\ny = 1\n',
            "agent.default_model",
            '[agent]\nx = """\n# default_model = 1\n"""\ny = 1\ndefault_model = "new"\n',
        ),
        ("[agent]", "agent.default_model", '[agent]\ndefault_model = "new"'),
        ("[agent]\r\n", "agent.default_model", '[agent]\r\ndefault_model = "new"\r\n'),
        ("[agent]\r\nx = 1", "agent.default_model", '[agent]\r\nx = 1\r\ndefault_model = "new"'),
        ("[agent]\n  x = 1 # y\n", "agent.default_model", '[agent]\n  x = 1 # y\n  default_model = "new"\n'),
        ('[agent]\ndefault_model="old"# y\n', "agent.default_model", '[agent]\ndefault_model="new"# y\n'),
        ("# only a comment", "agent.default_model", '# only a comment\n\n[agent]\ndefault_model = "new"'),
        ("", "agent.default_model", '[agent]\ndefault_model = "new"\n'),
        ("x = 1\r\n", "agent.default_model", 'x = 1\r\n\r\n[agent]\r\ndefault_model = "new"\r\n'),
        (
            '[tools.policies]\nread_file = "allow"\n',
            "tools.default_policy",
            '[tools.policies]\nread_file = "allow"\n\n[tools]\ndefault_policy = "new"\n',
        ),
        (
            'tools.policies.read_file = "allow"\n',
            "tools.default_policy",
            'tools.policies.read_file = "allow"\ntools.default_policy = "new"\n',
        ),
        (
            'tools.policies.read_file = "allow"\r\n',
            "tools.default_policy",
            'tools.policies.read_file = "allow"\r\ntools.default_policy = "new"\r\n',
        ),
        ("agent = {}\n# end\n", "agent.default_model", 'agent = {default_model = "new"}\n# end\n'),
        (
            'agent = { default_model = "a", x = 1 } # y\n',
            "agent.default_model",
            'agent = { default_model = "new", x = 1 } # y\n',
        ),
        (
            "[tools]\na = 1\n[agent]\nb = 1\n[tools.policies]\nc = 1\n",
            "tools.policies.c",
            '[tools]\na = 1\n[agent]\nb = 1\n[tools.policies]\nc = "new"\n',
        ),
        ("x = nan\n[agent]\n", "agent.default_model", 'x = nan\n[agent]\ndefault_model = "new"\n'),
        ("[a]\n\tx = 1\n\n\n", "a.y", '[a]\n\tx = 1\n\ty = "new"\n\n\n'),
    ],
)  # fmt: skip
def test_where_a_value_goes(path: Path, before: str, key: str, after: str) -> None:
    assert saved(path, before, key, "new") == after


def test_the_example_takes_a_model_below_the_line_that_explains_it(path: Path) -> None:
    example = (Path(__file__).parents[3] / "vtcode.toml.example").read_text(encoding="utf-8")
    template = '# default_model = "llama3:8b"\n'
    expected = example.replace(template, template + 'default_model = "qwen3:1.7b"\n')
    assert saved(path, example, "agent.default_model", "qwen3:1.7b") == expected


def test_a_missing_file_and_its_directory_are_made(tmp_path: Path) -> None:
    path = tmp_path / "config" / "vtcode-tui" / "vtcode.toml"
    save_value(path, "agent.default_model", "x")
    assert path.read_text() == '[agent]\ndefault_model = "x"\n'
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    loaded = load_config(cli={}, environ={}, workspace=tmp_path, user_config_dir=path.parent)
    assert loaded.settings.agent.default_model == "x"


def test_true_is_not_taken_for_one(path: Path) -> None:
    assert saved(path, "[a]\nx = 1\n", "a.x", True) == "[a]\nx = true\n"
    assert saved(path, "[a]\nx = true\n", "a.x", 1) == "[a]\nx = 1\n"


def test_a_byte_order_mark_stays(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf[a]\r\nx = 1\r\n")
    save_value(path, "a.x", 2)
    assert path.read_bytes() == b"\xef\xbb\xbf[a]\r\nx = 2\r\n"


def test_the_value_that_is_there_already_does_not_touch_the_file(path: Path) -> None:
    path.write_text('[a]\nx = "y" # z\n')
    before = path.stat()
    save_value(path, "a.x", "y")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_of_the_file_stays(path: Path, mode: int) -> None:
    path.write_text("[a]\n")
    path.chmod(mode)
    save_value(path, "a.x", 1)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_is_followed_and_stays(path: Path) -> None:
    real = path.parent / "dotfiles" / "real.toml"
    real.parent.mkdir()
    real.write_text("[a]\n")
    path.symlink_to(Path("dotfiles") / "real.toml")
    save_value(path, "a.x", 1)
    assert path.is_symlink()
    assert real.read_text() == "[a]\nx = 1\n"


def test_nothing_but_the_file_is_left_in_its_directory(path: Path) -> None:
    saved(path, "[a]\n", "a.x", 1)
    assert [each.name for each in path.parent.iterdir()] == ["vtcode.toml"]


@pytest.mark.parametrize("before", ["[a\n", "a = ", "a = 1\na = 2\n", "\x00"])
def test_a_file_that_is_not_toml_is_refused_and_left_alone(path: Path, before: str) -> None:
    path.write_text(before)
    with pytest.raises(ConfigError, match="line"):
        save_value(path, "a.x", 1)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("before", "key", "value"),
    [
        ("a = 1\n", "a.x", 1),
        ("[[a]]\nx = 1\n", "a.x", 2),
        ("[a.x]\ny = 1\n", "a.x", 2),
        ("a.x.y = 1\n", "a.x", 2),
        ("[a]\nx = []\n", "a.x.y", 2),
        ("[a]\n", "a.x", "lone \ud800 surrogate"),
    ],
)
def test_what_cannot_be_set_without_harm_is_refused(
    path: Path, before: str, key: str, value: str | int
) -> None:
    path.write_text(before)
    with pytest.raises(ConfigError, match="cannot be set"):
        save_value(path, key, value)
    assert path.read_text() == before


@pytest.mark.parametrize("key", ["", "a.", "a b", 'a = 1\n"b"', "é"])
def test_what_is_no_key_is_refused(path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="dotted key"):
        save_value(path, key, 1)
    assert not path.exists()


def test_a_directory_or_a_pipe_is_refused(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="regular file"):
        save_value(path, "a.x", 1)
    with pytest.raises(ConfigError):
        save_value(path.parent, "a.x", 1)


def test_a_place_that_cannot_be_written_is_an_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="could not be written") as caught:
        save_value(tmp_path / "file" / "vtcode.toml", "a.x", 1)
    assert caught.value.advice


def test_an_edit_that_would_touch_another_line_is_not_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = "# kept\n[a]\nx = 1\n"
    path.write_text(before)
    monkeypatch.setattr(tomlkit, "dumps", lambda document: "[a]\nx = 2\n")
    with pytest.raises(ConfigError, match="cannot be set"):
        save_value(path, "a.x", 2)
    monkeypatch.setattr(tomlkit, "dumps", lambda document: "# kept\n[a]\nx = 3\n")
    with pytest.raises(ConfigError, match="cannot be set"):
        save_value(path, "a.x", 2)
    assert path.read_text() == before


def test_a_failure_while_writing_leaves_the_old_file_and_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("[a]\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        save_value(path, "a.x", 1)
    assert path.read_text() == "[a]\n"
    assert [each.name for each in path.parent.iterdir()] == ["vtcode.toml"]


def test_two_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "vtcode.toml"
    path.write_text("# mine\n[tools.policies]\n")

    def save(name: str) -> None:
        for number in range(15):
            save_value(path, f"tools.policies.{name}{number}", "allow")

    threads = [threading.Thread(target=save, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = tomllib.loads(path.read_text())["tools"]["policies"]
    assert len(kept) == 30
