"""The commands of one pipeline, apart from a connection."""

import asyncio
import gc

from beantop.beanstalk import commands
from beantop.beanstalk.batch import Batch


def test_a_failure_that_nobody_waits_for_is_not_reported() -> None:
    reported: list[dict[str, object]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: reported.append(told))
        Batch([commands.stats()], 1).fail(ConnectionError("the connection was closed"))
        gc.collect()

    asyncio.run(main())
    assert reported == []
