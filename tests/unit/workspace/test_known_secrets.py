"""Which values of a file are secrets, and texts without them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.secrecy import MASK
from vtcode_tui.workspace.known_secrets import MOST, SHORTEST, KnownSecrets, StreamMask
from vtcode_tui.workspace.secret_values import secrets_in


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("API_KEY=abc123def456", "abc123def456"),
        ("export TOKEN='with blank'", "with blank"),
        ('DB_PASSWORD="hunter22" # the old one', "hunter22"),
        ("STRIPE_SECRET=sk_live_x # comment", "sk_live_x"),
        ('  "private_key_id": "0123456789abcdef",', "0123456789abcdef"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
        ("SESSION=q8Zr1LmN0pXw2VtY", "q8Zr1LmN0pXw2VtY"),
        ("DATABASE_URL=postgres://app:s3cr3tpw@db/x", "s3cr3tpw"),
        ("machine example.org login me password t0psecret", "t0psecret"),
        ("//registry.npmjs.org/:_authToken=npm_a1b2c3d4", "npm_a1b2c3d4"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"),
    ],
)
def test_a_secret_is_told_by_its_name_its_place_or_its_look(line: str, secret: str) -> None:
    assert secrets_in(f"# head\n{line}\n") == {secret}


@pytest.mark.parametrize(
    "line",
    [
        "NODE_ENV=production",
        "DEBUG=true",
        "PORT=3000",
        "API_KEY=",
        "API_KEY=changeme",
        "SECRET_KEY=${FROM_VAULT}",
        "PASSWORD=short",
        "HOST=database.internal.example",
        "-----BEGIN PRIVATE KEY-----",
        "# TOKEN of the CI",
    ],
)
def test_what_is_no_secret_is_not_starred_out_everywhere(line: str) -> None:
    assert secrets_in(line) == set()


def test_the_longest_goes_first_so_that_no_part_is_left() -> None:
    secrets = KnownSecrets(["abcdef", "abcdef-longer"])
    assert secrets.masked("x abcdef-longer y abcdef z") == f"x {MASK} y {MASK} z"


OVERLAPPING = ["hunter22secret", "22secret-tail", "tail+more"]


def test_of_two_that_overlap_nothing_is_left() -> None:
    text = "a hunter22secret-tail+more b"
    assert KnownSecrets(OVERLAPPING).masked(text) == f"a {MASK} b"
    for size in range(1, len(text)):
        mask = StreamMask(KnownSecrets(OVERLAPPING))
        pieces = [text.encode()[at : at + size] for at in range(0, len(text), size)]
        whole = b"".join([*map(mask.feed, pieces), mask.finish()])
        assert whole == f"a {MASK} b".encode()


def test_of_one_within_another_nothing_is_left_however_a_stream_is_cut() -> None:
    text = b"a 0123456789abcdef b"
    for size in range(1, len(text)):
        mask = StreamMask(KnownSecrets(["0123456789abcdef", "9abcde"]))
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert b"".join([*map(mask.feed, pieces), mask.finish()]) == f"a {MASK} b".encode()


def test_one_that_overlaps_itself_is_starred_out_at_once() -> None:
    assert KnownSecrets(["======"]).masked("a" + "=" * 1_000_000 + "b") == f"a{MASK}b"
    assert KnownSecrets(["abab-ab"]).masked("abab-abab-abab-ab") == MASK


def test_what_is_too_short_or_too_many_is_not_kept() -> None:
    secrets = KnownSecrets(
        ["x" * (SHORTEST - 1), *(f"secret-{number}" for number in range(MOST * 2))]
    )
    assert len(secrets.values) == MOST
    assert "x" * (SHORTEST - 1) not in secrets.values


@given(st.text(), st.lists(st.text(min_size=SHORTEST)))
def test_no_secret_is_left_in_any_text(text: str, values: list[str]) -> None:
    secrets = KnownSecrets(value for value in values if "*" not in value)
    masked = secrets.masked(text + "".join(values))
    assert not any(value in masked for value in secrets.values)
    secrets_in(text)


@given(
    st.lists(st.text("ab-", min_size=SHORTEST, max_size=9), max_size=4),
    st.lists(st.text("ab-\n", max_size=12), max_size=8),
)
def test_a_stream_is_starred_out_the_same_however_it_is_cut(
    values: list[str], pieces: list[str]
) -> None:
    secrets = KnownSecrets(values)
    mask, whole = StreamMask(secrets), StreamMask(secrets)
    cut = b"".join([*(mask.feed(piece.encode()) for piece in pieces), mask.finish()])
    text = "".join(pieces).encode()
    assert cut == whole.feed(text) + whole.finish()
    assert not any(value.encode() in cut for value in values if "*" not in value)
    assert cut.decode() == secrets.masked("".join(pieces))
    if not any(value in "".join(pieces) for value in values):
        assert cut == text


def test_a_stream_passes_on_all_but_what_may_be_a_secret() -> None:
    mask = StreamMask(KnownSecrets(["secret-1"]))
    assert mask.feed(b"0123456789secr") == b"0123456"
    assert mask.feed(b"et-1 and more") == b"789*** a"
    assert mask.finish() == b"nd more"
