"""Which records are those of a server, and which are not."""

from pathlib import Path

import pytest

from beantop.jobs.known_server import KnownServer
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash

ID, OTHER_ID = "b77cd213a0f4b0e1", "0c5b1e0b4f3a9d22"


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (KnownServer("127.1:7"), KnownServer("127.0.0.1:7")),
        (KnownServer("127.0.0.1:7"), KnownServer("localhost:7", "127.0.0.1:7")),
        (KnownServer("localhost:7", "127.0.0.1:7"), KnownServer("127.0.0.1:7")),
        (KnownServer("queue:7", "10.0.0.5:7", ID), KnownServer("queue:7", "10.0.0.6:7", OTHER_ID)),
        (KnownServer("tunnel:7", "127.0.0.1:7", ID), KnownServer("queue:8", "10.0.0.5:8", ID)),
        (KnownServer("unix:/run/b.sock"), KnownServer("unix:/run/a.sock", "unix:/run/b.sock")),
        (KnownServer("not an address !"), KnownServer("not an address !")),
    ],
)
def test_a_server_is_recognized(then: KnownServer, now: KnownServer) -> None:
    assert then.is_same(now)
    assert now.is_same(then)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (KnownServer("127.0.0.1:7"), KnownServer("127.0.0.1:8")),
        (KnownServer("127.0.0.1:7"), KnownServer("127.0.0.2:7")),
        (KnownServer("127.0.0.1:7", id=ID), KnownServer("[::1]:7", id=OTHER_ID)),
        (KnownServer("localhost:7", "127.0.0.1:7"), KnownServer("localhost.:8", "[::1]:7")),
        (KnownServer("one:7", id="0"), KnownServer("two:7", id="0")),
        (KnownServer(""), KnownServer("")),
    ],
)
def test_another_server_is_not_taken_for_it(then: KnownServer, now: KnownServer) -> None:
    assert not then.is_same(now)


def test_records_say_how_to_recognize_the_server(tmp_path: Path) -> None:
    trash, parking = Trash(tmp_path / "trash"), Parking(tmp_path / "parking")
    here, there = KnownServer("a:7", "10.0.0.5:7", ID), KnownServer("b:7", "10.0.0.6:7", OTHER_ID)
    job = SavedJob("a", b"", 1)
    with trash.begin(here, "a job") as file:
        file.save([job])
    record = parking.begin(there, "move", "a job", source=here)
    record.note({0: job}, {0: job})
    record.close()
    deletion = trash.last(here).deletion
    assert deletion
    assert deletion.where == here
    (action,) = parking.all_cut_off()
    assert (action.target, action.origin) == (there, here)
    assert action.touches(KnownServer("127.0.0.1:7", id=ID), [1])
    assert parking.cut_off(KnownServer("127.0.0.1:7", id=OTHER_ID)) == [action]


def test_a_deletion_of_an_earlier_version_is_found_by_its_address(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    with trash.begin("queue:7", "a job") as file:
        file.save([SavedJob("a", b"", 1)])
    lines = file.path.read_text()
    file.path.write_text(lines.replace('"server_peer": "", "server_id": "", ', ""))
    assert file.path.read_text() != lines
    assert trash.last("queue:7").deletion
