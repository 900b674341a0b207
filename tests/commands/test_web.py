"""`beantop web`: its pages, over HTTP and a web socket. `test_web_in_chromium` uses a browser."""

import asyncio
import json
import os
from http.client import HTTPConnection

import aiohttp
import pyte
import pytest

from beantop.app.browser import Website
from beantop.app.terminal import terminal_is_gone
from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.pages import website

PATIENCE = 30.0


@pytest.fixture
def site() -> Website:
    return Website(["true"], "127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("host", "origin", "is_refused"),
    [
        ("127.0.0.1:8000", None, False),
        ("localhost:8000", "http://localhost:8000", False),
        ("[::1]:8000", "http://[::1]:8000", False),
        ("127.0.0.1:8000", "http://example.org", True),
        ("127.0.0.1:8000", "http://127.0.0.1:9000", True),
        ("127.0.0.1:8000", "null", True),
        ("example.org:8000", "http://example.org:8000", True),
    ],
)
def test_only_pages_of_its_own_may_ask(
    site: Website, host: str, origin: str | None, is_refused: bool
) -> None:
    """The last one is a name that somebody made resolve to this machine."""
    assert bool(site.why_refused(host, origin)) == is_refused


@pytest.mark.long
def test_a_page_is_a_beantop_that_changes_nothing(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client, website(format_address(server.address)) as address:
        client.put("hello")
        assert status_of(address, {"Origin": "http://example.org"}) == 403
        assert status_of(address, {"Host": "example.org"}) == 403
        for size in ("width=999999999&height=36", "width=80&height=501", "width=x", "height=0"):
            assert status_of(address, {}, size) == 400
        asyncio.run(_open_the_tube(address, tube))
        assert client.stats_tube(tube)["current-jobs-ready"] == 1


@pytest.mark.long
def test_a_page_loads_nothing_from_elsewhere(server: Beanstalkd) -> None:
    with website(format_address(server.address)) as address:
        host, port = address.split(":")
        connection = HTTPConnection(host, int(port))
        connection.request("GET", "/")
        answer = connection.getresponse()
        allowed = answer.headers["Content-Security-Policy"]
        connection.close()
    assert "default-src 'self'" in allowed
    assert "http" not in allowed
    assert "*" not in allowed


def status_of(address: str, headers: dict[str, str], query: str = "") -> int:
    host, port = address.split(":")
    connection = HTTPConnection(host, int(port))
    connection.request("GET", f"/ws?{query}", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


async def _open_the_tube(address: str, tube: str) -> None:
    screen = pyte.Screen(120, 36)
    stream = pyte.ByteStream(screen)
    url = f"ws://{address}/ws?width=120&height=36"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as page:

        async def until(words: str) -> None:
            async with asyncio.timeout(PATIENCE):
                while not any(words in line for line in screen.display):
                    message = await page.receive()
                    assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)
                    if message.type == aiohttp.WSMsgType.BINARY:
                        stream.feed(message.data)

        async def press(keys: str) -> None:
            await page.send_str(json.dumps(["stdin", keys]))

        await until(tube)
        await press(f"/{tube}\r")
        await until("1 of ")
        await press("\r")
        await until(f"› {tube}")
        await press("D")
        await until("Read-only")
        largest, odd = {"width": 10**9, "height": 10**9}, {"width": 1.5, "height": -5}
        for size in (largest, odd, {"width": "a", "height": None}, {"width": 120, "height": 36}):
            await page.send_str(json.dumps(["resize", size]))
        screen.reset()
        await until(f"› {tube}")


def test_a_program_whose_web_server_is_gone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    keyboard = os.dup(0)
    os.dup2(reader, 0)
    try:
        monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
        assert not terminal_is_gone()
        os.close(writer)
        assert terminal_is_gone()
    finally:
        os.dup2(keyboard, 0)
        os.close(keyboard)
        os.close(reader)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back the environment, in which the command tells the dashboard of the browser."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--listen", "8000x"], "is not an address such as 127.0.0.1:8000"),
        (["--demo", "queue-1"], "--demo shows made-up servers, so it takes no address"),
    ],
)
def test_what_cannot_be_served_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["web", *arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    assert (code, sentence in capsys.readouterr().err) == (USAGE, True)


def test_a_port_that_is_taken_is_named(
    server: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    address = format_address(server.address)
    assert main(["web", "--listen", address]) == USAGE
    assert f"cannot listen on {address}: " in capsys.readouterr().err
