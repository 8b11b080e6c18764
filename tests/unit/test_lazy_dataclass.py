"""A class whose methods are made late behaves as the standard library's."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest

from vtcode_tui.lazy_dataclass import dataclass


def make_classes(decorator: Callable[..., Any]) -> tuple[Any, Any]:
    @decorator(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = dataclasses.field(default_factory=list, compare=False)

        def total(self) -> int:
            return self.x + self.y

    @decorator(frozen=True, slots=True)
    class Named(Point):
        name: str = "here"

        def __post_init__(self) -> None:
            self.names.append(self.name)

    return Point, Named


@pytest.fixture
def point() -> Any:
    return make_classes(dataclass)[0]


@pytest.fixture
def named() -> Any:
    return make_classes(dataclass)[1]


def test_it_is_equal_hashed_shown_and_copied_as_the_original() -> None:
    point, named = make_classes(dataclass)
    original, original_named = make_classes(dataclasses.dataclass)
    for ours, theirs in ((point, original), (named, original_named)):
        assert repr(ours(1)) == repr(theirs(1))
        assert ours(1) == ours(1, 2)
        assert ours(1) != ours(3)
        assert hash(ours(1)) == hash(theirs(1))
        assert dataclasses.asdict(ours(1)) == dataclasses.asdict(theirs(1))
        assert dataclasses.replace(ours(1), y=5).total() == 6
    assert point(1) != named(1)


def test_it_cannot_be_changed_and_has_no_room_for_more(point: Any) -> None:
    value = point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.x
    assert not hasattr(value, "__dict__")


def test_wrong_values_are_refused_from_the_first_instance_on(point: Any) -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            point()
        with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
            point(1, z=3)


def test_its_fields_are_known_before_there_is_an_instance(named: Any) -> None:
    assert dataclasses.is_dataclass(named)
    assert [each.name for each in dataclasses.fields(named)] == ["x", "y", "names", "name"]


def test_it_is_matched_by_position(named: Any) -> None:
    match named(1):
        case named(x, y, _, name):
            assert (x, y, name) == (1, 2, "here")
        case _:
            pytest.fail("not matched")


def test_threads_that_make_the_first_instance_together_make_the_same(point: Any) -> None:
    gate = threading.Barrier(8)
    made: list[Any] = []

    def make() -> None:
        gate.wait()
        made.append(point(1, y=2))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [point(1)] * 8


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of the methods that the standard decorator makes."""
    sources: list[str] = []
    execute = builtins.exec

    def noted(source: str, *places: Any) -> None:
        sources.append(source)
        execute(source, *places)

    monkeypatch.setattr(builtins, "exec", noted)
    return sources


def test_nothing_is_compiled_until_there_is_more_than_a_few_to_hold(compiled: list[str]) -> None:
    point, named = make_classes(dataclass)
    values = [point(1), dataclasses.replace(point(x=1), names=["a"])]
    assert [(value.x, value.y, value.names) for value in values] == [(1, 2, []), (1, 2, ["a"])]
    assert not compiled
    assert named(1).name == "here"  # It has a base, and work to do with each instance.
    assert compiled


def test_many_instances_have_the_methods_made(point: Any, compiled: list[str]) -> None:
    values = [point(number, names=[]) for number in range(500)]
    assert compiled
    assert values == [point(number) for number in range(500)]


USES: dict[str, Callable[[Any, Any], object]] = {
    "hash": lambda _made, value: hash(value),
    "show": lambda _made, value: repr(value),
    "compare": lambda made, value: value == made(1) and value != made(2),
    "copy": lambda _made, value: copy.copy(value) == value,
    "deep copy": lambda _made, value: copy.deepcopy(value) == value,
    "match": lambda made, value: _matched(made, value),
    "fields": lambda made, _value: [each.name for each in dataclasses.fields(made)],
    "document": lambda made, value: (hash(value), made.__doc__),
    "subclass": lambda made, _value: repr(_heir_of(made)(1, 5)),
}


def _matched(made: Any, value: Any) -> object:
    match value:
        case made(x, y):
            return x, y
    return None


def _heir_of(made: Any) -> Any:
    class Heir(made):  # type: ignore[misc]
        pass

    return dataclasses.dataclass(frozen=True)(Heir)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_first_use_of_any_kind_is_as_the_original(use: Callable[[Any, Any], object]) -> None:
    """Each on a class of its own, of which there is one instance that was made without methods."""

    def pair(decorator: Callable[..., Any]) -> Any:
        @decorator(frozen=True, slots=True)
        class Pair:
            x: int
            y: tuple[int, ...] = dataclasses.field(default_factory=tuple)

        return Pair

    ours, theirs = pair(dataclass), pair(dataclasses.dataclass)
    assert use(ours, ours(1)) == use(theirs, theirs(1))


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 2}), ((1,), {"z": 2})]
)
def test_wrong_values_are_refused_in_the_original_s_words(
    values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    errors = []
    for decorator in (dataclass, dataclasses.dataclass):
        made = make_classes(decorator)[0]
        with pytest.raises(TypeError) as error:
            made(*values, **named)
        errors.append(str(error.value).rpartition(".")[2])
    assert errors[0] == errors[1]
