"""What ``/context`` says: the window, why it has that size, the memory it takes, how full it is."""

from __future__ import annotations

from vtcode_tui.agent.workbench import Workbench

_GB = 1e9


def context_report(bench: Workbench) -> str:
    """Plain lines; the sum is the rule of ``ollama.fit`` with this model's numbers."""
    if bench.agent is None or bench.window is None:
        return "No model is chosen yet: Ctrl+O opens the list."
    fill = bench.agent.context_fill
    window = bench.window
    size = f"{window.num_ctx:,} tokens" if window.num_ctx else "not sent"
    counted = "counted by the server" if fill.is_exact else "about, until the server has counted"
    lines = [
        f"Context window  {size}: {window.reason}",
        f"In it now       {fill.tokens:,} tokens, {counted}",
    ]
    need = bench.memory_need
    if need is not None and need.cache_bytes_per_token and window.num_ctx:
        cache = need.cache_bytes_per_token * window.num_ctx
        lines.append(
            f"Memory          {need.weights_bytes / _GB:.1f} GB weights + {cache / _GB:.1f} GB cache "
            f"({need.cache_bytes_per_token / 1024:,.0f} KiB a token)"
        )
    lines.append("To change it, set num_ctx under [providers.ollama] in vtcode.toml.")
    return "\n".join(lines)
