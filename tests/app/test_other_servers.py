"""Servers that speak the protocol but are not a current beanstalkd."""

import pytest
from textual.pilot import Pilot

from tests.app.bad_days import STATS, TUBE, app_on, healthy
from tests.app.running import on_still
from tests.app.screen_text import settled, text_of, until_shown
from tests.monitor.peer import peer

pytestmark = pytest.mark.usefixtures("every_frame")

OTHERS = {
    "1.4, without most keys": (
        "version: 1.4\ncurrent-jobs-ready: 7\n",
        "name: emails\ncurrent-jobs-ready: 7\n",
        ["beanstalkd 1.4", "emails", "CONNS –"],
    ),
    "tuber": (
        STATS.replace("1.13", '"tuber 0.5"'),
        TUBE + "processing-time-ewma: 0.5\n",
        ["tuber 0.5", "emails"],
    ),
    "beanstalkd-pi": (
        STATS.replace("1.13", '"beanstalkd-pi 0.1"') + "current-state: whatever\n",
        TUBE + "something-of-its-own: [1, 2]\n",
        ["beanstalkd-pi 0.1", "emails"],
    ),
    "nothing at all": ("---\n", "---\n", ["emails", "READY –"]),
    "words where numbers should be": (
        "version: [1]\nuptime: soon\ncurrent-jobs-ready: many\n",
        "name: emails\ncurrent-jobs-ready: many\npause: -\n",
        ["emails"],
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_other_implementations_are_shown_as_far_as_they_tell(other: str) -> None:
    stats, tube, words = OTHERS[other]
    with peer(healthy(stats, tube)) as server:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, *words)
            await pilot.press("enter")
            await until_shown(pilot, "› emails")
            await pilot.press("escape", "0")
            await until_shown(pilot, "── Server ──")

        on_still(app_on(server.address), story)


SHOWN = "␛]52;c;aG"
"""A prefix of the text that fits on the screen."""

HOSTILE = "\x1b]52;c;aGFjaw==\x07\x1b[31m\x9b2J[/x][b=c]\u202e\ufeff"


@pytest.mark.long
def test_a_server_that_lies_puts_nothing_raw_on_the_terminal_and_ends_nothing() -> None:
    quoted = HOSTILE.replace("\\", "\\\\")
    stats = (
        f'id: "{quoted}"\nversion: "{quoted}"\nhostname: "{quoted}"\nos: "{quoted}"\n{quoted}: 1\n'
    )
    stats += "uptime: -5\ncurrent-jobs-ready: 99999999999999999999999\nrusage-utime: nan\n"
    stats += "draining: perhaps\ncurrent-connections: -1\nrusage-stime: inf\n"
    tube = f"{quoted}: 1\ncurrent-jobs-ready: -7\npause-time-left: 99999999999999999\n"

    def answer(line: str) -> bytes:
        if line == "list-tubes":
            names = [HOSTILE, "emails", "emails", "", "a" * 5_000, "- - -", "💥"]
            return body_of("---\n" + "".join(f"- {name}\n" for name in names))
        return body_of(stats if line == "stats" else tube)

    def body_of(text: str) -> bytes:
        data = text.encode()
        return b"OK %d\r\n%b\r\n" % (len(data), data)

    with peer(answer) as liar, peer(healthy()) as well:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, SHOWN, "emails")
            for keys in (["enter"], ["escape"], ["0"], ["G", "enter"], ["m"], ["escape"], ["0"]):
                await pilot.press(*keys)
                await settled(pilot)
                assert_clean(text_of(pilot.app.screen))
            for size in ((80, 24), (40, 8), (20, 4), (200, 60)):
                await pilot.resize_terminal(*size)
                await settled(pilot)
                assert_clean(text_of(pilot.app.screen))

        on_still(app_on(liar.address, well.address), story)


def assert_clean(text: str) -> None:
    bad = [char for char in text if char != "\n" and (ord(char) < 32 or 127 <= ord(char) < 160)]
    assert not bad
    assert not {"\u202e", "\ufeff"} & set(text)
