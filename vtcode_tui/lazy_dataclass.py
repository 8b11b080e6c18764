"""The standard library's ``dataclass``, whose methods are made when they are needed.

The standard decorator writes and compiles eight methods for each class as its module is imported, a
third of a millisecond. A hundred classes are imported at the start, which makes instances of a third of
them, mostly one. So the first instances of a frozen class are made without
anything compiled; any other use of what the decorator makes, and many instances, have it make all. Use
it as the original, of which it gives a slotted class with the same fields, methods and errors;
``fields``, ``replace`` and ``is_dataclass`` know it.
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
    """To make so many instances without a compiled ``__init__`` costs as much as to compile all."""

    class _AtFirstUse:
        """Stands for an attribute of a class until someone asks for it, which has it made."""

        def __init__(self, make):
            self._make = make

        def __get__(self, instance, owner):
            return self._make()

    def dataclass(*, slots, **options):
        """As the original, for classes with slots. A ClassVar has to be declared as text."""
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
        """Whether its instances hold what they are given, in the order of its fields, and no more."""
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
        """As the original finds them, with no method made."""
        own = {name: value for name, value in vars(cls).items() if name != "__dict__"}
        own.pop("__weakref__", None)
        stand_in = type(cls)(cls.__name__, cls.__bases__, {**own, "__doc__": "has one"})
        make_none = dataclasses.dataclass(init=False, repr=False, eq=False)
        return make_none(stand_in).__dataclass_fields__

    def _maker_of_few(names, find_fields):
        """A function that gives an instance its values, and returns whether it has: not when there
        were many, nor when the values are wrong, of which the original knows what to say."""
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
        """Give ``lazy`` what the standard decorator has ``made``, and the two that lead here last."""
        added = {name: value for name, value in vars(made).items() if had.get(name) is not value}
        last = {name: added.pop(name) for name in ("__dataclass_fields__", "__init__")}
        for name in lazy.__slots__:
            added.pop(name, None)
        for name in ("__slots__", "__dict__", "__weakref__"):
            added.pop(name, None)
        for name, value in (added | last).items():
            setattr(lazy, name, value)
