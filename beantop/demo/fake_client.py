"""A client that calls the broker directly and counts the commands it would have sent."""

from collections.abc import Callable

from beantop.demo.broker import Broker
from beantop.demo.tubes import Job, Refusal


def _ignore_answer(answer: Job | Refusal) -> None:
    """Do nothing, for clients that never reserve."""


class FakeClient:
    """One connection. It cannot be used after `close`."""

    def __init__(
        self, broker: Broker, answer: Callable[[Job | Refusal], None] = _ignore_answer
    ) -> None:
        self._broker = broker
        self._count = broker.command_counts
        self._connection = broker.connect(answer)

    @property
    def is_waiting(self) -> bool:
        """Whether a reserve is waiting for a job."""
        return self._connection.is_waiting

    def close(self) -> None:
        self._broker.close(self._connection)

    def use(self, tube: str) -> None:
        self._count["use"] += 1
        self._broker.use(self._connection, tube)

    def watch_only(self, *tubes: str) -> None:
        """Watch the tubes, then ignore `default` unless it is one of them, as workers do."""
        for tube in tubes:
            self._count["watch"] += 1
            self._broker.watch(self._connection, tube)
        if "default" not in tubes:
            self._count["ignore"] += 1
            self._broker.ignore(self._connection, "default")

    def put(self, body: bytes, priority: int, delay: int, ttr: int) -> Job | None:
        """Put a job. Return it, or None in drain mode. `delay` and `ttr` are in seconds."""
        self._count["put"] += 1
        job = self._broker.announce(self._connection, priority, delay, ttr)
        return job if self._broker.accept(job, body) else None

    def reserve(self) -> None:
        self._count["reserve"] += 1
        self._broker.reserve(self._connection, None)

    def reserve_job(self, id: int) -> None:
        self._count["reserve-job"] += 1
        self._broker.reserve_job(self._connection, id)

    def delete(self, id: int) -> None:
        self._count["delete"] += 1
        self._broker.delete(self._connection, id)

    def release(self, id: int, priority: int, delay: int) -> None:
        self._count["release"] += 1
        self._broker.release(self._connection, id, priority, delay)

    def bury(self, id: int, priority: int) -> None:
        self._count["bury"] += 1
        self._broker.bury(self._connection, id, priority)

    def pause_tube(self, tube: str, seconds: int) -> None:
        self._count["pause-tube"] += 1
        self._broker.pause(tube, seconds)
