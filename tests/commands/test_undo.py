"""`beantop undo`: what is on the disk is undone by another process."""

from pathlib import Path

import pytest

from beantop.exit_codes import INCOMPLETE, OK, USAGE
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from tests.app.test_cut_off import cut_off_a_move
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import UNCHANGED, Shell, emails
from tests.jobs.acting import jobs_in


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
        assert (
            shell("undo", "--yes").said
            == "There is nothing to undo on this server: the trash has no jobs of it that can be put back."
        )
        what = [entry["what"] for entry in Journal(state / "actions.jsonl").last(9)]
        assert what == ["Deleted", "Put back"]


def test_jobs_that_cannot_be_read_are_told_and_older_deletions_undone(
    server: Beanstalkd, tube: str, shell: Shell, state: Path
) -> None:
    with emails(server, tube) as jobs:
        older, *_ = jobs.ready
        assert shell("delete", "--job", str(older)).code == OK
        assert shell("delete", tube, "--state", "buried", "--yes").code == OK
        path = max((state / "trash").iterdir())
        data = path.read_bytes()
        assert data.count(b'"priority":') == 3
        path.write_bytes(data.replace(b'"priority":', b'"priority":-', 1))
        ran = shell("undo", "--yes-to", "3")
        assert (ran.code, "1 cannot be read from the file" in ran.said) == (INCOMPLETE, True)
        unread = f"1 job of {path} cannot be read."
        ran = shell("undo", "--yes-to", "1")
        assert (ran.code, unread in ran.said, "Put back 1 job." in ran.said) == (OK, True, True)
        ran = shell("undo", "--dry-run")
        assert ran.said == f"{unread}\nbeantop: There is nothing else to undo on this server."


def test_a_bury_is_not_undone_by_another_process(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        ran = shell("bury", tube, "--state", "ready", "--yes")
        assert "undo" not in ran.said
        assert shell("undo", "--yes").code == INCOMPLETE
        assert jobs.counts == {"reserved": 1, "delayed": 1, "buried": 5}


@pytest.mark.long
def test_what_was_cut_off_is_finished_first(
    server: Beanstalkd, tube: str, shell: Shell, state: Path
) -> None:
    cut_off_a_move(server, tube, Parking(state / "parking"))
    to = f"{tube}-b"
    with server.client() as client:
        ran = shell("delete", to, "--state", "delayed", "--yes")
        assert (ran.code, jobs_in(client, to)) == (USAGE, {"delayed": 2})
        assert ran.said.endswith("Nothing was changed: run beantop undo first.")
        dry = shell("undo", "--dry-run", "--json")
        assert (dry.code, dry.tally["total"], jobs_in(client, to)) == (OK, 2, {"delayed": 2})
        assert shell("undo").code == USAGE
        ran = shell("undo", "--yes")
        assert (ran.code, jobs_in(client, to)) == (OK, {"buried": 2})
        assert shell("delete", to, "--state", "buried", "--yes").code == OK
