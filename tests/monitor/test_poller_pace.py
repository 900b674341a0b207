"""The pace of a poller: at most the chosen one, and one that the server can bear."""

import asyncio
import time
from itertools import pairwise

import pytest

from beantop.monitor.cost import SHARE
from beantop.monitor.poller import Poller, ServerStatus
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import LastWords, peer
from tests.monitor.polling import NEVER, NO_TUBES, ONE_TUBE, TICK, is_, watch


def answer_late(line: str) -> bytes | None:
    """A server for which each tube is work."""
    time.sleep(0.02 if line.startswith("stats-tube") else 0.0)
    return ONE_TUBE(line)


def test_the_next_look_comes_an_interval_after_the_last_one(server: Beanstalkd) -> None:
    *_, first, second = watch(Poller(server.address, 0.1), is_("up", 2))
    assert second.snapshot.taken_at - first.snapshot.taken_at >= 0.1


def test_a_look_that_took_longer_than_the_interval_is_followed_by_half_its_time_of_rest() -> None:
    clock = [0.0]

    def answer(line: str) -> bytes | None:
        clock[0] += 0.02
        return NO_TUBES(line)

    with peer(answer) as far_away:
        seen = watch(Poller(far_away.address, 0.01, now=lambda: clock[0]), is_("up", 1))[-1]
    assert seen.pace == pytest.approx(1.5 * 0.06)
    assert seen.stretched


def test_a_poke_polls_at_once(server: Beanstalkd) -> None:
    poller = Poller(server.address, NEVER)

    def poked(seen: list[ServerStatus]) -> bool:
        poller.poke()
        return seen[-1].polls == 3

    assert watch(poller, poked)[-1].link.state == "up"


def test_one_poke_is_one_look(server: Beanstalkd) -> None:
    poller = Poller(server.address, 0.1)

    def poke_once(seen: list[ServerStatus]) -> bool:
        if seen[-1].polls == 1:
            poller.poke()
        return seen[-1].polls == 3

    *_, poked, usual = [look.snapshot.taken_at for look in watch(poller, poke_once)]
    assert usual - poked >= 0.1


@pytest.mark.long
def test_pokes_make_polls_come_no_closer_than_the_server_can_bear() -> None:
    with peer(answer_late) as slow:
        poller = Poller(slow.address, 0.0)

        def hurry(seen: list[ServerStatus]) -> bool:
            poller.poke()
            return seen[-1].polls == 3

        _, *looks = watch(poller, hurry)
    for look, after in pairwise(looks):
        assert look.pace > 0
        assert after.snapshot.taken_at - look.snapshot.taken_at >= look.pace - TICK


@pytest.mark.long
def test_a_poke_while_the_server_must_be_left_in_peace_is_no_second_look() -> None:
    with peer(answer_late) as slow:
        poller = Poller(slow.address, 2.5)

        def poke_twice(seen: list[ServerStatus]) -> bool:
            if seen[-1].polls == 1:
                poller.poke()
                asyncio.get_running_loop().call_soon(poller.poke)
            return seen[-1].polls == 3

        first, poked, usual = [look.snapshot.taken_at for look in watch(poller, poke_twice)[1:]]
    assert poked - first < 2.5
    assert usual - poked >= 2.5 - TICK


@pytest.mark.long
def test_a_connection_that_is_lost_after_each_poll_makes_polls_come_no_closer() -> None:
    def answer_and_hang_up(line: str) -> bytes | None:
        answer = answer_late(line)
        return LastWords(answer) if answer and line.startswith("stats-tube") else answer

    with peer(answer_and_hang_up) as moody:
        poller = Poller(moody.address, 0.0, chance=lambda: 0.0)
        looks = [look for look in watch(poller, is_("up", 2)) if look.link.state == "up"]
    first, second = looks
    assert second.snapshot.taken_at - first.snapshot.taken_at >= first.pace - TICK


def test_a_new_interval_counts_from_the_next_poke_on(server: Beanstalkd) -> None:
    poller = Poller(server.address, NEVER)

    def hurry(seen: list[ServerStatus]) -> bool:
        if seen[-1].polls == 1:
            poller.interval = 0.01
            poller.poke()
        return seen[-1].polls == 3

    _, slow, *quick = [watched.pace for watched in watch(poller, hurry)]
    assert slow == NEVER
    assert all(pace < NEVER for pace in quick)


def test_the_pace_leaves_a_busy_server_in_peace() -> None:
    clock = [0.0]

    def answer_slowly(line: str) -> bytes | None:
        clock[0] += 0.5 if line.startswith("stats-tube") else 0.01
        return ONE_TUBE(line)

    with peer(answer_slowly) as busy:
        seen = watch(Poller(busy.address, now=lambda: clock[0]), is_("up"))[-1]
    assert seen.snapshot.took == pytest.approx(0.52)
    assert seen.pace == pytest.approx((0.52 - 3 * 0.01) / SHARE)


def test_a_far_server_is_no_busy_one() -> None:
    clock = [0.0]

    def answer_from_afar(line: str) -> bytes | None:
        clock[0] += 0.2
        return ONE_TUBE(line)

    with peer(answer_from_afar) as far:
        seen = watch(Poller(far.address, 1.0, now=lambda: clock[0]), is_("up"))[-1]
    assert seen.snapshot.took == pytest.approx(0.6)
    assert seen.pace == 1.0


def test_the_pace_is_that_of_the_middle_one_of_the_last_three_polls() -> None:
    clock = [0.0]
    costs = iter([1.0, 0.0, 2.0, 3.0, 4.0, 0.5, 1.0])

    def answer_now_and_then_slowly(line: str) -> bytes | None:
        clock[0] += next(costs) if line.startswith("stats-tube") else 0.0
        return ONE_TUBE(line)

    def wait(seen: list[ServerStatus]) -> bool:
        clock[0] += seen[-1].pace
        return seen[-1].polls == 7

    with peer(answer_now_and_then_slowly) as uneven:
        _, *looks = watch(Poller(uneven.address, 2.0, now=lambda: clock[0]), wait)
    busy = [1.0, 0.0, 1.0, 2.0, 3.0, 3.0, 1.0]
    assert [look.pace for look in looks] == pytest.approx([max(2.0, cost / SHARE) for cost in busy])
    assert [look.stretched for look in looks] == [cost > 0 for cost in busy]
