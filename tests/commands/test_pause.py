"""`beantop pause` and `beantop resume`."""

from pathlib import Path

import pytest

from beantop.exit_codes import INCOMPLETE, OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell
from tests.jobs.full_disk import little_room


def test_a_tube_is_paused_and_resumed(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with server.client(use=tube) as client:
        assert shell("pause", tube, "300", "--dry-run").code == OK
        assert client.stats_tube(tube)["pause"] == 0
        ran = shell("pause", tube, "5m")
        assert (ran.code, ran.said) == (OK, f"Paused tube {tube} for 5m0s.")
        assert client.stats_tube(tube)["pause"] == 300
        dry = shell("pause", tube, "1h", "--dry-run")
        assert (dry.code, client.stats_tube(tube)["pause"]) == (OK, 300)
        assert " paused  " in dry.out
        ran = shell("pause", tube, "1h")
        assert (ran.code, ran.said) == (OK, f"Paused tube {tube} for 1h 0m.")
        assert client.stats_tube(tube)["pause"] == 3600
        ran = shell("resume", tube, "--json")
        assert (ran.code, ran.tally["tubes"]) == (OK, {tube: "done"})
        assert client.stats_tube(tube)["pause-time-left"] == 0
        ran = shell("resume", tube)
        assert (ran.code, ran.said) == (OK, f"Tube {tube} is not paused now. Nothing was changed.")


def test_a_misspelled_tube_is_neither_paused_nor_created(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    assert shell("pause", tube, "300").code == USAGE
    assert shell("resume", tube).code == USAGE
    assert tube not in server.tubes()


@pytest.mark.parametrize(
    ("full", "sentence"),
    [
        ("log", "The log {}/log cannot be written: file too large."),
        ("actions.jsonl", "The log of actions cannot be written: file too large."),
    ],
)
def test_a_log_on_a_full_disk_is_told(
    server: Beanstalkd,
    tube: str,
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    full: str,
    sentence: str,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    directory = tmp_path / "beantop"
    directory.mkdir(mode=0o700, exist_ok=True)
    for name in ("log", "actions.jsonl"):
        (directory / name).write_text("-\n" * (5000 if name == full else 1))
    with server.client(use=tube), little_room(9_000):
        ran = shell("pause", tube, "1", "--log", str(directory / "log"))
    told = sentence.format(directory)
    assert (ran.code, ran.said) == (INCOMPLETE, f"Paused tube {tube} for 1s.\nbeantop: {told}")
