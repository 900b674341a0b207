"""Watch servers for alerts without a screen, and note what fires and ends in an outbox."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from uuid import uuid4

from beantop.app.session import news
from beantop.app.session.alarms import Alarms, Fired, sentence
from beantop.app.session.profiled import FOR_RULES, Wanted
from beantop.app.session.server_session import ServerSession
from beantop.beanstalk import Address, format_address
from beantop.formatting import duration, plural, printable
from beantop.jobs.aside import in_time_async
from beantop.monitor.alerts import Alert, AlertRule, Key
from beantop.monitor.poller import ServerStatus
from beantop.report.facts import Fact, iso, numbers, unix_time
from beantop.report.outbox import Outbox
from beantop.report.receivers import HEARTBEAT

LOST_SECONDS = 60.0
"""Seconds without a connection after which that is an alert."""

NO_CONNECTION = "no connection"
"""The rule of this alert, in facts."""

Facts = dict[str, Fact]
"""Facts by the key of their alert."""


class Unattended:
    """The alerts of servers, as facts. `take` is for each status of a server, `run` polls them all."""

    def __init__(
        self,
        servers: Sequence[ServerSession],
        rules: Sequence[AlertRule],
        outbox: Outbox,
        report: Callable[[str, str], object],
        *,
        lost_after: float = LOST_SECONDS,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`report` gets each sentence, and its severity."""
        self._servers, self._outbox, self._report = servers, outbox, report
        self._titles = {server.watcher.address: server.known.title for server in servers}
        self._alarms = Alarms(rules, self._titles.__getitem__)
        self._lost_after, self._now, self._wall = lost_after, now, wall
        self._tasks: asyncio.TaskGroup | None = None
        self._changed_rules: dict[Address, list[str]] = {}
        for server in servers:
            self._restore(server.watcher.address)
            server.watcher.wanted = partial(self._tubes_wanted, server)

    # What a status means:

    def take(self, server: ServerSession, status: ServerStatus) -> tuple[Facts, Facts]:
        """Take the next status of a server. Return the facts of alerts that fired and of those that ended."""
        if server.has_profiler and self._alarms.timed_tubes:
            server.profiler.note_percentiles(status.snapshot, status.history.sampled)
        before, server.latest = server.latest, status
        items = news.returned(server.name, before, status)
        if news.is_lost(before, status):
            items.append(news.lost(server.name, status, on_screen=False))
        for item in items:
            self._report(item.sentence, item.severity)
        if status.seen and not before.seen:
            self._report_unmatched(status)
        address, firing = status.address, self._outbox.firing
        began, over = (  # a rule that is written twice is one
            {self._key(address, one.alert): one for one in changed}
            for changed in self._alarms.evaluate(status)
        )
        fired = {key: self._fired(one) for key, one in began.items() if key not in firing}
        ended = {key: self._ended(key, one.ended) for key, one in over.items() if key in firing}
        if status.seen:
            gone = self._changed_rules.pop(address, ())
            ended |= {key: self._ended(key, None, is_changed=True) for key in gone}
        self._take_link(status, fired, ended)
        for fact in [*ended.values(), *fired.values()]:
            severity = "warning" if fact["event"] == "fired" else "information"
            self._report(str(fact["sentence"]), severity)
        return fired, ended

    def _report_unmatched(self, status: ServerStatus) -> None:
        """Say which rules no tube matches: a name may be mistyped."""
        name, tubes = printable(self._titles[status.address]), status.snapshot.tubes
        if status.snapshot.left_out:
            return
        for pattern in dict.fromkeys(
            pattern for rule in self._alarms.alerts for pattern in rule.unmatched(tubes)
        ):
            sentence = f"{name} has no tube {pattern} now: rules about it wait until it exists"
            self._report(sentence, "information")

    def _take_link(self, status: ServerStatus, fired: Facts, ended: Facts) -> None:
        """Add the alert about a connection that is lost for too long."""
        key, link = _lost_key(status.address), status.link
        is_firing = key in self._outbox.firing
        if link.state == "up" and is_firing:
            ended[key] = self._ended(key, None)
        away = self._now() - link.since
        if link.state == "down" and not is_firing and away >= self._lost_after:
            name = self._titles[status.address]
            why = f"ALERT {printable(name)}: no connection for {duration(away)}: {printable(link.reason)}"
            fired[key] = self._fact(status.address, None, link.since, why, rule=NO_CONNECTION)

    def _fired(self, fired: Fired) -> Fact:
        alert, rule = fired.alert, fired.alert.rule
        return self._fact(
            fired.address,
            alert.tube,
            alert.since,
            sentence([fired]),
            rule=rule.when.text,
            level=rule.level,
            values=numbers(alert.values),
        )

    def _fact(
        self,
        address: Address,
        tube: str | None,
        since: float,
        said: str,
        *,
        rule: str,
        level: str = "critical",
        values: Mapping[str, float | None] | None = None,
    ) -> Fact:
        """Return the fact that an alert fires. `since` is a time of the monotonic clock."""
        now = self._wall()
        return {
            "event": "fired",
            "id": uuid4().hex,
            "at": iso(now),
            "server": self._titles[address],
            "address": format_address(address),
            "tube": tube,
            "rule": rule,
            "level": level,
            "values": values or {},
            "since": iso(now - (self._now() - since)),
            "seconds": None,
            "sentence": said,
        }

    def _ended(self, key: str, at: float | None, *, is_changed: bool = False) -> Fact:
        """Return the fact that an alert ended, at a time of the monotonic clock; None is now. `is_changed`:
        its rule was changed or removed."""
        fired, now = self._outbox.firing[key], self._wall()
        ended = now if at is None else now - (self._now() - at)
        lasted = max(0.0, ended - unix_time(fired["since"]))
        server, tube = str(fired["server"]), fired["tube"]
        place = printable(server if tube is None else f"{tube} on {server}")
        rule = printable(str(fired["rule"]))
        said = f"Resolved after {duration(lasted)}: {place}: {rule}"
        if is_changed:
            said = f"Ended: {place}: the rule {rule} is no longer configured"
        more = {"event": "ended", "at": iso(now), "seconds": round(lasted, 3), "sentence": said}
        return {**fired, **more}

    # Alerts of the run before:

    def _restore(self, address: Address) -> None:
        """Take over the alerts of a server that fired when the last run ended. Those whose rule has
        changed since end with the first poll."""
        places = {_rule_key(rule): place for place, rule in enumerate(self._alarms.alerts)}
        firing: dict[Key, Alert] = {}
        changed: list[str] = []
        for key, fact in self._outbox.firing.items():
            where, rule_key, tube = json.loads(key)
            if where != format_address(address) or rule_key == NO_CONNECTION:
                continue
            if (place := places.get(rule_key)) is None:
                changed.append(key)
            else:
                firing[place, tube] = self._alert(self._alarms.alerts[place], tube, fact)
        self._alarms.restore(address, firing)
        self._changed_rules[address] = changed

    def _alert(self, rule: AlertRule, tube: str | None, fact: Fact) -> Alert:
        now, values = self._now(), fact["values"]
        since = now - (self._wall() - unix_time(fact["since"]))
        assert isinstance(values, dict)
        return Alert(rule, tube, since, now, fires=True, values=tuple(values.items()))

    def _key(self, address: Address, alert: Alert) -> str:
        """Return a key for an alert that is the same in each run, as long as its rule is the same."""
        return json.dumps([format_address(address), _rule_key(alert.rule), alert.tube])

    # Watching:

    async def run(self, heartbeats: Mapping[str, float] | None = None) -> None:
        """Watch the servers until cancelled. `heartbeats` has the seconds between those of receivers."""
        async with asyncio.TaskGroup() as self._tasks:
            for receiver, seconds in (heartbeats or {}).items():
                self._tasks.create_task(self._beat(receiver, seconds))
            for server in self._servers:
                self._tasks.create_task(self._watch(server))

    async def _watch(self, server: ServerSession) -> None:
        async with aclosing(server.watcher.watch()) as statuses:
            async for status in statuses:
                fired, ended = self.take(server, status)
                if fired or ended:
                    await self._note(fired, ended)
                self._sample_jobs(server)
                self._measure_jobs(server)

    async def _note(self, fired: Facts, ended: Facts) -> None:
        try:
            await in_time_async(partial(self._outbox.note, fired, ended))
        except TimeoutError:
            self._report("the disk does not answer: alerts are late", "error")

    def _sample_jobs(self, server: ServerSession) -> None:
        """Sample the first jobs of tubes, if a rule asks for their ages."""
        status = server.latest
        needs = self._alarms.ages_needed(status)
        if chosen := server.oldest.choose(status, needs):
            self._start(server.oldest.sample(chosen, status))
        server.watcher.spares = server.oldest.is_behind

    def _measure_jobs(self, server: ServerSession) -> None:
        """Measure how long jobs take, if a rule asks for that."""
        status, patterns = server.latest, self._alarms.timed_tubes
        if not patterns or status.link.state != "up" or status.polls < 2:
            return
        server.profiler.note_puts(status.snapshot)
        if server.profiler.want(Wanted("", FOR_RULES, patterns)):
            self._start(server.profiler.run())

    def _start(self, work: Coroutine[object, object, None]) -> None:
        assert self._tasks
        self._tasks.create_task(work)

    def _tubes_wanted(self, server: ServerSession) -> list[str]:
        """Return the tubes that each poll of a server must include."""
        return [*server.oldest.wanted(), *self._alarms.tubes_of(server.watcher.address)]

    # Heartbeats:

    async def _beat(self, receiver: str, seconds: float) -> None:
        while True:
            self._outbox.note_heartbeat(receiver, self.heartbeat())
            await asyncio.sleep(seconds)

    def heartbeat(self) -> Fact:
        """Return the fact that the program runs, with what it sees of the servers."""
        servers = [self._seen(server) for server in self._servers]
        connected = sum(bool(server["connected"]) for server in servers)
        firing = sum(int(str(server["firing"])) for server in servers)
        said = (
            f"{connected} of {plural(len(servers), 'server')} connected, {plural(firing, 'alert')}"
        )
        return {
            "event": HEARTBEAT,
            "id": uuid4().hex,
            "at": iso(self._wall()),
            "servers": servers,
            "firing": firing,
            "pending": self._outbox.pending,
            "sentence": f"beantop is watching: {said}",
        }

    def _seen(self, server: ServerSession) -> Fact:
        status, address = server.latest, format_address(server.watcher.address)
        return {
            "server": server.known.title,
            "address": address,
            "connected": server.answers,
            "polled_at": iso(status.snapshot.wall_time) if status.seen else None,
            "firing": self._outbox.firing_at(address),
        }


def _rule_key(rule: AlertRule) -> str:
    """Return what makes a rule the same in another run."""
    patterns = None if rule.tubes is None else list(rule.patterns)
    return json.dumps([patterns, rule.when.text, rule.for_seconds, rule.level])


def _lost_key(address: Address) -> str:
    return json.dumps([format_address(address), NO_CONNECTION, None])
