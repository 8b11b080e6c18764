"""Globs, measured against git and against time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vtcode_tui.workspace.globs import IgnoreRule, ignores, parse_glob, parse_ignore_lines


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a.py", True),
        ("*.py", "src/deep/a.py", True),
        ("*.py", "a.pyc", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/deep/a.py", False),
        ("src/**/*.py", "src/a.py", True),
        ("src/**/*.py", "src/x/y/a.py", True),
        ("**/test_*", "a/b/test_x.py", True),
        ("src", "src/a.py", True),
        ("src/", "src/a.py", True),
        ("src/**", "src/a/b", True),
        ("*.{ts,tsx}", "a.tsx", True),
        ("*.{ts,tsx}", "a.js", False),
        ("{a,b}/{c,d}.x", "b/c.x", True),
        ("[id].tsx", "i.tsx", True),
        ("[!a]b", "ab", False),
        ("[a-c]?", "bz", True),
        (r"\*.py", "a.py", False),
        (r"\*.py", "*.py", True),
        ("./src/*.py", "src/a.py", True),
        ("[", "[", True),
        ("", "a", False),
    ],
)
def test_a_glob_means_what_ripgrep_means(pattern: str, path: str, expected: bool) -> None:
    assert parse_glob(pattern).matches(path) is expected


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 60 + "b", "**/" * 60 + "b", "{a,b}" * 40, "[" * 3000, "{" * 3000 + "}" * 3000],
)
def test_no_pattern_is_slow(pattern: str) -> None:
    started = time.process_time()
    glob = parse_glob(pattern)
    assert not glob.matches("/".join(["a" * 250] * 8))
    assert time.process_time() - started < 2


NAME = st.text("ab.", min_size=1, max_size=3).filter(lambda name: set(name) != {"."})
PATH = st.lists(NAME, min_size=1, max_size=3).map("/".join)
RULE = st.builds(
    lambda negated, parts, trailing: ("!" if negated else "") + "/".join(parts) + trailing,
    st.booleans(),
    st.lists(
        st.one_of(st.text("ab.*?", min_size=1, max_size=3), st.just("**")), min_size=1, max_size=3
    ),
    st.sampled_from(["", "/"]),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@example(rules=["***/?"], paths=["a"])
@settings(max_examples=60, deadline=None)
@given(
    rules=st.lists(RULE, min_size=1, max_size=4),
    paths=st.lists(PATH, min_size=1, max_size=12, unique=True),
)
def test_ignore_rules_decide_as_git_does(
    repository: Path, rules: list[str], paths: list[str]
) -> None:
    (repository / ".gitignore").write_text("\n".join(rules) + "\n")
    asked = subprocess.run(
        ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin"],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    parsed = parse_ignore_lines("\n".join(rules))
    ours = {path for path in paths if _is_ignored(parsed, path)}
    assert ours == set(asked.stdout.splitlines()), rules


def _is_ignored(rules: Sequence[IgnoreRule], path: str) -> bool:
    names = path.split("/")
    for end in range(1, len(names) + 1):
        verdict = ignores(rules, names[:end], is_directory=end < len(names))
        if verdict:
            return True
    return False
