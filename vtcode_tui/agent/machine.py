"""The disk that this machine's Ollama server stores models on. Blocks briefly."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

_SERVICE_DIRECTORIES = ("/usr/share/ollama/.ollama/models", "/var/lib/ollama/models")
"""Where a server that runs as a service of the system keeps its models."""


def models_directory(environ: Mapping[str, str]) -> Path | None:
    """The model directory of this machine's Ollama server, as far as it can be determined; this
    user may not be able to read it. None if there is none yet."""
    for path in _candidates(environ):
        try:
            if path.is_dir():
                return path
        except OSError:
            continue
    return None


def disk_free_bytes(environ: Mapping[str, str]) -> int | None:
    """Free bytes on the disk with the models, or on the home directory's if none is found."""
    home = environ.get("HOME", "")
    for path in (models_directory(environ), Path(home) if home.startswith("/") else None):
        if path is None:
            continue
        try:
            return shutil.disk_usage(path).free
        except OSError:
            continue
    return None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    configured = environ.get("OLLAMA_MODELS", "").strip()
    if configured.startswith("/"):
        yield Path(configured)
    home = environ.get("HOME", "")
    if home.startswith("/"):
        yield Path(home) / ".ollama" / "models"
    yield from map(Path, _SERVICE_DIRECTORIES)
