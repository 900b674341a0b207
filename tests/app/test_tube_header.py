"""What the header of a tube tells."""

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import plain
from beantop.app.view.tube_header import tube_header
from beantop.app.view.tube_rows import TubeRow
from beantop.config import ServerConfig
from beantop.monitor.snapshot import Tube
from beantop.monitor.tuber_stats import TuberStats
from tests.app import stills


def _header(name: str, width: int = 120, **changes: object) -> list[str]:
    watched = stills.watched()
    tube = watched.snapshot.tubes[name]._replace(**changes)  # type: ignore[arg-type]
    view = ServerView(watched, stills.NOW, stills.WALL, 1.0, ServerConfig(watched.address))
    lines = tube_header(view, TubeRow(tube, watched.history), False, width, 36)
    return [plain(line) for line in lines]


def test_what_a_job_waits_and_is_worked_on_is_estimated_where_jobs_go_out() -> None:
    *_, drain = _header("email-transactional")
    assert drain.endswith("   a job waits about 45s, takes a worker about 0.1s")
    assert "about" not in _header("billing-charge")[-1]
    assert "about" not in _header("email-transactional", width=80)[-1]


def test_deletes_are_not_taken_for_work_where_no_worker_watches() -> None:
    *_, drain = _header("email-transactional", watching=0)
    assert drain == " drain never: no worker watches this tube"


def test_a_tube_without_ready_jobs_has_nothing_to_drain() -> None:
    *_, drain = _header("email-transactional", ready=0, watching=0)
    assert drain == " no job is ready"


def test_what_tuber_tells_of_a_tube_is_shown() -> None:
    tuber_stats = TuberStats(work_p50=0.25, work_p99=83.0, oldest_ready=3725.0)
    *_, last = _header("email-transactional", tuber_stats=tuber_stats)
    assert " ".join(last.split()) == "work p50 0.2s p99 1m23s oldest ready 1h2m"


def test_the_stats_of_tuber_are_read_from_what_the_server_says() -> None:
    stock = {f"key-{number}": 0 for number in range(14)}
    stats = stock | {
        "processing-time-p95": "nonsense",
        "processing-time-p50": "-1",
        "oldest-ready-age": 5,
    }
    tube = Tube.from_stats("a", 0.0, stats)  # type: ignore[arg-type]
    assert tube.tuber_stats == TuberStats(oldest_ready=5.0)
    assert Tube.from_stats("a", 0.0, {"name": "a"}).tuber_stats is None
