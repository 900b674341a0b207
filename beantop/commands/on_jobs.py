"""Commands that change jobs: which jobs they take, and how they are carried out."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import JobAction, act_on
from beantop.app.actions.targets import IDS_SHOWN, target_of
from beantop.commands.acting import Site, act
from beantop.commands.arguments import job_id, looks_like_server, name_first, named
from beantop.commands.chosen_jobs import Choice, Chosen, choose
from beantop.commands.consent import add_consent, answers_of, count
from beantop.commands.filtered import add_filters
from beantop.commands.invocation import Invocation
from beantop.config import ServerConfig
from beantop.exit_codes import INCOMPLETE, OK, USAGE
from beantop.formatting import plural
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobRow
from beantop.report.output import write
from beantop.report.rows import Field, as_table


@dataclass(frozen=True)
class JobVerb:
    """A command that changes jobs."""

    name: str
    action: JobAction
    why_not: Callable[[JobInfo], Reason | None] = lambda job: None
    """Returns why the action does not apply to a job, if so."""
    words: str = ""
    """What it does, if its name does not say that."""
    changes_reserved: bool = False
    """Whether jobs that a worker has are taken, too."""
    why_not_there: Callable[[ActionContext], Awaitable[str]] | None = None
    """Returns a sentence if the jobs cannot go where they are to go, else ""; for a dry run, which asks no
    question about that."""


FIELDS: Sequence[Field[JobInfo]] = (
    Field("id", lambda job: job.id, "ID", words=lambda job: str(job.id)),
    Field("tube", lambda job: job.tube, "TUBE", is_text=True),
    Field("state", lambda job: job.state, "STATE", is_text=True),
)
"""The fields of a job that `--dry-run` prints."""


def add_choice(parser: argparse.ArgumentParser, **then: str) -> None:
    """Take which jobs are meant, further positional arguments with these names and helps, and consent."""
    parser.add_argument("tube", nargs="?", type=named, metavar="TUBE")
    for name, words in then.items():
        parser.add_argument(name, nargs="?", type=named, metavar=name.upper(), help=words)
    parser.add_argument(
        "--job", type=job_ids, metavar="ID", action="extend", help="this job; instead of TUBE"
    )
    add_filters(parser)
    parser.add_argument(
        "--count", type=count, metavar="N", help="at most N jobs, those with the lowest ids"
    )
    add_consent(parser)


def sort_out(options: argparse.Namespace, *then: str) -> None:
    """With `--job` there is no tube, so that what was taken for it comes after it. Raises ValueError."""
    if options.job:
        if options.state or options.filter or options.count:
            raise ValueError(
                "--job names the jobs: --state, --filter and --count do not go with it"
            )
        names = ["tube", *then]
        given = [getattr(options, name) for name in names if getattr(options, name) is not None]
        given += options.hosts
        options.tube = None
        for name in then:
            setattr(options, name, given.pop(0) if given else None)
        options.hosts = given
    elif options.tube is None:
        raise ValueError("name a tube, or a job with --job")
    elif looks_like_server(options.tube):
        raise ValueError(name_first(options.tube, "tube"))
    for name in then:
        if getattr(options, name) is None:
            raise ValueError(f"name the {name}")


def choice_of(options: argparse.Namespace) -> Choice:
    """Return which jobs are meant. Raises ValueError if it is a whole tube, unasked."""
    if options.job:
        return Choice(options.job)
    if not (options.state or options.filter):
        raise ValueError("which jobs of the tube? Add --state or --filter")
    return Choice((), options.tube, options.state, options.filter, options.count)


def change_jobs(
    invocation: Invocation, verb: JobVerb, there: ServerConfig | None = None, **answers: Any
) -> int:
    """Choose the jobs, and do to them what the key does."""
    options, choice = invocation.options, choice_of(invocation.options)

    async def work(site: Site) -> int:
        view = site.context.view
        chosen = await choose(site.context.connection, choice, view.reading)
        code = await _change(site, verb, chosen)
        left_out = _tell_what_was_left_out(site, chosen, choice)
        return left_out if left_out == USAGE else code or left_out

    return act(invocation, verb.name, answers_of(options, **answers), work, there)


async def _change(site: Site, verb: JobVerb, chosen: Chosen) -> int:
    rows = [JobRow(job, None) for job in chosen.jobs]
    expected, tube = _expected(verb, chosen), site.options.tube
    if site.options.dry_run:
        return await _report_dry_run(site, verb, rows, expected)
    if not expected.total:
        site.tell(OK, "No job matches: nothing was changed.")
    if not rows:
        return site.report(expected, tube)
    tally = await act_on(site.context, verb.action, rows)
    user = site.user
    if tally is None and (user.is_unanswered or user.has_failed or user.ended or expected.done):
        return site.report_nothing()
    if tally is None:  # the action has said why it applies to none of them
        return site.report(expected, tube)
    tally.total += len(chosen.gone)
    tally.note(Outcome.GONE, len(chosen.gone))
    return site.report(tally, tube)


def _expected(verb: JobVerb, chosen: Chosen) -> Tally:
    """Return what should become of the jobs, if nobody else changes them."""
    tally = Tally(len(chosen.jobs) + len(chosen.gone))
    tally.note(Outcome.GONE, len(chosen.gone))
    for job in chosen.jobs:
        if job.state == "reserved" and not verb.changes_reserved:
            tally.note(Outcome.HELD)
        elif why := verb.why_not(job):
            tally.others[why] += 1
        else:
            tally.note_done([job.id])
    return tally


async def _report_dry_run(
    site: Site, verb: JobVerb, rows: Sequence[JobRow], expected: Tally
) -> int:
    if verb.why_not_there and (why_not := await verb.why_not_there(site.context)):
        return site.tell(USAGE, why_not)
    jobs = [row.job for row in rows]
    if not site.options.json:
        where = target_of(rows).where if rows else ""
        changed = [job for job in jobs if job.id in expected.done_ids]
        table = as_table(FIELDS, changed) if changed else []
        write(
            "\n".join([expected.sentence(f"Would {verb.words or verb.name}", "job", where), *table])
        )
    ids = {"dry_run": True, "ids": sorted(expected.done_ids)}
    return site.report(expected, site.options.tube, ids)


def _tell_what_was_left_out(site: Site, chosen: Chosen, choice: Choice) -> int:
    """Say why jobs were not chosen, and return the exit code that this makes."""
    if chosen.gone:
        ids = ", ".join(map(str, chosen.gone[:IDS_SHOWN]))
        more = f" and {len(chosen.gone) - IDS_SHOWN:,} others" if chosen.gone[IDS_SHOWN:] else ""
        are_none = "is no job" if len(chosen.gone) == 1 else "are no jobs"
        code = INCOMPLETE if chosen.jobs else USAGE
        return site.tell(code, f"There {are_none} {ids}{more}.")
    if not chosen.jobs and choice.filter and (unknown := choice.filter.unknown_field):
        said = f"None of the bodies has {unknown.words}{'' if unknown.is_mistyped else '.'}"
        return site.tell(USAGE if unknown.is_mistyped else OK, said)
    if chosen.undecided:
        left = plural(chosen.undecided, "job")
        return site.tell(
            INCOMPLETE, f"Left out {left}: the filter cannot read their bodies to the end."
        )
    return OK


def job_ids(text: str) -> list[int]:
    """Read the ids of jobs, separated by commas."""
    return [job_id(id) for id in text.split(",")]
