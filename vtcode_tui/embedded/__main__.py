"""``python -m vtcode_tui.embedded``: the built-in model's server.

Says how it goes on as JSON lines on stdout: ``{"status": ...}``, then ``{"url": ...}``, or
``{"error": ...}``. Ends when its stdin closes, so that it never outlives the program that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from pathlib import Path

from vtcode_tui.embedded.engine import LlamaCpp, model_file
from vtcode_tui.embedded.server import EmbeddedServer


def _say(**fields: str) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="vtcode_tui.embedded")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # llama.cpp writes its log there, whatever it is told.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        _say(status="preparing the built-in model")
        model = model_file(options.cache_dir)
        _say(status="loading the built-in model")
        # One core stays free: with more threads than free cores they only wait for each other.
        backend = LlamaCpp(model, threads=max(1, (os.cpu_count() or 2) - 1))
        server = EmbeddedServer(backend, options.port)
    except Exception as error:
        _say(error=f"{type(error).__name__}: {error}")
        return 1
    _say(url=server.url)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
