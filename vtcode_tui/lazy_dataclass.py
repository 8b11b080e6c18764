"""A ``dataclass`` decorator that generates a class's methods on first use, not on import.

The standard decorator compiles up to eight methods for each class while its module is imported: 0.6 ms
a class on a small machine with Python 3.11. The first screen imports 36 such classes and the whole
program 156, most of which make no instance or one. Deferring takes 22 ms from the start before the
first paint and 80 ms from the imports after it.

The first instances of a frozen class are filled in without any generated code. Many instances, or any
other use of a generated method, run the standard decorator. The class then has the same fields,
methods and errors as a slotted standard one; ``fields``, ``replace`` and ``is_dataclass`` work on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    import threading

    _making = threading.RLock()
    _OF_VALUES = ("__eq__", "__hash__", "__repr__", "__getstate__", "__setstate__")
    _OF_FROZEN = frozenset((*_OF_VALUES, "__setattr__", "__delattr__"))
    """What the original makes for a frozen class with slots, next to ``__init__``."""
    _FEW = 100
    """So many instances without a compiled ``__init__`` cost as much as compiling all methods."""

    class _AtFirstUse:
        """A class attribute that is computed when it is first read."""

        def __init__(self, make):
            self._make = make

        def __get__(self, instance, owner):
            return self._make()

    def dataclass(*, slots, **options):
        """Like the standard decorator, with ``slots=True`` required.

        ClassVars are recognised by annotations that are strings, so the module needs
        ``from __future__ import annotations``.
        """
        if not slots:
            raise ValueError("only for classes with slots")

        def decorate(cls):
            return _deferred(cls, options)

        return decorate

    def _deferred(cls, options):
        names = tuple(
            name
            for name, annotation in vars(cls).get("__annotations__", {}).items()
            if not (isinstance(annotation, str) and annotation.startswith("ClassVar"))
        )
        left_out = {*names, "__dict__", "__weakref__"}
        namespace = {name: value for name, value in vars(cls).items() if name not in left_out}
        lazy = type(cls)(cls.__name__, cls.__bases__, {**namespace, "__slots__": names})
        lazy.__qualname__ = cls.__qualname__
        found = {}

        def fields():
            with _making:
                if not found:
                    found.update(_fields_of(cls))
            return found

        def complete():
            with _making:
                if vars(lazy)["__init__"] is make_first:
                    if make_one is not None:
                        fields()  # The original changes what they are found in.
                    _complete(lazy, dataclasses.dataclass(**options, slots=True)(cls), namespace)

        def completed(name):
            complete()
            return vars(lazy)[name]

        make_one = _maker_of_few(names, fields) if _is_simple(cls, options) else None

        def make_first(self, *values, **named):
            if make_one is None or not make_one(self, values, named):
                complete()
                lazy.__init__(self, *values, **named)

        lazy.__init__ = make_first
        lazy.__dataclass_params__ = _AtFirstUse(lambda: completed("__dataclass_params__"))
        if make_one is None:
            lazy.__dataclass_fields__ = _AtFirstUse(lambda: completed("__dataclass_fields__"))
        else:
            lazy.__dataclass_fields__ = _AtFirstUse(fields)
            lazy.__match_args__ = names
            for name in _OF_FROZEN:
                setattr(lazy, name, _at_first_call(completed, name))
        return lazy

    def _is_simple(cls, options):
        """Whether ``__init__`` only stores its arguments, so that ``make_one`` can replace it."""
        if options != {"frozen": True} or cls.__bases__ != (object,):
            return False
        own = vars(cls)
        fields = [value for value in own.values() if isinstance(value, dataclasses.Field)]
        is_in_order = all(field.init and field.kw_only is not True for field in fields)
        return is_in_order and not {"__post_init__", *_OF_FROZEN} & own.keys()

    def _at_first_call(completed, name):
        def method(self, *values):
            return completed(name)(self, *values)

        method.__name__ = name
        return method

    def _fields_of(cls):
        """The ``__dataclass_fields__`` of ``cls``, without generating methods."""
        own = {name: value for name, value in vars(cls).items() if name != "__dict__"}
        own.pop("__weakref__", None)
        stand_in = type(cls)(cls.__name__, cls.__bases__, {**own, "__doc__": "has one"})
        make_none = dataclasses.dataclass(init=False, repr=False, eq=False)
        return make_none(stand_in).__dataclass_fields__

    def _maker_of_few(names, find_fields):
        """A stand-in for the generated ``__init__``. It returns False, with nothing set, after
        ``_FEW`` instances and for wrong arguments, which the generated one reports."""
        left = _FEW

        def make_one(instance, values, named):
            nonlocal left
            left -= 1
            held = dict(zip(names, values, strict=False))
            if left < 0 or len(values) > len(names) or held.keys() & named.keys():
                return False
            held |= named
            fields = find_fields()
            for name in names:
                if name in held:
                    continue
                if fields[name].default is not dataclasses.MISSING:
                    held[name] = fields[name].default
                elif fields[name].default_factory is not dataclasses.MISSING:
                    held[name] = fields[name].default_factory()
                else:
                    return False
            if len(held) > len(names):
                return False
            for name, value in held.items():
                object.__setattr__(instance, name, value)
            return True

        return make_one

    def _complete(lazy, made, had):
        """Copy what the standard decorator generated from ``made`` to ``lazy``.

        ``__init__`` and ``__dataclass_fields__`` come last: another thread that still finds the
        deferred ones waits for this to end.
        """
        added = {name: value for name, value in vars(made).items() if had.get(name) is not value}
        last = {name: added.pop(name) for name in ("__dataclass_fields__", "__init__")}
        for name in lazy.__slots__:
            added.pop(name, None)
        for name in ("__slots__", "__dict__", "__weakref__"):
            added.pop(name, None)
        for name, value in (added | last).items():
            setattr(lazy, name, value)
