"""`beantop undo`: what is on the disk is undone by another process."""

from pathlib import Path

import pytest

from beantop.exit_codes import INCOMPLETE, OK, USAGE
from beantop.jobs.journal import Journal
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import UNCHANGED, Shell, emails


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "beantop"


def test_the_last_deletion_is_put_back(
    server: Beanstalkd, tube: str, shell: Shell, state: Path
) -> None:
    with emails(server, tube) as jobs:
        assert shell("undo", "--yes").code == INCOMPLETE  # there is nothing
        assert shell("delete", "--job", str(jobs.buried[0])).code == OK
        ran = shell("undo")  # what it undoes is not named, so that it takes --yes even for one
        assert (ran.code, jobs.counts["buried"]) == (USAGE, 2)
        dry = shell("undo", "--dry-run")
        assert dry.out.startswith("Put back 1 job? Nothing was changed: this is a dry run.\n")
        assert (dry.code, jobs.counts["buried"]) == (OK, 2)
        ran = shell("undo", "--yes", "--json")
        assert (ran.code, ran.tally["done"], jobs.counts) == (OK, 1, UNCHANGED)
        assert shell("undo", "--yes").said == "There is nothing to undo on this server."
        what = [entry["what"] for entry in Journal(state / "actions.jsonl").last(9)]
        assert what == ["Deleted", "Put back"]


def test_a_bury_is_not_undone_by_another_process(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        ran = shell("bury", tube, "--state", "ready", "--yes")
        assert "undo" not in ran.said
        assert shell("undo", "--yes").code == INCOMPLETE
        assert jobs.counts == {"reserved": 1, "delayed": 1, "buried": 5}
