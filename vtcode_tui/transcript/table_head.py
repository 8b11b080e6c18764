"""Shows the head of a table before its delimiter row has arrived. Pure.

Markdown recognises a table by its second line (``|---|``); until then its first line would appear
as text full of bars. If the last line can be a head, the missing delimiter row is added below it.
"""

from __future__ import annotations

import re

from vtcode_tui.transcript.parsing import References, block_tokens
from vtcode_tui.transcript.source_lines import split_lines

_HEAD = re.compile(r"([ \t>]*)\|(.*)")
_BARS = re.compile(r"[ \t>]*\|[| \t]*")
_HALF_RULE = re.compile(r"[ \t>]*[|:\- \t]*")
_CELL_END = re.compile(r"(?<!\\)\|")
_LONGEST_BEFORE = 12_000
"""Characters before it that are parsed once more, to see whether a line is a table's head there."""


def with_head_ruled(context: str, tail: str, partial: str, references: References) -> str:
    """``tail`` and ``partial``, its unfinished last line, as they are to be shown for now.

    ``context`` is what the parser must see before them. Bars without a word, and an incomplete
    delimiter row, are held back. Anything that is not a table's head is returned unchanged.
    """
    is_rule = _HALF_RULE.fullmatch(partial) is not None
    as_it_is = tail if _BARS.fullmatch(partial) else tail + partial
    lines = split_lines(tail if is_rule else tail + partial)
    head = _HEAD.fullmatch(lines[-1]) if lines else None
    if head is None or len(tail) > _LONGEST_BEFORE:
        return as_it_is
    cells = len(_CELL_END.findall(head[2].rstrip().removesuffix("|"))) + 1
    ruled = "\n".join([*lines, f"{head[1]}|{'---|' * cells}"])
    return ruled if _ends_with_bare_table(context + ruled, references) else as_it_is


def _ends_with_bare_table(source: str, references: References) -> bool:
    """Whether the last two lines are a new table: not code, and not two rows of a table before
    them."""
    count = len(split_lines(source))
    tokens = block_tokens(source, dict(references))
    return any(token.type == "table_open" and token.map == [count - 2, count] for token in tokens)
