"""Generated TOML files for property tests, with the lines of every key known from the making."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

VALUES = (
    "1",
    "-3",
    "1_000.5e-3",
    "nan",
    "true",
    "1979-05-27 07:32:00",
    "1979-05-27T07:32:00Z",
    '""',
    "''",
    '"[tools]"',
    '"a # no comment"',
    '"quote \\" and \\\\"',
    "'C:\\path'",
    '"ünïcödé ⏎"',
    "[]",
    "[1, [2, 3], '[x]']",
    '[ # comment ]\n  "a",\n\n  { b = 1, c = "]" }, # }\n]',
    '"""\n[tools]\ndefault_policy = "allow"\n"""',
    '"""one ""two"" three"""',
    '"""ends in two quotes"""""',
    '"""escaped \\""" # [agent]\n\\\\"""',
    "'''\n[agent]\n'''",
    "'''''two quotes first'''",
    '"""a \\\n   b"""',
)
SECTIONS = ("agent", "tools", "tools.policies", '"odd name".sub', "x.y.z", "ui")
NAMES = ("a", "b-c", "d_1", "42", '"quoted key"', "'lit.eral'", '"esc\\"aped"', "e.f", 'g."h.i"')
FILLERS = ("", "# a comment", "   # [tools] in a comment", "\t", '# key = "commented out"')
TAILS = ("", " ", "  # why", "\t# a = 1")


@dataclass(frozen=True)
class KeyLines:
    """``path`` as TOML writes it; lines count from 1; ``head`` and ``tail`` are around the value."""

    path: str
    first: int
    last: int
    head: str
    tail: str


@dataclass(frozen=True)
class TomlFile:
    """``newline`` is the line end of the whole text, LF where it has none; ``tables`` are those with a header."""

    text: str
    keys: tuple[KeyLines, ...]
    tables: tuple[str, ...]
    newline: str


@st.composite
def toml_files(draw: st.DrawFn) -> TomlFile:
    lines: list[str] = []
    keys: list[KeyLines] = []

    def fill() -> None:
        lines.extend(draw(st.lists(st.sampled_from(FILLERS), max_size=2)))

    def add_keys(prefix: str) -> None:
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
            fill()
            indent = draw(st.sampled_from(["", "  ", "\t"]))
            head = indent + name + draw(st.sampled_from([" = ", "=", "  =  "]))
            value, tail = draw(st.sampled_from(VALUES)), draw(st.sampled_from(TAILS))
            first = len(lines) + 1
            lines.extend((head + value + tail).split("\n"))
            keys.append(KeyLines(prefix + name, first, len(lines), head, tail))

    if draw(st.booleans()):
        add_keys("")
    tables = draw(st.lists(st.sampled_from(SECTIONS), unique=True, max_size=5))
    for table in tables:
        fill()
        lines.append(f"{draw(st.sampled_from(['', ' ']))}[{table}]{draw(st.sampled_from(TAILS))}")
        add_keys(f"{table}.")
    fill()
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    last = newline if draw(st.booleans()) else ""
    text = newline.join(lines) + (last if lines else "")
    return TomlFile(text, tuple(keys), tuple(tables), newline if newline in text else "\n")
