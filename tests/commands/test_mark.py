"""`beantop mark`: words on the graphs of a dashboard that runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.cli import main
from beantop.exit_codes import OK, USAGE
from beantop.jobs.marks import Mark, MarksFile, add_mark
from tests.app.running import on_still, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.stills import NOW, WALL, Still, watched


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "beantop" / "marks.jsonl"


@pytest.mark.long
def test_a_mark_is_written_for_all_dashboards(path: Path) -> None:
    command = [sys.executable, "-m", "beantop", "mark", "deploy 2.3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (OK, "", "")
    (mark,) = MarksFile(path).read_new()
    assert mark.text == "deploy 2.3"


def test_words_without_quotes_are_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["mark", "deploy", "2.3"])
    assert (end.value.code, "unrecognized arguments: 2.3" in capsys.readouterr().err) == (
        USAGE,
        True,
    )
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_named(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.makedirs(path)
    assert main(["mark", "deploy"]) == USAGE
    assert f"{path}: is a directory" in capsys.readouterr().err


@pytest.mark.long
def test_a_dashboard_shows_marks_on_its_graphs_and_tells_new_ones(path: Path) -> None:
    add_mark(path, Mark(WALL - 30, "before it ran"))
    add_mark(path, Mark(WALL - 9999, "long ago"))
    options = Options(marks=MarksFile(path))
    app = BeantopApp([Still(watched())], options, now=lambda: NOW, wall=lambda: WALL)

    def marks_on(pilot: Pilot[None]) -> list[int]:
        axis = next(line for line in text_of(pilot.app.screen).splitlines() if " -1m " in line)
        return [place for place, sign in enumerate(axis[:40]) if sign == "▲"]

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "▲")
        (middle,) = marks_on(pilot)
        add_mark(path, Mark(WALL, "deploy 2.3"))
        await until_toasted(pilot, "Mark: deploy 2.3")
        assert [entry.text for entry in app.said] == ["Mark: deploy 2.3"]
        await until(pilot, lambda: len(marks_on(pilot)) == 2)
        assert min(marks_on(pilot)) == middle

    on_still(app, story)
