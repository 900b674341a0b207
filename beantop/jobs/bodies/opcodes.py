"""What Python's pickle wrote, as a list of opcodes. It is never loaded: that would run what it says."""

from beantop.jobs.bodies.lines import Malformed, Writer


def is_pickle(data: bytes) -> bool:
    """Whether it is a pickle of protocol 2 or later: older ones have no head to know them by."""
    if not (len(data) > 3 and data[0] == 0x80 and 2 <= data[1] <= 5 and data.endswith(b".")):
        return False
    try:
        pickle_lines(data)
    except Malformed:
        return False
    return True


def pickle_lines(data: bytes) -> list[str]:
    """One opcode a line, with what it says. Raises `Malformed`."""
    import pickletools  # 20 ms that few bodies need

    out = Writer()
    try:
        for opcode, argument, place in pickletools.genops(data):
            said = "" if argument is None else f" {_said(argument)}"
            out.add(0, f"{place or 0:>6}  {opcode.name}{said}")
            if out.is_full:
                break
    except Exception as error:  # noqa: BLE001  # it reads foreign bytes: there is no list of what it may raise
        raise Malformed(str(error)) from None
    return out.lines


def _said(argument: object) -> str:
    said = repr(argument[:2000] if isinstance(argument, str | bytes | bytearray) else argument)
    return said if len(said) < 2000 else said[:2000] + "…"
