"""What the server knows of a job, in words."""

from beantop.app.view.job_lines import as_list, as_paragraph, job_facts, what_keys_do
from beantop.app.view.lines import plain
from beantop.beanstalk.stats import read_stats_job
from beantop.jobs.peek import JobRecord


def test_what_only_some_servers_tell_is_told_in_any_window() -> None:
    seen = seen_as(b"id: 7\nstate: ready\ntube: a\nholder: worker 12\n")
    assert ["holder", "worker", "12"] in [plain(line).split() for line in as_list(seen, 38)]
    assert plain(as_paragraph(seen)[-1]).split() == ["holder", "worker", "12"]


def test_what_is_overdue_is_not_due_in_half_a_million_years() -> None:
    seen = seen_as(b"id: 7\nstate: reserved\nage: 18446743634413\ntime-left: 18446743634413\n")
    view = dict(job_facts(seen))
    assert (view["time left"], view["age"]) == ("-5d 2h", "–")


def test_a_small_window_has_no_line_for_what_no_server_told() -> None:
    assert len(as_paragraph(seen_as(b"id: 7\nstate: ready\ntube: a\n"))) == 3


def test_a_parked_job_is_not_said_to_be_delayed_for_136_years() -> None:
    parked = seen_as(b"id: 7\nstate: delayed\ndelay: 4294967295\ntime-left: 4294967000\n")
    view = dict(job_facts(parked))
    assert (view["delay"], view["time left"]) == ("parked by beantop", "parked")
    assert what_keys_do(parked).startswith("job 7 is parked by beantop: U finishes that;")


def test_a_buried_job_that_was_parked_before_is_not_said_to_be_parked() -> None:
    buried = seen_as(b"id: 7\nstate: buried\ndelay: 4294967295\ntime-left: 0\n")
    view = dict(job_facts(buried))
    assert (view["delay"], view["time left"]) == ("0s", "–")
    assert "parked" not in what_keys_do(buried)


def seen_as(told: bytes) -> JobRecord:
    """A job of which a server tells that."""
    return JobRecord(7, b"body", read_stats_job(b"---\n" + told))
