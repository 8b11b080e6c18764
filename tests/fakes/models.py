"""What the fake server has: entries of ``/api/tags`` and the lines of a pull."""

from __future__ import annotations

import hashlib
from typing import Any


def installed_model(
    name: str,
    *capabilities: str,
    size: int = 4_700_000_000,
    family: str = "qwen3",
    parameter_size: str = "7.6B",
    quantization: str = "Q4_K_M",
    context_length: int = 32_768,
    **more: Any,
) -> dict[str, Any]:
    """An entry of ``/api/tags``; "completion" is always among the capabilities."""
    details = {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": parameter_size,
        "quantization_level": quantization,
        "context_length": context_length,
    }
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-11-01T10:00:00.000000000Z",
        "size": size,
        "digest": hashlib.sha256(name.encode()).hexdigest(),
        "details": details,
        "capabilities": ["completion", *capabilities],
        **more,
    }


def default_models() -> list[dict[str, Any]]:
    """A plain model, one with tools, one with tools and thinking, one with vision."""
    return [
        installed_model(
            "llama3:8b",
            family="llama",
            parameter_size="8.0B",
            quantization="Q4_0",
            context_length=8192,
        ),
        installed_model(
            "qwen3-coder:30b",
            "tools",
            family="qwen3moe",
            parameter_size="30.5B",
            size=18_556_700_761,
            context_length=262_144,
        ),
        installed_model(
            "qwen3:1.7b",
            "tools",
            "thinking",
            size=1_359_293_444,
            parameter_size="2.0B",
            context_length=40_960,
        ),
        installed_model(
            "gemma3:4b",
            "vision",
            family="gemma3",
            size=3_338_801_804,
            parameter_size="4.3B",
            context_length=131_072,
        ),
    ]


def default_pull() -> list[dict[str, Any]]:
    """The lines of a pull that goes well."""
    digest, total = "sha256:" + "ab" * 32, 1_000_000
    layer = {"status": "pulling abababababab", "digest": digest, "total": total}
    return [
        {"status": "pulling manifest"},
        *({**layer, "completed": done} for done in range(0, total + 1, total // 4)),
        {"status": "verifying sha256 digest"},
        {"status": "writing manifest"},
        {"status": "success"},
    ]
