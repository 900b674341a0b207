"""An import is a change like those that are made on the screen: it stands in the log of actions."""

from pathlib import Path

import pytest

from beantop.exit_codes import INCOMPLETE
from beantop.jobs.journal import Journal
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import imported
from tests.report.test_transfer import beantop, jobs_file


@pytest.mark.long
def test_an_import_is_noted_in_the_log_of_actions(
    server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    job: dict[str, object] = {"tube": tube, "body": "a"}
    run = beantop(server, "import", jobs_file(tmp_path, *[job] * 600), "--yes")
    assert b"Put 600 jobs from " in run.communicate()[1]
    begun, done = Journal(tmp_path / "beantop" / "actions.jsonl").last(9)
    assert (begun["what"], begun["target"]) == ("Putting", done["target"])
    assert (done["what"], done["done"], done["total"]) == ("Put", 600, 600)
    assert done["target"] == f"600 jobs from {tmp_path / 'jobs.jsonl'}"


def test_an_import_that_cannot_be_noted_says_so(
    server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = jobs_file(tmp_path, {"tube": tube, "body": "a"})
    monkeypatch.setenv("XDG_STATE_HOME", file)
    code, said = imported(server.address, file)
    assert code == INCOMPLETE
    assert said.startswith("Put 1 job from ")
    assert "The log of actions cannot be written: " in said
