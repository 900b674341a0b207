"""Every job is found, whatever its state, its age, and the gaps between the ids."""

import asyncio
from pathlib import Path

import pytest

from beantop.beanstalk import Client, commands
from beantop.jobs.connection import ActingConnection
from beantop.jobs.scan import SCRATCH_TUBE, Coverage, Scan
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, call, pipeline_in, put_buried
from tests.monitor.peer import HANG_UP, SILENCE, body, peer


def scanned(
    server: Beanstalkd, tube: str | None, *, oldest_first: bool = False
) -> tuple[Scan, Coverage]:
    """A scan that was run once."""

    async def run(connection: ActingConnection) -> tuple[Scan, Coverage]:
        scan = Scan(connection, tube, oldest_first=oldest_first)
        return scan, await scan.run()

    return acting(server.address, run)


def use_up_ids(server: Beanstalkd, most: int) -> None:
    """Have the server give the ids up to there to jobs that are gone again."""

    async def put_and_delete(connection: ActingConnection) -> None:
        ids = await pipeline_in(connection, "used-up", [commands.put(b"") for _ in range(most)])
        deletes = [commands.delete(id) for id in ids if isinstance(id, int)]
        await pipeline_in(connection, "used-up", deletes)

    acting(server.address, put_and_delete)


def fill(client: Client[str], tube: str) -> dict[str, int]:
    """One job in each state, the reserved one held by this client."""
    client.use(tube)
    client.watch(tube)
    client.ignore("default")
    buried, reserved = put_buried(client, "buried"), client.put("reserved", priority=0, ttr=600)
    client.reserve()
    return {
        "buried": buried,
        "reserved": reserved,
        "ready": client.put("ready"),
        "delayed": client.put("delayed", delay=600),
    }


def test_jobs_that_come_while_it_walks_are_found_without_walking_on_and_on(
    own_server: Beanstalkd,
) -> None:
    coming = iter(range(1_000))

    async def story(connection: ActingConnection) -> tuple[Scan, Coverage]:
        def more_come() -> None:
            if next(coming) < 100:
                client.put("new")

        scan = Scan(connection, "mine")
        return scan, await scan.run(on_progress=more_come)

    with own_server.client(use="mine") as client:
        old = [client.put("old") for _ in range(10)]
        scan, coverage = acting(own_server.address, story)
        assert coverage.complete
        assert len(scan.found) > len(old)
        assert coverage.walked < 20_000


@pytest.mark.parametrize("oldest_first", [False, True])
def test_all_states_are_found_and_no_other_tube(own_server: Beanstalkd, oldest_first: bool) -> None:
    with own_server.client() as client, own_server.client() as other:
        jobs = fill(client, "mine")
        fill(other, "other")
        scan, coverage = scanned(own_server, "mine", oldest_first=oldest_first)
        assert {job.state: job.id for job in scan.found.values()} == jobs
        assert {job.tube for job in scan.found.values()} == {"mine"}
        assert coverage.complete
        assert (coverage.found, coverage.counted) == (4, 4)


def test_a_scan_of_the_server_finds_the_jobs_of_all_tubes(own_server: Beanstalkd) -> None:
    with own_server.client() as client, own_server.client() as other:
        mine, others = fill(client, "mine"), fill(other, "other")
        scan, coverage = scanned(own_server, None)
        assert set(scan.found) == {*mine.values(), *others.values()}
        assert coverage.complete


def test_what_is_known_of_a_job_is_what_the_server_says(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        id = client.put("body", priority=7, delay=600, ttr=90)
        stats = client.stats_job(id)
        scan, _ = scanned(own_server, "mine")
        job = scan.found[id]
        assert (job.tube, job.state, job.priority, job.delay, job.ttr) == (
            *(stats["tube"], stats["state"], stats["pri"], stats["delay"], stats["ttr"]),
        )
        assert (job.file, job.reserves, job.kicks) == (0, 0, 0)


def test_nothing_is_touched(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        jobs = fill(client, "mine")
        before = {id: client.stats_job(id) for id in jobs.values()}
        scanned(own_server, "mine")
        after = {id: client.stats_job(id) for id in jobs.values()}
        changing = {"age", "time-left"}
        for id in before:
            assert {k: v for k, v in before[id].items() if k not in changing} == {
                k: v for k, v in after[id].items() if k not in changing
            }
        assert set(client.tubes()) == {"default", "mine"}


@pytest.mark.long
def test_jobs_far_apart_are_found_after_a_restart_that_began_all_counters_anew(
    tmp_path: Path,
) -> None:
    server = Beanstalkd("-b", str(tmp_path))
    try:
        with server.client(use="mine") as client:
            first = client.put("first")
            for _ in range(3_000):
                client.delete(client.put("gone"))
            last = client.put("last")
        server.stop()
        server.start()
        with server.client() as client:
            assert client.stats()["total-jobs"] < last
            scan, coverage = scanned(server, "mine")
            assert set(scan.found) == {first, last}
            assert coverage.complete
    finally:
        server.stop()


@pytest.mark.long
def test_it_can_be_stopped_and_goes_on_where_it_stopped(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        ids = {client.put("x") for _ in range(1_000)}

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine", oldest_first=True)
        coverage = await scan.run(on_progress=scan.stop)
        assert not coverage.complete
        assert 0 < coverage.found < 1_000
        assert coverage.walked == coverage.high
        rest = await scan.run()
        assert rest.complete
        assert set(scan.found) == ids

    acting(own_server.address, story)


def test_it_goes_no_further_than_it_was_told(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        ids = [client.put("x") for _ in range(1_000)]

    async def story(connection: ActingConnection) -> None:
        coverage = await Scan(connection, "mine", oldest_first=True).run(most=200)
        assert not coverage.complete
        assert 200 <= coverage.walked < len(ids)

    acting(own_server.address, story)


def test_an_empty_or_absent_tube_is_complete_and_not_created(own_server: Beanstalkd) -> None:
    _, coverage = scanned(own_server, "nowhere")
    assert coverage.complete
    assert (coverage.found, coverage.counted) == (0, 0)
    with own_server.client() as client:
        assert client.tubes() == ["default"]


def test_jobs_that_went_meanwhile_are_no_longer_counted_as_found(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        ids = [client.put("x") for _ in range(300)]

        async def story(connection: ActingConnection) -> None:
            scan = Scan(connection, "mine", oldest_first=True)
            await scan.run(most=100)
            for id in ids[:100]:
                client.delete(id)
            coverage = await scan.run()
            assert coverage.complete
            assert set(scan.found) == set(ids[100:])

        acting(own_server.address, story)


def test_the_ceiling_is_known_exactly_only_on_demand(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        ids = [client.put("x") for _ in range(5)]

        async def story(connection: ActingConnection) -> None:
            scan = Scan(connection, "mine")
            assert await scan.find_ceiling() == ids[-1] + 1
            assert (await scan.run()).complete
            assert set(scan.found) == set(ids)
            async with connection.turn() as turn:
                assert SCRATCH_TUBE not in await turn.call(commands.tubes())

        acting(own_server.address, story)


@pytest.mark.long
def test_the_oldest_are_found_though_the_first_ids_are_long_gone(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.scan.ENOUGH", 2_000)
    use_up_ids(own_server, 5_000)
    with own_server.client(use="mine") as client:
        id = client.put("the oldest there is")

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine", oldest_first=True)
        runs = [await scan.run(most=2_000) for _ in range(3)]
        assert [coverage.low for coverage in runs] == [1, 1, 1]
        assert runs[-1].complete
        assert set(scan.found) == {id}

    acting(own_server.address, story)


@pytest.mark.long
def test_from_a_known_ceiling_it_walks_down_where_workers_hold_all_jobs(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.scan.MAX_BATCH", 1_024)
    use_up_ids(own_server, 5_000)
    with own_server.client(use="mine", watch="mine") as worker:
        id = worker.put("held", ttr=600)
        worker.reserve()

        async def story(connection: ActingConnection) -> None:
            scan = Scan(connection, "mine")
            assert await scan.find_ceiling() == id + 1
            coverage = await scan.run()
            assert coverage.complete
            assert coverage.low > 1

        acting(own_server.address, story)


@pytest.mark.long
def test_the_first_jobs_of_the_tube_itself_are_looked_at_however_many_tubes_there_are(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.id_probe.MAX_HEADS", 1)
    monkeypatch.setattr("beantop.jobs.scan.MAX_BATCH", 1_024)
    use_up_ids(own_server, 5_000)
    with own_server.client(use="mine") as client:
        client.put("x")
        _, coverage = scanned(own_server, "mine")
        assert coverage.low > 1


def one_job_beside_an_odd_tube(line: str) -> bytes:
    """Another implementation, which takes names that no client of ours can ask for."""
    answers = {
        "list-tubes": body("- caf\xe9\n- a b\n- mine\n"),
        "peek-ready": b"FOUND 7 1\r\nx\r\n",
        "stats-tube mine": body("name: mine\ncurrent-jobs-ready: 1\n"),
        "stats": body("current-jobs-ready: 1\n"),
        "stats-job 7": body("id: 7\ntube: mine\nstate: ready\n"),
    }
    if line.startswith("use "):
        return f"USING {line[4:]}\r\n".encode()
    return answers.get(line, b"NOT_FOUND\r\n")


@pytest.mark.parametrize("tube", ["mine", None])
def test_a_tube_that_no_client_can_ask_for_is_passed_over(
    tube: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.id_probe.PROBED", 1)
    monkeypatch.setattr("beantop.jobs.scan.LOOKED_AHEAD", 1)
    with peer(one_job_beside_an_odd_tube) as other:
        found = acting(other.address, lambda connection: found_by(Scan(connection, tube)))
    assert found == {7}
    assert {line for line in other.received if line.startswith("use ")} == {
        "use mine",
        "use default",
    }


async def found_by(scan: Scan) -> set[int]:
    assert (await scan.run()).complete
    return set(scan.found)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("put 0 4294967295 1 0", HANG_UP),
        ("delete 7", HANG_UP),
        ("put 0 4294967295 1 0", b"BURIED\r\n"),
        ("delete 7", b"OUT_OF_MEMORY\r\n"),
    ],
)
def test_a_job_that_may_be_left_behind_is_told_of(last: str, said: bytes) -> None:
    answers = {"put 0 4294967295 1 0": b"INSERTED 7\r\n", "": SILENCE, last: said}

    def answer(line: str) -> bytes | None:
        return answers.get(line, b"USING " + line[4:].encode() + b"\r\n")

    with (
        peer(answer) as other,
        pytest.raises(ConnectionError, match="; a job may be left in beantop-scratch"),
    ):
        acting(other.address, lambda connection: Scan(connection, "a").find_ceiling())


def test_a_new_job_that_the_server_buried_tells_the_highest_id_too() -> None:
    answers = {"put 0 4294967295 1 0": b"BURIED 7\r\n", "": SILENCE, "delete 7": b"DELETED\r\n"}

    def answer(line: str) -> bytes | None:
        return answers.get(line, b"USING " + line[4:].encode() + b"\r\n")

    with peer(answer) as other:
        highest = acting(other.address, lambda connection: Scan(connection, "a").find_ceiling())
    assert highest == 7
    assert "delete 7" in other.received


def test_a_reset_by_the_server_leaves_what_was_found(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        for _ in range(300):
            client.put("x")

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine", oldest_first=True)
        await scan.run(most=100)
        found = dict(scan.found)
        await asyncio.to_thread(own_server.stop)
        with pytest.raises(ConnectionError):
            await scan.run()
        assert scan.found == found
        assert not scan.running

    acting(own_server.address, story)


@pytest.mark.long
def test_others_get_their_turn_between_two_batches(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine") as client:
        for _ in range(2_000):
            client.put("x")

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine", oldest_first=True)
        walk = asyncio.create_task(scan.run())
        await asyncio.sleep(0)
        await call(connection, commands.tubes())
        assert not scan.coverage.complete
        await walk

    acting(own_server.address, story)


@pytest.mark.long
def test_a_tube_with_the_longest_name_is_walked(own_server: Beanstalkd) -> None:
    name = "t" * 200
    with own_server.client(use=name) as client:
        id = client.put("x")

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, name)
        assert (await scan.run()).complete
        assert set(scan.found) == {id}

    acting(own_server.address, story)


@pytest.mark.long
def test_a_walk_that_finds_less_than_is_counted_comes_to_an_end(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.scan.ENOUGH", 20_000)
    with own_server.client(use="mine") as client:
        client.put("x")

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine")

        async def too_many() -> tuple[int, tuple[int | None, ...]]:
            return 5, (1, 0)

        scan._ask_counts = too_many  # type: ignore[method-assign]  # as a server that miscounts
        coverage = await scan.run(most=10_000_000)
        assert not coverage.complete
        assert coverage.walked < 30_000

    acting(own_server.address, story)


@pytest.mark.long
def test_those_in_one_state_are_found_without_walking_to_all_others(own_server: Beanstalkd) -> None:
    with own_server.client(use="mine", watch="mine") as client:
        client.put("old")
        for _ in range(20_000):
            client.delete(client.put("-"))
        buried = client.put("bad", priority=0)
        client.bury(client.reserve(), priority=0)

    async def story(connection: ActingConnection) -> None:
        scan = Scan(connection, "mine", state="buried")
        coverage = await scan.run()
        assert (set(scan.found), coverage.counted, coverage.complete) == ({buried}, 1, True)
        assert coverage.low > 1  # where the old one is

    acting(own_server.address, story)
