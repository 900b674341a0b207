"""The actions `K` and `P` on tubes: kick and pause, from the key to the toast."""

from collections.abc import Mapping, Sequence
from typing import Literal

from beantop.app.action_context import ActionContext
from beantop.app.actions.careful import careful_offer
from beantop.app.actions.confirmation import confirm, server_line, wants_number_typed
from beantop.app.actions.jobs import kick_carefully
from beantop.app.actions.running import Target, run_bulk
from beantop.app.actions.states import find_and_act
from beantop.app.actions.undo import remember_lasting, with_target
from beantop.app.questions import AskNumber, Offer, or_else, read_count, read_seconds
from beantop.app.view.lines import Line
from beantop.beanstalk.commands import MAX_UINT32
from beantop.formatting import duration, grouped, plural, printable
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.bulk.tubes import KickTubes, PauseTubes
from beantop.monitor.snapshot import Tube

NAMED = 8
"""The number of tubes that a dialog names."""

USUAL_PAUSE = 60  # seconds

UNKNOWN_JOBS = "beanstalkd does not report which jobs it kicked"

_LASTING: Sequence[Line] = [
    [],
    [(" This cannot be undone: the server picks the jobs.", "dim")],
]
"""What a question says before a kick of whole tubes."""


async def kick_tubes(context: ActionContext, tubes: Sequence[Tube]) -> None:
    """Ask how many jobs of a tube to kick, or whether to kick all buried ones of several, and do it."""
    if len(tubes) == 1:
        await kick_tube(context, tubes[0])
    else:
        await _kick_several(context, tubes)


async def pause_tubes(context: ActionContext, tubes: Sequence[Tube]) -> None:
    """Ask for how long to pause tubes, and pause those that are not paused; resume a single one that
    is."""
    if len(tubes) == 1:
        await _pause_or_resume(context, tubes[0])
    else:
        await _pause_several(context, tubes)


async def pause_for(context: ActionContext, tube: Tube, seconds: int) -> Tally | None:
    """Ask whether to pause a tube for that long from now, also if it is paused, or to resume it if that is 0,
    and do it."""
    title = f"Pause tube {printable(tube.name)} for {duration(seconds)}?"
    if not seconds:
        title = f"Resume tube {printable(tube.name)}?"
    yes = "Pause it" if seconds else "Resume it"
    lines = [*_targets(context, [tube]), *_time_left(tube)]
    wanted = await confirm(context, title, lines, yes=yes, always=True)
    return await _pause(context, [tube], seconds, again=True) if wanted else None


async def kick_tube(context: ActionContext, tube: Tube) -> Tally | None:
    """Ask how many buried jobs of a tube to kick, or delayed ones if none is buried, and kick them."""
    state: Literal["buried", "delayed"] = "buried" if tube.buried else "delayed"
    count = tube.buried or tube.delayed
    if not count:
        unknown = count is None or tube.buried is None
        why = "its jobs are unknown" if unknown else "no job is buried or delayed"
        context.say(f"Nothing to kick in {tube.name}: {why}.")
        return None
    lines = [*_targets(context, [tube]), [(f" {state:<7} ", "dim"), (grouped(count), "bold")]]
    if tube.buried and tube.delayed:
        stay, them = ("stays", "it") if tube.delayed == 1 else ("stay", "them")
        what = f"The {plural(tube.delayed, 'delayed job')} {stay} delayed."
        how = f"To kick {them}, open the tube, mark {them} and press K."
        lines.append([(f" {what} {how}", "dim")])
    lines += _LASTING
    word = "" if context.view.production or count == 1 else "all"
    question = AskNumber(
        f"Kick {state} jobs to ready?",
        lines,
        read=read_count,
        most=count,
        hint=f"type how many: 1 to {count:,}{f', or {word}' if word else ''}",
        usual=None if wants_number_typed(context.view, count) else count,
        usually="kick it" if count == 1 else f"kick all {count:,}",
        yes="kick this many",
        word=word,
        too_many=f"There {'is' if count == 1 else 'are'} only {count:,}: enter kicks"
        f" {'it' if count == 1 else 'them all'}.",
        about="how many",
        count=count,
    )
    offer = careful_offer(count)
    number = await context.ask(or_else(question, offer) if offer else question)
    if isinstance(number, Offer):
        await find_and_act(context, [tube], state, kick_carefully)
    elif number is not None:
        return await _kick(context, state, {tube.name: number})
    return None


async def _kick_several(context: ActionContext, tubes: Sequence[Tube]) -> None:
    """Ask whether to kick all buried jobs of several tubes, and do it."""
    buried = [tube for tube in tubes if tube.buried]
    count = sum(tube.buried or 0 for tube in buried)
    if not count:
        unknown = any(tube.buried is None for tube in tubes)
        why = "their jobs are unknown" if unknown else "no job is buried"
        context.say(f"Nothing to kick in the marked tubes: {why}.")
        return
    lines = _targets(context, buried)
    lines += [[(" buried  ", "dim"), (grouped(count), "bold")], *_LASTING]
    title = "Kick all buried jobs to ready?"
    yes, offer = f"Kick {grouped(count)}", careful_offer(count)
    wanted = await confirm(
        context, title, lines, yes=yes, count=count, always=True, word="all", offer=offer
    )
    if isinstance(wanted, Offer):
        await find_and_act(context, buried, "buried", kick_carefully)
    elif wanted:
        await _kick(context, "buried", {tube.name: tube.buried or 0 for tube in buried})


async def _kick(
    context: ActionContext, state: Literal["buried", "delayed"], bounds: Mapping[str, int]
) -> Tally:
    """Kick jobs in tubes, up to a number in each."""
    names = list(bounds)
    bulk = Bulk(context.connection, KickTubes(state, bounds), names)
    target = _target_of(names, jobs=f"{state} job")
    tally = await run_bulk(context, bulk, "Kicking", target)
    if tally.jobs:
        remember_lasting(context, f"kicking {target.about(tally)}", UNKNOWN_JOBS)
    return tally


async def _pause_several(context: ActionContext, tubes: Sequence[Tube]) -> None:
    """Ask for how long to pause several tubes, and pause those that are not paused."""
    running = [tube for tube in tubes if not tube.paused]
    if not running:
        context.say(
            "All marked tubes are paused already. P resumes one tube at a time: unmark them first."
        )
        return
    seconds = await context.ask(_how_long(context, running))
    if seconds is not None:
        await _pause(context, running, seconds)


async def _pause_or_resume(context: ActionContext, tube: Tube) -> None:
    """Ask whether to resume a paused tube, or for how long to pause another one, and do it."""
    if tube.paused:
        lines = [*_targets(context, [tube]), *_time_left(tube)]
        wanted = await confirm(context, "Resume this tube?", lines, yes="Resume it")
        seconds = 0 if wanted else None
    else:
        seconds = await context.ask(_how_long(context, [tube]))
    if seconds is not None:
        await _pause(context, [tube], seconds)


async def _pause(
    context: ActionContext, tubes: Sequence[Tube], seconds: int, *, again: bool = False
) -> Tally:
    """Pause tubes for that long; 0 resumes them. A tube that is paused meanwhile stays as it is, unless
    `again`."""
    names = [tube.name for tube in tubes]
    target = _target_of(names, how=f"for {duration(seconds)}" if seconds else "")
    bulk = Bulk(context.connection, PauseTubes(seconds, again=again), names)
    doing = "Pausing" if seconds else "Resuming"
    tally = await run_bulk(context, bulk, doing, target)
    if tally.done:
        what = "resume" if seconds else "pause"
        instead = f"press P to {what} {'it' if len(names) == 1 else 'each of them'} instead"
        remember_lasting(context, with_target(doing, target), instead)
    return tally


def _time_left(tube: Tube) -> list[Line]:
    """Return the line of a question about a paused tube."""
    if not tube.paused:
        return []
    return [[(" paused  ", "dim"), (f"{duration(tube.pause_time_left)} left", "bold")]]


def _target_of(names: Sequence[str], *, how: str = "", jobs: str = "") -> Target:
    name = f"tube {printable(names[0])}" if len(names) == 1 else ""
    return Target(len(names), "tube", "", name, how, jobs)


def _how_long(context: ActionContext, tubes: Sequence[Tube]) -> AskNumber:
    return AskNumber(
        "Pause this tube?" if len(tubes) == 1 else f"Pause these {len(tubes)} tubes?",
        [
            *_targets(context, tubes),
            [(" workers ", "dim"), (_workers(tubes), "")],
            [],
            [(" While a tube is paused, its jobs cannot be reserved. Puts go on.", "")],
        ],
        read=read_seconds,
        most=MAX_UINT32,
        hint="type how long: 90, 10m, 2h",
        usual=None if context.view.production else USUAL_PAUSE,
        usually=f"pause {USUAL_PAUSE} s",
        yes="pause this long",
        about="how long",
        count=len(tubes),
    )


def _workers(tubes: Sequence[Tube]) -> str:
    """Return how many connections watch each of the tubes.

    >>> _workers([Tube("a", 0.0, watching=2), Tube("b", 0.0, watching=0)])
    '0 to 2 for each tube'
    """
    counts = [tube.watching for tube in tubes]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        return grouped(None)
    low, high = grouped(min(known)), grouped(max(known))
    per_tube = " for each tube" if len(tubes) > 1 else ""
    return f"{low}{per_tube}" if low == high else f"{low} to {high}{per_tube}"


def _targets(context: ActionContext, tubes: Sequence[Tube]) -> list[Line]:
    named: list[Line] = [[(" tube    ", "dim"), (printable(tube.name), "bold")] for tube in tubes]
    if len(named) > NAMED:
        more = f" and {plural(len(named) - NAMED, 'other tube')}"
        named = [*named[:NAMED], [("         ", ""), (more.strip(), "bold")]]
    return [*named, server_line(context.view)]
