"""Very many firing alerts."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from beantop.app.run import start_app
from beantop.app.session.alarms import Alarms
from beantop.app.session.options import Options
from beantop.config import parse_settings
from beantop.monitor.alerts import AlertRule
from beantop.monitor.poller import ServerStatus
from beantop.monitor.rules import parse_rule
from beantop.monitor.snapshot import Tube
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until_shown

MANY = 5_000

BURIED = AlertRule(parse_rule("buried > 0"), "*")


def much_is_buried(at: float, many: int, port: int) -> ServerStatus:
    """A server with so many tubes, each with a buried job."""
    one = stills.watched()
    tubes = {name: Tube(name, at, buried=1) for name in map(str, range(many))}
    snapshot = one.snapshot._replace(taken_at=at, tubes=tubes)
    return replace(one, address=("queue", port), snapshot=snapshot)


def test_the_newest_of_all_servers_are_told_and_the_others_counted() -> None:
    alarms = Alarms([BURIED])
    for at, port in ((3.0, 1), (5.0, 2), (4.0, 3)):
        alarms.evaluate(much_is_buried(at, 2, port))
    assert alarms.count == 6
    assert [(one.server, one.alert.tube) for one in alarms.newest(3)] == [
        ("queue:2", "0"),
        ("queue:2", "1"),
        ("queue:3", "0"),
    ]
    assert alarms.tubes_of(("queue", 1)) == {"0", "1"}


@pytest.mark.long
def test_a_list_of_very_many_is_cut_and_says_so() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "5,000 ALERTS")
        await pilot.press("x")
        await until_shown(pilot, "What is wrong now")
        await pilot.press("end")
        await until_shown(pilot, "and 4,80", " more")  # beside the alerts a sign or two

    settings = parse_settings('[[alert]]\ntubes = "*"\nwhen = "buried > 0"\n', "c.toml")
    still = stills.Still(much_is_buried(stills.NOW, MANY, 1))
    on_still(start_app([still], Options(settings)), story)
