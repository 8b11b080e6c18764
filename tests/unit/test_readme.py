"""What README.md and docs/ say of the program, held against the program."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from pathlib import Path

import pytest

from vtcode_tui.arguments import parse_arguments
from vtcode_tui.config.keys import key_table

ROOT = Path(__file__).parents[2]
PAGES = {
    page: page.read_text(encoding="utf-8")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
README, SAFETY = PAGES[ROOT / "README.md"], PAGES[ROOT / "docs" / "safety.md"]
LINKS = sorted(
    (page, link)
    for page, text in PAGES.items()
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text)
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = re.compile(r"[A-Za-z0-9_.-]+")


def section(title: str) -> str:
    _, _, rest = README.partition(f"\n## {title}\n")
    assert rest, f"README.md has no section {title!r}"
    return rest.partition("\n## ")[0]


def commands() -> list[list[str]]:
    """The command lines of the shell blocks that run this program, in words."""
    blocks = re.findall(r"```bash\n(.*?)```", "\n".join(PAGES.values()), flags=re.DOTALL)
    found: list[list[str]] = []
    for block in blocks:
        held = ""
        for line in block.replace("\\\n", " ").splitlines():
            held += line + "\n"
            try:
                words = shlex.split(held, comments=True)
            except ValueError:  # A quotation that goes on in the next line.
                continue
            found.append(words)
            held = ""
        assert not held, held
    return [words for words in found if any(word.endswith("vtcode-tui") for word in words)]


def test_the_settings_are_those_of_the_schema() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "docs_settings.py"))
    # Out of date? Run: .venv/bin/python scripts/docs_settings.py
    page = PAGES[script["PAGE"]]
    assert script["with_section"](page) == page
    assert page.count("\n| `", page.index(script["BEGIN"]), page.index(script["END"])) == len(
        key_table().keys
    )


def test_the_dependencies_are_those_of_the_project() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = {*PROJECT["dependencies"], *extras["embedded"], *extras["web"]}
    rows = re.findall(r"^\| ([a-z][^|]*) \|", section("What it is built with"), flags=re.MULTILINE)
    named = {name for row in rows[1:] for name in NAME.findall(re.sub(r"\(.*?\)", "", row))}
    matches = (NAME.match(requirement) for requirement in wanted)
    assert named == {match[0] for match in matches if match is not None}


@pytest.mark.parametrize(("page", "link"), LINKS, ids=lambda each: str(each).rpartition("/")[2])
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    assert link.startswith("https://") or (page.parent / link).exists()


def test_each_page_is_linked_from_the_readme() -> None:
    linked = {page.parent / link for page, link in LINKS if page.name == "README.md"}
    assert linked.issuperset(PAGES.keys() - {ROOT / "README.md"})


def test_the_tests_that_hold_a_promise_are_there() -> None:
    named = re.findall(r"`((?:unit|screen|e2e|browser)/[^`]+\.py)`", "".join(PAGES.values()))
    assert named
    for pattern in named:
        assert list((ROOT / "tests").glob(pattern)), pattern


def test_each_command_that_is_shown_is_one() -> None:
    lines = commands()
    assert len(lines) > 5
    for words in lines:
        at = max(at for at, word in enumerate(words) if word.endswith("vtcode-tui"))
        given = words[at + 1 :]
        ends = [at for at, word in enumerate(given) if word in ("|", ">", "<", "&&")]
        # Exits, and so fails, where the command line is not one.
        parse_arguments(given[: ends[0]] if ends else given, "")


def test_each_promise_names_tests_that_there_are() -> None:
    rows = [line for line in SAFETY.splitlines() if "|" in line]
    promises = [row.split("|")[1:-1] for row in rows[2:]]
    assert len(promises) == 20
    for _, _, tests in promises:
        patterns = re.findall(r"`([^`]+)`", tests)
        assert patterns
        for pattern in patterns:
            assert list((ROOT / "tests").glob(pattern)), pattern
