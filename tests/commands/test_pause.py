"""`beantop pause` and `beantop resume`."""

from beantop.exit_codes import OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell


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
