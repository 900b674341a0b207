"""Putting jobs that existed before: into their tube and state, without a worker seeing a buried one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from beantop.beanstalk import BeanstalkdError, Command, Error, commands, describe_error
from beantop.jobs.bulk.change import refusal
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.records import SavedJob

BURIED_AT_ONCE = 32
"""Jobs that are out of reach, and not buried yet, at any moment: so many stay so if the program is
killed."""


@dataclass
class Puts:
    """What came of each job, by its place among those that were to be put."""

    new_ids: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    """Why not, as what came of it."""
    unknown: set[int] = field(default_factory=set)
    """No reply came: it may be there or not."""
    error: str = ""
    """Why the others were not tried."""


async def put_all(turn: Turn, jobs: Sequence[SavedJob]) -> Puts:
    """Put the jobs, each in its tube and state; reserved ones become ready. Tube by tube, and there the
    buried ones last, they keep their order. One that no server can be asked for, by its name or a
    number, is refused, and not a byte of it is sent."""
    puts, wires = Puts(), dict[int, Command[int]]()
    for place, job in enumerate(jobs):
        try:
            wires[place] = _put(job)
        except ValueError as error:
            puts.refused[place] = f"cannot be put: {error}"
    for tube, places in _groups({place: jobs[place] for place in wires}):
        if not puts.error:
            await _put_group(turn, tube, places, [wires[place] for place in places], puts)
            await _bury(turn, jobs, places, puts)
    return puts


async def _put_group(
    turn: Turn, tube: str, places: Sequence[int], wires: Sequence[Command[int]], puts: Puts
) -> None:
    try:
        attempt = await turn.attempt_in(tube, wires)
    except (OSError, Error) as error:
        puts.error = describe_error(error)
        return
    for place, result in zip(places, attempt.results, strict=False):
        if isinstance(result, BeanstalkdError):
            puts.refused[place] = refusal(result)
        else:
            puts.new_ids[place] = result
    puts.unknown.update(places[len(attempt.results) : attempt.sent])
    puts.error = describe_error(attempt.error) if attempt.error else ""


def count(puts: Puts, ids: Sequence[int], tally: Tally) -> None:
    """Count what was put, and what was not; `ids` are those that the jobs had before."""
    new_ids = {ids[place]: id for place, id in puts.new_ids.items()}
    tally.note_done(new_ids)
    tally.new_ids |= new_ids
    count_failures(puts, tally)


def count_failures(puts: Puts, tally: Tally) -> None:
    """Count what was not put, or perhaps not."""
    tally.unknown += len(puts.unknown)
    tally.failed.update(puts.refused.values())
    tally.ended = tally.ended or puts.error


async def _bury(turn: Turn, jobs: Sequence[SavedJob], group: Sequence[int], puts: Puts) -> None:
    """Bury those of a group that were put to be buried; those that cannot be are taken away again.

    The protocol buries only what is reserved, and makes ready what a lost connection had reserved:
    if the program is killed just here, the one job that is between the two commands becomes ready.
    """
    places = [place for place in group if place in puts.new_ids and jobs[place].state == "buried"]
    if not places:
        return
    attempt = await turn.pipeline_partial(
        command
        for place in places
        for command in (
            commands.reserve_job(puts.new_ids[place]),
            commands.bury(puts.new_ids[place], jobs[place].priority),
        )
    )
    for number, place in enumerate(places):
        results = attempt.results[2 * number : 2 * number + 2]
        error = next((one for one in results if isinstance(one, BeanstalkdError)), None)
        if error or len(results) < 2:
            id = puts.new_ids.pop(place)
            taken_away = await turn.pipeline_partial([commands.delete(id)])
            if taken_away.results and not isinstance(taken_away.results[0], BeanstalkdError):
                puts.refused[place] = refusal(error) if error else "refused"
            else:
                puts.unknown.add(place)
    if attempt.error:
        puts.error = puts.error or describe_error(attempt.error)


def _groups(jobs: Mapping[int, SavedJob]) -> Iterator[tuple[str, list[int]]]:
    """Tubes, and the places of jobs that are to be put into them together."""
    by_tube: dict[tuple[str, bool], list[int]] = {}
    for place, job in jobs.items():
        by_tube.setdefault((job.tube, job.state == "buried"), []).append(place)
    for (tube, buried), places in by_tube.items():
        size = BURIED_AT_ONCE if buried else len(places)
        for start in range(0, len(places), size):
            yield tube, places[start : start + size]


def _put(job: SavedJob) -> Command[int]:
    commands.check_tube(job.tube)
    delay = OUT_OF_REACH if job.state == "buried" else job.delay
    return commands.put(job.body, job.priority, delay, job.ttr)
