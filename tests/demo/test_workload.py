import re
import time
from collections.abc import Callable, Iterator

import pytest

from beantop.demo import bodies
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock
from beantop.demo.host import Host
from beantop.demo.past import Old
from beantop.demo.producers import MOST, Bursts, Jobs, Stream, Visits, Wave
from beantop.demo.scenes import BUSY, HEALTHY, SCENES, SMALL, VIDEO
from beantop.demo.stage import Shift
from beantop.demo.stats import job_stats, server_stats, tube_stats
from beantop.demo.tubes import Tube
from beantop.demo.workers import Crew, Manner
from beantop.demo.workload import Part, Scene, Workload

HISTORY = 150
"""Seconds of traffic that have passed when the first picture is shown."""


class Run:
    """A scene at a broker of its own, with a clock that stands."""

    def __init__(self, scene: Scene, seed: int = 1, start: int = 0) -> None:
        self.clock = Clock(start)
        host = Host(id="0", pid=1, name="", os="", platform="", cpu=lambda: (0.0, 0.0))
        self.broker = Broker(self.clock, host=host)
        self.workload = Workload(self.broker, self.clock, scene, seed)
        self.begin = self.clock()

    def until(self, seconds: float) -> None:
        """Since the traffic began."""
        self.workload.run_until(self.begin + round(seconds * SECOND))

    def tube(self, name: str) -> Tube:
        return self.broker.tubes[name]

    def everything(self) -> list[str | bytes]:
        """All that a client could be told."""
        now = self.clock()
        tubes = [tube_stats(tube, now) for tube in self.broker.tube_order]
        jobs = [job_stats(job, now) for job in self.broker.jobs.values()]
        found = [job.body for job in self.broker.jobs.values()]
        return [server_stats(self.broker), *tubes, *jobs, *found]


class Watched(Run):
    """A scene until the first picture, and how many ready jobs each tube had at each second."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.old = self.broker.total_jobs
        self.ready: list[dict[str, int]] = []
        for second in range(HISTORY + 1):
            self.until(second)
            tubes = self.broker.tubes.values()
            self.ready.append({tube.name: len(tube.ready) for tube in tubes})


@pytest.fixture(scope="module")
def servers() -> list[Watched]:
    return [Watched(scene) for scene in SCENES]


@pytest.fixture(scope="module")
def busy(servers: list[Watched]) -> Watched:
    return servers[0]


def made_of(*parts: Part, old: tuple[Part, ...] = (), past: int = 0) -> Scene:
    return Scene("test", past * SECOND, old, parts)


ONE = Jobs("a", (bodies.number,))


# The same each time:


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_same_seed_brings_the_same_jobs(scene: Scene) -> None:
    one, other = Run(scene), Run(scene)
    one.until(40)
    other.until(40)
    assert one.everything() == other.everything()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_another_seed_brings_other_jobs(scene: Scene) -> None:
    one, other = Run(scene, seed=1), Run(scene, seed=2)
    one.until(40)
    other.until(40)
    assert one.everything() != other.everything()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_small_steps_lead_to_where_large_ones_do(scene: Scene) -> None:
    one, other = Run(scene), Run(scene)
    one.until(60)
    for step in range(1, 60 * 7 + 1):
        other.until(step / 7)
    assert one.everything() == other.everything()


def test_the_time_of_the_clock_makes_no_difference() -> None:
    one, other = Run(BUSY), Run(BUSY, start=-(10**18))
    one.until(40)
    other.until(40)
    assert one.everything() == other.everything()


# The past:


def test_the_past_is_over_when_the_workload_is_there() -> None:
    run = Run(made_of(past=100), start=5)
    assert run.begin == 5 + 100 * SECOND


def test_old_jobs_were_put_at_equal_distances() -> None:
    run = Run(made_of(past=100, old=(Old(ONE, 4, age=80),)))
    assert [run.begin - job.created_at for job in run.broker.jobs.values()] == [
        age * SECOND for age in (80, 60, 40, 20)
    ]


def test_old_jobs_may_be_buried_or_delayed() -> None:
    late = Jobs("a", (bodies.number,), delays=(90,))
    run = Run(made_of(past=100, old=(Old(ONE, 2, 50, state="buried"), Old(late, 3, age=80))))
    assert len(run.tube("a").buried) == 2
    assert len(run.tube("a").delayed) == 3
    run.until(90)
    assert len(run.tube("a").ready) == 3


# What actors do:


def test_producers_and_workers_are_connected() -> None:
    run = Run(made_of(Stream(ONE, Wave(1), producers=3), Crew(("a",), 2, Manner(0.1))))
    tube = run.tube("a")
    assert (tube.using, tube.watching, len(tube.waiting)) == (3, 2, 2)


def test_jobs_come_at_about_the_rate_of_their_wave() -> None:
    run = Run(made_of(Stream(ONE, Wave(10, swing=0.9, period=20))))
    run.until(200)
    assert 1700 < run.broker.total_jobs < 2300


def test_a_burst_takes_as_long_as_its_shift() -> None:
    run = Run(made_of(Bursts(ONE, 100, Shift(first=5, stay=2, every=30))))
    counts = []
    for second in (4, 7, 34, 37):
        run.until(second)
        counts.append(run.broker.total_jobs)
    assert counts == [0, 100, 100, 200]


def test_workers_delete_what_they_have_done() -> None:
    run = Run(made_of(Bursts(ONE, 10, Shift(0, 2, 999)), Crew(("a",), 2, Manner(0.5))))
    run.until(10)
    assert run.tube("a").deletes == 10
    assert not run.broker.jobs
    assert run.broker.command_counts["delete"] == 10


def test_a_job_that_times_out_three_times_is_buried() -> None:
    one = Jobs("a", (bodies.number,), ttr=5)
    run = Run(made_of(Bursts(one, 1, Shift(0, 2, 999)), Crew(("a",), 2, Manner(1, hang=1))))
    run.until(30)
    (job,) = run.broker.jobs.values()
    assert (job.state, job.timeouts, job.reserves) == ("buried", 3, 4)


def test_a_job_is_tried_again_later_and_later_and_then_buried() -> None:
    manner = Manner(1, release=1, retries=2, backoff=10)
    run = Run(made_of(Bursts(ONE, 1, Shift(0, 2, 999)), Crew(("a",), 1, manner)))
    run.until(5)
    (job,) = run.broker.jobs.values()
    assert (job.state, job.delay) == ("delayed", 10 * SECOND)
    run.until(15)
    assert (job.state, job.delay) == ("delayed", 20 * SECOND)
    run.until(50)
    assert (job.state, job.releases) == ("buried", 2)


def test_a_crew_leaves_when_its_shift_is_over_and_its_jobs_are_done() -> None:
    shift = Shift(first=10, stay=10, every=50)
    run = Run(made_of(Stream(ONE, Wave(5)), Crew(("a",), 3, Manner(0.4), shift)))
    watching = []
    for second in (9, 15, 22, 59, 61):
        run.until(second)
        watching.append(run.tube("a").watching)
    assert watching == [0, 3, 0, 0, 3]


def test_a_visit_leaves_nothing_behind() -> None:
    run = Run(made_of(Visits(ONE, 3, Shift(first=10, stay=5, every=20))))
    there = []
    for second in (9, 11, 16, 29, 31):
        run.until(second)
        there.append("a" in run.broker.tubes)
    assert there == [False, True, False, False, True]
    assert run.tube("a").total_jobs > 0


def test_producers_stop_where_a_backlog_gets_out_of_hand() -> None:
    run = Run(made_of(Bursts(ONE, MOST + 5, Shift(0, 2, 999))))
    run.until(3)
    assert len(run.tube("a").ready) == MOST


# A clock that runs:


def live(run: Run) -> None:
    run.clock.go_live()
    run.workload.run_until(run.clock())


def test_a_live_clock_is_caught_up_with() -> None:
    run = Run(made_of(Bursts(ONE, 8, Shift(0, 2, 999))), start=time.monotonic_ns() - SECOND)
    live(run)
    assert 0 < run.broker.total_jobs < 8


def test_a_live_clock_is_not_waited_for() -> None:
    run = Run(made_of(Stream(ONE, Wave(1))), start=time.monotonic_ns())
    run.clock.go_live()
    run.workload.run_until(run.clock() + 3600 * SECOND)
    assert run.broker.total_jobs == 0


def test_not_all_is_made_up_for_after_a_long_stop() -> None:
    run = Run(made_of(Stream(ONE, Wave(10))), start=time.monotonic_ns() - 3600 * SECOND)
    live(run)
    assert 0 < run.broker.total_jobs < 100


# What is promised of the scenes:


def test_the_first_server_is_the_busiest(servers: list[Watched]) -> None:
    first, *others = (server.broker.total_jobs for server in servers)
    assert first > max(others)


@pytest.mark.parametrize(
    ("scene", "fewest", "most"), [(BUSY, 12, 16), (HEALTHY, 6, 8), (SMALL, 4, 5)]
)
def test_each_server_has_so_many_tubes(scene: Scene, fewest: int, most: int) -> None:
    run = Run(scene)
    run.until(5)
    assert fewest <= len(run.broker.tubes) <= most


def test_all_servers_together_do_some_60_to_90_jobs_a_second(servers: list[Watched]) -> None:
    put = sum(server.broker.total_jobs - server.old for server in servers)
    assert 60 < put / HISTORY < 90


def test_mail_grows_all_the_time(busy: Watched) -> None:
    ready = [counts["email-transactional"] for counts in busy.ready]
    grown = [ready[second] - ready[second - 60] for second in range(100, HISTORY + 1)]
    assert min(grown) >= max(100, ready[-1] * 0.01)
    assert ready[-1] > ready[-6]


def test_a_burst_of_thumbnails_is_gone_within_the_minute(busy: Watched) -> None:
    ready = [counts["image-thumbnails"] for counts in busy.ready]
    peak = ready.index(max(ready[:60]))
    assert ready[peak] > 150
    assert min(ready[peak : peak + 40]) == 0


def test_a_tube_is_paused_with_jobs_in_it(busy: Watched) -> None:
    tube = busy.tube("webhooks-retry")
    left = (tube.unpause_at - busy.clock()) / SECOND
    assert tube.pause
    assert 30 < left < 60
    assert len(tube.ready) > 20
    assert len(tube.waiting) == tube.watching == 6


def test_a_tube_has_jobs_and_no_worker(busy: Watched) -> None:
    tube = busy.tube("billing-charge")
    assert len(tube.ready) > 100
    assert tube.urgent > 50
    assert tube.watching == 0
    assert tube.using == 2


def test_jobs_have_timed_out_and_some_of_them_are_buried(busy: Watched) -> None:
    assert busy.broker.timeouts > 5
    buried = busy.tube("invoices/pdf").buried.values()
    assert any(job.timeouts == 3 for job in buried)


def test_jobs_wait_for_their_next_try(busy: Watched) -> None:
    delayed = list(busy.tube("webhooks-retry").delayed)
    assert len(delayed) > 50
    assert any(job.releases > 1 for job in delayed)


def test_a_tube_comes_and_goes(busy: Watched) -> None:
    there = ["reports-monthly" in counts for counts in busy.ready]
    assert there[-1]
    assert [there[second] for second in (10, 30, 50, 70, 90)] == [False, True, False, True, False]


def test_a_tube_has_a_long_name(busy: Watched) -> None:
    assert len(VIDEO) > 40
    assert len(busy.tube(VIDEO).delayed) == 4


def test_some_tubes_are_quiet_with_waiting_workers(busy: Watched) -> None:
    tubes = busy.broker.tubes.values()
    quiet = [tube for tube in tubes if not tube.ready and tube.waiting and not tube.pause]
    assert len(quiet) >= 5
    assert "default" in busy.broker.tubes


def test_the_second_server_is_healthy(servers: list[Watched]) -> None:
    for tube in servers[1].broker.tubes.values():
        assert tube.watching
        assert not tube.buried
        assert not tube.pause
        assert len(tube.ready) < 100


def test_the_escape_sequences_are_a_head_that_one_sees(busy: Watched) -> None:
    head = next(iter(busy.tube("contact-form").buried.values()))
    assert head.body.startswith(b"\x1b[2J")


def _heads(run: Run) -> Iterator[bytes]:
    for tube in run.broker.tubes.values():
        for job in (tube.ready.first(), tube.delayed.first(), *list(tube.buried.values())[:1]):
            if job:
                yield job.body


KINDS: dict[str, Callable[[bytes], object]] = {
    "Sidekiq": lambda body: b'"jid":' in body,
    "Laravel": lambda body: rb"\u0000*\u0000" in body,
    "PHP": lambda body: body.startswith(b"a:3:{s:7:"),
    "JSON": lambda body: body.startswith(b'{"id":"evt_'),
    "MessagePack": lambda body: body.startswith(b"\x84\xa3doc"),
    "pickle": lambda body: body.startswith(b"\x80\x04"),
    "gzip": lambda body: body.startswith(b"\x1f\x8b"),
    "base64": lambda body: re.fullmatch(b"[A-Za-z0-9+/]{40,}=*", body),
    "YAML": lambda body: body.startswith(b"---\n"),
    "60 kB": lambda body: len(body) > 59_000,
    "not UTF-8": lambda body: b"K\xf6ln" in body,
    "wide": lambda body: any(sign.encode() in body for sign in "商新제👩☕"),
    "escape sequences": lambda body: b"\x1b]52;" in body,
    "markup": lambda body: b"[bold red]" in body,
    "C1": lambda body: b"\x9b2J" in body,
    "bidi": lambda body: b"\xe2\x80\xae" in body,
    "NULs": lambda body: b"user\x00" in body,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_of_this_kind_is_a_head_in_the_first_server(busy: Watched, kind: str) -> None:
    assert any(KINDS[kind](body) for body in _heads(busy))


# For ever:


def test_the_busy_server_stays_within_bounds() -> None:
    run = Run(BUSY)
    most = 0
    for minute in range(1, 26):
        run.until(60 * minute)
        most = max(most, len(run.broker.jobs))
    assert most < 4500
    assert len(run.tube("email-transactional").ready) < 1500  # the second crew has come by now
    assert len(run.tube("billing-charge").ready) < 500
    assert len(run.broker.connections) < 130
    assert all(len(tube.buried) < 40 for tube in run.broker.tubes.values())
