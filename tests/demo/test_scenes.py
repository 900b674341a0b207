"""What the servers of the demo should show."""

import re
from collections.abc import Callable, Iterator

import pytest

from beantop.demo.clock import SECOND
from beantop.demo.scenes import BUSY, HEALTHY, SCENES, SMALL, VIDEO
from beantop.demo.workload import Scene
from tests.demo.runs import Run

HISTORY = 150
"""Seconds of traffic that have passed when the first picture is shown."""


class ServerStatus(Run):
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
def servers() -> list[ServerStatus]:
    return [ServerStatus(scene) for scene in SCENES]


@pytest.fixture(scope="module")
def busy(servers: list[ServerStatus]) -> ServerStatus:
    return servers[0]


@pytest.mark.long
def test_the_first_server_is_the_busiest(servers: list[ServerStatus]) -> None:
    first, *others = (server.broker.total_jobs - server.old for server in servers)
    assert first > max(others)


@pytest.mark.parametrize(
    ("scene", "fewest", "most"), [(BUSY, 12, 16), (HEALTHY, 6, 8), (SMALL, 4, 5)]
)
def test_each_server_has_so_many_tubes(scene: Scene, fewest: int, most: int) -> None:
    run = Run(scene)
    run.until(5)
    assert fewest <= len(run.broker.tubes) <= most


@pytest.mark.long
def test_all_servers_together_do_some_60_to_90_jobs_a_second(servers: list[ServerStatus]) -> None:
    put = sum(server.broker.total_jobs - server.old for server in servers)
    assert 60 < put / HISTORY < 90


def test_mail_grows_all_the_time(busy: ServerStatus) -> None:
    ready = [counts["email-transactional"] for counts in busy.ready]
    grown = [ready[second] - ready[second - 60] for second in range(100, HISTORY + 1)]
    assert min(grown) >= max(100, ready[-1] * 0.01)
    assert ready[-1] > ready[-6]


def test_a_burst_of_thumbnails_is_gone_within_the_minute(busy: ServerStatus) -> None:
    ready = [counts["image-thumbnails"] for counts in busy.ready]
    peak = ready.index(max(ready[:60]))
    assert ready[peak] > 150
    assert min(ready[peak : peak + 40]) == 0


def test_a_tube_is_paused_with_jobs_in_it(busy: ServerStatus) -> None:
    tube = busy.tube("webhooks-retry")
    left = (tube.unpause_at - busy.clock()) / SECOND
    assert tube.pause
    assert 30 < left < 60
    assert len(tube.ready) > 20
    assert len(tube.waiting) == tube.watching == 6


def test_a_tube_has_jobs_and_no_worker(busy: ServerStatus) -> None:
    tube = busy.tube("billing-charge")
    assert len(tube.ready) > 100
    assert tube.urgent > 50
    assert tube.watching == 0
    assert tube.using == 2


def test_jobs_have_timed_out_and_some_of_them_are_buried(busy: ServerStatus) -> None:
    assert busy.broker.timeouts > 5
    buried = busy.tube("invoices/pdf").buried.values()
    assert any(job.timeouts == 3 for job in buried)


def test_jobs_wait_for_their_next_try(busy: ServerStatus) -> None:
    delayed = list(busy.tube("webhooks-retry").delayed)
    assert len(delayed) > 50
    assert any(job.releases > 1 for job in delayed)


def test_a_tube_comes_and_goes(busy: ServerStatus) -> None:
    there = ["reports-monthly" in counts for counts in busy.ready]
    assert there[-1]
    assert [there[second] for second in (10, 30, 50, 70, 90)] == [False, True, False, True, False]


def test_a_tube_has_a_long_name(busy: ServerStatus) -> None:
    assert len(VIDEO) > 40
    assert len(busy.tube(VIDEO).delayed) == 4


def test_some_tubes_are_quiet_with_waiting_workers(busy: ServerStatus) -> None:
    tubes = busy.broker.tubes.values()
    quiet = [tube for tube in tubes if not tube.ready and tube.waiting and not tube.pause]
    assert len(quiet) >= 5
    assert "default" in busy.broker.tubes


def test_the_second_server_is_healthy(servers: list[ServerStatus]) -> None:
    for tube in servers[1].broker.tubes.values():
        assert tube.watching
        assert not tube.buried
        assert not tube.pause
        assert len(tube.ready) < 100


def test_the_escape_sequences_are_a_head_that_one_sees(busy: ServerStatus) -> None:
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
def test_a_body_of_this_kind_is_a_head_in_the_first_server(busy: ServerStatus, kind: str) -> None:
    assert any(KINDS[kind](body) for body in _heads(busy))


# For ever:


@pytest.mark.slow
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
