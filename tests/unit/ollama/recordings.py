"""The recorded exchanges: what was asked, and the answer as bytes for a socket."""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CAPTURES = Path(__file__).parents[2] / "captures"
_KEPT_CHUNKS = "11-chat-plain-stream-raw-chunked"
_SERVER_KILLED = ("70-", "83-", "84-", "66a-", "66b-")


@dataclass(frozen=True)
class Recording:
    name: str
    request_line: str
    request_body: Any
    head: bytes
    body: bytes

    @property
    def wire(self) -> bytes:
        """Head and body as they went over the network: an HTTP chunk for each line."""
        if b"chunked" not in self.head or self.name == _KEPT_CHUNKS:
            return self.head + self.body
        chunks = [b"%x\r\n%b\r\n" % (len(line), line) for line in self.body.splitlines(True)]
        return self.head + b"".join(chunks) + (b"" if self._was_cut else b"0\r\n\r\n")

    @property
    def records(self) -> list[dict[str, Any]]:
        """The objects of the body, read the simple way."""
        lines = [line for line in self.body.split(b"\n") if line.startswith(b"{")]
        return [json.loads(line) for line in lines]

    @property
    def _was_cut(self) -> bool:
        is_over = (
            b'"done":true' in self.body or b'"success"' in self.body or b'"error"' in self.body
        )
        return self.name.startswith(_SERVER_KILLED) and not is_over


def recording(name: str) -> Recording:
    request_line, _, rest = (CAPTURES / f"{name}.req").read_text().partition("\n")
    content = (CAPTURES / f"{name}.http").read_bytes()
    head, _, body = content.partition(b"\r\n\r\n")
    json_line = rest.partition("\n")[0]
    try:
        request_body = json.loads(json_line) if json_line else None
    except ValueError:
        request_body = json_line
    return Recording(name, request_line.strip(), request_body, head + b"\r\n\r\n", body)


def names(*prefixes: str) -> list[str]:
    """The recordings whose number is one of ``prefixes``; all without."""
    every = sorted(path.stem for path in CAPTURES.glob("*.http"))
    return [name for name in every if not prefixes or name.partition("-")[0] in prefixes]


def ways_to_cut(wire: bytes) -> dict[str, list[bytes]]:
    """``wire`` as TCP writes: whole, in the smallest pieces, and cut at random places."""
    step = 1 if len(wire) < 30_000 else 7
    ways = {"whole": [wire], "small": [wire[i : i + step] for i in range(0, len(wire), step)]}
    for seed in range(3):
        places = random.Random(zlib.crc32(wire) + seed)
        cuts = sorted(places.sample(range(1, len(wire)), min(12, len(wire) - 1)))
        ends = zip([0, *cuts], [*cuts, len(wire)], strict=True)
        ways[f"random-{seed}"] = [wire[start:end] for start, end in ends]
    return ways
