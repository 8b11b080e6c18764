"""The report of ``/context``: the window, why it has that size, its memory, how full it is."""

from __future__ import annotations

import re

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.errors import ConfigError
from vtcode_tui.ollama.amounts import size_words
from vtcode_tui.ollama.fit import MEMORY_SHARE, Fit, fit

_SMALLEST, _LARGEST = 512, 1_048_576
_SIZE = re.compile(r"(\d{1,7})(k?)")


def window_from(typed: str) -> int | None:
    """The window that the user typed, such as ``16384``, ``16,384`` or ``16k``; None for ``auto``.

    Raises ConfigError.
    """
    plain = typed.strip().lower().replace(",", "").replace("_", "")
    if plain == "auto":
        return None
    match = _SIZE.fullmatch(plain)
    tokens = int(match[1]) * (1_024 if match[2] else 1) if match else 0
    if not _SMALLEST <= tokens <= _LARGEST:
        raise ConfigError(
            f"{typed} is not a size for a context window.",
            why=f"It takes {_SMALLEST:,} to {_LARGEST:,} tokens.",
            advice="Write it like /context 16384 or /context 16k; /context auto goes back to the rule.",
        )
    return tokens


def context_report(bench: Workbench) -> str:
    """The report in plain lines, with the computation of ``ollama.fit`` for this model."""
    if bench.agent is None or bench.window is None:
        return "No model is chosen yet: Ctrl+O opens the list."
    fill = bench.agent.context_fill
    window = bench.window
    size = f"{window.num_ctx:,} tokens" if window.num_ctx else "not sent"
    counted = "counted by the server" if fill.is_exact else "about, until the server has counted"
    part = f" ({fill.tokens * 100 // window.num_ctx} %)" if window.num_ctx else ""
    lines = [
        f"Context window  {size}: {window.reason}",
        f"In it now       {fill.tokens:,} tokens{part}, {counted}",
    ]
    if window.num_ctx:
        at = f"{bench.agent.compact_at:.0%}".replace("%", " %")
        lines.append(f"Compacted       at {at}: old results first, then a summary of old turns")
        lines += _memory_lines(bench, window.num_ctx)
    lines.append("To change it: /context 16384, /context auto; for good, num_ctx in vtcode.toml.")
    return "\n".join(lines)


def _memory_lines(bench: Workbench, num_ctx: int) -> list[str]:
    """The memory computation for the window, if its numbers are known."""
    need = bench.memory_need
    if need is None or not need.cache_bytes_per_token:
        return []
    cache = need.cache_bytes_per_token * num_ctx
    total = need.total_bytes(num_ctx)
    each = f"{num_ctx:,} × {need.cache_bytes_per_token / 1024:,.0f} KiB"
    parts = f"{size_words(need.weights_bytes)} weights + {size_words(cache)} cache ({each})"
    lines = [f"Memory          {parts} = {size_words(total)}"]
    has = bench.memory_bytes
    if has is not None:
        verdict = fit(need, num_ctx, has)
        word = "does not fit" if verdict is Fit.TOO_LARGE else str(verdict)
        room = size_words(has * MEMORY_SHARE)
        lines.append(
            f"                {word}: {MEMORY_SHARE:.0%} of this machine is {room}".replace(
                "%", " %"
            )
        )
    return lines
