"""Lines of keys, in generated files and in files made to mislead."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.config.toml_files import TomlFile, toml_files
from vtcode_tui.config.positions import (
    MAX_DEPTH,
    MAX_NAMES,
    NestingTooDeep,
    find_positions,
    parse_key,
)


@settings(deadline=None, max_examples=200)
@given(toml_files())
def test_every_key_of_a_generated_file_is_found_on_its_lines(file: TomlFile) -> None:
    tomllib.loads(file.text)
    positions = find_positions(file.text)
    found = {
        (entry.path, entry.line, entry.last_line)
        for entry in positions.entries
        if not entry.is_header
    }
    assert found == {(parse_key(key.path), key.first, key.last) for key in file.keys}
    headers = [entry.path for entry in positions.entries if entry.is_header]
    assert headers == [parse_key(table) for table in file.tables]


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ('a = """\n[tools]\nx = 1\n"""\n[tools]\nx = 2', "tools.x", 6),
        ("a = '''\n[tools]\nx = 1\n'''\n[tools]\nx = 2", "tools.x", 6),
        ("# [tools]\n# x = 1\n[tools] # [agent]\nx = 2", "tools.x", 4),
        ("\n\n  [  tools . policies ]\n\t'read_file' = 1", "tools.policies.read_file", 4),
        ('["tools"."policies"]\n"read_\\u0066ile" = 1', "tools.policies.read_file", 2),
        ("tools.policies.read_file = 1", "tools.policies.read_file", 1),
        ("tools . policies\t.read_file = 1", "tools.policies", 1),
        ("[tools]\n\npolicies = { a = 1, read_file = 2 }", "tools.policies.read_file", 3),
        ("[tools]\npolicies = { a.b = { c = [{ d = 1 }] }, e = 2 }", "tools.policies.e", 2),
        ("tools = {}\n\n[agent]\nx = 1", "agent.x", 4),
        ('a = "\\"[tools]"\n[tools]\nx = 1', "tools.x", 3),
        ("a = [\n  '[tools]', # ]\n  [ 1 ],\n]\n[tools]\nx = 1", "tools.x", 6),
        ('a = ["""\n]\nx = 1""",\n]\nx = 2', "x", 5),
        ("[[a]]\nx = 1\n[[a]]\nx = 2\n[b]\ny = 3", "b.y", 6),
        ("[[a]]\nx = 1\n[[a]]\nx = 2", "a.x", 2),
        ("a = 1\r\n[tools]\r\nx = 1\r\n", "tools.x", 3),
        ("a = 1979-05-27 07:32:00\nb = 1979-05-27 # 07\nc = 1", "c", 3),
        ("a = 07:32:00\nb = +inf\nc = 0xff\nd = 1", "d", 4),
        ("a\u2028 = 1", "a", None),
        ("[tools.policies]\nx = 1\n[tools]\ny = 1", "tools", 3),
        ("[tools.policies]\nx = 1", "tools", 1),
        ("x = 1", "y", None),
        ("", "x", None),
    ],
)
def test_line_of_a_key_in_tricky_files(text: str, key: str, line: int | None) -> None:
    path = parse_key(key)
    assert path is not None
    assert find_positions(text).line_of(path) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (".".join("a" * 1000) + " = 1", 1),
        (f"\n[{'.'.join('a' * 1000)}]", 2),
        ("a = " + "[" * 1000 + "]" * 1000, 1),
        ("\n\na = " + "{a = " * 1000 + "1" + "}" * 1000, 3),
        ("a = " + "[{a = " * 500 + "1" + "}]" * 500, 1),
    ],
)
def test_deep_nesting_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(NestingTooDeep) as caught:
        find_positions(text)
    assert caught.value.line == line


def test_nesting_up_to_the_limits_is_followed() -> None:
    names = ".".join("a" * MAX_NAMES)
    assert find_positions(f"{names} = 1").line_of(("a",) * MAX_NAMES) == 1
    arrays = f"a = {'[' * MAX_DEPTH}{']' * MAX_DEPTH}\nb = 1"
    assert find_positions(arrays).line_of(("b",)) == 2


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="a.\"'\\[]{}=#, \t\r\n1-é\u2028"))
def test_any_text_is_scanned_without_an_error(text: str) -> None:
    positions = find_positions(text)
    lines = text.count("\n") + 1
    assert all(1 <= entry.line <= entry.last_line <= lines for entry in positions.entries)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b-c", ("a", "b-c")),
        ('a."b.c" . d', ("a", "b.c", "d")),
        ("'\"'", ('"',)),
        ('"\\u00e9"', ("é",)),
        ("", None),
        ("a.", None),
        (".a", None),
        ("a b", None),
        ("é", None),
        ('"a', None),
        ('"\\q"', None),
        ("a = 1", None),
    ],
)
def test_parse_key_reads_a_dotted_key_or_says_that_it_is_none(
    text: str, path: tuple[str, ...] | None
) -> None:
    assert parse_key(text) == path
