"""JSON -> the dataclass that it is said to be, every value held against its annotation.

Knows types alone. A key that the type doesn't have is left out (`unknown` keeps it), one that is missing has the type's
default, else it is unknown (None) where it may be; the fields of a part stand among those of its owner.
"""

import dataclasses
import functools
import types
import typing
from typing import Any

from sleepjerk.parts import Part

_PLAIN: dict[Any, set[type]] = {
    str: {str},
    bool: {bool},
    int: {int},
    float: {float, int},
    type(None): {type(None)},
}


def typed(kind: Any, value: Any) -> Any:
    """A value of plain JSON as a type.

    Parameters
    ----------
    kind
        A dataclass, tuple, dict, union, number, text or Any.
    value
        Dicts, lists, numbers, texts, None.

    Raises
    ------
    TypeError
        It is none, or something is missing that has no default.
    """
    if kind is Any or type(value) in _plain(kind):
        return value
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return _one_of(arguments, value)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = _hints(typing.cast(Any, kind))
        known = {name: typed(hints[name], item) for name, item in value.items() if name in hints}
        parts = [name for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Part)]
        known |= {name: typed(hints[name], value) for name in parts}
        for name in _needed(typing.cast(Any, kind)):
            if name not in known:
                known[name] = (
                    typed(hints[name], None) if type(None) in _plain(hints[name]) else _lacking(name)
                )
        return kind(**known)  # type: ignore[operator]
    if typing.get_origin(kind) is dict and isinstance(value, dict):
        return {key: typed(arguments[1], item) for key, item in value.items()}
    if typing.get_origin(kind) is tuple and isinstance(value, list):
        if _plain(arguments[0]).issuperset(map(type, value)) and arguments[-1] is Ellipsis:
            return tuple(value)  # a wave has thousands of numbers: one look at them all is quicker
        if arguments[-1] is Ellipsis:
            return tuple(typed(arguments[0], item) for item in value)
        if len(arguments) == len(value):
            return tuple(map(typed, arguments, value))
    shown = str(value)[:40]  # plain: signs of a value in a message
    raise TypeError(f"{shown!r} is no {getattr(kind, '__name__', kind)}")


def _lacking(name: str) -> Any:
    raise TypeError(f"there is no {name}")


@functools.cache
def _needed(kind: Any) -> tuple[str, ...]:
    """The fields that have no default."""
    none = dataclasses.MISSING
    return tuple(
        item.name
        for item in dataclasses.fields(kind)
        if item.default is none and item.default_factory is none
    )


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """The first that it can be; where only one and None are meant, what is wrong with that one is said."""
    real = [kind for kind in kinds if kind is not type(None)]
    for kind in real[:-1]:
        try:
            return typed(kind, value)
        except TypeError:
            continue
    return typed(real[-1], value)


@functools.cache
def _plain(kind: Any) -> frozenset[type]:
    """Types whose values need no further look."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return frozenset[type]().union(*map(_plain, typing.get_args(kind)))
    return frozenset(_PLAIN.get(kind, ()))


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
