from beantop.monitor.series import SLOTS
from beantop.monitor.time_series import TimeSeries, Trace

NONE = (0, 0, 0, 0)


def seen(
    *looks: tuple[float, tuple[int, int, int, int], int, int], lost: float = -1.0
) -> TimeSeries:
    """The past of these looks: when, the counts of the states, and both counters; the connection
    was lost, or the server restarted, before the look at `lost`."""
    past = TimeSeries()
    for at, counts, puts, deletes in looks:
        past.note(at, counts, puts, deletes, at != lost)
    return past


def test_each_state_is_remembered() -> None:
    past = seen((0.0, (1, 2, 3, 4), 0, 0), (2.0, (5, 6, 7, 8), 0, 0))
    states: list[Trace] = ["ready", "reserved", "delayed", "buried"]
    assert [past.last(state, SLOTS, 2.0)[-2:] for state in states] == [
        [1, 5],
        [2, 6],
        [3, 7],
        [4, 8],
    ]


def test_a_state_that_was_always_0_is_0_wherever_the_tube_was_seen() -> None:
    past = seen((4.0, NONE, 0, 0), (10.0, NONE, 0, 0), lost=10.0)
    assert past.last("buried", SLOTS, 10.0)[-4:] == [0, None, None, 0]


def test_a_state_that_was_0_until_now_was_0_before() -> None:
    past = seen((0.0, NONE, 0, 0), (2.0, NONE, 0, 0), (4.0, (0, 0, 0, 3), 0, 0))
    assert past.last("buried", SLOTS, 4.0)[-4:] == [None, 0, 0, 3]


def test_a_flow_is_what_came_in_the_time_that_really_passed() -> None:
    past = seen((0.0, NONE, 100, 0), (3.0, NONE, 130, 0), (4.0, NONE, 132, 6))
    assert past.last("put", SLOTS, 4.0)[-3:] == [10, 2, None]
    assert past.last("delete", SLOTS, 4.0)[-3:] == [0, 6, None]


def test_at_a_slow_pace_a_flow_is_the_same_between_two_looks() -> None:
    past = seen((0.0, NONE, 0, 0), (10.0, NONE, 50, 0), (20.0, NONE, 50, 0))
    assert past.last("put", SLOTS, 20.0)[-11:] == [5] * 5 + [0] * 5 + [None]


def test_there_is_no_flow_across_a_restart() -> None:
    looks = [(0.0, NONE, 7, 7), (2.0, NONE, 9, 9), (4.0, NONE, 30, 30), (6.0, NONE, 32, 30)]
    past = seen(*looks, lost=4.0)
    assert past.last("put", SLOTS, 6.0)[-4:] == [1, None, 1, None]
    assert past.last("delete", SLOTS, 6.0)[-4:] == [1, None, 0, None]


def test_a_tube_that_came_anew_has_no_flow_across_that() -> None:
    past = seen((0.0, NONE, 9, 9), (2.0, NONE, 1, 1), (4.0, NONE, 1, 1))
    assert past.last("put", SLOTS, 4.0)[-3:] == [None, 0, None]


def test_a_flow_that_was_always_0_is_unknown_for_the_step_that_goes_on() -> None:
    past = seen((0.0, NONE, 9, 9), (2.0, NONE, 9, 9))
    assert past.last("put", SLOTS, 2.0)[-3:] == [None, 0, None]


def test_what_is_not_known_is_a_gap() -> None:
    past = TimeSeries()
    past.note(0.0, (None, None, None, None), None, None, True)
    assert past.last("put", 1, 0.0) == past.last("buried", 1, 0.0) == [None]


def test_a_copy_no_longer_goes_on() -> None:
    past = seen((0.0, (1, 1, 1, 1), 0, 0), (2.0, (1, 1, 1, 1), 4, 4))
    copy = past.copy()
    past.note(4.0, (9, 9, 9, 9), 40, 40, True)
    assert copy.last("buried", SLOTS, 4.0)[-2:] == [1, None]
    assert copy.last("put", SLOTS, 4.0)[-3:] == [2, None, None]
