"""`beantop --record`: the dashboard, which records what it polls."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.run import start_app
from beantop.app.session.options import Options
from beantop.cli import main
from beantop.config import ServerConfig
from beantop.exit_codes import USAGE
from beantop.report.recorded import MAX_SIZE, RecordedPoller, SideRecorder, open_recorder
from tests.app.running import on_still, until_toasted
from tests.app.screen_text import until_shown
from tests.beanstalkd import Beanstalkd
from tests.monitor.recorded import read


def app(server: Beanstalkd, path: Path, max_size: int) -> BeantopApp:
    servers = [ServerConfig(server.address)]
    recorder = SideRecorder(str(path), open_recorder(str(path), servers, 0.5, max_size))
    poller = RecordedPoller(server.address, 0.5)
    poller.note = lambda status: recorder.note(1, status)
    return start_app([poller], Options(recorder=recorder), servers=servers)


def test_what_the_screen_shows_is_recorded(server: Beanstalkd, tube: str, tmp_path: Path) -> None:
    path = tmp_path / "screen.rec"

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, tube)

    with server.client(use=tube):
        on_still(app(server, path, MAX_SIZE), story)
    *_, last = read(path).entries()
    assert tube in last.status.snapshot.tubes


@pytest.mark.long
def test_a_recording_that_is_full_is_told_and_the_dashboard_goes_on(
    server: Beanstalkd, tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_toasted(pilot, "has ended: it has reached its maximum size.")
        await until_shown(pilot, "default")

    on_still(app(server, tmp_path / "full.rec", 1200), story)


def test_a_file_that_is_no_recording_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.dashboard.no_terminal", lambda: "")
    assert main(["--record", __file__, "127.0.0.1"]) == USAGE
    assert "this is not a recording of beantop" in capsys.readouterr().err
