"""`beantop web` in a real browser."""

import asyncio
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.commands.chromium import chromium, page_of
from tests.commands.pages import website

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_browser_opens_a_tube_and_is_refused_a_capital(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    async def visit(tools: str, address: str) -> None:
        async with page_of(tools) as page:
            await page.open(f"http://{address}/")
            await page.until(tube)
            await page.press(f"/{tube}\r")
            await page.until("1 of ")
            await page.press("\r")
            await page.until(f"› {tube}")
            await page.press("D")
            await page.until("Read-only")

    with (
        server.client(use=tube) as client,
        website(format_address(server.address)) as address,
        chromium(tmp_path / "profile") as tools,
    ):
        client.put("hello")
        asyncio.run(visit(tools, address))
        assert client.stats_tube(tube)["current-jobs-ready"] == 1
