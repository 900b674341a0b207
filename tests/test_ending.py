"""Helpers for ending the program."""

import os
import signal
import subprocess
import sys

import pytest

from beantop.ending import code_of_signal, ended_by, last_resort


def wrapped(error: BaseException) -> BaseException:
    """The error as Python wraps it where it comes while a class is being made."""
    outer = RuntimeError("Error calling __set_name__")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (wrapped(KeyboardInterrupt()), 130),
        (wrapped(SystemExit(143)), 143),
        (SystemExit(2), None),
        (SystemExit("why"), None),
        (wrapped(ValueError()), None),
    ],
)
def test_a_signal_is_found_behind_an_error(error: BaseException, code: int | None) -> None:
    assert code_of_signal(error) == code


def test_a_signal_calls_what_ends_this_part_of_the_program_and_only_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(last_resort, "is_ending", False)
    codes: list[int] = []
    before = signal.getsignal(signal.SIGHUP)
    with ended_by(codes.append):
        os.kill(os.getpid(), signal.SIGHUP)
    assert codes == [129]
    assert signal.getsignal(signal.SIGHUP) == before


def test_a_signal_that_had_no_effect_before_has_it_now(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(last_resort, "code", 143)
    with ended_by(codes.append):
        assert codes == [143]


IN_A_CALLBACK = """
import signal, time, weakref
from beantop.ending import last_resort

class Thing:
    pass

def callback(_):
    print("here", flush=True)
    time.sleep(30)

last_resort.listen()
thing = Thing()
kept = weakref.ref(thing, callback)
del thing
time.sleep(30)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_a_callback_whose_errors_are_ignored_ends_quietly(
    number: signal.Signals,
) -> None:
    """As in the import of a module, which has such callbacks."""
    with subprocess.Popen(
        [sys.executable, "-c", IN_A_CALLBACK], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == b"here\n"
        program.send_signal(number)
        _, errors = program.communicate()
    assert b"ignored" not in errors
    assert program.returncode in (128 + number, -number)


IN_THE_END = """
import os, signal
from beantop.ending import last_resort

last_resort.listen()
try:
    os.kill(os.getpid(), {number})
finally:
    os.kill(os.getpid(), {number})
    print("closed", flush=True)
"""

AFTER_THE_LAST_BATCH = """
import os, signal, sys
from beantop.ending import ended_by, last_resort

last_resort.listen()
codes = []
with ended_by(codes.append):
    os.kill(os.getpid(), {number})
os.kill(os.getpid(), {number})
print("closed", flush=True)
sys.exit(codes[0])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("script", [IN_THE_END, AFTER_THE_LAST_BATCH], ids=["end", "batch"])
def test_a_signal_that_comes_twice_does_not_disturb_the_end(
    script: str, number: signal.Signals
) -> None:
    """As `timeout` sends it, to the process and to its group."""
    command = [sys.executable, "-c", script.format(number=int(number))]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"closed\n", b"")


@pytest.mark.long
def test_a_program_that_hangs_in_its_end_is_ended_by_force() -> None:
    script = IN_THE_END.format(number=int(signal.SIGTERM)) + "    signal.pause()\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, b"closed\n")
