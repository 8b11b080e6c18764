"""Parses answers that are one JSON object. Pure; raises ValueError for malformed answers.

An Ollama server may leave out every field but a model's name, and old ones do; a malformed entry is
skipped instead of refusing the whole list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from vtcode_tui.conversation.messages import JsonObject
from vtcode_tui.ollama.types import InstalledModel, ModelDetails, PullProgress, RunningModel

_Fields: TypeAlias = Mapping[str, object]


def read_version(reply: object) -> str:
    version = _fields(reply).get("version")
    if not isinstance(version, str):
        raise ValueError("it holds no version")
    return version


def read_tags(reply: object) -> tuple[InstalledModel, ...]:
    return tuple(_installed(name, entry) for name, entry in _entries(reply))


def read_ps(reply: object) -> tuple[RunningModel, ...]:
    return tuple(
        RunningModel(
            name=name,
            size_bytes=_number(entry, "size"),
            vram_bytes=_number(entry, "size_vram"),
            context_length=_number(entry, "context_length"),
        )
        for name, entry in _entries(reply)
    )


def read_show(reply: object) -> ModelDetails:
    fields = _fields(reply)
    info = fields.get("model_info")
    model_info: JsonObject = info if isinstance(info, dict) else {}
    details = _object(fields, "details")
    if not details and not model_info and "capabilities" not in fields:
        raise ValueError("it describes no model")
    architecture = _text(model_info, "general.architecture")
    return ModelDetails(
        capabilities=_capabilities(fields),
        context_length=_number(model_info, f"{architecture}.context_length"),
        architecture=architecture,
        parameters=_text(fields, "parameters"),
        template=_text(fields, "template"),
        family=_text(details, "family"),
        remote_host=_text(fields, "remote_host") or None,
        model_info=model_info,
    )


def read_account(reply: object) -> str:
    fields = _fields(reply)
    return _text(fields, "name") or _text(fields, "email")


def read_pull(line: object) -> PullProgress:
    fields = _fields(line)
    return PullProgress(
        status=_text(fields, "status"),
        digest=_text(fields, "digest"),
        total=_number(fields, "total"),
        completed=_number(fields, "completed"),
    )


def _installed(name: str, entry: _Fields) -> InstalledModel:
    details = _object(entry, "details")
    return InstalledModel(
        name=name,
        size_bytes=_number(entry, "size"),
        digest=_text(entry, "digest"),
        modified_at=_text(entry, "modified_at"),
        family=_text(details, "family"),
        parameter_size=_text(details, "parameter_size"),
        quantization=_text(details, "quantization_level"),
        context_length=_number(details, "context_length"),
        capabilities=_capabilities(entry),
        remote_host=_text(entry, "remote_host") or None,
    )


def _entries(reply: object) -> Iterator[tuple[str, _Fields]]:
    """The named entries of ``models``, each name once. A server without models may send null."""
    fields = _fields(reply)
    if "models" not in fields:
        raise ValueError("it holds no list of models")
    models = fields["models"]
    if models is not None and not isinstance(models, list):
        raise ValueError("its models are not a list")
    seen: set[str] = set()
    for entry in models or []:
        if not isinstance(entry, dict):
            continue
        name = _text(entry, "name") or _text(entry, "model")
        if name and name not in seen:
            seen.add(name)
            yield name, entry


def _fields(reply: object) -> _Fields:
    if not isinstance(reply, dict):
        raise ValueError("it is not an object")
    return reply


def _object(fields: _Fields, key: str) -> _Fields:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _text(fields: _Fields, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _number(fields: _Fields, key: str) -> int | None:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 2**63 else None


def _capabilities(fields: _Fields) -> frozenset[str] | None:
    value = fields.get("capabilities")
    if not isinstance(value, list):
        return None
    return frozenset(item for item in value if isinstance(item, str))
