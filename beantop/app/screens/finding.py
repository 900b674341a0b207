"""The keys that find jobs on a screen that lists some: by walking the ids, by what is in bodies."""

from collections.abc import Coroutine
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from beantop.app.actions.agreeing import agrees
from beantop.app.drawing.lines import Line
from beantop.app.screens.looking import LookingScreen
from beantop.app.tables.job_filter import JobFilter
from beantop.beanstalk import Error, Job, reason
from beantop.jobs.bodies.texts import texts
from beantop.jobs.job_list import JobList, ListLook
from beantop.jobs.scan import SCRATCH_TUBE, Scan

DRAWN_EVERY = 0.25
"""Seconds between two drawings while something is looked for."""

SCRATCH_JOB = f"a job in {SCRATCH_TUBE}"


class FindingScreen(LookingScreen[ListLook]):
    """Finds the jobs of `jobs`, and keeps why that ended, if it did not end well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n", "scan", "All jobs", tooltip="Find all jobs by walking the ids; again: stop, go on"
        ),
        Binding("o", "scan_oldest", "Find all jobs, the oldest first", show=False),
        Binding("X", "ceiling", "Find where the ids end", show=False),
    ]

    jobs: JobList
    scan_problem = ""
    search_problem = ""

    async def look(self) -> ListLook:
        raise NotImplementedError

    def take(self, seen: ListLook) -> None:
        self.jobs.take(seen)

    def action_scan(self) -> None:
        """Find all jobs; while that goes on, stop it."""
        if self.jobs.scan.running:
            self.jobs.scan.stop()
        else:
            self.carry_out(self._scan(self.jobs.prepare_scan()))

    def action_scan_oldest(self) -> None:
        """Find all jobs anew, from the lowest id on."""
        self.jobs.scan.stop()
        self.carry_out(self._scan(self.jobs.prepare_scan(oldest_first=True)))

    async def _scan(self, scan: Scan) -> None:
        self.scan_problem = ""
        self.scan_problem = await self._redrawn_while(scan.run())
        self.redraw()
        self.look_now()

    async def search(self, only: JobFilter) -> None:
        """Read the bodies for what the filter looks for in them."""
        self.search_problem = ""
        found = self.jobs.scan.found

        def matches(job: Job[bytes]) -> bool:
            how = self.facts.decoder(found[job.id].tube) if job.id in found else ""
            return only.words.match(str(job.id), *texts(job.body, how))

        bodies = self.jobs.search.run(found, matches)
        self.search_problem = await self._redrawn_while(bodies)

    async def _redrawn_while(self, work: Coroutine[Any, Any, object]) -> str:
        """Show how far it is, until it is done; the result is why it could not be."""
        drawn = self.set_interval(DRAWN_EVERY, self.redraw)
        try:
            await work
        except (OSError, Error) as error:
            return reason(error)
        except ValueError as error:  # a name that no client can ask for
            return str(error)
        finally:
            drawn.stop()
        return ""

    def action_ceiling(self) -> None:
        self.act(self._find_ceiling())

    async def _find_ceiling(self) -> None:
        """Where the ids end cannot be asked: only a new job tells."""
        lines: list[Line] = [
            [(" A job without a body is put into the tube beantop-scratch and deleted", "")],
            [(" at once: its id is the highest there is. The server counts a put and", "")],
            [(" a delete more than before.", "")],
        ]
        if not await agrees(self, "Find where the ids end?", lines, yes="Put and delete"):
            return
        try:
            highest = await self.jobs.scan.find_ceiling()
        except (OSError, Error) as error:
            self.fail(f"Where the ids end is not known: {reason(error)}.")
            self.note("Perhaps put and deleted", SCRATCH_JOB, {"said": reason(error)})
        else:
            self.say(f"The highest id is {highest:,}. n walks up to it, and down.")
            self.note("Put and deleted", SCRATCH_JOB, {})

    def on_unmount(self) -> None:
        self.jobs.scan.stop()
        self.jobs.search.end()
