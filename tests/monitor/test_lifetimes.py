"""When tubes come and go, and when their jobs stand still."""

from beantop.monitor.lifetimes import NEWS_SECONDS, Lifetimes
from beantop.monitor.snapshot import Server, Snapshot, Tube


def _look(
    lifetimes: Lifetimes, at: float, same_process: bool = True, **deletes: int
) -> dict[str, Tube]:
    tubes = {name: Tube(name, at, deletes=count) for name, count in deletes.items()}
    lifetimes.add(Snapshot(at, at, Server(at), tubes), same_process=same_process)
    return tubes


def _names(tubes: list[Tube]) -> list[str]:
    return [tube.name for tube in tubes]


def test_a_tube_that_comes_later_is_new_and_those_of_the_first_look_are_not() -> None:
    lifetimes = Lifetimes()
    first = _look(lifetimes, 100, a=0)
    later = _look(lifetimes, 103, a=0, b=0)
    assert lifetimes.age(first["a"]) is None
    assert lifetimes.age(later["b"]) == 0
    assert lifetimes.age(_look(lifetimes, 107, a=0, b=0)["b"]) == 4


def test_a_tube_that_goes_is_remembered_for_a_while_with_nothing_known() -> None:
    lifetimes = Lifetimes()
    _look(lifetimes, 100, a=7, b=0)
    _look(lifetimes, 101, b=0)
    assert lifetimes.gone == [Tube("a", 101)]
    _look(lifetimes, 101 + NEWS_SECONDS - 1, b=0)
    assert _names(lifetimes.gone) == ["a"]
    _look(lifetimes, 101 + NEWS_SECONDS, b=0)
    assert lifetimes.gone == []


def test_a_tube_that_comes_again_is_a_new_one_and_no_longer_gone() -> None:
    lifetimes = Lifetimes()
    _look(lifetimes, 100, a=7)
    _look(lifetimes, 101)
    assert lifetimes.age(_look(lifetimes, 102, a=0)["a"]) == 0
    assert lifetimes.gone == []


def test_a_tube_stands_still_since_its_deletes_last_went_up() -> None:
    lifetimes = Lifetimes()
    _look(lifetimes, 100, a=5)
    assert lifetimes.still_for(_look(lifetimes, 130, a=5)["a"]) == 30
    assert lifetimes.still_for(_look(lifetimes, 131, a=6)["a"]) == 0
    assert lifetimes.still_for(_look(lifetimes, 140, a=6)["a"]) == 9
    assert lifetimes.still_for(Tube("unknown", 1.0)) == 0


def test_after_a_restart_nothing_is_new_gone_or_still() -> None:
    lifetimes = Lifetimes()
    _look(lifetimes, 100, a=5, b=0)
    tubes = _look(lifetimes, 200, same_process=False, a=0, c=0)
    assert lifetimes.gone == []
    assert lifetimes.age(tubes["c"]) is None
    assert lifetimes.still_for(tubes["a"]) == 0


def test_a_copy_goes_on_alone() -> None:
    lifetimes = Lifetimes()
    _look(lifetimes, 100, a=5)
    copy = lifetimes.copy()
    _look(lifetimes, 110)
    assert _names(lifetimes.gone) == ["a"]
    assert copy.gone == []
    assert copy.still_for(Tube("a", 110.0)) == 10


def test_a_tube_without_ready_jobs_does_not_stand_still() -> None:
    lifetimes = Lifetimes()
    for at, ready in ((0, 0), (100, 0), (200, 5), (230, 5)):
        tube = Tube("a", float(at), ready=ready, deletes=7)
        lifetimes.add(Snapshot(float(at), 0.0, Server(), {"a": tube}), same_process=True)
    assert lifetimes.still_for(tube) == 30.0
