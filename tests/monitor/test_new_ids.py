"""The ids of new jobs follow from the number of jobs put."""

from beantop.beanstalk.commands import MAX_ID
from beantop.monitor.new_ids import DOUBTS, NewIds, Span


def test_the_ids_of_new_jobs_follow_from_the_number_of_puts() -> None:
    ids = NewIds(highest=1_000, total=40, at=0.0)
    assert ids.advance(45, 1.0) == Span(1_001, 1_006, 0.0, 1.0)
    assert ids.advance(45, 2.0) == Span(1_006, 1_006, 1.0, 2.0)
    assert ids.advance(46, 3.0) == Span(1_006, 1_007, 2.0, 3.0)


def test_jobs_are_taken_as_put_evenly() -> None:
    span = Span(11, 15, since=10.0, until=12.0)
    assert [span.put_at(id) for id in (11, 14)] == [10.25, 11.75]


def test_an_id_that_no_put_counts_for_is_made_up_for() -> None:
    ids = NewIds(highest=1, total=1, at=0.0)
    ids.advance(2, 1.0)  # a put broke off and took id 2: the job has id 3
    assert 3 in ids.above()
    ids.note_above(3, total=2)
    assert ids.advance(3, 2.0) == Span(3, 5, 1.0, 2.0)


def test_a_job_that_was_put_since_is_no_drift() -> None:
    ids = NewIds(highest=10, total=10, at=0.0)
    ids.note_above(12, total=12)
    assert ids.advance(12, 1.0) == Span(11, 13, 0.0, 1.0)


def test_many_ids_above_have_their_turn() -> None:
    ids = NewIds(highest=0, total=0, at=0.0)
    looked_at = {id for _ in range(20) for id in ids.above()}
    assert {1, 2, 4, 8, 4_096, 8_192} <= looked_at


def test_no_id_is_below_1() -> None:
    ids = NewIds(highest=0, total=0, at=0.0)
    ids.note_early()
    assert ids.advance(1, 1.0) == Span(1, 2, 0.0, 1.0)


def test_no_count_of_puts_leads_to_an_id_that_cannot_be() -> None:
    ids = NewIds(highest=10, total=10, at=0.0)
    span = ids.advance(2**70, 1.0)
    assert max(span.spread(50, 0.999)) <= MAX_ID
    assert max(id for _ in range(20) for id in ids.above()) <= MAX_ID
    assert ids.advance(2**71, 2.0).spread(50, 0.5) == []


def test_jobs_that_are_older_than_their_ids_say_make_the_guess_doubtful() -> None:
    ids = NewIds(highest=10, total=10, at=0.0)
    for _ in range(DOUBTS):
        assert not ids.is_doubtful
        assert not ids.note_found(age=60, passed=0.2)
    assert ids.is_doubtful
    assert not ids.is_sure


def test_one_that_is_as_old_as_its_id_says_makes_it_sure() -> None:
    ids = NewIds(highest=10, total=10, at=0.0)
    ids.note_found(age=60, passed=0.2)
    assert ids.note_found(age=1, passed=0.2)
    assert ids.is_sure


def test_an_id_that_was_not_there_yet_lowers_the_guess() -> None:
    ids = NewIds(highest=10, total=10, at=0.0)
    ids.advance(11, 1.0)
    ids.note_early()
    assert ids.advance(12, 2.0) == Span(11, 12, 1.0, 2.0)
