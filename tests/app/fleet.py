"""A fleet for tests: three servers that stand still, two of which answer."""

from collections.abc import Sequence
from dataclasses import replace

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.beanstalk import Address
from beantop.config import ServerConfig, Settings
from beantop.monitor.poller import Link
from tests.app import stills

KNOWN = [
    ServerConfig(("10.0.0.5", 11300), "prod-queue-1", "red", production=True),
    ServerConfig(("10.0.0.6", 11300), "prod-queue-2", readonly=True),
    ServerConfig(("dr-queue-1", 11300)),
]


def fleet(
    *,
    writes: bool = False,
    settings: Settings | None = None,
    addresses: Sequence[Address | None] = (None, None, None),
) -> BeantopApp:
    """The program on all of them; actions go to these addresses instead of theirs."""
    one = stills.watched()
    gone = Link("down", stills.NOW - 134, "connection refused", 6, stills.NOW + 9)
    third = replace(stills.disconnected(), address=KNOWN[2].address, link=gone)
    stands = [replace(one, address=KNOWN[0].address), replace(one, address=KNOWN[1].address), third]
    return BeantopApp(
        [stills.Still(stand, address) for stand, address in zip(stands, addresses, strict=True)],
        Options(settings or Settings(), writes=writes),
        known=KNOWN,
        on_all=True,
        now=lambda: stills.NOW,
        wall=lambda: stills.WALL,
    )
