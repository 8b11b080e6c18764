"""A class whose methods are made late behaves as the standard library's."""

from __future__ import annotations

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


def test_nothing_is_compiled_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[type] = []
    make = dataclasses._process_class  # type: ignore[attr-defined]

    def noted(cls: type, *rest: Any) -> Any:
        made.append(cls)
        return make(cls, *rest)

    monkeypatch.setattr(dataclasses, "_process_class", noted)
    point, named = make_classes(dataclass)
    assert not made
    point(1)
    assert len(made) == 1
    assert named(1).name == "here"
    assert len(made) == 2
