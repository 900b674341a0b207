"""The signals that end the program, and its end by one of them."""

import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heard() -> list[signal.Signals]:
    """Those of them that whoever started the program wants it to hear: `nohup` does not."""
    return [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]


def end_orderly(number: int, frame: object) -> None:
    """End as an error does, so that what is open is closed: to be set as a handler."""
    raise SystemExit(128 + number)
