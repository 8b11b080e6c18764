"""What this machine has for a model: the disk that a server here writes to. Blocks for a moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

_SERVICE_DIRECTORIES = ("/usr/share/ollama/.ollama/models", "/var/lib/ollama/models")
"""Where a server that runs as a service of the system keeps its models."""


def models_directory(environ: Mapping[str, str]) -> Path | None:
    """The directory of this machine's Ollama server, as far as it can be told; it may be closed to
    this user. None where there is none yet."""
    for path in _candidates(environ):
        try:
            if path.is_dir():
                return path
        except OSError:
            continue
    return None


def disk_free_bytes(environ: Mapping[str, str]) -> int | None:
    """What is free where models go; the home's disk where no directory of models is found."""
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
