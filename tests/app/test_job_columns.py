"""The columns of a list of jobs, and the order by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from beantop.app.view.column import Column, laid_out, sortable
from beantop.app.view.fleet_columns import FLEET_TUBE_LETTERS, SERVER_LETTERS
from beantop.app.view.job_columns import COLUMNS, LETTERS, ORDERS, Look, job_columns
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.lines import fitted
from beantop.app.view.table_lines import row_segments
from beantop.app.view.tube_columns import LETTERS as TUBE_LETTERS
from beantop.app.view.words import Words
from beantop.beanstalk import State
from beantop.jobs.body import kept
from beantop.jobs.job_info import OUT_OF_REACH, listed
from beantop.jobs.listing import JobRow


def column(key: str) -> Column[JobRow]:
    return next(column for column in job_columns(200) if column.key == key)


LEFT = column("left")


def test_by_what_is_left_a_job_of_which_that_is_not_known_comes_after_a_late_one() -> None:
    ready = listed(1, {"state": "ready", "time-left": 0}, 0.0)
    late = listed(2, {"state": "reserved", "time-left": -5}, 0.0)
    delayed = listed(3, {"state": "delayed", "time-left": 60}, 0.0)
    in_order = sorted([ready, late, delayed], key=ORDERS["left"], reverse=True)
    assert [LEFT.cell(JobRow(job, None))[0] for job in in_order] == ["1m0s", "-5s", "–"]


def test_a_time_left_that_overflowed_is_overdue() -> None:
    late = listed(1, {"state": "reserved", "time-left": 18446743634413}, 0.0)
    assert LEFT.cell(JobRow(late, None)) == ("-5d 2h", "bad")
    assert JobFilter("left < -5d").keeps(late, {})


def test_what_a_parked_job_has_to_wait_is_not_a_time() -> None:
    parked = listed(1, {"state": "delayed", "time-left": OUT_OF_REACH - 10}, 0.0)
    assert LEFT.cell(JobRow(parked, None))[0] == "parked"


def test_each_column_that_sorts_has_a_letter_of_its_own_and_an_order() -> None:
    every = {column.key for column in sortable(job_columns(10_000))}
    assert every == LETTERS.keys()
    assert every - ORDERS.keys() == {"size"}  # the bodies tell it
    assert len(set(LETTERS.values())) == len(LETTERS)


@pytest.mark.parametrize(
    "letters",
    [LETTERS, TUBE_LETTERS, SERVER_LETTERS, FLEET_TUBE_LETTERS],
    ids=["jobs", "tubes", "servers", "tubes of all"],
)
def test_no_column_takes_the_keys_that_move_the_cursor(letters: dict[str, str]) -> None:
    assert not {"j", "k"} & set(letters.values())


def test_a_wider_window_has_the_columns_of_a_narrower_one_in_the_same_order() -> None:
    for with_tube in (False, True):
        wide = [one.key for one in job_columns(200, with_tube=with_tube)]
        assert wide == [key for key in COLUMNS if with_tube or key != "tube"]
        for width in range(40, 200):
            keys = [one.key for one in job_columns(width, with_tube=with_tube)]
            assert keys == [key for key in wide if key in keys]


def bodies(*texts: str) -> list[JobRow]:
    """Rows of jobs with these bodies."""
    info = listed(1, {"state": "ready"}, 0.0)
    return [JobRow(info, kept(text.encode())) for text in texts]


def shown(key: str, rows: list[JobRow], width: int, look: Look | None = None) -> list[str]:
    """What is in a column of these rows."""
    look = Look().after(rows) if look is None else look
    placed = laid_out(job_columns(width, look), width)
    return [
        fitted(one.cell(row)[0], cells).rstrip()
        for row in rows
        for one, cells in placed
        if one.key == key
    ]


MAIL = '{"displayName":"App\\\\Jobs\\\\SendInvoiceMail","job":"CallQueuedHandler@call","data":{}}'
CELERY = '{"headers":{"task":"shop.tasks.invoices.send_reminder_of_the_last_invoice"}}'


def test_a_class_is_shown_without_its_namespace() -> None:
    for width in (80, 120, 200):
        assert shown("what", bodies(MAIL, "reindex ada"), width) == ["SendInvoiceMail", "reindex"]


def test_a_long_class_keeps_its_end() -> None:
    assert shown("what", bodies(CELERY), 80)[0].endswith("last_invoice")
    assert shown("what", bodies(CELERY), 80)[0].startswith("…")


def test_a_narrow_window_has_what_in_place_of_the_body() -> None:
    assert shown("what", bodies(MAIL), 40)[0].startswith("…")
    assert shown("body", bodies(MAIL), 70) == []
    assert shown("body", bodies(MAIL), 80) != []


def test_fields_that_all_bodies_have_alike_are_left_out_also_when_others_were_seen_before() -> None:
    rows = bodies('{"v":1,"n":7}', '{"v":1,"n":8}')
    assert shown("what", rows, 120) == ["n: 7", "n: 8"]
    look = Look().after(rows).after(bodies('{"v":2,"n":9}', '{"v":2,"n":8}'))
    assert shown("what", rows, 120, look) == ["v: 1", "v: 1"]


def test_a_list_never_gets_narrower_columns_again() -> None:
    look = Look().after(bodies(MAIL)).after(bodies("7"))
    assert shown("what", bodies(MAIL), 200, look) == ["SendInvoiceMail"]


def test_hostile_bodies_cannot_control_the_terminal() -> None:
    rows = bodies("\x1b[2J now", '{"type":"\x1b[2J"}'.replace("\x1b", "\\u001b"), "\u202eabc x")
    for key in ("what", "body"):
        assert all(text.isprintable() for text in shown(key, rows, 200))


@given(
    st.text(max_size=60) | st.text("ab漢 ", max_size=60),
    st.sampled_from(["a", "b a", "!a", "a|漢", "/a.b/"]),
    st.sampled_from(["", "cursor", "marked"]),
    st.integers(70, 130),
)
def test_what_stands_out_moves_nothing(text: str, words: str, kind: str, width: int) -> None:
    (row,) = bodies(text)
    find = Words(words).find
    placed = laid_out(job_columns(width, Look(find=find)), width)
    segments = row_segments(row, placed, width, lambda names: Style(meta={"n": names}), kind=kind)
    out = "".join(segment.text for segment in segments)
    assert cell_len(out) == width
    for segment in segments:
        if segment.style and "found" in segment.style.meta["n"]:
            assert find(segment.text), "what stands out is a match"


@pytest.mark.parametrize("width", range(20))
def test_no_window_is_too_narrow_for_ids(width: int) -> None:
    for with_tube in (False, True):
        assert "id" in [column.key for column in job_columns(width, with_tube=with_tube)]


@pytest.mark.parametrize("tab", ["delayed", "reserved"])
def test_a_narrow_list_of_one_state_has_the_time_left_in_its_place(tab: State) -> None:
    def keys(width: int, look: Look) -> list[str]:
        return [column.key for column in job_columns(width, look)]

    assert "left" not in keys(80, Look())
    assert ("left" in keys(80, Look(tab=tab)), "state" in keys(80, Look(tab=tab))) == (True, False)
    assert keys(120, Look(tab=tab)) == keys(120, Look())
    assert keys(80, Look(tab="buried")) == keys(80, Look())
