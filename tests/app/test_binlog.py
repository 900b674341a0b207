"""`b` on the screen of a server with a binlog."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.beanstalk import ConnectionLostError
from beantop.jobs.scan import Scan
from tests.app.running import on_server, severity_of_last
from tests.app.screen_text import until_shown
from tests.beanstalkd import Beanstalkd


@pytest.mark.long
def test_the_jobs_that_hold_the_oldest_file_are_told(tmp_path: Path) -> None:
    server = Beanstalkd("-b", str(tmp_path), "-s", "4096")
    try:
        with server.client(use="old-one") as client:
            holder = client.put("the first")
            client.use("later")
            for _ in range(40):
                last = client.put("x" * 1000, delay=1000)
            assert client.stats_job(holder)["file"] < client.stats_job(last)["file"]

            async def story(pilot: Pilot[None]) -> None:
                await until_shown(pilot, "old-one")
                await pilot.press("0")
                await until_shown(pilot, "── Server ──")
                await pilot.press("b")
                oldest = client.stats()["binlog-oldest-index"]
                screen = await until_shown(pilot, f"in file {oldest}, the oldest", "old-one")
                assert f"{holder}  ready" in screen
                assert f"{last}  delayed" not in screen

            on_server(server, story)
    finally:
        server.stop()


@pytest.mark.parametrize("readonly", [False, True])
def test_without_a_binlog_it_says_so(server: Beanstalkd, readonly: bool) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press("0")
        await until_shown(pilot, "── Server ──")
        await pilot.press("b")
        await until_shown(pilot, "This server writes no binlog.")

    on_server(server, story, readonly=readonly)


@pytest.mark.long
def test_a_walk_that_fails_speaks_of_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(scan: Scan, most: int) -> None:
        raise ConnectionLostError("the server closed the connection")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press("0")
        await until_shown(pilot, "── Server ──")
        await pilot.press("b")
        await until_shown(pilot, "The jobs in the binlog are unknown: the server closed")
        assert severity_of_last(pilot) == "warning"

    monkeypatch.setattr(Scan, "run", fails)
    server = Beanstalkd("-b", str(tmp_path))
    try:
        on_server(server, story)
    finally:
        server.stop()
