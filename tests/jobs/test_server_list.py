"""A server with a list of jobs, as beanstalkd-pi is: its list is taken."""

from beantop.jobs.connection import ActingConnection
from beantop.jobs.scan import Coverage, Scan
from tests.jobs.acting import acting
from tests.monitor.peer import body, peer


def test_the_servers_own_list_is_taken() -> None:
    answers = {
        "stats-tube a": body("name: a\ncurrent-jobs-ready: 1\ncurrent-jobs-buried: 1\n"),
        "list-jobs a ready 10000": body("- id: 7000000\n  pri: 5\n  age: 3\n  size: 4\n"),
        "list-jobs a buried 10000": body("- {id: 12, pri: 5, age: 3, size: 4}\n"),
        "stats-job 7000000": body("id: 7000000\ntube: a\nstate: ready\n"),
        "stats-job 12": body("id: 12\ntube: a\nstate: buried\n"),
        "list-tubes": body("- a\n"),
        "use a": b"USING a\r\n",
        "use default": b"USING default\r\n",
    }

    async def story(connection: ActingConnection) -> tuple[set[int], Coverage]:
        scan = Scan(connection, "a")
        coverage = await scan.run()
        return set(scan.found), coverage

    with peer(lambda line: answers.get(line, b"NOT_FOUND\r\n")) as other:
        found, coverage = acting(other.address, story)
    assert found == {12, 7_000_000}
    assert coverage.complete
    assert not coverage.walked
