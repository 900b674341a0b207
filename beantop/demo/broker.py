"""The four states of jobs and the transitions between them, as in beanstalkd (`prot.c`, `conn.c`).

No I/O and no clock: `now` returns the time, and `tick` must be called when it is `due`.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable

from beantop.demo.binlog import Binlog
from beantop.demo.clock import SECOND
from beantop.demo.host import Host
from beantop.demo.tubes import URGENT, Connection, Job, Refusal, Rota, Tube

DEFAULT_TUBE = "default"
MAX_JOB_SIZE = 65535
SAFETY_MARGIN = SECOND
"""Time before the deadline of a job in which a reserve by its holder gets DEADLINE_SOON."""


class Broker:
    """The tubes and jobs of one server. Delays, ttrs and timeouts are given in seconds."""

    def __init__(
        self,
        now: Callable[[], int],
        *,
        max_job_size: int = MAX_JOB_SIZE,
        host: Host | None = None,
    ) -> None:
        self.now = now
        self.max_job_size = max_job_size
        self.host = host or Host()
        self.is_draining = False
        """Whether the server refuses new jobs."""
        self.binlog = Binlog(is_on=False)
        self.started_at = now()
        self.jobs: dict[int, Job] = {}
        self.tubes: dict[str, Tube] = {}
        self.tube_order: Rota[Tube] = Rota()
        self.connections: set[Connection] = set()
        self.total_connections = self.total_jobs = self.timeouts = 0
        self.command_counts: Counter[str] = Counter()
        self._next_id = 1
        self._agenda: list[tuple[int, bool, int, Tube | Connection]] = []
        self._serial = 0
        self._default = self._tube(DEFAULT_TUBE)
        self._default.references += 1  # it always exists

    # Connections:

    def connect(self, answer: Callable[[Job | Refusal], None]) -> Connection:
        """Add a client. `answer` is called with the job or refusal that ends a waiting reserve."""
        connection = Connection(self._default, answer)
        self._default.references += 1
        self._default.using += 1
        self.watch(connection, DEFAULT_TUBE)
        self.connections.add(connection)
        self.total_connections += 1
        return connection

    def close(self, connection: Connection) -> None:
        """Remove a client. The jobs it holds become ready."""
        self.connections.discard(connection)
        self._stop_waiting(connection)
        for job in connection.reserved:
            self._take_from_holder(job)
            self._enqueue(job, 0)
        while connection.watched:
            self._unwatch(connection, next(iter(connection.watched)))
        connection.use.using -= 1
        self._drop_reference(connection.use)
        connection.wake_at = None

    def use(self, connection: Connection, name: str) -> None:
        tube = self._tube(name)
        tube.references += 1
        tube.using += 1
        connection.use.using -= 1
        self._drop_reference(connection.use)
        connection.use = tube

    def watch(self, connection: Connection, name: str) -> None:
        tube = self._tube(name)
        if tube not in connection.watched:
            tube.references += 1
            tube.watching += 1
            connection.watched.add(tube)

    def ignore(self, connection: Connection, name: str) -> bool:
        """Stop watching a tube. Return False if it is the only watched one, which stays."""
        tube = self.tubes.get(name)
        if tube is None or tube not in connection.watched:
            return True
        if len(connection.watched) == 1:
            return False
        self._unwatch(connection, tube)
        return True

    # Producers:

    def announce(self, connection: Connection, priority: int, delay: int, ttr: int) -> Job:
        """Create a job whose body has not arrived. Call `accept` or `forget` after it."""
        connection.is_producer = True
        ttr = max(1, ttr)
        job = Job(self._next_id, connection.use, priority, delay * SECOND, ttr * SECOND, self.now())
        self._next_id += 1
        self.jobs[job.id] = job
        job.tube.references += 1
        return job

    def accept(self, job: Job, body: bytes) -> bool:
        """Put an announced job with its body into its tube. Return False in drain mode: the job is
        removed."""
        if self.is_draining:
            self.forget(job)
            return False
        job.body = body
        self.total_jobs += 1
        job.tube.total_jobs += 1
        self.binlog.write(job)
        self._enqueue(job, job.delay)
        return True

    def pass_over(self, jobs: int) -> None:
        """Count jobs that have been put and deleted, and skip their ids."""
        self.total_jobs += jobs
        self._next_id += jobs

    def forget(self, job: Job) -> None:
        """Remove the job."""
        del self.jobs[job.id]
        self._drop_reference(job.tube)

    # Workers:

    def reserve(self, connection: Connection, timeout: int | None) -> None:
        """Reserve a job. The connection is answered at once, or later with a job or at the timeout."""
        connection.is_worker = True
        if self._deadline_is_soon(connection) and not any(t.ready for t in connection.watched):
            connection.answer("DEADLINE_SOON")
            return
        connection.is_waiting = True
        connection.wait_until = None if timeout is None else self.now() + timeout * SECOND
        for tube in connection.watched:
            tube.waiting.add(connection)
        self._serve(connection.watched)
        self._schedule(connection)

    def give_up_waiting(self, connection: Connection) -> None:
        """Answer a waiting reserve with TIMED_OUT now."""
        if connection.is_waiting:
            self._stop_waiting(connection)
            connection.answer("TIMED_OUT")

    def reserve_job(self, connection: Connection, id: int) -> Job | None:
        job = self.jobs.get(id)
        if job is None or not self._take_from_tube(job):
            return None
        connection.is_worker = True
        self._give(job, connection)
        return job

    def delete(self, connection: Connection, id: int) -> bool:
        job = self.jobs.get(id)
        if job is None or not (self._take_back(connection, id) or self._take_from_tube(job)):
            return False
        job.tube.deletes += 1
        self.binlog.delete(job)
        self.forget(job)
        return True

    def release(self, connection: Connection, id: int, priority: int, delay: int) -> bool:
        if not (job := self._take_back(connection, id)):
            return False
        job.priority = priority
        job.delay = delay * SECOND
        job.releases += 1
        if delay:
            self.binlog.write(job)
        self._enqueue(job, job.delay)
        return True

    def bury(self, connection: Connection, id: int, priority: int) -> bool:
        if not (job := self._take_back(connection, id)):
            return False
        job.priority = priority
        job.buries += 1
        job.state = "buried"
        job.tube.buried[job.id] = job
        self.binlog.write(job)
        return True

    def touch(self, connection: Connection, id: int) -> bool:
        job = self.jobs.get(id)
        if job is None or job.holder is not connection:
            return False
        job.deadline = self.now() + job.ttr
        connection.reserved.add(job)
        return True

    # Any client:

    def kick(self, tube: Tube, count: int) -> int:
        """Make up to `count` jobs ready: buried ones, or delayed ones if none is buried. Return how
        many were kicked."""
        done = 0
        first = tube.first_buried if tube.buried else tube.delayed.first
        while done < count and (job := first()):
            self.kick_job(job.id)
            done += 1
        return done

    def kick_job(self, id: int) -> bool:
        job = self.jobs.get(id)
        if job is None or job.state not in ("buried", "delayed"):
            return False
        self._take_from_tube(job)
        job.kicks += 1
        self.binlog.write(job)
        self._enqueue(job, 0)
        return True

    def pause(self, name: str, seconds: int) -> bool:
        """Pause a tube; 0 resumes it. Return whether the tube exists."""
        if not (tube := self.tubes.get(name)):
            return False
        tube.pause = max(1, seconds * SECOND)
        tube.unpause_at = self.now() + tube.pause
        tube.pauses += 1
        self._wake(tube, tube.unpause_at)
        return True

    # Time:

    @property
    def due(self) -> int | None:
        """Next time that `tick` must be called, if nothing else happens before, or None."""
        return self._agenda[0][0] if self._agenda else None

    def tick(self) -> None:
        """Process expired delays, pauses, ttrs and reserve timeouts."""
        now = self.now()
        while self._agenda and self._agenda[0][0] <= now:
            when, *_, sleeper = heapq.heappop(self._agenda)
            if sleeper.wake_at != when:
                continue  # outdated: an earlier time was scheduled since
            sleeper.wake_at = None
            if isinstance(sleeper, Tube):
                self._tick_tube(sleeper, now)
            else:
                self._tick_connection(sleeper, now)

    def _wake(self, sleeper: Tube | Connection, when: int) -> None:
        if sleeper.wake_at is None or when < sleeper.wake_at:
            sleeper.wake_at = when
            self._serial += 1
            # At the same time, jobs become ready before waiting connections time out.
            is_later = isinstance(sleeper, Connection)
            heapq.heappush(self._agenda, (when, is_later, self._serial, sleeper))
            if len(self._agenda) > 2 * (len(self.tubes) + len(self.connections)) + 64:
                self._sweep_agenda()

    def _sweep_agenda(self) -> None:
        """Remove outdated entries, which are most of the agenda when this is called."""
        awaited = {entry[3]: entry for entry in self._agenda if entry[3].wake_at == entry[0]}
        self._agenda = list(awaited.values())
        heapq.heapify(self._agenda)

    def _tick_tube(self, tube: Tube, now: int) -> None:
        while (job := tube.delayed.first()) and job.deadline <= now:
            self._take_from_tube(job)
            self._enqueue(job, 0)
        if job:
            self._wake(tube, job.deadline)
        if tube.pause and tube.unpause_at <= now:
            tube.pause = 0
            self._serve((tube,))
        elif tube.pause:
            self._wake(tube, tube.unpause_at)

    def _tick_connection(self, connection: Connection, now: int) -> None:
        is_soon = self._deadline_is_soon(connection)
        while (job := connection.reserved.first()) and job.deadline <= now:
            self.timeouts += 1
            job.timeouts += 1
            self._take_from_holder(job)
            self._enqueue(job, 0)
        if connection.is_waiting and is_soon:
            self._stop_waiting(connection)
            connection.answer("DEADLINE_SOON")
        elif connection.wait_until is not None and connection.wait_until <= now:
            self.give_up_waiting(connection)
        self._schedule(connection)

    def _schedule(self, connection: Connection) -> None:
        """Schedule the next tick of the connection."""
        if job := connection.reserved.first():
            self._wake(connection, job.deadline - SAFETY_MARGIN * connection.is_waiting)
        if connection.is_waiting and connection.wait_until is not None:
            self._wake(connection, connection.wait_until)

    def _deadline_is_soon(self, connection: Connection) -> bool:
        job = connection.reserved.first()
        return job is not None and self.now() >= job.deadline - SAFETY_MARGIN

    # How jobs move:

    def _enqueue(self, job: Job, delay: int) -> None:
        """Add the job to its tube, delayed or ready. A waiting worker may get a ready job at once."""
        tube = job.tube
        if delay:
            job.state = "delayed"
            job.deadline = self.now() + delay
            tube.delayed.add(job)
            self._wake(tube, job.deadline)
            return
        job.state = "ready"
        tube.ready.add(job)
        if job.priority < URGENT:
            tube.urgent += 1
        if tube.waiting:
            self._serve((tube,))

    def _take_from_tube(self, job: Job) -> bool:
        """Remove a ready, delayed or buried job from its tube. Return False in any other state."""
        tube = job.tube
        if job.state == "ready":
            tube.ready.remove(job)
            if job.priority < URGENT:
                tube.urgent -= 1
        elif job.state == "delayed":
            tube.delayed.remove(job)
        elif job.state == "buried":
            del tube.buried[job.id]
        else:
            return False
        return True

    def _serve(self, tubes: Iterable[Tube]) -> None:
        """Give ready jobs of these tubes to waiting connections, the most urgent job first."""
        while True:
            ready = [
                job
                for tube in tubes
                if tube.waiting and not tube.pause and (job := tube.ready.first())
            ]
            if not ready:
                return
            job = min(ready, key=lambda job: (job.priority, job.id))
            connection = job.tube.waiting.take()
            self._stop_waiting(connection)
            self._take_from_tube(job)
            self._give(job, connection)
            connection.answer(job)

    def _stop_waiting(self, connection: Connection) -> None:
        if connection.is_waiting:
            connection.is_waiting = False
            connection.wait_until = None
            for tube in connection.watched:
                if connection in tube.waiting:
                    tube.waiting.remove(connection)

    def _give(self, job: Job, connection: Connection) -> None:
        job.state = "reserved"
        job.holder = connection
        job.reserves += 1
        job.deadline = self.now() + job.ttr
        job.tube.reserved += 1
        connection.reserved.add(job)
        self._schedule(connection)

    def _take_back(self, connection: Connection, id: int) -> Job | None:
        """Take a job from the connection that holds it. Return None if another or none holds it."""
        job = self.jobs.get(id)
        if job is None or job.holder is not connection:
            return None
        self._take_from_holder(job)
        return job

    def _take_from_holder(self, job: Job) -> None:
        if job.holder:
            job.holder.reserved.remove(job)
            job.holder = None
            job.tube.reserved -= 1

    # Tubes, which exist while something refers to them:

    def _tube(self, name: str) -> Tube:
        if not (tube := self.tubes.get(name)):
            tube = self.tubes[name] = Tube(name)
            self.tube_order.add(tube)
        return tube

    def _unwatch(self, connection: Connection, tube: Tube) -> None:
        connection.watched.remove(tube)
        tube.watching -= 1
        self._drop_reference(tube)

    def _drop_reference(self, tube: Tube) -> None:
        tube.references -= 1
        if not tube.references:
            tube.wake_at = None
            del self.tubes[tube.name]
            self.tube_order.remove(tube)
