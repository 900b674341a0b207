"""What the server knows of a job, in words; pure functions."""

from textwrap import wrap

from beantop.app.view.lines import Line
from beantop.formatting import UNKNOWN, duration, grouped, printable, size
from beantop.jobs.job_info import MIN_PARKED, PARKED
from beantop.jobs.peek import JobRecord

URGENT_BELOW = 1024  # protocol.txt: ready jobs with a priority below it count as urgent


def job_facts(seen: JobRecord) -> list[tuple[str, str]]:
    """Every field of stats-job with a name and a value for people, in the order of interest."""
    stats = seen.stats
    priority = stats.get("pri")
    urgent = " (urgent)" if priority is not None and priority < URGENT_BELOW else ""
    known = [
        ("state", seen.state or UNKNOWN),
        ("tube", printable(seen.tube or UNKNOWN)),
        ("priority", (UNKNOWN if priority is None else str(priority)) + urgent),
        ("age", duration(seen.listed.age)),
        ("delay", _delay(seen)),
        ("ttr", duration(stats.get("ttr"))),
        ("time left", "parked" if seen.listed.is_parked else duration(seen.listed.left)),
        ("reserves", grouped(stats.get("reserves"))),
        ("timeouts", grouped(stats.get("timeouts"))),
        ("releases", grouped(stats.get("releases"))),
        ("buries", grouped(stats.get("buries"))),
        ("kicks", grouped(stats.get("kicks"))),
        ("binlog file", grouped(stats.get("file")) if stats.get("file") else "none"),
        ("body", size(len(seen.body))),
    ]
    told = {"id", "state", "tube", "pri", "age", "delay", "ttr", "time-left", "file"}
    told |= {"reserves", "timeouts", "releases", "buries", "kicks"}
    more = [
        (printable(key), printable(str(value)))
        for key, value in seen.stats.items()
        if key not in told
    ]
    return known + more


def _delay(seen: JobRecord) -> str:
    """What it was last delayed for. The server keeps that when a job is not delayed any more."""
    delay = seen.stats.get("delay")
    if delay is None or delay < MIN_PARKED:
        return duration(delay)
    return PARKED if seen.listed.is_parked else f"was {PARKED}"


def as_list(seen: JobRecord, width: int) -> list[Line]:
    """A field on each line, and what they say, for a window with room."""
    fields: list[Line] = [
        [(f" {name:<12} ", "dim"), (value, _style(name, value))] for name, value in job_facts(seen)
    ]
    said: list[Line] = [[(f" {line}", "warn")] for line in wrap(advice(seen), max(10, width - 2))]
    return [*fields, [], *said]


def as_paragraph(seen: JobRecord) -> list[Line]:
    """All fields but the size of the body, which stands above that, on a few lines, and what they
    say, for a small window. What only some servers tell comes last."""
    view = [fact for fact in job_facts(seen) if fact[0] != "body"]
    lines: list[Line] = []
    for part in filter(None, (view[:2], view[2:7], view[7:13], view[13:])):
        line: Line = [(" ", "")]
        for name, value in part:
            line += [(f"{name} ", "dim"), (value, _style(name, value)), ("  ", "")]
        lines.append(line)
    said = advice(seen)
    return [*lines, [(f" {said}", "warn")]] if said else lines


def advice(seen: JobRecord) -> str:
    """What the numbers say, where they say something."""
    timeouts, reserves = seen.stats.get("timeouts", 0), seen.stats.get("reserves", 0)
    if timeouts and timeouts == reserves:
        ttr = duration(seen.stats.get("ttr"))
        return f"Each of its {grouped(reserves)} reserves timed out: workers may need a ttr above {ttr}."
    if timeouts:
        return f"Timed out in {grouped(timeouts)} of {grouped(reserves)} reserves."
    return ""


def what_keys_do(seen: JobRecord) -> str:
    """What `K` and `D` would do to the job as it is."""
    if seen.listed.is_parked:
        return f"job {seen.id} is {PARKED}: U finishes that; K makes it ready, B buries it."
    match seen.state:
        case "buried" | "delayed":
            return f"job {seen.id} is {seen.state}: K makes it ready, D deletes it."
        case "ready":
            return f"job {seen.id} is ready: a worker can take it. D deletes it."
        case "reserved":
            return f"job {seen.id} is reserved: a worker holds it."
    return f"job {seen.id}"


def is_gone(id: int) -> str:
    """Why nothing can be done to a job that was on the screen."""
    return f"Job {id} is gone: it was deleted, by a worker or by hand."


def _style(name: str, value: str) -> str:
    if (name, value) == ("state", "buried") or (name == "timeouts" and value not in ("0", UNKNOWN)):
        return "bad bold"
    if value == PARKED:
        return "warn"
    return "bold" if name in ("state", "tube") else ""
