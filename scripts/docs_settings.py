"""Writes the documentation's table of settings from the schema.

    .venv/bin/python scripts/docs_settings.py

Only what stands between the two markers is replaced.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from vtcode_tui.config.keys import Key, dotted, key_table  # noqa: E402

PAGE = ROOT / "docs" / "settings.md"
BEGIN = "<!-- settings: made by scripts/docs_settings.py -->"
END = "<!-- end of settings -->"


def section() -> str:
    """The table as Markdown, a row for each key in the order of the schema."""
    rows = ["| key | default | |", "|---|---|---|"]
    for key in key_table().keys.values():
        explanation = key.explanation.replace("|", "\\|")
        rows.append(f"| `{_name(key)}` | {_default(key)} | {explanation} |")
    return "\n".join(rows)


def with_section(text: str) -> str:
    """The page's ``text`` with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{section()}\n{END}{after}"


def _name(key: Key) -> str:
    return f"{dotted(key.path)}.NAME" if key.is_mapping else dotted(key.path)


def _default(key: Key) -> str:
    if key.default is None:
        return "unset" if not key.is_mapping else ""
    value = list(key.default) if isinstance(key.default, tuple) else key.default
    return f"`{json.dumps(value, ensure_ascii=False)}`"


if __name__ == "__main__":
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
