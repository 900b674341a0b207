"""Python pickles as a list of opcodes. They are never loaded, since that would execute them."""

from beantop.jobs.bodies.lines import Malformed, Writer


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
    import pickletools  # imported on demand: it takes 20 ms, and few bodies need it

    out = Writer()
    try:
        for opcode, argument, place in pickletools.genops(data):
            text = "" if argument is None else f" {_argument_text(argument)}"
            out.add(0, f"{place or 0:>6}  {opcode.name}{text}")
            if out.is_full:
                break
    except Exception as error:  # noqa: BLE001  # its errors for foreign bytes are not documented
        raise Malformed(str(error)) from None
    return out.lines


def _argument_text(argument: object) -> str:
    text = repr(argument[:2000] if isinstance(argument, str | bytes | bytearray) else argument)
    return text if len(text) < 2000 else text[:2000] + "…"
