"""A real Prometheus that scrapes what a test exports."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.beanstalkd import PATIENCE, free_port, wait_until

CONFIG, RULES = "prometheus.yml", "beanstalkd-alerts.yml"
"""The files that the shipped configuration is made of."""


def program(name: str) -> str:
    """Return the path of a program of Prometheus."""
    found = shutil.which(name)
    assert found, "the slow tests need a real Prometheus: apt-get install prometheus"
    return found


class Prometheus:
    """A server that answers queries."""

    def __init__(self, port: int) -> None:
        self._at = f"http://127.0.0.1:{port}"

    def query(self, query: str) -> list[dict[str, Any]]:
        """Return the series that a query finds now."""
        found: list[dict[str, Any]] = self._get("query", query=query)["result"]
        return found

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire."""
        alerts = self._get("alerts")["alerts"]
        return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}

    def is_ready(self) -> bool:
        try:
            with urlopen(f"{self._at}/-/ready", timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except URLError:
            return False

    def _get(self, path: str, **parameters: str) -> Any:
        with urlopen(f"{self._at}/api/v1/{path}?{urlencode(parameters)}", timeout=PATIENCE) as got:
            return json.load(got)["data"]


@contextmanager
def prometheus(config: Path, data: Path) -> Iterator[Prometheus]:
    """Run Prometheus with a configuration for the length of the block."""
    port = free_port()
    options = [f"--config.file={config}", f"--storage.tsdb.path={data}"]
    where = f"--web.listen-address=127.0.0.1:{port}"
    process = subprocess.Popen(
        [program("prometheus"), *options, where, "--log.level=error"], stderr=subprocess.DEVNULL
    )
    try:
        running = Prometheus(port)
        wait_until(running.is_ready, "Prometheus is ready", 60)
        yield running
    finally:
        process.kill()
        process.wait()
