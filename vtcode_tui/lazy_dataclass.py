"""The standard library's ``dataclass``, whose methods are made when the first instance is.

The standard decorator writes and compiles eight methods for each class as its module is imported, a
third of a millisecond. A hundred classes are imported before the first screen is painted, which makes
instances of a third of them. Use it as the original, of which it gives a slotted class with the same
fields, methods and errors; ``fields``, ``replace`` and ``is_dataclass`` know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    import threading

    _making = threading.RLock()

    class _FieldsAtFirstUse:
        """Stands for the fields until someone asks for them, which makes the methods too."""

        def __init__(self, complete):
            self._complete = complete

        def __get__(self, instance, owner):
            self._complete()
            return owner.__dataclass_fields__

    def dataclass(*, slots, **options):
        """As the original, for classes with slots, whose annotations are text."""
        if not slots:
            raise ValueError("only for classes with slots")

        def decorate(cls):
            return _deferred(cls, options)

        return decorate

    def _deferred(cls, options):
        names = tuple(
            name
            for name, annotation in vars(cls).get("__annotations__", {}).items()
            if not annotation.startswith("ClassVar")
        )
        left_out = {*names, "__dict__", "__weakref__"}
        namespace = {name: value for name, value in vars(cls).items() if name not in left_out}
        lazy = type(cls)(cls.__name__, cls.__bases__, {**namespace, "__slots__": names})
        lazy.__qualname__ = cls.__qualname__

        def complete():
            with _making:
                if vars(lazy)["__init__"] is make_first:
                    _complete(lazy, dataclasses.dataclass(**options, slots=True)(cls), namespace)

        def make_first(self, *values, **named):
            complete()
            lazy.__init__(self, *values, **named)

        lazy.__init__ = make_first
        lazy.__dataclass_fields__ = _FieldsAtFirstUse(complete)
        return lazy

    def _complete(lazy, made, had):
        """Give ``lazy`` what the standard decorator has ``made``, and the two that lead here last."""
        added = {name: value for name, value in vars(made).items() if had.get(name) is not value}
        last = {name: added.pop(name) for name in ("__dataclass_fields__", "__init__")}
        for name in lazy.__slots__:
            added.pop(name, None)
        for name in ("__slots__", "__dict__", "__weakref__"):
            added.pop(name, None)
        for name, value in (added | last).items():
            setattr(lazy, name, value)
