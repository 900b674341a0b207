"""Export and import of a tube, beside loops of greenstalk that do the same."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path

import greenstalk

from beantop.exit_codes import OK
from beantop.report.export import export_to
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes, seconds
from tests.commands.changing import imported

BODY = '{"to": "ada@example.org", "template": "welcome", "attempt": 3}'


def transfer_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """A tube of buried jobs; an import puts them into a tube that nobody else uses."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = server.address
    assert isinstance(address, tuple)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    numbers = count()
    with greenstalk.Client(address, use="exported") as client:
        ids = [client.put(BODY) for _ in range(sizes.moved)]

    def export() -> None:
        code, said = export_to(address, "exported", str(folder / f"{next(numbers)}.jsonl"))
        assert code == OK, said

    def export_by_one() -> None:
        with (
            greenstalk.Client(address) as client,
            (folder / f"{next(numbers)}.jsonl").open("w") as out,
        ):
            for id in ids:
                stats, job = client.stats_job(id), client.peek(id)
                print(json.dumps({**stats, "body": job.body}), file=out)

    name = f"{sizes.moved:,} jobs"
    yield Row(
        f"export {name}",
        "greenstalk: stats_job, peek",
        None,
        partial(seconds, export),
        partial(seconds, export_by_one),
    )
    export()
    file = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)

    def put() -> None:
        tube = f"imported-{next(numbers)}"
        code, said = imported(address, str(file), "--tube", tube, "--create")
        assert code == OK, said

    def put_by_one() -> None:
        with greenstalk.Client(address, use=f"imported-{next(numbers)}") as client:
            for line in file.read_text().splitlines():
                job = json.loads(line)
                client.put(job["body"], job["priority"], 0, job["ttr"])

    yield Row(
        f"import {name}",
        "greenstalk: put",
        None,
        partial(seconds, put),
        partial(seconds, put_by_one),
    )
