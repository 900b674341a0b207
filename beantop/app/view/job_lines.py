"""The fields of `stats-job` and what they mean, in words. All functions are pure."""

from textwrap import wrap

from beantop.app.view.lines import Line
from beantop.formatting import UNKNOWN, duration, grouped, printable, size
from beantop.jobs.job_info import PARKED
from beantop.jobs.peek import JobRecord

URGENT_BELOW = 1024  # protocol.txt: ready jobs with a priority below it count as urgent


def job_facts(seen: JobRecord) -> list[tuple[str, str]]:
    """Return every field of `stats-job` as a readable name and value, the most important first."""
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
    shown = {"id", "state", "tube", "pri", "age", "delay", "ttr", "time-left", "file"}
    shown |= {"reserves", "timeouts", "releases", "buries", "kicks"}
    more = [
        (printable(key), printable(str(value)))
        for key, value in seen.stats.items()
        if key not in shown
    ]
    return known + more


def _delay(seen: JobRecord) -> str:
    """Return the last delay of the job; the server keeps it after the delay is over."""
    return PARKED if seen.listed.is_parked else duration(seen.listed.given_delay)


def as_list(seen: JobRecord, width: int) -> list[Line]:
    """Return one field per line, then the advice, for a large window."""
    fields: list[Line] = [
        [(f" {name:<12} ", "dim"), (value, _style(name, value))] for name, value in job_facts(seen)
    ]
    hints: list[Line] = [[(f" {line}", "warn")] for line in wrap(advice(seen), max(10, width - 2))]
    return [*fields, [], *hints]


def as_paragraph(seen: JobRecord) -> list[Line]:
    """Return the fields on a few lines, then the advice, for a small window.

    The size of the body is left out, since it is shown above the body. Fields that only some
    servers have come last."""
    facts = [fact for fact in job_facts(seen) if fact[0] != "body"]
    lines: list[Line] = []
    for part in filter(None, (facts[:2], facts[2:7], facts[7:13], facts[13:])):
        line: Line = [(" ", "")]
        for name, value in part:
            line += [(f"{name} ", "dim"), (value, _style(name, value)), ("  ", "")]
        lines.append(line)
    hint = advice(seen)
    return [*lines, [(f" {hint}", "warn")]] if hint else lines


def advice(seen: JobRecord) -> str:
    """Return what the timeouts suggest; an empty string if there are none."""
    timeouts, reserves = seen.stats.get("timeouts", 0), seen.stats.get("reserves", 0)
    if timeouts and timeouts == reserves:
        ttr = duration(seen.stats.get("ttr"))
        which = "Its only reserve" if reserves == 1 else f"All {grouped(reserves)} reserves"
        return f"{which} timed out: workers may need a ttr above {ttr}."
    if timeouts:
        return f"Timed out in {grouped(timeouts)} of {grouped(reserves)} reserves."
    return ""


def what_keys_do(seen: JobRecord) -> str:
    """Return what `K` and `D` do to the job in its current state."""
    if seen.listed.is_parked:
        return f"job {seen.id} is {PARKED}: U finishes that; K makes it ready, B buries it."
    match seen.state:
        case "buried" | "delayed":
            return f"job {seen.id} is {seen.state}: K makes it ready, D deletes it."
        case "ready":
            return f"job {seen.id} is ready: a worker can take it. D deletes it."
        case "reserved":
            return f"job {seen.id} is reserved by a worker."
    return f"job {seen.id}"


def is_masked(id: int, what: str) -> str:
    """Return why something that needs the real body cannot be done."""
    return f"The body of job {id} has masked fields: start beantop with --unmask to {what}."


def _style(name: str, value: str) -> str:
    if (name, value) == ("state", "buried") or (name == "timeouts" and value not in ("0", UNKNOWN)):
        return "bad bold"
    if value == PARKED:
        return "warn"
    return "bold" if name in ("state", "tube") else ""
