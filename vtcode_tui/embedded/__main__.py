"""``python -m vtcode_tui.embedded``: the built-in model as a server that speaks the Ollama API.

Tells on standard output, one JSON object a line, how the start goes: ``{"status": "..."}``, at
last ``{"url": "http://127.0.0.1:PORT"}`` or ``{"error": "...", "advice": "..."}`` with exit code 1.
Ends when its standard input closes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from vtcode_tui.embedded.backend import LlamaBackend
from vtcode_tui.embedded.http_server import EmbeddedHttpServer, Served
from vtcode_tui.embedded.model_card import CONTEXT_TOKENS, wire_time
from vtcode_tui.embedded.model_file import model_file
from vtcode_tui.embedded.process_guard import die_with_parent

_MOST_THREADS = 4


def main() -> None:
    options = _parser().parse_args()
    die_with_parent()
    try:
        server = _start(options.cache_dir, options.port)
    except ImportError as error:
        _tell(error=f"A package is missing: {error.name}.")
        sys.exit(1)
    except (OSError, ValueError, RuntimeError) as error:
        _tell(error=f"{type(error).__name__}: {error}", advice=_advice(error, options.cache_dir))
        sys.exit(1)
    _tell(url=server.url)
    server.serve_forever(poll_interval=60)


def _start(cache_dir: Path, port: int) -> EmbeddedHttpServer:
    model = model_file(cache_dir, lambda text: _tell(status=text))
    _tell(status="Loading the built-in model")
    template = (files(__package__) / "few_shot.jinja").read_text(encoding="utf-8")
    backend = LlamaBackend(
        model, template, context_tokens=CONTEXT_TOKENS, threads=_threads(_processors())
    )
    modified = datetime.fromtimestamp(model.stat().st_mtime, UTC)
    return EmbeddedHttpServer(Served(backend, template, wire_time(modified)), port)


def _threads(processors: int) -> int:
    """The number of threads, leaving one processor for the screen: threads that share a processor
    wait for each other, which is several times slower."""
    return max(1, min(processors - 1, _MOST_THREADS))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _advice(error: Exception, cache_dir: Path) -> str:
    if isinstance(error, OSError):
        return f"Make sure that {cache_dir} can be written and has 260 MB of room."
    return f"Remove {cache_dir / 'models'} and try again: the model's file is made anew."


def _tell(**line: str) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - this is the process's answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vtcode_tui.embedded")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument(
        "--cache-dir",
        type=Path,
        default=user_cache_path("vtcode-tui"),
        help="where the model's file is kept",
    )
    return parser


if __name__ == "__main__":
    main()
