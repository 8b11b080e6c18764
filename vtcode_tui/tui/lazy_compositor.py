"""Renders only the lines that an update shows.

Textual renders every line of every widget that shares a container with the updated one, for each
typed letter and each second of a running turn, and then discards all but the updated lines. It also
renders the lines of the screen and of containers that other widgets cover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip

_Line = dict[int, Strip | None]
"""The parts of a line of the screen, by the column where each starts; None is not rendered yet."""


class LazyCompositor(Compositor):
    """Asks each widget for those of its lines that are updated and not covered."""

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        cuts = self.cuts
        lines: list[_Line] = [dict.fromkeys(line_cuts[:-1]) for line_cuts in cuts]
        # From front to back, so that a covered part is never asked for.
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            missing: dict[int, list[int]] = {}
            for y in range(max(seen.y, crop.y), min(seen.bottom, crop.bottom)):
                if is_rendered_line(y):
                    bounds = [cut for cut in cuts[y] if seen.x <= cut <= seen.right]
                    if _lacks(lines[y], bounds, crop):
                        missing[y] = bounds
            if not missing:
                continue
            top, bottom = min(missing), max(missing) + 1
            part = Region(seen.x, top, seen.width, bottom - top).translate(-region.offset)
            for y, strip in enumerate(widget.render_lines(part), top):
                if y in missing:
                    _fill(lines[y], strip, missing[y])
        return cast("Sequence[Mapping[int, Strip]]", lines)


def _lacks(line: _Line, bounds: list[int], crop: Region) -> bool:
    """Whether a part between two ``bounds`` that overlaps ``crop`` is not rendered yet."""
    return any(
        line[start] is None and start < crop.right and end > crop.x
        for start, end in pairwise(bounds)
    )


def _fill(line: _Line, strip: Strip, bounds: list[int]) -> None:
    """Put ``strip``, which starts at the first of ``bounds``, where ``line`` has no part yet."""
    parts = strip.divide([end - bounds[0] for end in bounds[1:]])
    for start, part in zip(bounds, parts, strict=False):
        if line[start] is None:
            line[start] = part
