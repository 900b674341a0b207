"""The counters of a server that has lived for long before its traffic begins."""

import pytest

from beantop.demo.backlog import UNSTEADY
from beantop.demo.operators import Pauses
from beantop.demo.past import Old
from beantop.demo.producers import Bursts, Stream, Visits, Wave
from beantop.demo.scenes import BUSY, HEALTHY, SCENES
from beantop.demo.simulation import Shift
from beantop.demo.workers import TRIES, Crew, Manner
from beantop.demo.workload import Part, Scene
from tests.demo.runs import ONE, Run, made_of

HOUR = 3600

STREAM = Stream(ONE, Wave(10))
JOBS = pytest.approx(10 * HOUR, rel=UNSTEADY)


def lived(*parts: Part, old: tuple[Old, ...] = ()) -> Run:
    """A server an hour after its start, when traffic like the one of that hour begins."""
    return Run(made_of(*parts, old=old, past=HOUR))


@pytest.mark.parametrize(
    "part", [STREAM, Bursts(ONE, 300, Shift(6, 2, every=30)), Visits(ONE, 20, Shift(0, 5, 10))]
)
def test_as_many_jobs_were_put_and_deleted_as_the_rates_say(part: Part) -> None:
    broker = lived(part).broker
    assert broker.total_jobs == JOBS
    assert broker.command_counts["put"] == broker.command_counts["delete"] == broker.total_jobs


def test_a_tube_counted_them_as_well() -> None:
    run = lived(STREAM, Pauses("a", Shift(0, 60, every=120)))
    tube = run.tube("a")
    assert tube.total_jobs == tube.deletes == run.broker.total_jobs
    assert tube.pauses == run.broker.command_counts["pause-tube"] == 30


def test_ids_are_given_to_old_jobs_as_the_time_goes_on() -> None:
    broker = lived(STREAM, old=(Old(ONE, 4, age=HOUR),)).broker
    ids = list(broker.jobs)
    assert [id / ids[-1] for id in ids] == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=0.001)
    assert ids[-1] <= broker.total_jobs


def test_the_next_job_has_the_next_id() -> None:
    run = lived(STREAM)
    before = run.broker.total_jobs
    run.until(1)
    assert next(iter(run.broker.jobs)) == before + 1


def test_workers_tried_again_what_failed_or_hung() -> None:
    counts = lived(STREAM, Crew(("a",), 1, Manner(0.1, release=2, retries=2))).broker
    assert counts.command_counts["release"] / counts.total_jobs == pytest.approx(3 / 4, abs=0.001)
    assert counts.command_counts["bury"] / counts.total_jobs == pytest.approx(1 / 8, abs=0.001)
    counts = lived(STREAM, Crew(("a",), 1, Manner(0.1, hang=10))).broker
    assert counts.timeouts / counts.total_jobs == pytest.approx(TRIES / 10, abs=0.001)
    assert counts.command_counts["reserve"] / counts.total_jobs == pytest.approx(1.3, abs=0.001)


def test_two_crews_share_the_jobs_as_they_can() -> None:
    crews = Crew(("a",), 3, Manner(1)), Crew(("a",), 1, Manner(1, bury=1))
    broker = lived(STREAM, *crews).broker
    assert broker.command_counts["reserve"] == broker.total_jobs + 4  # who wait now
    assert broker.command_counts["bury"] / broker.total_jobs == pytest.approx(1 / 4, abs=0.001)


def test_who_came_for_a_shift_connected_each_time() -> None:
    broker = lived(Crew(("a", "b"), 3, Manner(1), Shift(0, 20, every=60))).broker
    assert broker.total_connections == 60 * 3
    assert (broker.command_counts["watch"], broker.command_counts["ignore"]) == (60 * 6, 60 * 3)


# The servers of the demo:


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_counters_go_on_at_the_pace_that_they_had(scene: Scene) -> None:
    run = Run(scene)
    usual = run.broker.total_jobs / (scene.past / 10**9)
    before = run.broker.total_jobs
    run.until(600)
    assert run.broker.total_jobs - before == pytest.approx(600 * usual, rel=0.1)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_was_put_was_deleted_or_is_there(scene: Scene) -> None:
    run = Run(scene)
    for tube in run.broker.tubes.values():
        there = [job for job in run.broker.jobs.values() if job.tube is tube]
        assert tube.total_jobs == tube.deletes + len(there)
        assert all(job.id <= run.broker.total_jobs for job in there)


@pytest.mark.slow
def test_the_busy_server_takes_some_percent_of_a_processor() -> None:
    run = Run(BUSY)
    before = sum(run.broker.host.cpu())
    assert 0.01 < before / (BUSY.past / 10**9) < 0.03
    run.until(100)
    assert 0.01 < (sum(run.broker.host.cpu()) - before) / 100 < 0.03


@pytest.mark.parametrize("scene", [BUSY, HEALTHY], ids=lambda scene: scene.name)
def test_it_has_a_binlog_of_some_files_that_grows(scene: Scene) -> None:
    run = Run(scene)
    files = run.broker.binlog
    assert 1 < files.oldest <= files.current < files.oldest + 3
    assert 2 < files.records_written / run.broker.total_jobs < 2.5
    before = files.records_written
    run.until(60)
    assert files.records_written > before
    assert all(files.oldest <= job.file <= files.current for job in run.broker.jobs.values())
