"""The file of `--log`, while others rotate it."""

from pathlib import Path

from beantop.app.session.log import Entry, LogFile


def test_a_log_that_was_rotated_goes_on_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    for text in ("first", "second", "third"):
        log.note(Entry(0.0, "information", text))
        log.settle(5.0)
        if text == "first":
            path.rename(tmp_path / "log.1")
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["second", "third"]
    assert (tmp_path / "log.1").read_text().endswith("first\n")
