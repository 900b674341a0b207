"""Walks the ids of the server on that port again and again, until standard input ends."""

import asyncio
import sys

from beantop.jobs.connection import ActingConnection
from beantop.jobs.scan import Scan


async def main(port: int) -> None:
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    connection = ActingConnection(("127.0.0.1", port))
    while not ended.done():
        scan = Scan(connection, None, oldest_first=True)
        running = asyncio.ensure_future(scan.run())
        await asyncio.wait([running, ended], return_when=asyncio.FIRST_COMPLETED)
        scan.stop()
        await running
    connection.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
