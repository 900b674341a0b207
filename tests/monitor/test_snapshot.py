import asyncio

import pytest

from beantop.beanstalk import Address, AsyncClient, ConnectionLostError, InternalError, StatsTube
from beantop.monitor import snapshot
from beantop.monitor.snapshot import Server, Snapshot, Tube, take_snapshot
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import Answer, peer, server_of

OLD_TUBE = "current-jobs-ready: 3\ntotal-jobs: 9\ncurrent-watching: 0\n"
"""`stats-tube` of beanstalkd 1.4, without the name: no deletes, no pause."""

USUAL_TUBE = "".join(
    f"{key}: {9 if key == 'total-jobs' else 0}\n"
    for key in StatsTube.__annotations__
    if key != "name"
)
"""`stats-tube` of beanstalkd 1.13, without the name."""


def snapshot_of(address: Address, own: int = 1) -> Snapshot:
    async def look() -> Snapshot:
        client = await AsyncClient.connect(address)
        try:
            return await take_snapshot(client, 5.0, own=own)
        finally:
            client.close()

    return asyncio.run(look())


def snapshot_of_peer(answer: Answer, own: int = 1) -> Snapshot:
    with peer(answer) as other:
        return snapshot_of(other.address, own)


def unknown(tube: Tube) -> set[str]:
    """The names of the unknown numbers."""
    return {name for name, value in tube._asdict().items() if value is None}


def test_a_tube_is_counted_by_state(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("", priority=1)
        client.put("")
        client.put("", delay=100)
        for _ in range(2):
            client.put("", priority=0)
        client.bury(client.reserve())
        client.reserve()
        seen = snapshot_of(server.address).tubes[tube]
    assert (seen.urgent, seen.ready, seen.reserved, seen.delayed, seen.buried) == (1, 2, 1, 1, 1)
    assert (seen.total_jobs, seen.deletes) == (5, 0)
    assert (seen.using, seen.watching, seen.waiting) == (1, 1, 0)


def test_a_pause_is_seen_with_the_seconds_left(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.pause_tube(tube, 100)
        seen = snapshot_of(server.address).tubes[tube]
    assert seen.paused
    assert (seen.pause, seen.pause_time_left) in [(100, 100), (100, 99)]
    assert not snapshot_of(server.address).tubes["default"].paused


def test_a_server_tells_of_itself(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        client.put("")
        client.put("", delay=9)
        client.delete(client.reserve())
        stats = client.stats()
        seen = snapshot_of(own_server.address).server
    assert (seen.id, seen.version) == (stats.get("id"), stats.get("version"))
    assert (seen.ready, seen.reserved, seen.delayed, seen.buried) == (0, 0, 1, 0)
    assert (seen.total_jobs, seen.delete_commands, seen.timeouts) == (2, 1, 0)
    assert (seen.connections, seen.waiting, seen.draining) == (1, 0, False)


def test_our_own_connections_are_left_out(own_server: Beanstalkd, tube: str) -> None:
    with own_server.client(use=tube) as worker, own_server.client():
        worker.watch(tube)
        seen = snapshot_of(own_server.address)
        default, other = seen.tubes["default"], seen.tubes[tube]
        assert (seen.server.connections, default.using, default.watching) == (2, 1, 2)
        assert (other.using, other.watching) == (1, 1)
        with_our_clients = snapshot_of(own_server.address, own=3)
        default, other = with_our_clients.tubes["default"], with_our_clients.tubes[tube]
        assert (with_our_clients.server.connections, default.watching) == (0, 0)
        assert (other.using, other.watching) == (1, 1)


@pytest.mark.parametrize("own", [0, 1, 4, 9])
def test_what_is_left_of_a_count_without_us_is_never_below_nothing(own: int) -> None:
    tubes = {"default": "current-using: 4\ncurrent-watching: 5\ncurrent-waiting: 1\n"}
    seen = snapshot_of_peer(server_of(tubes, "current-connections: 6\n"), own)
    default = seen.tubes["default"]
    assert seen.server.connections == max(0, 6 - own)
    assert (default.using, default.watching) == (max(0, 4 - own), max(0, 5 - own))
    assert (default.waiting, seen.server.stats) == (1, {"current-connections": 6})


def test_a_count_that_is_unknown_stays_so_without_us() -> None:
    seen = snapshot_of_peer(server_of({"default": "---\n"}))
    assert seen.server.connections is None
    assert {"using", "watching"} <= unknown(seen.tubes["default"])


def test_a_server_in_drain_mode_is_seen_to_be(own_server: Beanstalkd) -> None:
    own_server.drain()
    assert snapshot_of(own_server.address).server.draining


def test_every_tube_is_seen_even_hundreds(own_server: Beanstalkd) -> None:
    names = [f"tube-{number}" for number in range(300)]
    with own_server.client() as client:
        for name in names:
            client.watch(name)
        seen = snapshot_of(own_server.address)
    assert set(seen.tubes) == {"default", *names}
    assert all(tube.ready == 0 for tube in seen.tubes.values())


def test_a_look_tells_when_it_was_and_how_long_it_took(server: Beanstalkd) -> None:
    ticks = iter(range(100, 200))

    async def look() -> Snapshot:
        client = await AsyncClient.connect(server.address)
        snapshot = await take_snapshot(
            client, 5.0, now=lambda: float(next(ticks)), wall=lambda: 1e9
        )
        client.close()
        return snapshot

    seen = asyncio.run(look())
    assert (seen.taken_at, seen.wall_time, seen.server.taken_at) == (100.0, 1e9, 100.0)
    assert 100.0 < seen.tubes["default"].taken_at < seen.taken_at + seen.took
    assert 0 < seen.round_trip < seen.took


def test_looking_changes_nothing(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        before = client.stats()
        snapshot_of(own_server.address)
        after = client.stats()
    asked = {"cmd-stats", "cmd-stats-tube", "cmd-list-tubes", "total-connections", "uptime"}
    times = {"rusage-utime", "rusage-stime"}
    assert {key for key, value in after.items() if value != before.get(key)} <= asked | times


def test_a_tube_that_vanishes_while_being_looked_at_is_gone() -> None:
    seen = snapshot_of_peer(server_of({"here": OLD_TUBE, "gone": "", "there": OLD_TUBE}))
    assert set(seen.tubes) == {"here", "there"}
    assert seen.tubes["there"].ready == 3


@pytest.mark.parametrize("name", ["other", '"other"', "A", "a" * 201, "\x1b[2J"])
@pytest.mark.parametrize("rest", [OLD_TUBE, USUAL_TUBE])
def test_a_reply_about_another_tube_fails_the_look(name: str, rest: str) -> None:
    with pytest.raises(ConnectionLostError, match="when asked for tube a") as raised:
        snapshot_of_peer(server_of({"a": f"---\nname: {name}\n{rest}"}))
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("line", ["name: a\n", 'name: "a"\n', "name: \n", ""])
@pytest.mark.parametrize("rest", [OLD_TUBE, USUAL_TUBE])
def test_a_name_may_be_bare_quoted_empty_or_missing(line: str, rest: str) -> None:
    seen = snapshot_of_peer(server_of({"a": f"---\n{line}{rest}"}))
    assert seen.tubes["a"].total_jobs == 9


@pytest.mark.parametrize("name", ["-x", "a b", "caf\xe9", "a" * 201, "\x1b[31m", '"', ""])
def test_a_name_that_no_client_can_ask_for_is_there_and_unknown(name: str) -> None:
    with peer(server_of({name: "", "b": OLD_TUBE})) as other:
        seen = snapshot_of(other.address)
    odd, plain = seen.tubes.values()
    told = name.encode("latin-1").decode("ascii", "backslashreplace")
    assert (odd.name, plain.name) == (told if len(told) <= 200 else told[:200] + "…", "b")
    assert seen.shortened == (len(told) > 200)
    assert unknown(odd) == {*Tube._fields} - {"name", "taken_at"}
    assert other.received == ["stats", "list-tubes", "stats-tube b"]


def test_what_an_old_server_does_not_say_is_unknown() -> None:
    (tube,) = snapshot_of_peer(server_of({"old": f"name: old\n{OLD_TUBE}"})).tubes.values()
    assert (tube.ready, tube.total_jobs, tube.watching) == (3, 9, 0)
    assert unknown(tube) >= {"deletes", "pause", "pause_time_left", "urgent", "buried"}
    assert not tube.paused


def test_a_server_that_says_nothing_of_itself_is_unknown() -> None:
    seen = snapshot_of_peer(server_of({"a": ""}, stats="---\n")).server
    assert seen.stats == {}
    assert (seen.id, seen.version, seen.uptime, seen.ready, seen.total_jobs) == (None,) * 5
    assert (seen.draining, seen.delete_commands, seen.connections) == (None,) * 3


@pytest.mark.parametrize(("said", "draining"), [("true", True), ("false", False), ("", False)])
def test_a_server_drains_or_does_not(said: str, draining: bool) -> None:
    assert Server(1.0, {"draining": said}).draining is draining


def test_what_another_server_says_beyond_the_protocol_is_kept() -> None:
    stats = 'version: "tuber 0.5"\ncurrent-jobs-ready: 7\ncurrent-jobs-expired: 2\n'
    seen = snapshot_of_peer(server_of({"a": OLD_TUBE + "p99: 5\n"}, stats))
    assert (seen.server.version, seen.server.ready) == ("tuber 0.5", 7)
    assert seen.server.stats == {
        "version": "tuber 0.5",
        "current-jobs-ready": 7,
        "current-jobs-expired": 2,
    }
    assert seen.tubes["a"].ready == 3


def test_numbers_that_are_none_are_unknown() -> None:
    tube = "current-jobs-ready: lots\ntotal-jobs: \npause-time-left: 1.5\nurgent: 3\n"
    (seen,) = snapshot_of_peer(server_of({"a": tube})).tubes.values()
    assert unknown(seen) == {*Tube._fields} - {"name", "taken_at"}


def test_a_tube_that_the_server_cannot_tell_of_fails_the_look() -> None:
    known = server_of({"a": OLD_TUBE})

    def answer(line: str) -> bytes | None:
        return b"INTERNAL_ERROR\r\n" if line == "stats-tube a" else known(line)

    with pytest.raises(InternalError, match="stats-tube a: "):
        snapshot_of_peer(answer)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (Server(1, {"id": "a", "uptime": 9}), Server(2, {"id": "a", "uptime": 10}), True),
        (Server(1, {"id": "a", "uptime": 9}), Server(2, {"id": "b", "uptime": 10}), False),
        (Server(1, {"uptime": 9}), Server(2, {"uptime": 9}), True),
        (Server(1, {"uptime": 9}), Server(2, {"uptime": 0}), False),
        (Server(1, {}), Server(2, {}), True),
    ],
)
def test_a_restart_is_seen_by_the_id_or_where_there_is_none_by_the_uptime(
    before: Server, after: Server, same: bool
) -> None:
    assert before.is_same_process(after) is same


def test_of_very_many_tubes_the_first_ones_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_TUBES", 2)
    seen = snapshot_of_peer(server_of({f"tube-{number}": OLD_TUBE for number in range(7)}))
    assert list(seen.tubes) == ["tube-0", "tube-1"]
    assert (seen.left_out, seen.listed) == (5, "the first 2 tubes of 7")
    few = snapshot_of_peer(server_of({"a": OLD_TUBE}))
    assert (few.left_out, few.listed) == (0, "1 tube")


def test_numbers_of_a_server_below_zero_are_unknown() -> None:
    stats = "uptime: -1\ncurrent-jobs-ready: -5\ntotal-jobs: -9\ncurrent-connections: -3\npid: 7\n"
    seen = snapshot_of_peer(server_of({"a": OLD_TUBE}, stats)).server
    assert (seen.uptime, seen.ready, seen.total_jobs, seen.connections) == (None,) * 4
    assert seen.stats == {"pid": 7}
