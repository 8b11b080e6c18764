"""Files that cannot be read as configuration: an error at once, whatever they are."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from vtcode_tui.config.reading import MAX_BYTES, read_document
from vtcode_tui.errors import ConfigError


def error_of(path: Path) -> ConfigError:
    """The error of reading ``path``, which has to come fast."""
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read_document(path)
    assert time.process_time() - start < 0.2
    assert str(path) in caught.value.what
    assert caught.value.advice
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vtcode.toml"


def test_a_missing_file_is_no_file(path: Path) -> None:
    assert read_document(path) is None
    assert read_document(path / "below" / "a" / "file") is None
    path.write_text("")
    assert read_document(path / "below") is None
    (path.parent / "dangling").symlink_to(path.parent / "nowhere")
    assert read_document(path.parent / "dangling") is None


def test_a_directory_is_refused(path: Path) -> None:
    path.mkdir()
    assert "regular file" in error_of(path).why


def test_a_pipe_is_refused_without_waiting_for_a_writer(path: Path) -> None:
    os.mkfifo(path)
    assert "regular file" in error_of(path).why


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_link_to_a_device_is_refused(path: Path, device: str) -> None:
    path.symlink_to(device)
    error_of(path)


def test_a_link_to_itself_is_refused(path: Path) -> None:
    path.symlink_to(path)
    assert "symbolic links" in error_of(path).why


def test_a_link_to_a_file_is_read(path: Path) -> None:
    real = path.with_name("real.toml")
    real.write_text("a = 1")
    path.symlink_to(real)
    document = read_document(path)
    assert document is not None
    assert document.values == {"a": 1}


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 10_000_000])
def test_a_large_file_is_refused(path: Path, size: int) -> None:
    path.write_bytes(b"#" * size)
    assert "larger" in error_of(path).why


def test_a_file_of_the_largest_size_is_read(path: Path) -> None:
    path.write_bytes(b"#" * MAX_BYTES)
    assert read_document(path) is not None


def test_a_byte_order_mark_is_no_part_of_the_text(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    document = read_document(path)
    assert document is not None
    assert document.text == "a = 1\n"
    assert document.positions.line_of(("a",)) == 1


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"a = 1\nb = '\xff'\n", 2, "UTF-8"),
        (b"\xff\xfea\x00", 1, "UTF-8"),
        (b"a = 1\n\x00", 2, "Invalid statement"),
        (b"a = 1\nb = \n", 2, "quotes"),
        (b"[agent]\ndefault_model = llama3:8b\n", 2, "quotes"),
        (b'a = "open\nb = 1', 1, "second quote"),
        (b'\n\na = """open\n\n', 3, "Unterminated string"),
        (b"[agent\n", 1, "]"),
        (b"a = 1\n\na = 2\n", 3, "before, in line 1"),
        (b"[agent]\nx = 1\n[tools]\n[agent]\n", 4, "before, in line 1"),
        (b"agent.x = 1\n\nagent = 1\n", 3, "overwrite"),
        (b"a = " + b"1" * 5000, None, "too long"),
        (b"\na = " + b"[" * 1000 + b"]" * 1000, 2, "nested too deep"),
        (b"\na = " + b"[" * 60_000, 2, "nested too deep"),
        (b"\na = " + b"{b = " * 1000 + b"1" + b"}" * 1000, 2, "nested too deep"),
        (b"\n" + b".".join([b"a"] * 1000) + b" = 1", 2, "nested too deep"),
        (b"\n" + b"a." * 30_000 + b"a = 1", 2, "nested too deep"),
        (b"\n[" + b".".join([b'"a"'] * 1000) + b"]", 2, "nested too deep"),
    ],
)
def test_what_is_not_toml_is_refused_with_the_line(
    path: Path, content: bytes, line: int | None, why: str
) -> None:
    path.write_bytes(content)
    error = error_of(path)
    if line is not None:
        assert f"{path}, line {line}:" in error.what
    assert why in error.why


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"key{number} = 1\n" for number in range(100_000)),
        "\n".join(f"x{number}." + ".".join("a" * 7) + " = 1" for number in range(2500)),
        "a = [" + "1," * 32_000 + "]",
        "[[a]]\n" * 10_000,
        'a = "' + '\\"' * 32_000,
        'a = """' + '""x' * 20_000,
    ],
    ids=["keys", "dotted", "array", "tables", "escapes", "quotes"],
)
def test_a_file_made_to_be_slow_is_read_or_refused_at_once(path: Path, text: str) -> None:
    path.write_text(text)
    start = time.process_time()
    with suppress(ConfigError):
        read_document(path)
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    "line",
    [
        "api_key = canary-4711",
        'api_key = "canary-4711',
        "api_key 'canary-4711'",
        'api_key = "canary-4711" "',
        'api_key = "canary\\q4711"',
        'api_key = "canary-4711"\napi_key = "canary-4711"',
    ],
)
def test_a_key_in_a_broken_line_does_not_get_into_the_error(path: Path, line: str) -> None:
    path.write_text(line)
    error = error_of(path)
    assert "canary" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
