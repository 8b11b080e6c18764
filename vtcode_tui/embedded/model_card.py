"""What the built-in model is, in the words of an Ollama server's answers. Pure values.

The numbers under ``model_info`` are those in the model file's own header.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vtcode_tui.conversation.messages import JsonObject, JsonValue

MODEL_NAME = "gemma3-tryout:270m"
FILE_NAME = "gemma-3-270m-q4_k_m.gguf"
FILE_BYTES = 253_113_024
FILE_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
CONTEXT_TOKENS = 8_192
"""The window that the server allots. The model was trained for more; a larger one only costs memory."""

SERVER_VERSION = "0.33.0-embedded"

_CAPABILITIES = ("completion", "tools", "thinking")
_NEVER = "2318-01-01T00:00:00Z"
_MODEL_INFO: dict[str, JsonValue] = {
    "general.architecture": "gemma3",
    "general.basename": "gemma-3",
    "general.file_type": 15,
    "general.license": "gemma",
    "general.name": "Gemma 3 270m",
    "general.parameter_count": 268_098_176,
    "general.quantization_version": 2,
    "general.size_label": "270M",
    "general.type": "model",
    "gemma3.attention.head_count": 4,
    "gemma3.attention.head_count_kv": 1,
    "gemma3.attention.key_length": 256,
    "gemma3.attention.sliding_window": 512,
    "gemma3.attention.value_length": 256,
    "gemma3.block_count": 18,
    "gemma3.context_length": CONTEXT_TOKENS,
    "gemma3.embedding_length": 640,
    "gemma3.feed_forward_length": 2_048,
}


def is_the_model(name: str) -> bool:
    """Whether ``name`` means the built-in model; like an Ollama server, case does not matter."""
    return name.lower() == MODEL_NAME


def tags(modified_at: str) -> JsonObject:
    """The answer to GET /api/tags. ``modified_at`` is in RFC 3339."""
    entry: dict[str, JsonValue] = {
        **_identity(),
        "modified_at": modified_at,
        "capabilities": list(_CAPABILITIES),
    }
    return {"models": [entry]}


def running() -> JsonObject:
    """The answer to GET /api/ps: the model stays loaded as long as the process lives."""
    entry: dict[str, JsonValue] = {
        **_identity(),
        "expires_at": _NEVER,
        "size_vram": 0,
        "context_length": CONTEXT_TOKENS,
    }
    return {"models": [entry]}


def show(template: str, modified_at: str) -> JsonObject:
    """The answer to POST /api/show."""
    return {
        "license": "Gemma Terms of Use: https://ai.google.dev/gemma/terms",
        "modelfile": f"FROM {FILE_NAME}\nPARAMETER num_ctx {CONTEXT_TOKENS}\n",
        "parameters": f"num_ctx                        {CONTEXT_TOKENS}",
        "template": template,
        "details": _details(),
        "model_info": dict(_MODEL_INFO),
        "capabilities": list(_CAPABILITIES),
        "modified_at": modified_at,
    }


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC, as an Ollama server writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _identity() -> dict[str, JsonValue]:
    return {
        "name": MODEL_NAME,
        "model": MODEL_NAME,
        "size": FILE_BYTES,
        "digest": FILE_SHA256,
        "details": _details(),
    }


def _details() -> dict[str, JsonValue]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": "gemma3",
        "families": ["gemma3"],
        "parameter_size": "268.10M",
        "quantization_level": "Q4_K_M",
        "context_length": CONTEXT_TOKENS,
        "embedding_length": 640,
    }
