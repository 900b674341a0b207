"""Maps questions to dialogs."""

from typing import Any

from beantop.app.dialogs.ask import AskNumberDialog, AskTextDialog
from beantop.app.dialogs.confirm import ConfirmDialog
from beantop.app.dialogs.dialog import Dialog, Notice
from beantop.app.dialogs.pick import StateDialog, TrashDialog
from beantop.app.questions import (
    AskNumber,
    AskText,
    Confirm,
    OrElse,
    PickDeletion,
    PickState,
    Question,
    Read,
)


def dialog_for(question: Question[Any]) -> Dialog[Any]:
    """Return the dialog for a question. Its answer has the question's type, or is None."""
    match question:
        case OrElse(question=Confirm() as confirm, offer=offer):
            return ConfirmDialog(confirm, offer)
        case OrElse(question=AskNumber() as ask, offer=offer):
            return AskNumberDialog(ask, offer)
        case Confirm():
            return ConfirmDialog(question)
        case AskNumber():
            return AskNumberDialog(question)
        case AskText():
            return AskTextDialog(question)
        case PickState():
            return StateDialog(question)
        case PickDeletion():
            return TrashDialog(question)
        case Read():
            return Notice(question.title, question.lines)
    raise TypeError(f"no dialog asks {type(question).__name__}")
