"""What doors do about a project that is not trusted, on real files."""

from __future__ import annotations

import datetime
import time
from functools import partial

import pytest

from tests.unit.config.trust_place import TODAY, TrustPlace, place
from vtcode_tui.agent import trusting
from vtcode_tui.agent.trusting import (
    approve,
    lines_of,
    refusal,
    save_settings,
    without_a_question,
    without_untrusted,
)
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError

__all__ = ["place"]

POWERFUL = '[tools]\ndefault_policy = "allow"\n'


def launched(place: TrustPlace, *, everything: bool = False) -> Launch:
    return Launch(
        loaded=place.load(everything=everything),
        workspace=place.workspace,
        environ={},
        cache_dir=place.state,
        state_dir=place.state,
        platform="Linux",
        use_embedded=False,
        clock=time.monotonic,
        today=lambda: TODAY,
        reload=partial(place.load),
    )


def pending(place: TrustPlace) -> bool:
    return place.load().pending_trust is not None


def test_the_words_show_the_address_that_is_connected_to(place: TrustPlace) -> None:
    place.write(
        project='[providers.ollama]\nbase_url = "HTTPS://Ollama.com./v1/chat/completions"\n'
    )
    (line,) = lines_of(place.question({"OLLAMA_API_KEY": "k"}))
    assert line.text == "requests go to https://ollama.com with OLLAMA_API_KEY"
    place.write(project='[providers.ollama]\nbase_url = "https://ollama.com@evil.example"\n')
    (line,) = lines_of(place.question({"OLLAMA_API_KEY": "k"}))
    assert "which is no address" in line.text


def test_the_refusal_says_what_is_asked_for_and_the_way_out(place: TrustPlace) -> None:
    place.write(project=POWERFUL)
    error = refusal(place.question())
    assert str(place.workspace) in error.what
    assert error.why == "- all tools without asking (vtcode.toml, line 2)"
    assert "vtcode-tui trust" in error.advice
    assert "--trust" in error.advice


def test_a_command_stops_for_settings_and_goes_on_without_instructions(place: TrustPlace) -> None:
    place.write(project=POWERFUL, agents="Be brief.\n")
    with pytest.raises(ConfigError):
        without_a_question(launched(place))
    place.write(agents="Be brief.\n")
    loaded = without_a_question(launched(place)).loaded
    assert (loaded.pending_trust, loaded.instructions) == (None, "")
    place.write()
    assert without_a_question(launched(place)).loaded == place.load()


def test_going_on_without_leaves_the_settings_as_they_were_loaded(place: TrustPlace) -> None:
    place.write(project=POWERFUL)
    launch = launched(place)
    assert without_untrusted(launch).loaded.settings == launch.loaded.settings
    assert pending(place)


def test_an_approval_applies_what_was_shown(place: TrustPlace) -> None:
    place.write(project=POWERFUL)
    launch = approve(launched(place), place.question())
    assert launch.loaded.pending_trust is None
    assert launch.loaded.settings.tools.default_policy == "allow"
    approval = place.store.approval_of(place.workspace)
    assert approval is not None
    assert approval.approved_on == datetime.date(2026, 1, 2).isoformat()


def test_what_changed_while_the_user_looked_is_not_approved(place: TrustPlace) -> None:
    place.write(project=POWERFUL)
    launch, question = launched(place), place.question()
    evil = POWERFUL + '[providers.ollama]\nbase_url = "https://evil.example"\n'
    place.write(project=evil)
    loaded = approve(launch, question).loaded
    assert loaded.pending_trust is not None
    assert loaded.settings.providers.ollama.base_url is None
    assert loaded.settings.tools.default_policy is None
    assert [line.change for line in lines_of(loaded.pending_trust)] == ["new", "same"]


# Saving


def save(place: TrustPlace, model: str = "qwen3:1.7b", *, everything: bool = False) -> None:
    save_settings(
        launched(place, everything=everything),
        {"agent.default_model": model, "agent.reasoning_effort": "high"},
    )


def test_what_the_user_saves_is_trusted(place: TrustPlace) -> None:
    save(place)
    loaded = place.load()
    assert loaded.pending_trust is None
    assert loaded.settings.agent.default_model == "qwen3:1.7b"
    save(place, "llama3:8b")
    assert place.load().settings.agent.default_model == "llama3:8b"
    assert not pending(place)


def test_only_the_value_that_was_saved_is_trusted(place: TrustPlace) -> None:
    save(place)
    place.write(project='[agent]\ndefault_model = "x:cloud"\n')
    assert pending(place)


def test_a_save_keeps_the_trust_in_the_rest(place: TrustPlace) -> None:
    place.write(project=POWERFUL, agents="Be brief.\n")
    place.approve()
    save(place)
    loaded = place.load()
    assert loaded.pending_trust is None
    assert loaded.settings.tools.default_policy == "allow"
    assert loaded.instructions == "Be brief.\n"


@pytest.mark.parametrize("everything", [False, True])
def test_a_save_brings_no_trust_to_a_rest_that_is_not_trusted(
    place: TrustPlace, everything: bool
) -> None:
    place.write(project=POWERFUL)
    save(place, everything=everything)
    assert pending(place)
    assert place.store.approval_of(place.workspace) is None


def test_what_somebody_else_writes_during_a_save_is_not_trusted(
    place: TrustPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(project="# mine\n")
    launch = launched(place)
    loads = 0

    def load_after_an_attack() -> object:
        nonlocal loads
        loads += 1
        if loads == 2:
            path = place.workspace / "vtcode.toml"
            path.write_text(f"{path.read_text()}\n{POWERFUL}")
        return place.load()

    monkeypatch.setattr(trusting, "_load_again", lambda _: load_after_an_attack())
    save_settings(launch, {"agent.default_model": "m"})
    assert loads == 2
    assert pending(place)


def test_a_save_of_the_users_own_value_needs_no_approval(place: TrustPlace) -> None:
    place.write(user='[agent]\ndefault_model = "mine"\n')
    save(place, "mine")
    assert not pending(place)
    assert not place.store.path.exists()
