"""Jobs as texts to edit: the settings, an empty line, the body."""

from itertools import dropwhile

from beantop.beanstalk import commands
from beantop.beanstalk.commands import MAX_UINT32
from beantop.formatting import parse_duration, read_whole, shortened_word
from beantop.jobs.job_info import MIN_PARKED
from beantop.jobs.records import SavedJob

SETTINGS = ("tube", "priority", "delay", "ttr")


def as_text(job: SavedJob, *words: str) -> str:
    """Return the text to edit. Raises ValueError if the body is not text. An empty body gets
    an empty line to be written in: without it, the end of the text is the line that must stay.

    >>> print(as_text(SavedJob("a", b"hello"), "A new job."))
    # A new job.
    # The body begins after the first empty line, and ends where the file ends.
    tube: a
    priority: 65536
    delay: 0s
    ttr: 60s
    <BLANKLINE>
    hello
    """
    try:
        body = job.body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the body is not text: it cannot be edited") from None
    if "\r" in body or "\0" in body:
        raise ValueError("the body has bytes that editors change: it cannot be edited")
    head = [f"# {word}" for word in words]
    head.append("# The body begins after the first empty line, and ends where the file ends.")
    settings = [f"tube: {job.tube}", f"priority: {job.priority}"]
    settings += [f"delay: {job.delay}s", f"ttr: {job.ttr}s"]
    return "\n".join([*head, *settings, "", body or "\n"])


def read_text(text: str, before: SavedJob) -> SavedJob:
    """Return the job that an edited text describes; `before` is the job as it was. Raises ValueError
    with a sentence.

    Editors end a file with a line feed: one that the body did not end with is not part of it. Nor is
    the empty line that stood in the place of an empty body, whether it was written in or below it.

    >>> empty = SavedJob("a", b"")
    >>> text = as_text(empty)
    >>> [read_text(text + more, empty).body for more in ("", "hello", "hello\\n", "\\nhello")]
    [b'', b'hello', b'hello', b'\\nhello']
    >>> read_text(text.removesuffix("\\n") + "hello\\n", empty).body
    b'hello'
    """
    head, gap, body = text.partition("\n\n")
    if not gap:
        raise ValueError("there is no empty line between the settings and the body")
    if not before.body:
        body = body.removeprefix("\n")
    if body.endswith("\n") and not before.body.endswith(b"\n"):
        body = body[:-1]
    job = before._replace(body=body.encode("utf-8", "surrogateescape"), counters={})
    for line in head.split("\n"):
        if line.strip() and not line.startswith("#"):
            job = _with_setting(job, line)
    return job


def with_mistake(text: str, mistake: str) -> str:
    """Return the text with its mistake on top, in place of the comment that was there.

    >>> print(with_mistake("# A job.\\nttr: soon\\n\\nhello", "'soon' is not a duration"))
    # Please correct: 'soon' is not a duration.
    ttr: soon
    <BLANKLINE>
    hello
    """
    lines = dropwhile(lambda line: line.startswith("#"), text.split("\n"))
    word = f"# Please correct: {mistake}."
    return "\n".join([word, *lines])


def _with_setting(job: SavedJob, line: str) -> SavedJob:
    name, _, value = (part.strip() for part in line.partition(":"))
    if name == "tube":
        commands.check_tube(value)
        return job._replace(tube=value)
    if name == "priority":
        if (priority := read_whole(value, 0, MAX_UINT32)) is None:
            word = shortened_word(value)
            raise ValueError(f"priority must be a number from 0 to {MAX_UINT32}, not {word!r}")
        return job._replace(priority=priority)
    if name in ("delay", "ttr"):
        return _with_time(job, name, value)
    raise ValueError(f"unknown setting {name!r}: the settings are {', '.join(SETTINGS)}")


def _with_time(job: SavedJob, name: str, value: str) -> SavedJob:
    exactly, most = parse_duration(value), MAX_UINT32 if name == "ttr" else MIN_PARKED - 1
    if not 0 <= exactly <= most:
        raise ValueError(f"{name} must be at most {most} s")
    seconds = round(exactly)
    if name == "ttr":
        return job._replace(ttr=seconds)
    state = "buried" if job.state == "buried" else "delayed" if seconds else "ready"
    return job._replace(delay=seconds, state=state)  # type: ignore[arg-type]  # one of State
