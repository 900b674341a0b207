"""What is said and shown of jobs that are followed."""

import time

from beantop.app.view.follow_columns import CAME, follow_columns
from beantop.app.view.follow_words import follow_words, list_sentence, pause_words
from beantop.app.view.job_columns import Look
from beantop.app.view.lines import plain
from beantop.jobs.body import kept
from beantop.jobs.connection import ActingConnection
from beantop.jobs.follow import Follow
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.listing import JobRow


def job(id: int) -> JobInfo:
    return listed(id, {"state": "ready", "tube": "emails"}, 0.0)


def following(put: int = 0, seen: int = 0, pending: int = 0, restarts: int = 0) -> Follow:
    """A server of which so many jobs were put and seen; some are still to be read."""
    follow = Follow(ActingConnection("/nowhere"))
    follow._put_in_all, follow.seen, follow.restarts = put, seen, restarts
    follow._newest = pending
    return follow


def said(follow: Follow, seconds: float = 60.0) -> str:
    return plain(follow_words(follow, seconds))


def test_jobs_are_counted_and_what_was_missed_too() -> None:
    assert said(following()) == "0 new jobs in 1m0s, 0/s"
    assert said(following(312, 312)) == "312 new jobs in 1m0s, 5.2/s"
    assert said(following(1, 1), 0.2) == "1 new job in 0s, 1.0/s"
    assert said(following(316, 312)) == "316 new jobs in 1m0s, 5.3/s · 4 missed"
    assert said(following(5000, 1000, 4000)).endswith(", 83/s · 4,000 still to be read")


def test_nothing_is_claimed_before_the_first_look_or_after_a_restart() -> None:
    assert said(following(), Follow(ActingConnection("/nowhere")).began_at * -1) == ""
    assert said(following(9, 9, restarts=1)).endswith(
        " · some may be missed · the server was restarted"
    )
    assert " · at least 2 missed · " in said(following(9, 7, restarts=1))


def test_a_pause_says_how_to_go_on() -> None:
    assert plain(pause_words(0, following=True)) == ""
    assert plain(pause_words(0, following=False)) == "paused: G follows again · "
    assert (
        plain(pause_words(1200, following=False)) == "paused: 1,200 new below, G follows again · "
    )


def test_below_the_list_is_why_it_is_empty_or_not_complete() -> None:
    follow = following()
    assert list_sentence(follow, "", found=False) == "Waiting for new jobs."
    follow.others = 1
    assert list_sentence(follow, "", found=False).endswith("  1 job came in other tubes.")
    refused = list_sentence(follow, "connection \x1b refused", found=False)
    assert refused == "Could not look for new jobs: connection ␛ refused."
    assert list_sentence(following(1, 1), "", found=True) == ""
    assert "gone before" in list_sentence(following(2, 1), "", found=True)


def test_each_job_has_the_time_at_which_it_was_put() -> None:
    at = time.mktime((2026, 11, 29, 17, 5, 9, 0, 0, -1))
    here, gone = (JobRow(job(id), kept(b"ada")) for id in (1, 2))
    for width in (40, 80, 120, 200):
        columns = follow_columns(width, Look(), {1: at}, {2}, with_tube=False)
        assert columns[0].label == CAME
        assert [columns[0].cell(row)[0] for row in (here, gone)] == ["17:05:09", "–"]
        state = next(column for column in columns if column.key == "state")
        assert state.cell(here) == ("ready", "")
        assert {column.cell(gone)[1] for column in columns} == {"dim"}
        assert state.cell(gone)[0] == "gone"
        assert not any(column.sort for column in columns)
