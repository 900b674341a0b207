"""What a real Prometheus makes of `beantop metrics` and of the files that ship with it."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.commands.metrics import Listen, file_text
from tests.beanstalkd import Beanstalkd, wait_until
from tests.commands.prometheus import CONFIG, RULES, Prometheus, program, prometheus
from tests.commands.running import get, running

pytestmark = pytest.mark.slow

SCRAPES = "1s"
"""Time between scrapes, instead of that of the shipped configuration."""

VARIABLES = {"$server": ".*", "$tube": ".*", "$__rate_interval": "15s"}
"""What Grafana replaces in the queries of the dashboard."""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["metrics", *arguments]) == 0
    return capsys.readouterr().out


def promtool(*arguments: str, given: str = "") -> str:
    """Check something with promtool, and return what it says."""
    done = subprocess.run(
        [program("promtool"), *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Case(NamedTuple):
    """What an alert says when it fires."""

    series: dict[str, str]
    """The values of each series, one a minute, as promtool has them."""
    labels: dict[str, str]
    severity: str
    summary: str
    description: str = ""


Q = {"server": "q"}
EMAILS = {"server": "q", "tube": "emails"}
OF_EMAILS = 'server="q",tube="emails"'

CASES = {
    "BeanstalkdDown": Case(
        {'beanstalkd_up{server="q"}': "0x60", 'beanstalkd_up{server="well"}': "1x60"},
        Q,
        "critical",
        "beanstalkd q does not answer",
    ),
    "BeanstalkdMetricsMissing": Case(
        {'up{job="beanstalkd"}': "0x60", 'up{job="other"}': "0x60", "beanstalkd_up": "1x60"},
        {"job": "beanstalkd"},
        "critical",
        "beantop metrics does not answer: nothing is known of beanstalkd",
    ),
    "BeanstalkdBuriedJobsGrow": Case(
        {
            f'beanstalkd_tube_jobs{{{OF_EMAILS},state="buried"}}': "0x50 15x10",
            'beanstalkd_tube_jobs{server="q",tube="old",state="buried"}': "900x60",
            f'beanstalkd_tube_jobs{{{OF_EMAILS},state="ready"}}': "1+1x60",
        },
        EMAILS | {"state": "buried"},
        "warning",
        "jobs were buried in emails on q",
        "About 15 more buried jobs than 15 minutes ago.",
    ),
    "BeanstalkdOldestReadyJobOld": Case(
        {
            f'beanstalkd_tube_oldest_job_age_seconds{{{OF_EMAILS},state="ready"}}': "601x60",
            'beanstalkd_tube_oldest_job_age_seconds{server="q",tube="ok",state="ready"}': "9x60",
            f'beanstalkd_tube_oldest_job_age_seconds{{{OF_EMAILS},state="buried"}}': "700x60",
        },
        EMAILS | {"state": "ready"},
        "warning",
        "jobs wait too long in emails on q",
        "The next ready job is 10m 1s old.",
    ),
    "BeanstalkdNoWorker": Case(
        {
            f'beanstalkd_tube_jobs{{{OF_EMAILS},state="ready"}}': "7x60",
            f"beanstalkd_tube_watching_connections{{{OF_EMAILS}}}": "0x60",
            'beanstalkd_tube_jobs{server="q",tube="served",state="ready"}': "7x60",
            'beanstalkd_tube_watching_connections{server="q",tube="served"}': "1x60",
            'beanstalkd_tube_jobs{server="q",tube="empty",state="ready"}': "0x60",
            'beanstalkd_tube_watching_connections{server="q",tube="empty"}': "0x60",
        },
        EMAILS | {"state": "ready"},
        "warning",
        "no worker watches emails on q",
        "7 ready jobs wait.",
    ),
    "BeanstalkdDraining": Case(
        {'beanstalkd_draining{server="q"}': "1x60", 'beanstalkd_draining{server="well"}': "0x60"},
        Q,
        "warning",
        "beanstalkd q refuses new jobs: it is draining",
    ),
    "BeanstalkdBinlogLarge": Case(
        {
            'beanstalkd_binlog_files{server="q"}': "256x60",
            'beanstalkd_binlog_file_max_bytes{server="q"}': "10485760x60",
            'beanstalkd_binlog_files{server="well"}': "2x60",
            'beanstalkd_binlog_file_max_bytes{server="well"}': "10485760x60",
        },
        Q,
        "warning",
        "the binlog of q is large",
        "It takes 2.5GiB. An old job may keep it from shrinking.",
    ),
    "BeanstalkdTubesLeftOut": Case(
        {
            'beanstalkd_tubes_left_out{server="q"}': "3x60",
            'beanstalkd_tubes_left_out{server="well"}': "0x60",
        },
        Q,
        "info",
        "3 tubes of q have no metrics",
    ),
}
"""For each shipped alert, what makes it fire, beside what does not."""


def as_promtool_has_it(name: str, case: Case) -> dict[str, object]:
    """Return a test of promtool: the alert fires after an hour, once, with these words."""
    words = {"summary": case.summary, "description": case.description}
    alert = {
        "exp_labels": case.labels | {"severity": case.severity},
        "exp_annotations": {key: text for key, text in words.items() if text},
    }
    series = [{"series": name, "values": values} for name, values in case.series.items()]
    tests = [{"eval_time": "60m", "alertname": name, "exp_alerts": [alert]}]
    return {"interval": "1m", "input_series": series, "alert_rule_test": tests}


def test_each_alert_fires_where_it_should_and_only_there(tmp_path: Path) -> None:
    rules = file_text("alerts.yml", Listen("127.0.0.1", 9113))
    (tmp_path / RULES).write_text(rules)
    assert re.findall(r"alert: (\w+)", rules) == [*CASES]
    tests = [as_promtool_has_it(name, case) for name, case in CASES.items()]
    (tmp_path / "tests.yml").write_text(json.dumps({"rule_files": [RULES], "tests": tests}))
    promtool("test", "rules", str(tmp_path / "tests.yml"))


@contextmanager
def busy(server: Beanstalkd) -> Iterator[None]:
    """Have jobs put, deleted, buried and left alone for the length of the block."""
    ended = Event()

    def work() -> None:
        with server.client(use="emails", watch="emails") as client:
            client.put("", delay=1000)
            while not ended.wait(0.2):
                for _ in range(3):
                    client.put("")
                client.delete(client.reserve())
                client.bury(client.reserve())

    worker = Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()


def queries(dashboard: str) -> list[str]:
    """Return the queries of the panels, as Grafana would send them."""
    for name, value in VARIABLES.items():
        dashboard = dashboard.replace(name, value)
    panels = json.loads(dashboard)["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def variables(dashboard: str) -> list[tuple[str, str]]:
    """Return the metric and the label whose values Grafana offers for each variable."""
    return re.findall(r'"definition": "label_values\((\w+).*, (\w+)\)"', dashboard)


def test_promtool_accepts_the_metrics_and_the_files(
    own_server: Beanstalkd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / RULES).write_text(printed(capsys, "--alert-rules"))
    (tmp_path / CONFIG).write_text(printed(capsys, "--prometheus-config"))
    assert "SUCCESS: 8 rules found" in promtool(
        "check", "rules", "--lint=all", str(tmp_path / RULES)
    )
    assert "1 rule files found" in promtool("check", "config", str(tmp_path / CONFIG))
    at = format_address(own_server.address)
    arguments = ("--listen", "127.0.0.1:0", "--interval", "0.5", "--profile", at)
    with running(*arguments) as exporter, busy(own_server):
        wait_until(lambda: "wait_seconds_bucket" in get(exporter.url), "jobs were measured", 50)
        assert promtool("check", "metrics", given=get(exporter.url)) == ""


def test_prometheus_finds_a_buried_job_fires_and_fills_the_dashboard(
    own_server: Beanstalkd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = format_address(own_server.address)
    (tmp_path / RULES).write_text(printed(capsys, "--alert-rules"))
    arguments = ("--listen", "127.0.0.1:0", "--interval", "0.5", "--profile", at, "127.0.0.1:1")
    with running(*arguments) as exporter, busy(own_server):
        where = exporter.url.removeprefix("http://").removesuffix("/metrics")
        config = printed(capsys, "--prometheus-config", "--listen", where)
        (tmp_path / CONFIG).write_text(config.replace("15s", SCRAPES))
        with prometheus(tmp_path / CONFIG, tmp_path / "data") as found:
            buried = 'beanstalkd_tube_jobs{tube="emails",state="buried"} > 0'
            wait_until(lambda: found.query(buried), "the buried jobs are found", 60)
            [series] = found.query(buried)
            assert series["metric"]["server"] == at
            fires = "BeanstalkdBuriedJobsGrow"
            wait_until(lambda: fires in found.firing(), "the alert fires", 60)
            wait_until(lambda: down(found) == {"127.0.0.1:1"}, "the other server is down", 60)
            dashboard = printed(capsys, "--grafana-dashboard")
            for query in queries(dashboard):
                wait_until(partial(found.query, query), query, 60)
            for metric, label in variables(dashboard):
                assert found.query(metric)[0]["metric"][label]


def down(found: Prometheus) -> set[str]:
    """Return the servers that are down."""
    return {series["metric"]["server"] for series in found.query("beanstalkd_up == 0")}
