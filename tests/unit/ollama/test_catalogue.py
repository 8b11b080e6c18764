from __future__ import annotations

import pytest

from vtcode_tui.ollama.catalogue import (
    CATALOGUE,
    ModelKind,
    is_cloud_name,
    known_names,
    name_at_cloud,
    nearest,
)


def test_catalogue_has_every_coding_model_of_the_guide() -> None:
    local = {model.name for model in CATALOGUE if model.kind is ModelKind.LOCAL}
    cloud = {model.name for model in CATALOGUE if model.kind is ModelKind.CLOUD}
    assert local == {
        "llama3:8b",
        "codellama:7b",
        "mistral:7b",
        "qwen3:1.7b",
        "deepseek-coder:6.7b",
        "phind-coder:34b",
        "qwen3-coder:30b",
        "qwen3-coder:480b",
        "gpt-oss:20b",
        "gpt-oss:120b",
    }
    assert cloud == {"glm-4.6:cloud", "qwen3-coder:480b-cloud"}


def test_every_local_model_has_a_size_and_no_cloud_model_has_one() -> None:
    for model in CATALOGUE:
        assert (model.size_bytes is not None) is (model.kind is ModelKind.LOCAL), model.name
        assert is_cloud_name(model.name) is (model.kind is ModelKind.CLOUD)


def test_a_name_that_the_library_does_not_know_says_which_one_it_knows() -> None:
    (phind,) = [model for model in CATALOGUE if model.name == "phind-coder:34b"]
    assert phind.library_name == "phind-codellama:34b"
    assert "phind-codellama:34b" in known_names()
    assert "phind-coder:34b" not in known_names()


@pytest.mark.parametrize(
    ("name", "is_cloud", "at_cloud"),
    [
        ("glm-4.6:cloud", True, "glm-4.6"),
        ("qwen3-coder:480b-cloud", True, "qwen3-coder:480b"),
        ("registry.example:5000/me/x:cloud", True, "registry.example:5000/me/x"),
        ("qwen3-coder:480b", False, "qwen3-coder:480b"),
        ("cloud", False, "cloud"),
        ("my-cloud", False, "my-cloud"),
        ("cloud:7b", False, "cloud:7b"),
        ("x:cloudy", False, "x:cloudy"),
    ],
)
def test_cloud_suffix_is_the_tag_or_its_end(name: str, is_cloud: bool, at_cloud: str) -> None:
    assert is_cloud_name(name) is is_cloud
    assert name_at_cloud(name) == at_cloud


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gpt-oss-20b", "gpt-oss:20b"),
        ("gpt-oss-120b", "gpt-oss:120b"),
        ("GPT-OSS-20b", "gpt-oss:20b"),
        ("phind-coder:34b", "phind-codellama:34b"),
        ("mistral-7b", "mistral:7b"),
        ("lama3:8b", "llama3:8b"),
        ("qwen3-coder:30", "qwen3-coder:30b"),
        ("codellama", "codellama:7b"),
        ("something-else-entirely", None),
        ("", None),
    ],
)
def test_nearest_known_name(name: str, meant: str | None) -> None:
    assert nearest(name, known_names()) == meant


def test_nearest_prefers_what_is_installed_and_never_gives_the_name_itself() -> None:
    assert nearest("qwen3", ["qwen3:0.6b", *known_names()]) == "qwen3:0.6b"
    assert nearest("mistral:7b", ["mistral:7b"]) is None
    assert nearest("codellama:7b", known_names()) is None  # not phind-codellama:34b
