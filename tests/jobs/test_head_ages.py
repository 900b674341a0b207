"""The ages of first ready jobs: asked for in turn where all at once would cost the server too much."""

import asyncio

from beantop.jobs.connection import ActingConnection
from beantop.jobs.head_ages import COMMANDS, HeadAges
from tests.beanstalkd import Beanstalkd


def test_where_few_commands_are_left_the_tubes_have_their_turn(own_server: Beanstalkd) -> None:
    names = [f"tube-{number}" for number in range(5)]
    for name in names:
        with own_server.client(use=name) as client:
            client.put("")

    async def story() -> list[set[str]]:
        connection = ActingConnection(own_server.address)
        ages = HeadAges(connection)
        known = []
        for commands in (2 * COMMANDS, 2 * COMMANDS, 0, None):
            await ages.peek(names, commands)
            known.append(set(ages.known))
        await ages.peek(names[:2], 0)
        connection.close()
        return [*known, set(ages.known)]

    assert asyncio.run(story()) == [
        set(names[:2]),
        set(names[:4]),
        set(names),
        set(names),
        set(names[:2]),
    ]
