"""Which tubes a poll asks for: what is wanted always, all others in their turn, never too many."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.budget import AIM, MIN_COUNT, ON_SCREEN, SPARED, Budget
from beantop.monitor.cost import MIN_COST, NOT_SEEN, SHARE, WINDOW, Costs, allowed
from beantop.monitor.snapshot import Server, Snapshot, Tube


def tubes(names: list[str], ready: int = 0) -> dict[str, Tube]:
    return {name: Tube(name, 0.0, ready=ready) for name in names}


def names(many: int) -> list[str]:
    return [f"tube-{number}" for number in range(many)]


def poll_of(asked: list[str], cost: float, now: dict[str, Tube]) -> Snapshot:
    """A poll of these tubes that cost the server so many seconds."""
    commands = len(asked) + 3
    cpu = cost * (commands - 1) / (commands + NOT_SEEN)
    return Snapshot(0.0, 0.0, Server(), now, took=cost, asked=asked, cpu=cpu)


class Known:
    """A budget that knows what a tube costs, and has asked for all."""

    def __init__(self, cost_of_tube: float, every: list[str]) -> None:
        self._costs = Costs()
        self._cost_of_tube = cost_of_tube
        self.budget = Budget(self._costs)
        self.note(every, {}, tubes(every))

    def choose(
        self, names: list[str], wanted: Iterable[str] = (), seconds: float = 1.0
    ) -> list[str]:
        return self.budget.choose(names, wanted, seconds)

    def note(self, asked: list[str], before: dict[str, Tube], now: dict[str, Tube]) -> None:
        poll = poll_of(asked, self._cost_of_tube * len(asked), now)
        self._costs.note(poll)
        self.budget.note(before, poll)


def fit(cost: float, seconds: float = 1.0) -> int:
    """How many tubes of that cost fit in a poll."""
    return int(AIM * allowed(seconds) / cost)


def costing(many: int) -> float:
    """The cost of a tube if this many fit into a poll."""
    return AIM * allowed(1.0) / (many + 0.5)


def test_all_are_asked_for_where_they_fit() -> None:
    every = names(1000)
    assert Budget(Costs()).choose(every, (), 1.0) == every
    assert Known(0.00003, every).choose(every) == every


def test_a_part_of_what_fits_is_left_to_samples_that_are_behind() -> None:
    every = names(10_000)
    known = Known(costing(400), every)
    assert len(known.budget.choose(every, (), 1.0, spares=True)) == int(400.5 * (1 - SPARED))
    assert len(known.choose(every)) == 400


def test_as_many_as_fit_and_those_that_are_wanted_among_them() -> None:
    every = names(10_000)
    chosen = Known(0.0001, every).choose(every, ["tube-9999", "tube-5000", "gone", "tube-9999"])
    assert len(chosen) == len(set(chosen)) == fit(0.0001)
    assert {"tube-9999", "tube-5000"} <= set(chosen)
    assert "gone" not in chosen


@pytest.mark.long
def test_where_too_many_are_wanted_the_first_ones_are_asked_for_each_time() -> None:
    every = names(10_000)
    known = Known(costing(400), every)
    on_screen = every[:ON_SCREEN]
    for _ in range(3):
        chosen = known.choose(every, every)
        assert set(on_screen) <= set(chosen)
        assert len(chosen) == 400
        known.note(chosen, tubes(every), tubes(every))


@pytest.mark.long
def test_where_not_all_on_the_screen_fit_each_is_in_every_second_poll() -> None:
    every = names(10_000)
    known = Known(costing(4), every)
    on_screen = set(every[:60])
    before = on_screen
    for _ in range(6):
        chosen = known.choose(every, every[:60])
        assert len(on_screen.intersection(chosen)) < 60
        assert on_screen <= before.union(chosen)
        before = set(chosen)
        known.note(chosen, tubes(every), tubes(every))


def test_each_has_its_turn_though_others_change_all_the_time() -> None:
    every = names(1_000)
    known = Known(costing(50), every)
    busy = every[:100]
    seen: set[str] = set()
    for ready in range(1, 1_000 // 24 + 4):
        chosen = known.choose(every, ["tube-7"])
        assert "tube-7" in chosen
        assert len(chosen) <= 51
        seen |= set(chosen)
        before = {**tubes(every), **tubes(busy, ready)}
        now = {**tubes(every), **tubes(busy, ready + 1)}
        known.note(chosen, before, now)
    assert seen == set(every)


def test_what_changed_is_asked_for_more_often() -> None:
    every = names(1_000)
    known = Known(costing(50), every)
    first = known.choose(every)
    changed = first[0]
    known.note(first, tubes(every), {**tubes(every), changed: Tube(changed, 1.0, ready=5)})
    second = known.choose(every)
    assert changed in second
    assert first[1] not in second


def test_what_was_never_seen_before_has_not_changed() -> None:
    every = names(1_000)
    costs = Costs()
    budget = Budget(costs)
    seen: set[str] = set()
    for _ in range(20):
        chosen = budget.choose(every, (), 1.0)
        assert seen.isdisjoint(chosen)
        seen |= set(chosen)
        poll = poll_of(chosen, costing(50) * len(chosen), {**tubes(every), **tubes(chosen, 1)})
        costs.note(poll)
        budget.note({name: Tube(name, 0.0) for name in every}, poll)
        if len(seen) > 900:
            break


@pytest.mark.long
def test_of_those_that_change_each_has_its_turn() -> None:
    every = names(1_000)
    known = Known(costing(50), every)
    asked = Counter[str]()
    for ready in range(120):
        chosen = known.choose(every)
        asked.update(chosen if ready >= 60 else ())  # by then all are known to change
        known.note(chosen, tubes(every, ready), tubes(every, ready + 1))
    assert len(asked) == len(every)
    assert max(asked.values()) - min(asked.values()) <= 1


def test_tubes_that_changed_and_vanished_are_forgotten() -> None:
    """Tubes for replies, each with a name that is used only once."""
    every = names(1_000)
    known = Known(0.001, every)
    for number in range(20):
        replies = [f"reply-{number}-{one}" for one in range(500)]
        now = tubes([*every, *replies], ready=1)
        known.note(replies, tubes(replies), now)
    known.note(every[:10], tubes(every), tubes(every))
    assert not known.budget._changing
    assert len(known.budget._turns) <= 2 * len(every)


@given(
    st.integers(0, 300), st.sets(st.integers(0, 400)), st.floats(MIN_COST, 0.01), st.floats(0.5, 10)
)  # fmt: skip
def test_what_is_chosen_is_there_once_and_no_more_than_fits(
    many: int, wanted: set[int], cost: float, seconds: float
) -> None:
    every = names(many)
    chosen = Known(cost, every).choose(every, [f"tube-{number}" for number in wanted], seconds)
    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= set(every)
    longest = min(ON_SCREEN, int(AIM * SHARE * WINDOW / cost))
    assert len(chosen) <= max(fit(cost, seconds), longest) + 2 * MIN_COUNT
