"""The question for a field of bodies to group jobs by."""

from collections.abc import Sequence

from beantop.app.questions import AskText


def field_question(names: Sequence[str] = ()) -> AskText:
    """Return the question; `tab` completes these names of fields."""
    return AskText(
        "Group by which field of the body?",
        [[(" Nested names are joined by dots. All bodies are read again.", "")]],
        hint="customer.id",
        yes="group",
        complete=lambda text: next((name for name in names if name.startswith(text)), ""),
    )
