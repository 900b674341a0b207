"""The room of a preview below a list of jobs, and the rule above it."""

from beantop.app.view.header import WIDE
from beantop.app.view.lines import Line, rule
from beantop.app.view.past_graphs import MIN_LINES
from beantop.formatting import printable, size
from beantop.jobs.bodies.preview import Preview
from beantop.jobs.listing import JobRow

MIN_HEIGHT = 4
"""Lines of the lowest preview, with its rule."""

BESIDE_GRAPHS = 12
"""Lines that a preview has before graphs get any."""


def preview_height(room: int, list_lines: int, needed: int, *, graphs: bool) -> int:
    """Return the number of lines of the preview: what the list leaves, and at least what is `needed`
    in a third of the room; 0 if that is too low. `graphs` leaves what is not `needed`, and at least half,
    to graphs, if there is enough.

    >>> [preview_height(room, 6, 100, graphs=True) for room in (5, 17, 28, 48)]
    [0, 11, 12, 21]
    >>> [preview_height(room, 1000, 100, graphs=True) for room in (11, 17, 28, 48)]
    [0, 5, 9, 16]
    >>> preview_height(48, 1000, 4, graphs=True), preview_height(48, 6, 4, graphs=True)
    (4, 12)
    """
    third, free = room // 3, room - list_lines
    if third < MIN_HEIGHT:
        return 0
    if graphs and free >= BESIDE_GRAPHS + MIN_LINES + 1:
        return max(BESIDE_GRAPHS, min(needed, free // 2))
    return max(min(third, max(needed, MIN_HEIGHT)), free)


def preview_rule(row: JobRow, preview: Preview | None, width: int, *, is_cut: bool) -> Line:
    """Return the rule above the preview of a job; None if its body was not read yet."""
    parts: Line = [(f"Job {row.job.id}", "bold")]
    if row.body is None or preview is None:
        parts.append(("its body was not read yet", "dim"))
    else:
        parts += [(size(row.body.size), ""), (printable(preview.name), "")]
        if is_cut:
            parts.append(("… enter shows all", ""))
    if width >= WIDE:
        parts.append(("v hides it", "dim"))
    return rule(parts, width)
