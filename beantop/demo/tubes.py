"""What the broker keeps: jobs, tubes, and the order in which each of them comes."""

import heapq
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Literal, TypeVar

State = Literal["invalid", "ready", "reserved", "delayed", "buried"]

Refusal = Literal["TIMED_OUT", "DEADLINE_SOON"]
"""What a reserve is told in place of a job."""

URGENT = 1024
"""A job whose priority is a smaller number than this counts as urgent."""

T = TypeVar("T", bound=Hashable)


class Job:
    """A job. `holder` is the connection that has it reserved; all times are nanoseconds."""

    __slots__ = (
        *("body", "buries", "created_at", "deadline", "delay", "file", "file_size", "holder"),
        *("id", "kicks", "priority", "releases", "reserves", "state", "timeouts", "ttr", "tube"),
    )

    def __init__(
        self, id: int, tube: "Tube", priority: int, delay: int, ttr: int, created_at: int
    ) -> None:
        self.id = id
        self.tube = tube
        self.priority = priority
        self.delay = delay
        self.ttr = ttr
        self.created_at = created_at
        self.body = b""
        self.state: State = "invalid"
        """Until its body is there."""
        self.holder: Connection | None = None
        self.deadline = 0
        """When a reserved job times out, and a delayed one becomes ready."""
        self.reserves = self.timeouts = self.releases = self.buries = self.kicks = 0
        self.file = self.file_size = 0
        """The number of the file of the binlog that it is in, and its bytes in all of them."""


class Queue:
    """Jobs in the order of a number, the least first, and of equal ones the oldest first.

    The number of a job stays while the job is in it, or the job is added again. What is taken from
    the middle stays in the heap as a dead entry until it comes up, or until most of it is dead.
    """

    def __init__(self, number: Callable[[Job], int]) -> None:
        self._number = number
        self._heap: list[tuple[int, int, int, Job]] = []
        self._live: dict[int, tuple[int, int, int, Job]] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[Job]:
        """All jobs, in the order in which they came."""
        return (entry[3] for entry in list(self._live.values()))

    def add(self, job: Job) -> None:
        self._serial += 1
        entry = (self._number(job), job.id, self._serial, job)
        self._live[job.id] = entry
        heapq.heappush(self._heap, entry)
        self._sweep()

    def remove(self, job: Job) -> None:
        del self._live[job.id]
        self._sweep()

    def _sweep(self) -> None:
        if len(self._heap) > 2 * len(self._live) + 64:
            self._heap = list(self._live.values())
            heapq.heapify(self._heap)

    def first(self) -> Job | None:
        while self._heap:
            entry = self._heap[0]
            if self._live.get(entry[1]) is entry:
                return entry[3]
            heapq.heappop(self._heap)
        return None


class Rota(Generic[T]):
    """A set in the order that beanstalkd keeps (`ms.c`): what goes leaves its place to the last.

    Where `ms.c` looks through all of them, this one knows the place of each.
    """

    def __init__(self) -> None:
        self._items: list[T] = []
        self._places: dict[T, int] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __contains__(self, item: T) -> bool:
        return item in self._places

    def add(self, item: T) -> None:
        """It must not be there yet."""
        self._places[item] = len(self._items)
        self._items.append(item)

    def remove(self, item: T) -> None:
        place, last = self._places.pop(item), self._items.pop()
        if last is not item:
            self._items[place] = last
            self._places[last] = place

    def take(self) -> T:
        """The one whose turn it is."""
        place = self._next % len(self._items)
        self._next = place + 1
        item = self._items[place]
        self.remove(item)
        return item


class Tube:
    """A tube, which is there for as long as anything refers to it: jobs, users, watchers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.references = 0
        self.ready = Queue(lambda job: job.priority)
        self.delayed = Queue(lambda job: job.deadline)
        self.buried: dict[int, Job] = {}  # in the order of their burial
        self.waiting: Rota[Connection] = Rota()
        self.urgent = self.reserved = 0
        self.total_jobs = self.deletes = self.pauses = 0
        self.using = self.watching = 0
        self.pause = 0
        """For how many nanoseconds it was paused; 0 when it is not."""
        self.unpause_at = 0
        self.wake_at: int | None = None
        """When the broker looks at it next, if it is to."""

    def first_buried(self) -> Job | None:
        return next(iter(self.buried.values()), None)


class Connection:
    """What the broker knows of one client. `answer` gets what a waiting reserve waited for."""

    def __init__(self, use: Tube, answer: Callable[[Job | Refusal], None]) -> None:
        self.use = use
        self.watched: Rota[Tube] = Rota()
        self.answer = answer
        self.reserved = Queue(lambda job: job.deadline)
        self.is_producer = self.is_worker = False
        self.is_waiting = False
        self.wait_until: int | None = None
        """When a waiting reserve is told TIMED_OUT; None for never."""
        self.wake_at: int | None = None
