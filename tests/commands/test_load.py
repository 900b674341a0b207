"""What commands ask of a server with many tubes: no more than they need."""

from collections.abc import Iterator

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import OK
from tests.beanstalkd import Beanstalkd

TUBES = 30


@pytest.fixture
def many(own_server: Beanstalkd) -> Iterator[Beanstalkd]:
    """A server with a buried job in each of many tubes."""
    with own_server.client() as client:
        for number in range(TUBES):
            client.use(f"tube-{number}")
            client.put("")
            client.watch(f"tube-{number}")
            client.bury(client.reserve())
        yield own_server


def polls_of(server: Beanstalkd) -> int:
    with server.client() as client:
        return int(client.stats()["cmd-stats-tube"])


@pytest.mark.parametrize(
    "command",
    [
        ["server"],
        ["server", "--json"],
        ["check", "tube-7: buried > 100"],
        ["kick", "tube-7", "--count", "1"],
        ["kick", "tube-7", "--state", "buried"],
        ["pause", "tube-7", "60"],
        ["resume", "tube-7"],
        ["delete", "tube-7", "--state", "buried"],
        ["move", "tube-7", "tube-8", "--state", "buried"],
    ],
    ids=lambda command: " ".join(command[:1]),
)
def test_only_the_tubes_that_matter_are_polled(command: list[str], many: Beanstalkd) -> None:
    before = polls_of(many)
    assert main([*command, format_address(many.address)]) == OK
    assert polls_of(many) - before < TUBES // 2
