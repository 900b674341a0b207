"""The three servers of the demo over time."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable

import pytest

from beantop.app import demo as app_demo
from beantop.app.session.options import Options
from beantop.beanstalk import Address
from beantop.demo import demo as demo_module
from beantop.demo.demo import Demo
from tests.beanstalkd import PATIENCE


@pytest.mark.long
def test_a_port_that_is_taken_meanwhile_keeps_the_last_server_away_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demo_module, "AWAY_EVERY", 0.05)
    monkeypatch.setattr(demo_module, "AWAY_FOR", 0.05)

    async def story() -> None:
        demo = Demo(0)
        address = (await demo.listen())[-1]
        going_on = asyncio.create_task(demo.carry_on())
        with socket.socket() as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            await _until(lambda: _takes(thief, address))
            await asyncio.sleep(0.2)
            assert not going_on.done()
        monkeypatch.setattr(demo_module, "AWAY_EVERY", 60.0)
        await _until(lambda: _is_there(address))
        going_on.cancel()
        await asyncio.gather(going_on, return_exceptions=True)
        demo.close()

    asyncio.run(story())


def test_ctrl_c_before_there_is_a_screen_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(demo: Demo, epoch: float) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(PATIENCE)

    monkeypatch.setattr(app_demo, "remember", interrupted)
    assert app_demo.run_demo(Options(), None) == 128 + signal.SIGINT


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


def _takes(thief: socket.socket, address: Address) -> bool:
    try:
        thief.bind(address)
        thief.listen()
    except OSError:
        return False
    return True


def _is_there(address: Address) -> bool:
    with socket.socket() as client:
        return client.connect_ex(address) == 0
