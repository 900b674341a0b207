"""Python pickles as a list of opcodes. They are never loaded, since that would execute them."""

import re
from contextlib import suppress
from itertools import islice

from beantop.jobs.bodies.lines import Malformed, Writer

_FIRST_OPCODES = 12
"""Opcodes that are read to find a name."""

_OPENING_OPCODES = {"PROTO", "FRAME", "MARK", "MEMOIZE", "BINPUT", "LONG_BINPUT"}
_FRAMED = re.compile(rb"\x80[\x04\x05]\x95.{5}\0\0\0", re.DOTALL)
_FUNCTION = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_NOT_TELLING = ("builtins.", "__builtin__.", "copyreg.", "copy_reg.", "collections.", "datetime.")


def is_pickle(data: bytes) -> bool:
    """Return whether the data is a pickle of protocol 2 or later; older ones have no header."""
    if not (len(data) > 3 and data[0] == 0x80 and 2 <= data[1] <= 5 and data.endswith(b".")):
        return False
    try:
        pickle_lines(data)
    except Malformed:
        return False
    return True


def pickle_lines(data: bytes) -> list[str]:
    """Return one opcode per line, with its argument. Raises `Malformed`."""
    out = Writer()
    _write(data, out)
    return out.lines


def cut_pickle_lines(data: bytes) -> list[str]:
    """Return the opcodes of a pickle of protocol 4 or later whose end is missing, as far as they go;
    none if it is something else."""
    if not _FRAMED.match(data):
        return []
    out = Writer()
    with suppress(Malformed):
        _write(data, out)
    return out.lines if len(out.lines) > 2 else []


def _write(data: bytes, out: Writer) -> None:
    import pickletools  # imported on demand: it takes 20 ms, and few bodies need it

    try:
        for opcode, argument, place in pickletools.genops(data):
            text = "" if argument is None else f" {_argument_text(argument)}"
            out.add(0, f"{place or 0:>6}  {opcode.name}{text}")
            if out.is_full:
                break
    except Exception as error:  # noqa: BLE001  # its errors for foreign bytes are not documented
        raise Malformed(str(error)) from None


def _argument_text(argument: object) -> str:
    text = repr(argument[:2000] if isinstance(argument, str | bytes | bytearray) else argument)
    return text if len(text) < 2000 else text[:2000] + "…"


def pickled_name(data: bytes) -> str:
    """Return the function or class that a pickle begins with, as rq's jobs do; "" if it does not.

    >>> import pickle
    >>> pickled_name(pickle.dumps(("shop.tasks.resize", None, (7,), {})))
    'shop.tasks.resize'
    """
    if not (len(data) > 3 and data[0] == 0x80 and 2 <= data[1] <= 5):
        return ""
    import pickletools

    strings: list[str] = []
    try:
        for opcode, argument, _ in islice(pickletools.genops(data), _FIRST_OPCODES):
            if opcode.name in ("GLOBAL", "STACK_GLOBAL"):
                strings = [".".join(strings[-2:] or str(argument).split(" "))]
            elif opcode.name in _OPENING_OPCODES:
                continue
            elif isinstance(argument, str):
                strings.append(argument)
                continue
            break
    except Exception:  # noqa: BLE001  # its errors for foreign bytes are not documented
        return ""
    name = strings[0] if strings else ""
    return name if _FUNCTION.fullmatch(name) and not name.startswith(_NOT_TELLING) else ""
