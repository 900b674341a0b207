"""Asking a terminal for its background: the answer, no answer, and its modes afterwards."""

import os
import pty
import termios
from collections.abc import Iterator

import pytest

from beantop.app.terminal import background_asked


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """The outer side of a terminal, and the program's."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("SSH_TTY", raising=False)
    outside, inside = pty.openpty()
    yield outside, inside
    os.close(outside)
    os.close(inside)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"\x1b]11;rgb:1414/1717/1c1c\x1b\\\x1b[?62;c", True),
        (b"\x1b]11;rgb:fb/fb/fa\x07\x1b[?1;2c", False),
        (b"\x1b[?62;c", None),
        (b"qqq", None),
        (b"", None),
    ],
)
def test_the_answer_and_the_modes(
    terminal: tuple[int, int], said: bytes, expected: bool | None
) -> None:
    outside, inside = terminal
    before = termios.tcgetattr(inside)
    with background_asked(inside, inside) as is_dark:
        assert os.read(outside, 100).startswith(b"\x1b]11;?")
        os.write(outside, said)
        assert is_dark() is expected
    assert termios.tcgetattr(inside) == before
