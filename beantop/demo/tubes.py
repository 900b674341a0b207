"""Data structures of the broker: jobs, tubes, connections, and their orders."""

import heapq
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Literal, TypeVar

State = Literal["invalid", "ready", "reserved", "delayed", "buried"]

Refusal = Literal["TIMED_OUT", "DEADLINE_SOON"]
"""Reply to a reserve that gets no job."""

URGENT = 1024
"""Jobs with a priority below this number are urgent."""

T = TypeVar("T", bound=Hashable)


class Job:
    """A job. `holder` is the connection that reserved it; all times are in nanoseconds."""

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
        """State of the job; "invalid" until its body has arrived."""
        self.holder: Connection | None = None
        self.deadline = 0
        """Time at which a reserved job times out or a delayed one becomes ready."""
        self.reserves = self.timeouts = self.releases = self.buries = self.kicks = 0
        self.file = self.file_size = 0
        """Number of the binlog file with its first record, and bytes of all its records."""


class Queue:
    """Jobs in ascending order of a number, and among equal numbers in order of id.

    The number of a job must not change while the job is in the queue, unless the job is added again.
    Removed jobs stay in the heap as dead entries until they reach the top, or until most entries are
    dead.
    """

    def __init__(self, number: Callable[[Job], int]) -> None:
        self._number = number
        self._heap: list[tuple[int, int, int, Job]] = []
        self._live: dict[int, tuple[int, int, int, Job]] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[Job]:
        """Iterate over all jobs in the order in which they were added."""
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
    """A set in the order of beanstalkd (`ms.c`): the last item replaces a removed one.

    `ms.c` searches all items; this class stores the place of each.
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
        """Add an item, which must not be in the set."""
        self._places[item] = len(self._items)
        self._items.append(item)

    def remove(self, item: T) -> None:
        place, last = self._places.pop(item), self._items.pop()
        if last is not item:
            self._items[place] = last
            self._places[last] = place

    def take(self) -> T:
        """Remove and return the item whose turn it is."""
        place = self._next % len(self._items)
        self._next = place + 1
        item = self._items[place]
        self.remove(item)
        return item


class Tube:
    """A tube. It exists as long as jobs, users or watchers refer to it."""

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
        """Nanoseconds for which the tube was paused, or 0 if it is not paused."""
        self.unpause_at = 0
        self.wake_at: int | None = None
        """Time of the next tick by the broker, or None."""

    def first_buried(self) -> Job | None:
        return next(iter(self.buried.values()), None)


class Connection:
    """A client of the broker. `answer` is called with the job or refusal that ends a reserve."""

    def __init__(self, use: Tube, answer: Callable[[Job | Refusal], None]) -> None:
        self.use = use
        self.watched: Rota[Tube] = Rota()
        self.answer = answer
        self.reserved = Queue(lambda job: job.deadline)
        self.is_producer = self.is_worker = False
        self.is_waiting = False
        self.wait_until: int | None = None
        """Time at which a waiting reserve gets TIMED_OUT, or None for never."""
        self.wake_at: int | None = None
