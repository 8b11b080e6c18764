"""Writes the documentation's lists of commands and keys from the table of actions.

    .venv/bin/python scripts/docs_actions.py

Only what stands between the two markers is replaced.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from vtcode_tui.tui.actions import ACTIONS, in_groups, keys_in_words  # noqa: E402

PAGE = ROOT / "docs" / "commands-and-keys.md"
BEGIN = "<!-- actions: made by scripts/docs_actions.py -->"
END = "<!-- end of actions -->"


def section() -> str:
    """The lists as Markdown, one table for each group."""
    parts: list[str] = []
    for group, actions in in_groups(ACTIONS).items():
        parts += [f"**{group}**", "", "| action | command | key | |", "|---|---|---|---|"]
        for action in actions:
            command = f"{action.slash} {action.argument}".strip().replace("|", "\\|")
            also = f" (also {', '.join(f'`/{name}`' for name in action.aliases)})"
            parts.append(
                f"| `{action.name}` | {f'`{command}`' if command else ''} | {keys_in_words(action)} |"
                f" {action.description}{also if action.aliases else ''} |"
            )
        parts.append("")
    return "\n".join(parts).rstrip()


def with_section(text: str) -> str:
    """The page's ``text`` with the lists as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{section()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
