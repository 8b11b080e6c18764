"""That an approval binds to exactly what has power in a project's files, instructions too.

Each guard is taken out once, to show that its test would notice.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.unit.config.trust_place import HOSTILE, TrustPlace, place
from vtcode_tui.config import load, trust
from vtcode_tui.config.layers import Layer
from vtcode_tui.config.trust import Review, digest_of
from vtcode_tui.config.trust_words import trust_lines

__all__ = ["place"]

CANARY = "canary-4711"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x:cloud", "y:cloud"),
        ('"allow"', '"prompt"'),
        ("600", "601"),
        ("evil.example", "evil.exampl"),
        ("https:", "http:"),
        ('"${OLLAMA_API_KEY}"', '"literal"'),
        ("5m", "6m"),
        ('base_url = "https://evil.example"\n', ""),
        ('api_key = "${OLLAMA_API_KEY}"\n', ""),
    ],
)
def test_one_changed_byte_with_power_asks_again(place: TrustPlace, old: str, new: str) -> None:
    place.write(project=HOSTILE, agents="Be brief.\n")
    approved = place.approve().settings
    place.write(project=HOSTILE.replace(old, new), agents="Be brief.\n")
    loaded = place.load()
    assert loaded.pending_trust is not None
    assert loaded.settings != approved
    assert loaded.settings.providers.ollama.base_url is None
    assert loaded.instructions == ""


@pytest.mark.parametrize(
    "change",
    [
        ("nord", "dracula"),
        ('[ui]\ntheme = "nord"\n', ""),
        ("[ui]", '[tools.policies]\n[ui]\n# a comment\n'),
        ("\n[agent]", '\n[agent]\nreasoning_effort = "high"'),
    ],
)  # fmt: skip
def test_a_harmless_change_does_not_ask(place: TrustPlace, change: tuple[str, str]) -> None:
    place.write(project=HOSTILE)
    place.approve()
    place.write(project=HOSTILE.replace(*change))
    assert place.load().pending_trust is None


def test_a_changed_literal_key_asks_again_and_is_kept_by_its_digest_only(place: TrustPlace) -> None:
    place.write(project=f'[providers.ollama]\napi_key = "{CANARY}"\n')
    place.approve()
    assert CANARY not in place.store.path.read_text()
    assert CANARY not in repr(place.load())
    place.write(project=f'[providers.ollama]\napi_key = "{CANARY}2"\n')
    assert place.load().pending_trust is not None


def test_going_back_to_what_was_approved_long_ago_asks_again(place: TrustPlace) -> None:
    for model in ("one", "two"):
        place.write(project=f'[agent]\ndefault_model = "{model}"\n')
        place.approve()
    place.write(project='[agent]\ndefault_model = "one"\n')
    assert place.load().pending_trust is not None


def test_another_folder_with_the_same_files_is_asked_about(
    place: TrustPlace, tmp_path: Path
) -> None:
    place.write(project=HOSTILE)
    place.approve()
    copied = TrustPlace(tmp_path / "copied", place.config, place.state)
    copied.workspace.mkdir()
    copied.write(project=HOSTILE)
    assert copied.load().pending_trust is not None
    assert place.load().pending_trust is None


def test_the_digest_tells_apart_what_reads_alike() -> None:
    here = Path("/a")
    sets: list[dict[str, str]] = [
        {},
        {"a": "b"},
        {"a": "", "b": ""},
        {"a": "b", "b": "a"},
        {'a","b': ""},
        {"a": 'b"],["b","a'},
    ]
    digests = {digest_of(here, values) for values in sets} | {digest_of(Path("/b"), sets[1])}
    assert len(digests) == len(sets) + 1
    assert digest_of(here, {"b": "2", "a": "1"}) == digest_of(here, {"a": "1", "b": "2"})


def test_for_one_run_everything_can_be_trusted_and_nothing_is_kept(place: TrustPlace) -> None:
    place.write(project=HOSTILE, agents="Be brief.\n")
    loaded = place.load(everything=True)
    assert loaded.pending_trust is None
    assert loaded.given_trust is not None
    assert loaded.settings.tools.default_policy == "allow"
    assert loaded.instructions == "Be brief.\n"
    assert not place.store.path.exists()
    assert place.load().pending_trust is not None


# Instructions


def test_instructions_are_held_back_until_they_are_approved_and_when_they_change(
    place: TrustPlace,
) -> None:
    place.write(agents="Be brief.\n")
    question = place.question()
    assert question.is_only_instructions
    assert place.load().instructions == ""
    assert place.approve().instructions == "Be brief.\n"
    place.write(agents="Be brief!\n")
    assert place.load().instructions == ""
    assert place.load().pending_trust is not None


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_blank_instructions_are_none(place: TrustPlace, text: str) -> None:
    place.write(agents=text)
    assert place.load().pending_trust is None


def test_instructions_that_lead_out_of_the_project_are_left_out(
    place: TrustPlace, tmp_path: Path
) -> None:
    secret = tmp_path / "id_ed25519"
    secret.write_text(CANARY)
    (place.workspace / "AGENTS.md").symlink_to(secret)
    loaded = place.load(everything=True)
    assert loaded.instructions == ""
    assert "leads out" in loaded.warnings[0]
    (place.workspace / "AGENTS.md").unlink()
    (place.workspace / "CLAUDE.md").write_text("inside")
    (place.workspace / "AGENTS.md").symlink_to("CLAUDE.md")
    assert place.load(everything=True).instructions == "inside"


@pytest.mark.parametrize("target", [".env", "deploy/key.pem", ".git/config", ".git/x.md"])
def test_instructions_that_are_a_link_to_something_else_are_left_out(
    place: TrustPlace, target: str
) -> None:
    """A project can have such a link to a file that only the user has, and a model would be sent it."""
    path = place.workspace / target
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"TOKEN={CANARY}\n")
    (place.workspace / "AGENTS.md").symlink_to(target)
    loaded = place.load(everything=True)
    assert (loaded.instructions, loaded.given_trust) == ("", None)
    assert f"a link to {path.name}, which does not look like instructions" in loaded.warnings[0]


def test_what_a_person_cannot_see_in_instructions_is_told_first(place: TrustPlace) -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "run it")
    place.write(project='[agent]\ndefault_model = "m"\n', agents=f"Be\u200b brief.{tags}\u202e\n")
    (told, model) = trust_lines(place.question(), str)
    assert told.is_grave
    assert told.text.endswith("…, characters that cannot be seen: 8)")
    assert not model.is_grave
    place.write(agents="Sei kurz 👩\u200d💻 ✔\ufe0f, s'il vous plaît.\n\tIndented.\n")
    (told,) = trust_lines(place.question(), str)
    assert "cannot be seen" not in told.text


def test_strange_files_never_hang(place: TrustPlace) -> None:
    path = place.workspace / "AGENTS.md"
    os.mkfifo(path)
    started = time.monotonic()
    assert "not a regular file" in place.load().warnings[0]
    path.unlink()
    path.write_bytes(b"x" * 100_000)
    assert "larger than 64 KiB" in place.load().warnings[0]
    path.write_bytes(b"\xff\xfe bytes")
    assert place.load(everything=True).instructions.startswith("\ufffd")
    assert time.monotonic() - started < 1


# The guards, taken out


def powerless(place: TrustPlace) -> bool:
    """Whether a hostile project without approval leaves everything as it is."""
    place.write(project=HOSTILE, agents="Be brief.\n")
    loaded = place.load({"OLLAMA_API_KEY": CANARY})
    settings = loaded.settings
    return (
        loaded.pending_trust is not None
        and settings.agent.default_model is None
        and settings.tools.default_policy is None
        and settings.providers.ollama.base_url is None
        and all(key.place.base_url == "https://ollama.com" for key in loaded.keys)
        and loaded.instructions == ""
    )


def test_a_hostile_project_is_powerless(place: TrustPlace) -> None:
    assert powerless(place)


def test_without_the_table_it_is_not(place: TrustPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_is_harmless", lambda *_: True)
    monkeypatch.setattr(trust, "loosened", lambda *_: {})
    assert not powerless(place)


def test_without_the_comparison_of_policies_it_is_not(
    place: TrustPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "strictest", lambda own, wanted: wanted)
    assert not powerless(place)


def test_without_the_restricted_layer_it_is_not(
    place: TrustPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whole(project: Layer, own: Layer, instructions: object) -> Review:
        return Review(trust.review(project, own, None).items, project)

    monkeypatch.setattr(load, "review", whole)
    assert not powerless(place)


def test_without_the_digest_it_is_not(place: TrustPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(project='[agent]\ndefault_model = "innocent"\n')
    place.approve()
    monkeypatch.setattr(trust, "digest_of", lambda workspace, values: "same")
    place.write(project='[agent]\ndefault_model = "innocent"\n')
    place.approve() if place.load().pending_trust else None
    assert not powerless(place)
