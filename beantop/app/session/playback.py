"""Plays a recording: in place of pollers, and of the clocks.

Frames are read in order, since each server's history is made of all its polls before. To go back, a
copy of everything from an earlier moment is taken, and read on from there.
"""

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from operator import itemgetter

from beantop.app.session.alarms import Alarms, Fired
from beantop.app.session.timeline import Timeline
from beantop.beanstalk import Address, format_address
from beantop.formatting import plural
from beantop.monitor.frames import NotFrames
from beantop.monitor.poller import ServerStatus
from beantop.monitor.recording import RecordedServer, Recording, RecordingReader

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)

TICK = 0.1
"""Seconds between deliveries, at most; the last status of each server in them is delivered."""

COPY_EVERY, MAX_COPIES = 120, 64
"""Frames between the copies to go back to, and how many are kept before every other one is dropped."""

LOST = "no connection"
"""Stands for the code of a condition, for a server that is lost."""


class ReplayedServer:
    """Gives the statuses of one recorded server, as a poller would."""

    def __init__(self, address: Address, interval: float) -> None:
        self.address = address
        self.interval = interval
        self.own_connections: Callable[[], int] = lambda: 1
        self.wanted: Callable[[], Collection[str]] = tuple
        self.spares = False
        self._statuses: asyncio.Queue[ServerStatus] = asyncio.Queue()

    def tell(self, status: ServerStatus) -> None:
        self._statuses.put_nowait(status)

    def poke(self) -> None:
        """Do nothing: there is no server."""

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        while True:
            yield await self._statuses.get()


class Playback:
    """Where a recording is, and how it goes on."""

    def __init__(
        self, recording: Recording, real_now: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin at the first status. Raises `ValueError` if there is none, or if it cannot be read."""
        self._recording = recording
        self._sessions = list(recording.sessions())
        if not self._sessions or len(recording) < 2:
            raise ValueError("the recording is empty")
        next(recording.entries(), None)  # it can be read
        self._session_positions = [
            position for position, kind in enumerate(recording.index.kinds) if kind == "S"
        ]
        self.servers = self._all_servers()
        interval = self._sessions[0].interval
        self.pollers = {address: ReplayedServer(address, interval) for address in self.servers}
        self.alarms = Alarms(())
        """Evaluates the alerts at each status that is read."""
        self.on_alarms: Callable[[list[Fired], list[Fired]], None] = lambda fired, ended: None
        """Called with the alerts that fired and ended while the recording was played."""
        self.on_jump: Callable[[Mapping[Address, ServerStatus]], None] = lambda statuses: None
        """Called after a jump with the last status of each server."""
        self.on_damage: Callable[[str], None] = lambda why: None
        """Called with a clause if the recording ends early, since the rest cannot be read."""
        self._real_now = real_now
        self._reader = RecordingReader(recording)
        self._position = 0  # of the next frame
        self._copies: dict[int, tuple[RecordingReader, Alarms]] = {}
        self._copy_every = COPY_EVERY
        self._at = recording.times[0]
        self._anchor = (self._at, real_now())
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self.is_playing = True
        self.speed = 1.0

    def _all_servers(self) -> dict[Address, RecordedServer]:
        """Return the servers of all sessions; the last session names them."""
        return {server.address: server for each in self._sessions for server in each.servers}

    # Clocks:

    def wall(self) -> float:
        """Return the Unix time of the moment that is shown."""
        if self.is_playing:
            at, since = self._anchor
            self._at = min(at + (self._real_now() - since) * self.speed, self._next_time)
        return self._at

    def now(self) -> float:
        """Return the same moment on the monotonic clock of the first session."""
        first = self._sessions[0]
        return self.wall() - first.wall + first.monotonic

    @property
    def problem(self) -> str:
        """Why the end of the recording is missing; "" if it is whole."""
        return self._recording.problem

    @property
    def timeline(self) -> Timeline:
        times = self._recording.times
        return Timeline(
            times[0], times[-1], self.wall(), self.speed, self.is_playing, self._lock.locked()
        )

    @property
    def _next_time(self) -> float:
        return self._recording.times[min(self._position, len(self._recording) - 1)]

    def _set_clock(self, at: float) -> None:
        self._at = at
        self._anchor = (at, self._real_now())
        self._changed.set()

    # What the user does:

    def pause_or_play(self) -> None:
        if not self.is_playing and self._position >= len(self._recording):
            return
        at = self.wall()
        self.is_playing = not self.is_playing
        self._set_clock(at)

    def change_speed(self, by: int) -> None:
        """Choose the next higher speed, or the next lower one if `by` is negative."""
        at = self.wall()
        place = max(0, min(len(SPEEDS) - 1, SPEEDS.index(self.speed) + by))
        self.speed = SPEEDS[place]
        self._set_clock(at)

    async def step(self, by: int, address: Address) -> bool:
        """Pause at the next status of a server, or at the one before. Return whether there is one."""
        shown = self._position - 1
        wanted = range(self._position, len(self._recording)) if by > 0 else range(shown, -1, -1)
        found = [each for each in wanted if self._address_at(each) == address][: 1 + (by < 0)]
        if len(found) < 1 + (by < 0):
            return False
        await self._jump(found[-1])
        return True

    async def go_to(self, time: float) -> None:
        """Go to a Unix time; go on playing if it is played."""
        first = next(n for n, kind in enumerate(self._recording.index.kinds) if kind != "S")
        await self._jump(max(first, self._recording.last_before(time)), time, pause=False)

    async def go_to_problem(self) -> str:
        """Pause at the next moment at which a tube gets a condition, a server is lost, or an alert fires. Return
        what is wrong, as a sentence; "" if nothing is, and nothing changed."""
        async with self._lock:
            before, back = self._problems(), (self._reader, self.alarms.copy())
            position = self._position
            self._reader = self._reader.copy()  # the screen shows the other
            while self._position < len(self._recording):
                fired = await self._read_one()
                problems = self._problems()
                if fired or problems - before:
                    self._arrive(self._recording.times[self._position - 1], pause=True)
                    return self._in_words(problems - before)
                before = problems
            self._restore(position, back)
            return ""

    # Reading:

    async def run(self) -> None:
        """Play until the task is cancelled."""
        await self.go_to(self._at)
        while True:
            self._changed.clear()
            if self.is_playing and self._position >= len(self._recording):
                self.is_playing = False
            wait = (self._next_time - self.wall()) / self.speed if self.is_playing else None
            try:
                async with asyncio.timeout(None if wait is None else max(TICK, wait)):
                    await self._changed.wait()
            except TimeoutError:
                await self._play_on()

    async def _play_on(self) -> None:
        """Deliver what the clock has reached."""
        async with self._lock:
            at, since = self._anchor
            until = at + (self._real_now() - since) * self.speed
            reached: set[Address] = set()
            while self._position < len(self._recording) and self._next_time <= until:
                if address := self._address_at(self._position):
                    reached.add(address)
                await self._read_one(is_played=True)
            for address in reached:
                self._tell(address)
            shown = min(until, self._next_time)
            late = self._real_now() - since - (until - at) / self.speed > TICK
            self._at = shown
            if late:  # reading could not keep up
                self._anchor = (shown, self._real_now())

    async def _jump(self, position: int, at: float | None = None, *, pause: bool = True) -> None:
        """Show the moment of the frame at `position`."""
        async with self._lock:
            if position < self._position:
                earlier = max((n for n in self._copies if n <= position), default=0)
                fresh = (RecordingReader(self._recording), Alarms(self.alarms.alerts))
                reader, alarms = self._copies.get(earlier, fresh)
                self._restore(earlier, (reader.copy(), alarms))
            while self._position <= min(position, len(self._recording) - 1):
                await self._read_one()
            times = self._recording.times
            position = min(position, len(times) - 1)
            shown = times[position] if at is None else min(max(at, times[position]), times[-1])
            self._arrive(shown, pause=pause)

    def _restore(self, position: int, copies: tuple[RecordingReader, Alarms]) -> None:
        self._reader, alarms = copies
        self.alarms.become(alarms)
        self._position = position

    def _arrive(self, at: float, *, pause: bool) -> None:
        self.is_playing &= not pause
        self._set_clock(at)
        self.on_jump(self._statuses())
        for address in self._statuses():
            self._tell(address)

    def _statuses(self) -> dict[Address, ServerStatus]:
        servers = self._reader.servers
        return {name: server.status for name, server in servers.items() if server.status}

    def _tell(self, address: Address) -> None:
        if status := self._statuses().get(address):
            self.pollers[address].tell(status)

    async def _read_one(self, *, is_played: bool = False) -> bool:
        """Read the next frame. Return whether an alert fired."""
        if self._position % self._copy_every == 0 and self._position not in self._copies:
            self._copies[self._position] = (self._reader.copy(), self.alarms.copy())
            self._drop_copies()
        try:
            entry = self._reader.read(self._position)
        except NotFrames as error:
            self._recording.end_at(self._position)
            self.on_damage(str(error))
            return False
        self._position += 1
        fired, ended = self.alarms.evaluate(entry.status) if entry else ([], [])
        if is_played and (fired or ended):
            self.on_alarms(fired, ended)
        if self._position % 16 == 0:
            await asyncio.sleep(0)  # let keys and redraws in between
        return bool(fired)

    def _drop_copies(self) -> None:
        if len(self._copies) > MAX_COPIES:
            self._copy_every *= 2
            self._copies = {n: c for n, c in self._copies.items() if n % self._copy_every == 0}

    def _problems(self) -> set[tuple[Address, str, str]]:
        """Return the conditions of all tubes, and the servers that are lost."""
        servers = self._reader.servers.items()
        conditions = {
            (address, tube, condition.code)
            for address, server in servers
            for tube, conditions in server.history.all_found()
            for condition in conditions
            if not condition.is_news
        }
        return conditions | {
            (address, "", LOST)
            for address, server in servers
            if server.status and server.status.link.state == "down"
        }

    def _in_words(self, problems: Collection[tuple[Address, str, str]]) -> str:
        """Return the first of some new problems as a sentence; without any, an alert has fired. Names of tubes
        are not yet safe to show."""
        if not problems:
            return "An alert fires."
        address, tube, code = min(problems, key=itemgetter(1, 2))
        name = self.servers[address].name or format_address(address)
        more = f", and {plural(len(problems) - 1, 'other problem')}" if len(problems) > 1 else ""
        if code == LOST:
            return f"{name}: no connection{more}."
        found = self._reader.servers[address].history.found(tube)
        sentence = next(condition.sentence for condition in found if condition.code == code)
        return f"{tube} on {name}: {sentence}{more}."

    def _address_at(self, position: int) -> Address | None:
        """Return the address of the server that a frame is about; None for the start of a session, or if the
        server is not in the session, which reading the frame reports."""
        index = self._recording.index
        if index.kinds[position] == "S":
            return None
        servers = self._sessions[bisect_right(self._session_positions, position) - 1].servers
        number = index.numbers[position]
        return servers[number - 1].address if 0 < number <= len(servers) else None
