"""Jobs as lines of a file."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.beanstalk import StatsJob, commands
from beantop.beanstalk.commands import MAX_UINT32
from beantop.jobs.job_info import listed
from beantop.jobs.records import COUNTERS, SavedJob, line_of, read_import, read_line, saved

numbers = st.integers(0, MAX_UINT32)

jobs = st.builds(
    SavedJob,
    tube=st.text("abc-+/;.$_()", min_size=1),
    body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")),
    id=st.integers(0, 2**64 - 1),
    state=st.sampled_from(["ready", "reserved", "delayed", "buried"]),
    priority=numbers,
    delay=numbers,
    ttr=numbers,
    counters=st.dictionaries(st.sampled_from(COUNTERS), numbers),
)


@example(SavedJob("a", "\x9b31m \u202e é 漢 \U000e0001".encode()))
@given(jobs)
def test_a_line_gives_back_the_job(job: SavedJob) -> None:
    line = line_of(job)
    assert line.isprintable()
    assert read_line(line.encode("utf-8")) == job


@given(
    st.fixed_dictionaries(
        {"tube": st.text()},
        optional={
            key: st.integers(-(10**20), 10**20)
            for key in ("pri", "ttr", "time-left", "age", "kicks")
        }
        | {"state": st.sampled_from(["ready", "reserved", "delayed", "buried"])},
    ),
    st.binary(),
)
def test_what_is_saved_can_be_read_again_whatever_a_server_tells(
    stats: StatsJob, body: bytes
) -> None:
    job = saved(listed(17, stats, 0.0), body)
    line = line_of(job).encode("utf-8", "surrogatepass")
    assert read_line(line) == job
    commands.put(job.body, job.priority, job.delay, job.ttr)


@given(st.text() | st.binary())
def test_any_line_is_a_job_or_a_sentence(line: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^it"):
        read_line(line)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("{}", "it has no tube"),
        ('{"tube":"a"}', "it has no body"),
        ('{"tube":"a","body_base64":"!"}', "its body_base64 is not base64"),
        ('{"tube":"a","body":"\\ud800"}', "its body is not valid Unicode"),
        ('{"tube":"a","body":"","state":"lost"}', "'lost' is not a job state: use ready"),
        ('{"tube":"a","body":"","ttr":-1}', "its ttr is not a whole number from 0 to 4294967295"),
        ('{"tube":"a","body":"","delay":true}', "its delay is not a whole number"),
    ],
)
def test_what_is_wrong_is_said(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_line(line)


def test_only_a_masked_body_is_refused() -> None:
    line = '{"tube":"a","body":"x","masked":%s}'
    assert read_import(line % "false") == SavedJob("a", b"x")
    for masked in ("true", "null", "1"):
        with pytest.raises(ValueError, match="its body is masked"):
            read_import(line % masked)
