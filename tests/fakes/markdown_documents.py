"""Hypothesis strategies for Markdown as models write it, and for ways to cut it into deltas."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

_WORDS = st.sampled_from(
    [
        "the",
        "loop",
        "keeps",
        "**bold**",
        "*soft*",
        "`code`",
        "~~old~~",
        "[link](http://a.example)",
        "a_b",
        "2 * 3",
        "naïve",
        "日本語",
        "🎉",
        "x<y",
        "&amp;",
        "\\*",
        "C:\\dir",
        "[0]",
        "http://b.c",
    ]
)
_CODE_WORDS = st.sampled_from(["def f(x):", "return 1", '"text"', "# note", "if x > 0:", "*", "`"])


def _sentence(most: int = 14) -> st.SearchStrategy[str]:
    return st.lists(_WORDS, min_size=1, max_size=most).map(" ".join)


def _lines(line: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(line, min_size=1, max_size=most).map("\n".join)


_PARAGRAPH = _lines(_sentence(30), 3)
_HEADING = st.builds(lambda level, text: "#" * level + " " + text, st.integers(1, 4), _sentence(5))
_SETEXT = st.builds(
    lambda text, rule: f"{text}\n{rule}", _sentence(5), st.sampled_from(["---", "==="])
)
_FENCE = st.builds(
    lambda fence, language, body, closed: f"{fence}{language}\n{body}" + (f"\n{fence}" * closed),
    st.sampled_from(["```", "~~~", "````"]),
    st.sampled_from(["", "python", "js", "no-such-language"]),
    _lines(st.lists(_CODE_WORDS, max_size=4).map("  ".join), 8),
    st.just(True),
)
_QUOTE = _lines(st.builds(lambda text: f"> {text}", _sentence()), 5)
_INDENTED = _lines(st.builds(lambda text: f"    {text}", _CODE_WORDS), 4)
_RULE = st.sampled_from(["---", "***", "* * *"])


def _item(marker: str) -> st.SearchStrategy[str]:
    indent = " " * (len(marker) + 1)
    more = st.sampled_from(["", f"\n{indent}- inner", f"\n\n{indent}second", f"\n{indent}1. one"])
    return st.builds(lambda text, rest: f"{marker} {text}{rest}", _sentence(), more)


_LIST = st.one_of(
    [
        st.builds(
            lambda items, gap: gap.join(items),
            st.lists(_item(marker), min_size=1, max_size=7),
            st.sampled_from(["\n", "\n\n"]),
        )
        for marker in ("-", "*", "1.", "9.")
    ]
)
_TABLE = st.builds(
    lambda rows: "| a | b |\n|---|--:|\n" + "\n".join(f"| {one} | {two} |" for one, two in rows),
    st.lists(st.tuples(_sentence(4), _sentence(2)), max_size=40),
)
_BLOCK = st.one_of(
    _PARAGRAPH, _HEADING, _SETEXT, _FENCE, _QUOTE, _INDENTED, _RULE, _LIST, _LIST, _TABLE
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document of a few blocks, mostly with a blank line between them."""
    blocks = draw(st.lists(_BLOCK, min_size=1, max_size=8))
    gaps = draw(
        st.lists(
            st.sampled_from(["\n\n", "\n\n", "\n\n\n", "\n"]),
            min_size=len(blocks),
            max_size=len(blocks),
        )
    )
    return "".join(block + gap for block, gap in zip(blocks, gaps, strict=True))


@st.composite
def deltas(draw: st.DrawFn, source: str) -> list[str]:
    """``source`` cut into pieces of random lengths."""
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=20)))
    edges = [0, *cuts, len(source)]
    return [source[start:end] for start, end in itertools.pairwise(edges)]
