"""Bytes to text and back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.text import (
    decode,
    encode,
    encode_part,
    uses_crlf_only,
    without_surrogates,
)


@pytest.mark.parametrize(
    ("content", "text", "codec"),
    [
        (b"", "", "utf-8"),
        ("é\n".encode(), "é\n", "utf-8"),
        (b"\xef\xbb\xbfx", "x", "utf-8"),
        ("x\u20ac".encode("utf-16"), "x€", "utf-16-le"),
        (b"\xfe\xff\x00x", "x", "utf-16-be"),
        (b"caf\xe9 \x80", "café €", "cp1252"),
        (b"caf\xe9 \x81", "café \x81", "latin-1"),
        (b"\xc3\xa9 \xe9", "é \udce9", "utf-8"),
    ],
)
def test_the_encoding_of_a_file_is_recognised(content: bytes, text: str, codec: str) -> None:
    decoded = decode(content)
    assert decoded is not None
    assert (decoded.text, decoded.codec) == (text, codec)


@pytest.mark.parametrize("content", [b"\x7fELF\0\1", b"\xff\xfeodd", b"\xff\xfe\x00\xd8"])
def test_binary_content_has_no_text(content: bytes) -> None:
    assert decode(content) is None


@given(
    st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.text().map(lambda t: t.encode("utf-16", "surrogatepass")),
    )
)
def test_what_has_a_text_comes_back_byte_for_byte(content: bytes) -> None:
    decoded = decode(content)
    if decoded is not None:
        assert encode(decoded, decoded.text) == content


def test_a_character_that_the_encoding_lacks_is_an_error_in_words() -> None:
    decoded = decode(b"caf\xe9")
    assert decoded is not None
    with pytest.raises(WorkspaceError, match=r"cp1252, which has no U\+4E2D"):
        encode_part(decoded, "中")


def test_stray_bytes_can_be_sent() -> None:
    assert without_surrogates("a\udce9b").encode() == "a\ufffdb".encode()


@pytest.mark.parametrize(
    ("text", "expected"), [("a\r\nb\r\n", True), ("a\r\nb\n", False), ("a\n", False), ("a", False)]
)
def test_only_crlf_means_every_line_end(text: str, expected: bool) -> None:
    assert uses_crlf_only(text) is expected
