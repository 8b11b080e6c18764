from __future__ import annotations

import pytest

from vtcode_tui.errors import ConfigError
from vtcode_tui.ollama.address import parse_address


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://localhost:11434"),
        ("  ", "http://localhost:11434"),
        ("http://localhost:11434", "http://localhost:11434"),
        ("http://localhost:11434/", "http://localhost:11434"),
        ("HTTP://LocalHost:11434//", "http://localhost:11434"),
        ("localhost", "http://localhost:11434"),
        ("localhost.", "http://localhost:11434"),
        ("myhost", "http://myhost:11434"),
        ("my_host-2.lan", "http://my_host-2.lan:11434"),
        ("myhost:1234", "http://myhost:1234"),
        (":1234", "http://localhost:1234"),
        ("192.168.1.7", "http://192.168.1.7:11434"),
        ("[::1]:1234", "http://[::1]:1234"),
        ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[0:0:0:0:0:0:0:1]:1234", "http://[::1]:1234"),
        ("http://[fe80::1]:80", "http://[fe80::1]"),
        ("http://myhost", "http://myhost"),
        ("http://myhost:80", "http://myhost"),
        ("https://myhost:443", "https://myhost"),
        ("https://myhost:8443", "https://myhost:8443"),
        ("https://ollama.com", "https://ollama.com"),
        ("https://ollama.com/", "https://ollama.com"),
        ("ollama.com", "https://ollama.com"),
        ("https://myhost/ollama", "https://myhost/ollama"),
        ("https://myhost/ollama/", "https://myhost/ollama"),
    ],
)
def test_address_is_read_as_ollama_reads_it(text: str, url: str) -> None:
    address = parse_address(text)
    assert address.url == url
    assert address.notices == ()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434"),
        ("http://localhost:11434/v1/", "http://localhost:11434"),
        ("http://localhost:11434/v1/chat/completions", "http://localhost:11434"),
        ("http://localhost:11434/api", "http://localhost:11434"),
        ("http://localhost:11434/api/", "http://localhost:11434"),
        ("http://localhost:11434/api/chat", "http://localhost:11434"),
        ("http://localhost:11434/v1/api/chat", "http://localhost:11434"),
        ("https://ollama.com/v1", "https://ollama.com"),
        ("myhost:1234/api/tags", "http://myhost:1234"),
        ("https://myhost/ollama/v1", "https://myhost/ollama"),
    ],
)
def test_suffix_of_an_api_is_left_out_with_a_notice_that_says_why(text: str, url: str) -> None:
    address = parse_address(text)
    assert address.url == url
    (notice,) = address.notices
    assert text in notice
    assert "OpenAI" in notice or "root of the server" in notice


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
        ("[::]:11434", "http://[::1]:11434"),
    ],
)
def test_listening_on_all_addresses_is_connected_to_by_loopback(text: str, url: str) -> None:
    address = parse_address(text)
    assert address.url == url
    assert address.is_loopback
    assert "all addresses" in address.notices[0]


def test_two_addresses_run_together_are_named_as_such() -> None:
    with pytest.raises(ConfigError, match="cannot be used") as caught:
        parse_address("http://localhost:11434127.0.0.1:11434")
    assert "neither a host with one port nor an IPv6 address" in caught.value.why


@pytest.mark.parametrize(
    "text",
    [
        "ftp://myhost",
        "file:///etc/passwd",
        "javascript://alert(1)",
        "://myhost",
        "http://",
        "http:///path",
        "http://my host",
        "http://myhost:0",
        "http://myhost:65536",
        "http://myhost:port",
        "http://myhost:-1",
        "http://myhost?x=1",
        "http://myhost#x",
        "http://myhost\\evil",
        "http://myhost/../x",
        "http://myhost/%2e%2e",
        "http://[::1",
        "http://[::1]x",
        "http://[fe80::1%25eth0]",
        "http://[not:an:address]",
        "http://2130706433",
        "http://0x7f000001",
        "http://127.1",
        "http://0177.0.0.1",
        "http://256.1.1.1",
        "http://ex%61mple",
        "http://.lan",
        "http://a..b",
        "http://оllama.com",
        "http://１２７.0.0.1",
        "my\x00host",
        "http://" + "a" * 300,
        "mailto:someone",
    ],
)
def test_what_is_no_address_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address(text)
    assert caught.value.why
    assert "http://localhost:11434" in caught.value.advice


@pytest.mark.parametrize(
    "text",
    ["http://user:hunter2@myhost", "user@myhost", "http://@myhost", "http://user:hunter2 @myhost"],
)
def test_user_name_and_password_are_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address(text)
    assert "hunter2" not in str(caught.value)
    assert "password" in caught.value.why


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10:1234", True),
        ("[::1]", True),
        ("[::ffff:127.0.0.1]", True),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil-localhost", False),
        ("10.0.0.1", False),
        ("[::2]", False),
        ("https://ollama.com", False),
    ],
)
def test_only_this_machine_counts_as_loopback(text: str, is_loopback: bool) -> None:
    assert parse_address(text).is_loopback is is_loopback


@pytest.mark.parametrize(
    ("text", "is_cloud"),
    [
        ("https://ollama.com", True),
        ("https://OLLAMA.com/v1", True),
        ("https://ollama.com.evil.example", False),
        ("https://notollama.com", False),
        ("http://localhost:11434", False),
    ],
)
def test_only_ollamas_own_host_counts_as_cloud(text: str, is_cloud: bool) -> None:
    assert parse_address(text).is_cloud is is_cloud
