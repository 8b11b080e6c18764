"""Legible colours in every theme, and output on terminals without colours or Unicode."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot
from textual.selection import SELECT_ALL
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from tests.fakes.ollama_server import FakeOllama
from tests.screen import scenes
from tests.screen.more_scenes import MORE_SCENES
from tests.screen.painted import painted
from tests.screen.scenes import SCENES, Scene, app_for
from tests.screen.transcript_app import TranscriptApp, show, until
from vtcode_tui.conversation.events import TextDelta, TurnStarted
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.appearance import (
    MUTED_SHARE,
    SELECTED,
    TEXT_VARIABLES,
    is_ascii_only,
    readable_variables,
    theme_for,
    wants_ascii,
)
from vtcode_tui.tui.ascii_filter import GLYPHS, in_ascii
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.contrast import LEAST_CONTRAST, contrast

pytestmark = pytest.mark.anyio

PACKAGE = Path(__file__).parents[2] / "vtcode_tui"
OWN_COLOURS = [name for name in BUILTIN_THEMES if not name.startswith("ansi-")]
TERMINALS_COLOURS = [name for name in BUILTIN_THEMES if name.startswith("ansi-")]
HARD_ONES = ["solarized-light", "atom-one-light", "nord", "textual-dark"]
"""The themes whose own colours have the least contrast, and the default."""
DECORATION = frozenset("▌▎▍▏▐│┃┆─━┼⋯▁▂▃▄▅▆▇█›▸▾ ")
"""Glyphs that separate or mark something and carry no information of their own."""


def contrast_of(style: Style) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    assert style.color.triplet is not None
    assert style.bgcolor.triplet is not None
    return contrast(Color(*style.color.triplet), Color(*style.bgcolor.triplet))


async def test_each_role_is_legible_on_each_background_in_each_theme() -> None:
    app = TranscriptApp()
    backgrounds = [number << styles.BACKGROUND_SHIFT for number in range(len(styles.BACKGROUNDS))]
    roles = [role for role in range(len(styles.ROLES)) if role != styles.FAINT]
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, TurnStarted(1, "text"))
        for theme in OWN_COLOURS:
            app.theme = theme
            await pilot.pause()
            palette = app.view.palette
            too_faint = [
                (theme, styles.ROLES[role], background)
                for role in roles
                for background in backgrounds
                if contrast_of(palette.style(role | background)) < LEAST_CONTRAST
            ]
            assert too_faint == []


@pytest.mark.parametrize("theme", OWN_COLOURS)
def test_each_text_colour_is_legible_on_its_backgrounds(theme: str) -> None:
    colours = BUILTIN_THEMES[theme]
    generated = {**colours.to_color_system().generate(), **colours.variables}
    variables = readable_variables(generated)
    backgrounds = [Color.parse(variables[name]) for name in ("background", "surface")]
    rows = [Color.parse(variables[name]) for name in ("added-background", "removed-background")]
    tinted = [
        background.blend(row.with_alpha(1), row.a) for background in backgrounds for row in rows
    ]
    foreground = Color.parse(variables["foreground"])
    quiet = [(background.blend(foreground, MUTED_SHARE), background) for background in backgrounds]
    selected = Color.parse(variables[SELECTED])
    lines = [background.blend(selected.with_alpha(1), selected.a) for background in backgrounds]
    quiet += [(line.blend(foreground, MUTED_SHARE), line) for line in lines]
    names = [name for name in variables if name in TEXT_VARIABLES]
    texts = [
        (Color.parse(variables[name]), each) for name in names for each in backgrounds + tinted
    ]
    assert len(names) == len(TEXT_VARIABLES)
    assert all(contrast(*pair) >= LEAST_CONTRAST for pair in quiet + texts)


def coloured(pilot: Pilot[Any]) -> Iterator[tuple[str, Style]]:
    """All text on the screen with its style, except what is dimmed behind a dialog."""
    for strip in painted(pilot.app):
        for segment in strip:
            if segment.style is not None and not DECORATION.issuperset(segment.text):
                yield segment.text, segment.style


PAINTED = {
    name: scene
    for name, scene in (SCENES | MORE_SCENES).items()
    if name in ("tools", "approve-edit", "picker", "sessions", "blocks", "found", "prompts-waiting")
    or name
    in ("chips", "checklist", "changes", "completion", "permissions", "queue-walked", "trust")
}
"""Blocks, a diff, chips, search matches, lists with a selected line, disabled choices."""


def themes_for(name: str) -> list[str]:
    """All with VTCODE_TEST_THEMES=all; otherwise the four hard ones and two of the others in
    rotation."""
    if os.environ.get("VTCODE_TEST_THEMES") == "all":
        return OWN_COLOURS
    others = [each for each in OWN_COLOURS if each not in HARD_ONES]
    first = 2 * list(PAINTED).index(name)
    return [*HARD_ONES, *(others[(first + step) % len(others)] for step in range(2))]


@pytest.mark.parametrize("name", PAINTED)
async def test_all_painted_text_is_legible(name: str) -> None:
    scene = PAINTED[name]
    with FakeOllama() as server:
        app = app_for(scene, server, OWN_COLOURS[0])
        async with app.run_test(size=(100, 30)) as pilot:
            await scene.act(pilot)
            too_faint = []
            for theme in themes_for(name):
                app.theme = theme
                await pilot.pause()
                await pilot.pause()
                too_faint += [
                    (theme, text.strip(), round(contrast_of(style), 2))
                    for text, style in coloured(pilot)
                    if not _is_behind(app, text) and contrast_of(style) < LEAST_CONTRAST - 0.05
                ]
            assert too_faint == []


def _is_behind(app: VtcodeApp, text: str) -> bool:
    """Whether the text belongs to the chat behind a dialog."""
    if len(app.screen_stack) == 1:
        return False
    own = "\n".join(strip.text for strip in app.screen_stack[0]._compositor.render_strips())
    return text.strip() in own


@pytest.mark.parametrize("theme", TERMINALS_COLOURS)
async def test_terminal_colours_are_drawn_on_the_terminals_background(theme: str) -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.theme = theme
        await show(pilot, TurnStarted(1, "text"))
        palette = app.view.palette
        backgrounds = {
            palette.style(number << styles.BACKGROUND_SHIFT).bgcolor for number in range(5)
        }
        assert len(backgrounds) == 1


async def test_selected_text_is_legible_in_each_theme() -> None:
    app = TranscriptApp()
    code = "plain `code`\n\n```python\nx = 'text'  # comment\n```"
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, TurnStarted(1, "question"), TextDelta(code))
        too_faint = []
        for theme in OWN_COLOURS:
            app.theme = theme
            await pilot.pause()
            app.screen.selections = {app.view: SELECT_ALL}
            background = app.screen.get_component_rich_style("screen--selection").bgcolor
            strips = app.view.render_lines(app.view.size.region)
            parts = [part for strip in strips for part in strip if part.text.strip()]
            selected = [each for each in parts if each.style and each.style.bgcolor == background]
            assert len(selected) > 6
            too_faint += [
                (theme, text)
                for text, style, _ in selected
                if style is not None and contrast_of(style) < LEAST_CONTRAST
            ]
        assert too_faint == []


BLACK_AND_WHITE = (Color(0, 0, 0), Color(255, 255, 255))
XTERM_COLOURS = {
    "ansi_red": Color(205, 0, 0),
    "ansi_green": Color(0, 205, 0),
    "ansi_magenta": Color(205, 0, 205),
    "ansi_bright_blue": Color(92, 92, 255),
}
"""The terminal colours that text uses, as xterm shows them."""


@pytest.mark.parametrize("theme", TERMINALS_COLOURS)
def test_terminal_colours_stand_out_from_black_and_white(theme: str) -> None:
    colours = BUILTIN_THEMES[theme]
    variables = readable_variables({**colours.to_color_system().generate(), **colours.variables})
    texts = [XTERM_COLOURS[variables[name]] for name in (*TEXT_VARIABLES, "link-color")]
    assert min(contrast(text, background) for text in texts for background in BLACK_AND_WHITE) > 2


@pytest.mark.parametrize("theme", TERMINALS_COLOURS)
async def test_a_notice_is_drawn_on_the_terminals_background(theme: str) -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20), notifications=True) as pilot:
        app.theme = theme
        app.notify("Copied two lines.", timeout=60)
        await until(pilot, lambda: any("Copied" in text for text, _ in coloured(pilot)))
        (style,) = [style for text, style in coloured(pilot) if "Copied" in text]
        assert style.color is None or style.color.is_default
        assert style.bgcolor is None or style.bgcolor.is_default


def test_a_terminal_of_sixteen_colours_gets_the_ansi_theme() -> None:
    assert theme_for("standard") in TERMINALS_COLOURS
    assert theme_for("truecolor") is theme_for("256") is theme_for(None) is None


# --- ASCII -----------------------------------------------------------------------------------


def test_a_glyph_and_its_ascii_have_the_same_width() -> None:
    for glyph, plain in GLYPHS.items():
        assert plain.isascii()
        assert cell_len(glyph) == len(plain) == 1


def own_glyphs(path: Path) -> set[str]:
    """The non-ASCII characters in a module's strings, without docstrings and character classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    ]
    return {each for text in texts for each in text if not each.isascii() and each.isprintable()}


DATA = {
    "blocks/lines.py",
    "blocks/warming.py",
    "rendering/marked.py",
    "rendering/lookalikes.py",
    "ascii_filter.py",
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("tui/**/*.py")), ids=lambda path: path.stem)
def test_each_glyph_that_a_screen_draws_has_an_ascii_replacement(path: Path) -> None:
    name = path.relative_to(PACKAGE / "tui").as_posix()
    if name in DATA:
        assert own_glyphs(path)
        return
    assert own_glyphs(path) <= set(GLYPHS)


def test_letters_become_readable_ascii_of_the_same_width() -> None:
    assert in_ascii("▸ Größe … 日本 ✓") == "> Gro?e ~ ???? +"
    assert in_ascii("▸ Größe … 日本 ✓", only_glyphs=True) == "> Größe ~ 日本 +"


@pytest.mark.parametrize(
    ("environ", "configured", "wanted"),
    [
        ({}, None, False),
        ({"LANG": "C"}, None, True),
        ({"LANG": "en_US.UTF-8"}, None, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, None, True),
        ({"LANG": "C.utf8", "TERM": "linux"}, None, True),
        ({"LANG": "C"}, False, False),
        ({"LANG": "de_DE.UTF-8"}, True, True),
    ],
)
def test_ascii_is_drawn_where_it_is_asked_for(
    environ: dict[str, str], configured: bool | None, wanted: bool
) -> None:
    assert wants_ascii(environ, configured) is wanted
    assert is_ascii_only({"LC_CTYPE": "de_DE.ISO-8859-1"})


async def test_a_screen_in_a_locale_without_unicode_is_all_ascii() -> None:
    scene = Scene(scenes.started, SCENES["tools"].replies, environ={"LANG": "C"})
    with FakeOllama() as server:
        app = app_for(scene, server, "textual-dark")
        async with app.run_test(size=(60, 20)) as pilot:
            await scene.act(pilot)
            await scenes.ask(pilot, "Say hello better")
            painted_text = await scenes.wait_for(pilot, "It greets")
            assert "+ read_file greet.py" in painted_text
            assert painted_text.isascii()


# --- motion ----------------------------------------------------------------------------------


async def test_without_motion_nothing_blinks_or_slides() -> None:
    scene = Scene(scenes.idle, ui="motion = false")
    with FakeOllama() as server:
        app = app_for(scene, server, "textual-dark")
        async with app.run_test(size=(60, 20)) as pilot:
            await scene.act(pilot)
            assert app.animation_level == "none"
            assert app.screen.query_one(Composer).cursor_blink is False
            await pilot.press("ctrl+o")
            await scenes.wait_for(pilot, "installed")
            assert isinstance(app.focused, Input)
            assert app.focused.cursor_blink is False
