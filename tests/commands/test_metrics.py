"""`beantop metrics`: what a scrape finds, of real servers and of made-up ones."""

import json
import signal
from dataclasses import replace
from importlib.resources import files
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.commands import metrics
from beantop.monitor.durations import Estimate, cell_of
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.poller import Link
from beantop.monitor.sampled import FirstJob, moves_of
from beantop.monitor.snapshot import Server, Tube
from beantop.report.prometheus.histograms import QUANTITIES
from beantop.report.prometheus.metrics import SERVER_METRICS, TUBE_METRICS, WATCHED_METRICS
from tests.beanstalkd import PATIENCE, Beanstalkd, free_port, wait_until
from tests.commands.exporting import (
    exporter_of,
    exporting,
    fixed,
    names_in,
    scrape,
    scrape_of,
)
from tests.commands.running import get, running
from tests.monitor.peer import SILENCE, peer, server_of

NAMES = {
    *(metric.name for metric in WATCHED_METRICS),
    *(metric.name for metric in SERVER_METRICS),
    *(metric.name for metric in TUBE_METRICS),
}

HISTOGRAMS = {f"beanstalkd_tube_job_{quantity}_seconds" for quantity in QUANTITIES}

STATES = ("ready", "reserved", "delayed", "buried")

EMAILS = Tube("emails", 1.0, 0, 12408, 3, 0, 1, 9, 9, 1, 2, 1, 60, 42)


def shipped(name: str) -> str:
    return files("beantop.report.prometheus").joinpath(name).read_text("utf-8")


def test_each_number_of_a_real_server_has_its_own_metric(own_server: Beanstalkd) -> None:
    at = format_address(own_server.address)
    with own_server.client(use="emails", watch="emails") as client:
        for number in range(6):
            client.put("", priority=5000, delay=100 if number == 0 else 0)
        for _ in range(2):
            client.bury(client.reserve(), priority=0)
        client.reserve()
        client.delete(client.reserve())
        client.pause_tube("emails", 1000)
        with exporting(own_server.address) as exporter:
            wait_until(
                lambda: (
                    scrape(exporter)(
                        "beanstalkd_tube_oldest_job_age_seconds",
                        server=at,
                        tube="emails",
                        state="buried",
                    )
                    is not None
                ),
                "the ages of the oldest jobs are known",
            )
            found = scrape(exporter)
    of_tube = {"server": at, "tube": "emails"}
    assert found("beanstalkd_up", server=at) == 1
    for state, count in zip(STATES, (1, 1, 1, 2), strict=True):
        assert found("beanstalkd_jobs", server=at, state=state) == count
        assert found("beanstalkd_tube_jobs", **of_tube, state=state) == count
    assert found("beanstalkd_tube_jobs_put_total", **of_tube) == 6
    assert found("beanstalkd_tube_jobs_deleted_total", **of_tube) == 1
    assert found("beanstalkd_tube_watching_connections", **of_tube) == 1
    assert found("beanstalkd_tube_waiting_connections", **of_tube) == 0
    assert found("beanstalkd_tube_pause_left_seconds", **of_tube) in range(900, 1001)
    assert found("beanstalkd_commands_total", server=at, command="put") == 6
    assert found("beanstalkd_commands_total", server=at, command="reserve") == 4
    assert found("beanstalkd_connections", server=at) == 1
    assert found("beanstalkd_workers", server=at) == 1
    assert found("beanstalkd_draining", server=at) == 0
    assert found("beanstalkd_binlog_files", server=at) == 0
    assert found("beanstalkd_max_job_size_bytes", server=at) == 65535
    assert found("beanstalkd_tubes_left_out", server=at) == 0
    assert "1.1" in "".join(found.named("beanstalkd_info", "version"))
    assert {name for name, _ in found} >= NAMES


@pytest.mark.long
def test_a_tube_that_is_gone_has_no_metrics(own_server: Beanstalkd) -> None:
    def tubes() -> set[str]:
        return scrape(exporter).named("beanstalkd_tube_jobs", "tube")

    with exporting(own_server.address) as exporter:
        with own_server.client(use="emails"):
            wait_until(lambda: tubes() == {"default", "emails"}, "the tube is there")
        wait_until(lambda: tubes() == {"default"}, "the tube is gone")


@pytest.mark.long
def test_counters_of_a_restarted_server_begin_at_0(own_server: Beanstalkd) -> None:
    at = format_address(own_server.address)

    def puts() -> float | None:
        return scrape(exporter)("beanstalkd_jobs_put_total", server=at)

    with exporting(own_server.address) as exporter:
        with own_server.client() as client:
            client.put("")
        wait_until(lambda: puts() == 1, "the job was counted")
        own_server.stop()
        wait_until(lambda: scrape(exporter)("beanstalkd_up", server=at) == 0, "it is down")
        assert puts() is None
        own_server.start()
        wait_until(lambda: puts() == 0, "the counter was reset")


def test_a_server_that_hangs_or_is_dead_does_not_keep_a_scrape_waiting(server: Beanstalkd) -> None:
    at = format_address(server.address)
    dead = ("127.0.0.1", free_port())
    with (
        peer(lambda line: SILENCE) as hanging,
        exporting(server.address, hanging.address, dead) as exporter,
    ):
        names = [at, format_address(hanging.address), format_address(dead)]
        wait_until(lambda: hanging.received == ["stats"], "the peer was asked")
        wait_until(lambda: scrape(exporter)("beanstalkd_up", server=names[2]) == 0, "one is down")
        wait_until(lambda: scrape(exporter)("beanstalkd_up", server=at) == 1, "one is up")
        assert scrape(exporter).named("beanstalkd_jobs", "server") == {at}


def test_a_server_that_falls_silent_is_down_once_its_numbers_are_old() -> None:
    late = [0.0]
    with (
        peer(server_of({"a": "current-jobs-ready: 1\n"})) as slow,
        exporting(slow.address, late=lambda: late[0]) as exporter,
    ):
        at = format_address(slow.address)
        wait_until(lambda: scrape(exporter)("beanstalkd_up", server=at) == 1, "it is up")
        slow.answer = lambda line: SILENCE
        late[0] = 100.0
        found = scrape(exporter)
    assert found("beanstalkd_up", server=at) == 0
    assert (found("beanstalkd_poll_age_seconds", server=at) or 0) >= 100
    assert {name for name, _ in found} == {
        "beantop_info",
        "beanstalkd_up",
        "beanstalkd_poll_age_seconds",
    }


def test_nothing_is_said_of_a_server_before_its_first_answer() -> None:
    new = fixed()
    new.latest = replace(new.latest, link=Link("connecting", 0.0), polls=0)
    assert {name for name, _ in scrape(exporter_of(new))} == {"beantop_info"}


def test_unknown_values_are_left_out() -> None:
    old = fixed(Tube("a", 1.0, ready=3), Tube("not-polled", 1.0), server=Server(1.0, {"uptime": 7}))
    found = scrape(exporter_of(old))
    assert found("beanstalkd_uptime_seconds", server="q") == 7
    assert found("beanstalkd_tubes_left_out", server="q") == 1
    of_tubes = {name: value for (name, _), value in found.items() if "_tube_" in name}
    assert of_tubes == {"beanstalkd_tube_jobs": 3, "beanstalkd_tube_poll_age_seconds": 0.5}
    assert not found.named("beanstalkd_jobs", "state")
    assert found("beanstalkd_cpu_seconds_total", server="q", mode="user") is None


def test_tubes_with_problems_and_busy_ones_come_first() -> None:
    tubes = [
        Tube("calm", 1.0, ready=0, total_jobs=5),
        Tube("busy", 1.0, ready=0, total_jobs=900),
        Tube("broken", 1.0, ready=0, buried=20, total_jobs=1),
        Tube("new", 1.0, ready=0, total_jobs=0),
    ]
    many = fixed(*tubes, left_out=7)
    for most, expected in ((1, {"broken"}), (2, {"broken", "busy"}), (0, set())):
        found = scrape(exporter_of(many, max_tubes=most))
        assert found.named("beanstalkd_tube_jobs", "tube") == expected
        assert found("beanstalkd_tubes_left_out", server="q") == 4 - most + 7


def test_an_age_that_was_not_sampled_lately_is_left_out() -> None:
    of_tube = {"server": "q", "tube": "emails", "state": "ready"}
    one = fixed(EMAILS)

    def age(job: FirstJob) -> float | None:
        one.latest.history.sampled.note_first("emails", "ready", job)
        return scrape(exporter_of(one))("beanstalkd_tube_oldest_job_age_seconds", **of_tube)

    assert age(FirstJob(1.0, 1, 30, ())) == 30
    assert age(FirstJob(-100.0, 1, 30, ())) is None
    assert age(FirstJob(-100.0, 1, 30, moves_of(EMAILS))) == 131  # nothing has moved since


def test_how_long_jobs_take_is_a_histogram() -> None:
    shares = (0.0, *[0.0] * (cell_of(20.0) - 1), 0.75, 0.0, 0.25)
    waits = Estimate(shares, 40.3)
    one = fixed(EMAILS, Tube("other", 1.0, ready=0))
    one.job_times["emails"] = TubeTimes(waits, None, None, 40.3, None, 0.0, 0.0)
    found = scrape(exporter_of(one))
    name, of_tube = "beanstalkd_tube_job_wait_seconds", {"server": "q", "tube": "emails"}
    at = {le: found(f"{name}_bucket", **of_tube, le=le) for le in ("10.0", "30.0", "+Inf")}
    assert at == {"10.0": 0, "30.0": 30, "+Inf": 40}
    assert found(f"{name}_gcount", **of_tube) == 40
    assert found(f"{name}_gsum", **of_tube) == pytest.approx(40 * 20, rel=0.1)
    assert {name for name, _ in found if "_seconds_bucket" in name} == {f"{name}_bucket"}


@pytest.mark.long
def test_jobs_that_are_put_while_it_runs_are_measured(own_server: Beanstalkd) -> None:
    at = format_address(own_server.address)

    def measured() -> float | None:
        client.put("")
        client.delete(client.reserve())
        found = scrape(exporter)
        name = "beanstalkd_tube_job_turnaround_seconds_gcount"
        return found(name, server=at, tube="emails")

    with (
        own_server.client(use="emails", watch="emails") as client,
        exporting(own_server.address, measures=True) as exporter,
    ):
        wait_until(measured, "jobs were measured", 50)
        assert scrape(exporter)("beanstalkd_connections", server=at) == 1


@pytest.mark.long
@given(st.lists(st.text(min_size=1), unique=True), st.text())
def test_hostile_names_are_escaped_labels(names: list[str], version: str) -> None:
    tubes = [Tube(name, 1.0, ready=1) for name in names]
    hostile = fixed(*tubes, server=Server(1.0, {"version": version}))
    found = scrape(exporter_of(hostile))
    assert found.named("beanstalkd_tube_jobs", "tube") == set(names)
    assert found.named("beanstalkd_info", "version") == {version}


def test_tubes_whose_names_no_client_can_send_are_counted_as_left_out() -> None:
    with peer(server_of({"\x1b[2J": "", "a\tb": "", "\x9b": ""})) as hostile:
        at = format_address(hostile.address)
        with exporting(hostile.address) as exporter:
            wait_until(
                lambda: scrape(exporter)("beanstalkd_tubes_left_out", server=at) == 3,
                "it was polled",
            )
            assert not scrape(exporter).named("beanstalkd_tube_jobs", "tube")


def test_two_servers_with_one_name_have_labels_of_their_own() -> None:
    here, there = fixed(), fixed()
    there.config = there.config._replace(address=("queue-2", 11300))
    names = scrape(exporter_of(here, there)).named("beanstalkd_up", "server")
    assert names == {"q (queue-1:11300)", "q (queue-2:11300)"}


def test_a_name_that_is_not_unicode_is_a_label() -> None:
    assert scrape(exporter_of(fixed(name="q\udcff"))).named("beanstalkd_up", "server") == {
        r"q\udcff"
    }


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_answers_scrapes_until_a_signal_ends_it(
    server: Beanstalkd, number: signal.Signals
) -> None:
    at = format_address(server.address)
    with running("--listen", "127.0.0.1:0", "--interval", "0.5", at, "127.0.0.1:1") as exporter:
        process, url = exporter.process, exporter.url
        assert exporter.said.startswith("beantop: metrics of 2 servers are at http://127.0.0.1:")

        def both_are_known() -> bool:
            found = scrape_of(get(url))
            of = "beanstalkd_up"
            return (found(of, server=at), found(of, server="127.0.0.1:1")) == (1, 0)

        wait_until(both_are_known, "both servers were tried")
        assert {name for name, _ in scrape_of(get(f"{url}?name[]=beanstalkd_up"))} == {
            "beanstalkd_up"
        }
        with urlopen(Request(url, method="HEAD"), timeout=PATIENCE) as head:
            assert (head.status, head.read()) == (200, b"")
            assert int(head.headers["Content-Length"]) > 1000
        odd = Request(url, headers={"Accept": "application/openmetrics-text;version=\xff"})
        with urlopen(odd, timeout=PATIENCE) as answer:
            assert answer.status == 200
        assert 'href="/metrics"' in get(url.removesuffix("metrics"))
        with pytest.raises(URLError, match="Not Found"):
            get(url + "x")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (128 + number, "", "")


def test_a_port_that_is_taken_is_a_sentence(
    server: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    where = format_address(server.address)
    assert main(["metrics", "--listen", where]) == 2
    assert capsys.readouterr().err == f"beantop: cannot listen on {where}: address already in use\n"


def test_without_prometheus_client_there_is_the_command_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics, "find_spec", lambda name: None)
    assert main(["metrics"]) == 2
    assert "pip install prometheus-client" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--listen", "here"], ["--listen", "a:70000"], ["--interval", "0"], ["--max-tubes", "-1"]],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["metrics", *arguments])
    assert capsys.readouterr().err.startswith(f"beantop: argument {arguments[0]}:")


@pytest.mark.parametrize(("option", "name"), [(o, n) for o, (n, _) in metrics.FILES.items()])
def test_the_files_that_ship_are_printed(
    option: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["metrics", option]) == 0
    assert capsys.readouterr().out == shipped(name)


def test_the_printed_configuration_scrapes_where_the_exporter_listens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["metrics", "--prometheus-config", "--listen", "[::1]:9999"]) == 0
    assert 'targets: ["[::1]:9999"]' in capsys.readouterr().out


def test_the_files_that_ship_use_only_metrics_that_exist() -> None:
    metrics_used = names_in([shipped("alerts.yml"), shipped("dashboard.json")])
    assert metrics_used <= NAMES | {f"{name}_bucket" for name in HISTOGRAMS}
    assert {"beanstalkd_up", "beanstalkd_tube_jobs"} <= metrics_used
    json.loads(shipped("dashboard.json"))


def test_the_page_names_every_metric() -> None:
    page = files("beantop").joinpath("docs", "metrics.md").read_text("utf-8")
    named = {name.removesuffix("_bucket") for name in names_in([page])}
    assert named == NAMES | {"beanstalkd_info", *HISTOGRAMS}
