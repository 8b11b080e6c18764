from __future__ import annotations

import pytest

from vtcode_tui.ollama.thinking import effort_name, efforts_for, takes_levels, think_value
from vtcode_tui.ollama.types import InstalledModel, Think

THINKS = frozenset({"completion", "thinking"})
PLAIN = frozenset({"completion", "tools"})


@pytest.mark.parametrize(
    ("effort", "name", "family", "capabilities", "think"),
    [
        # A model that thinks or does not.
        (None, "qwen3:1.7b", "qwen3", THINKS, None),
        ("none", "qwen3:1.7b", "qwen3", THINKS, False),
        ("low", "qwen3:1.7b", "qwen3", THINKS, True),
        ("medium", "qwen3:1.7b", "qwen3", THINKS, True),
        ("max", "qwen3:1.7b", "qwen3", THINKS, True),
        # A model that cannot: nothing is ever sent.
        (None, "llama3:8b", "llama", PLAIN, None),
        ("none", "llama3:8b", "llama", PLAIN, None),
        ("high", "llama3:8b", "llama", PLAIN, None),
        # The gpt-oss family takes levels and cannot stop.
        (None, "gpt-oss:20b", "gptoss", THINKS, None),
        ("none", "gpt-oss:20b", "gptoss", THINKS, "low"),
        ("medium", "gpt-oss:20b", "gptoss", THINKS, "medium"),
        ("max", "gpt-oss:120b-cloud", "", THINKS, "max"),
        ("high", "me/gpt-oss-mine:1", "", None, "high"),
        ("high", "mine:1", "gptoss", None, "high"),
        # Made to think: it cannot stop either.
        ("none", "qwen3:4b-thinking-2507", "qwen3", THINKS, True),
        ("none", "kimi-k2-thinking:cloud", "", THINKS, True),
        (None, "qwen3:4b-thinking-2507", "qwen3", THINKS, None),
        # Not known what it can: only what the user asked for.
        (None, "mine:1", "llama", None, None),
        ("none", "mine:1", "llama", None, False),
        ("medium", "mine:1", "llama", None, True),
    ],
)
def test_effort_becomes_what_the_model_takes(
    effort: str | None,
    name: str,
    family: str,
    capabilities: frozenset[str] | None,
    think: Think | None,
) -> None:
    got = think_value(effort, name=name, family=family, capabilities=capabilities)
    assert got == think
    assert type(got) is type(think)


@pytest.mark.parametrize(
    ("model", "efforts"),
    [
        (InstalledModel("qwen3:1.7b", capabilities=THINKS), ("none", "medium")),
        (InstalledModel("gpt-oss:20b", capabilities=THINKS), ("low", "medium", "high", "max")),
        (InstalledModel("gpt-oss:20b"), ("low", "medium", "high", "max")),
        (InstalledModel("qwen3:4b-thinking-2507", capabilities=THINKS), ("medium",)),
        (InstalledModel("gpt-oss:20b", refused=frozenset({"thinking"})), ()),
        (InstalledModel("llama3:8b", capabilities=PLAIN), ()),
        (InstalledModel("unknown:1"), ()),
    ],
)
def test_only_efforts_that_make_a_difference_are_offered(
    model: InstalledModel, efforts: tuple[str, ...]
) -> None:
    assert efforts_for(model) == efforts


def test_only_the_gpt_oss_family_takes_levels() -> None:
    assert takes_levels("gpt-oss:20b", "")
    assert takes_levels("registry.example:5000/me/gpt-oss:20b", "")
    assert not takes_levels("not-gpt-oss:20b", "llama")


@pytest.mark.parametrize(
    ("think", "name"), [(None, None), (True, "medium"), (False, "none"), ("high", "high")]
)
def test_what_is_sent_has_the_name_of_an_effort(think: Think | None, name: str | None) -> None:
    assert effort_name(think) == name
