"""Which tubes a poll asks for: what is wanted always, all others in their turn, never too many."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.budget import AIM, FIRST, MIN_COUNT, SHARE, Budget
from beantop.monitor.poller import Poller, ServerStatus
from beantop.monitor.snapshot import Tube
from tests.monitor.peer import peer, server_of
from tests.monitor.polling import watch


def tubes(names: list[str], ready: int = 0) -> dict[str, Tube]:
    return {name: Tube(name, 0.0, ready=ready) for name in names}


def names(many: int) -> list[str]:
    return [f"tube-{number}" for number in range(many)]


def learned(cost_of_tube: float, every: list[str]) -> Budget:
    """A budget that knows what a tube costs, and has asked for all."""
    budget = Budget()
    budget.note(every, cost_of_tube * len(every), {}, tubes(every))
    return budget


def test_all_are_asked_for_where_they_fit() -> None:
    every = names(1000)
    assert Budget().choose(every, (), 1.0) == every
    assert learned(0.00003, every).choose(every, (), 1.0) == every


def test_the_first_poll_of_very_many_is_not_a_dear_one() -> None:
    assert len(Budget().choose(names(10_000), (), 1.0)) == FIRST


def test_as_many_as_fit_and_those_that_are_wanted_among_them() -> None:
    every = names(10_000)
    chosen = learned(0.0001, every).choose(every, {"tube-9999", "tube-5000", "gone"}, 1.0)
    assert len(chosen) == len(set(chosen)) == int(AIM * SHARE / 0.0001)
    assert {"tube-9999", "tube-5000"} <= set(chosen)
    assert "gone" not in chosen


def test_each_has_its_turn_though_others_change_all_the_time() -> None:
    every = names(2_000)
    budget = learned(AIM * 0.001, every)  # 50 fit
    busy = every[:100]
    seen: set[str] = set()
    for ready in range(1, 2_000 // 24 + 4):
        chosen = budget.choose(every, ["tube-7"], 1.0)
        assert "tube-7" in chosen
        assert len(chosen) <= 51
        seen |= set(chosen)
        before = {**tubes(every), **tubes(busy, ready)}
        now = {**tubes(every), **tubes(busy, ready + 1)}
        budget.note(chosen, AIM * 0.001 * len(chosen), before, now)
    assert seen == set(every)


def test_what_changed_is_asked_for_more_often() -> None:
    every = names(1_000)
    budget = learned(0.001, every)
    first = budget.choose(every, (), 1.0)
    changed = first[0]
    budget.note(first, 0.05, tubes(every), {**tubes(every), changed: Tube(changed, 1.0, ready=5)})
    assert changed in budget.choose(every, (), 1.0)
    assert first[1] not in budget.choose(every, (), 1.0)


def test_of_those_that_change_each_has_its_turn() -> None:
    every = names(2_000)
    budget = learned(AIM * 0.001, every)  # 50 fit
    asked = Counter[str]()
    for ready in range(240):
        chosen = budget.choose(every, (), 1.0)
        asked.update(chosen if ready >= 120 else ())  # by then all are known to change
        cost = AIM * 0.001 * len(chosen)
        budget.note(chosen, cost, tubes(every, ready), tubes(every, ready + 1))
    assert len(asked) == len(every)
    assert max(asked.values()) - min(asked.values()) <= 1


def test_tubes_that_changed_and_vanished_are_forgotten() -> None:
    """As those for replies, each with a name that never comes again."""
    every = names(1_000)
    budget = learned(0.001, every)
    for number in range(20):
        replies = [f"reply-{number}-{one}" for one in range(500)]
        now = tubes([*every, *replies], ready=1)
        budget.note(replies, 0.5, tubes(replies), now)
    budget.note(every[:10], 0.01, tubes(every), tubes(every))
    assert not budget._changing
    assert len(budget._turn) <= 2 * len(every)


@given(
    st.integers(0, 300), st.sets(st.integers(0, 400)), st.floats(0, 0.01), st.floats(0.5, 10)
)  # fmt: skip
def test_what_is_chosen_is_there_once_and_no_more_than_fits(
    many: int, wanted: set[int], cost: float, seconds: float
) -> None:
    every = names(many)
    budget = learned(cost, every)
    asked_for = {f"tube-{number}" for number in wanted}
    chosen = budget.choose(every, asked_for, seconds)
    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= set(every)
    assert asked_for & set(every) <= set(chosen)
    if cost:
        assert len(chosen) <= max(SHARE * seconds / cost, 0) + len(asked_for) + 2 * MIN_COUNT


def test_of_many_tubes_those_that_are_wanted_are_seen_each_time_and_all_in_turn() -> None:
    clock = [0.0]
    tubes = {f"t{number}": "name: a\ncurrent-jobs-ready: 1\n" for number in range(1_500)}
    well = server_of(tubes)

    def answer(line: str) -> bytes | None:
        clock[0] += 0.001 if line.startswith("stats-tube") else 0.0
        return well(line)

    def pass_time(seen: list[ServerStatus]) -> bool:
        clock[0] += seen[-1].pace
        return seen[-1].polls == 60

    with peer(answer) as crowded:
        poller = Poller(crowded.address, 1.0, now=lambda: clock[0])
        poller.wanted = lambda: {"t1499"}
        _, first, *looks = watch(poller, pass_time)
        poller.poke()
    assert len(first.snapshot.tubes) == 1_500
    assert first.snapshot.tubes["t1400"].ready is None  # not asked for yet: unknown
    for look in looks[5:]:
        wanted = look.snapshot.tubes["t1499"]
        assert look.snapshot.taken_at - wanted.taken_at < 2 * look.pace
        assert "t1499" in look.snapshot.asked
        assert look.cost <= 0.05
    assert all(tube.ready == 1 for tube in looks[-1].snapshot.tubes.values())
