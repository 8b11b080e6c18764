"""What people do on top of a session of 2,000 turns and 5 MB, until it is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks.long_session import LAST_WORDS
from tests.benchmarks.program import Program, now
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Row, median, milliseconds

_ESCAPE = "\x1b[27u"
"""The key Escape as terminals with the kitty keyboard protocol send it: the other one is waited on
for what may follow it."""
_FOCUS_OUT, _FOCUS_IN = "\x1b[O", "\x1b[I"
_PAGE_UP, _UP, _F9, _CTRL_O, _CTRL_T = "\x1b[5~", "\x1b[A", "\x1b[20~", "\x0f", "\x14"


def opening(stage: Stage, repeats: int) -> Iterator[Row]:
    """From the command to a prompt that takes keys under the end of the session."""
    bare, ours, shown, memory = [], [], [], []
    for _ in range(repeats):
        with stage.bare() as program:
            program.wait_for_paint()
            bare.append(program.wait_for_prompt() - program.started_s)
        with stage.app(resumes=True) as program:
            program.watch(LAST_WORDS[-1])
            program.wait_for_paint()
            ours.append(program.wait_for_prompt() - program.started_s)
            program.wait_for(LAST_WORDS[-1])
            program.echo()
            shown.append(program.last_output_s - program.started_s)
            program.settle(1.0)
            memory.append(program.memory_mb())
    beside = f"bare {median(bare):.2f} s; session of {stage.session_bytes / 1e6:.1f} MB"
    yield Row("open 2,000 turns: the prompt takes keys", median(ours), 1.0, "s", beside)
    yield Row("open 2,000 turns: and the end of it is shown", median(shown), 1.0, "s", beside)
    yield Row("memory after that transcript", median(memory), 150, "MB")


def operations(stage: Stage, repeats: int) -> Iterator[Row]:
    """Everything that has a time of its own on the long transcript."""
    with stage.ready_bare() as bare:
        echo = f"bare echo {milliseconds(bare.echoes(20)):.1f} ms"
        alt_tab = f"bare {milliseconds(_alt_tabs(bare, repeats)):.1f} ms"
        resize = f"bare {milliseconds(_resizes(bare, repeats)):.1f} ms"
        theme = f"bare {milliseconds(_reactions(bare, repeats, lambda: bare.write(_F9))):.1f} ms"
    with stage.ready_app(resumes=True, is_themed=True) as program:

        def press(*keys: str) -> list[float]:
            """The reactions to each key in turn, again and again."""
            times: list[float] = []
            for _ in range(repeats):
                for key in keys:
                    times += _reactions(program, 1, partial(program.write, key))
            return times

        for key in ("\t", _UP, _UP):  # To the answer, and to the thinking above it.
            program.write(key)
            program.settle()
        yield _row("on it: unfold or fold a block", press("\r", "\r"), 30, echo)
        program.write("\t")
        program.settle()
        times = program.echoes(60)
        yield Row("on it: key to echo, p95", milliseconds(times, 0.95), 10, "ms", echo)
        program.erase(60)
        yield _row("on it: append", _appends(program, repeats), 30, echo)
        yield _row("on it: open a modal", _opened(program, repeats), 30, echo)
        yield _row("on it: close a modal", _closed(program, repeats), 30, echo)
        yield _row("on it: alt-tab and a key", _alt_tabs(program, repeats), 30, alt_tab)
        program.erase(repeats)
        yield _row("on it: unfold or fold all thinking", press(_CTRL_T, _CTRL_T), 30, echo)
        program.write("\t")
        program.settle()
        yield _row("on it: scroll a page", press(*[_PAGE_UP] * 5), 30, echo)
        yield _row("on it: resize", _resizes(program, repeats), 100, resize)
        yield _row("on it: switch the theme", press(_F9), 100, theme)


def _row(name: str, times: list[float], target: float, beside: str) -> Row:
    worst = f"worst {1000 * max(times):.0f} ms; " if times else ""
    return Row(name, milliseconds(times) if times else None, target, "ms", worst + beside)


def _reactions(
    program: Program, count: int, action: Callable[[], None], quiet_s: float = 0.25
) -> list[float]:
    reactions = [program.reaction(action, quiet_s) for _ in range(count)]
    return [reaction for reaction in reactions if reaction is not None]


def _alt_tabs(program: Program, count: int) -> list[float]:
    times = []
    for _ in range(count):
        program.write(_FOCUS_OUT)
        program.run(0.2)
        program.write(_FOCUS_IN)
        times.append(program.echo())
        program.settle(0.2)
    return times


def _resizes(program: Program, count: int) -> list[float]:
    """Until the lines are painted; the scroll bar's thumb may move once more, when all is counted."""
    widths = [program.columns - 20, program.columns] * count
    times: list[float] = []
    for width in widths:
        times += _reactions(program, 1, partial(program.resize, width), quiet_s=0.1)
        program.settle(0.5)
    return times


def _appends(program: Program, count: int) -> list[float]:
    """From Enter to the prompt in the transcript, in the frame that shows it."""
    times = []
    for _ in range(count):
        letter = program.type_letter()
        program.wait_for(letter)
        program.settle(0.2)
        program.watch(letter)
        started = now()
        program.write("\r")
        times.append(program.wait_for(letter) - started)
        program.settle(0.5)
    return times


def _opened(program: Program, count: int) -> list[float]:
    times = []
    for _ in range(count):
        times += _reactions(program, 1, lambda: program.write(_CTRL_O))
        program.write(_ESCAPE)
        program.settle(0.3)
    return times


def _closed(program: Program, count: int) -> list[float]:
    times = []
    for _ in range(count):
        program.write(_CTRL_O)
        program.settle(0.4)
        times += _reactions(program, 1, lambda: program.write(_ESCAPE))
    return times
