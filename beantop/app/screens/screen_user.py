"""The user of a screen's actions: their questions are dialogs over it, their results toasts."""

import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from textual.screen import Screen

from beantop.app.action_context import UNDO_KEY, Progress
from beantop.app.keys import unheard
from beantop.app.messages import PollWanted
from beantop.app.screens.early_keys import EarlyKeys
from beantop.app.session.server_view import ServerView
from beantop.app.textual_private import forward
from beantop.formatting import printable

if TYPE_CHECKING:
    from beantop.app.questions import Question

T = TypeVar("T")

Work: TypeAlias = Coroutine[Any, Any, None]

RESULT_SECONDS, ERROR_SECONDS = 3.0, 8.0
"""Seconds for which a toast about a success, and one about a failure, stays."""

UNASKED = "Nothing was done: another screen was shown before the question."
"""Message for an action that cannot ask: a key pressed during a round trip left its screen."""


class ScreenUser:
    """The `User` who sits at a screen. One action runs at a time."""

    undo = UNDO_KEY
    remembers = True

    def __init__(
        self, screen: Screen[Any], view: Callable[[], ServerView], why_off: Callable[[], str]
    ) -> None:
        """`view` returns the current data of the screen's server; `why_off` why nothing can be changed
        there, as a sentence, or "" if it can."""
        self.early_keys = EarlyKeys()
        self._screen, self._view, self._why_off = screen, view, why_off
        self._acting = False
        self._unasked = False
        """Whether the running action could not ask."""

    @property
    def why_off(self) -> str:
        return self._why_off()

    # Actions:

    def act(self, work: Work) -> None:
        """Run an action that changes something, if changes are allowed and no other action is
        running."""
        if why_not := self.why_off:
            work.close()
            self.say(why_not)
        else:
            self.run_alone(work)

    def run_alone(self, work: Work) -> None:
        """Run to completion, even if the screen is left, unless another action is running."""
        if self._acting:
            work.close()
            self.say("The previous action is still running.")
        else:
            self._acting, self._unasked = True, False
            self.early_keys.hold(time.monotonic())
            self._screen.app.run_worker(self._until_done(work))

    async def _until_done(self, work: Work) -> None:
        try:
            await work
        finally:
            self._acting = False
            self._drop_early_keys()

    def _drop_early_keys(self) -> None:
        """Say so if keys were held for a question that did not come."""
        for key in self.early_keys.release()[-1:]:
            self.say(unheard(key))

    # What actions want of their user:

    async def ask(self, question: "Question[T]") -> T | None:
        """Return the answer to a question, or None.

        The answer is also None if another screen is on top by now. A toast says so once, even if
        the action asks again.
        """
        if not self._screen.is_active:
            if self._acting and not self._unasked:
                self.fail(UNASKED)
            self._unasked = True
            return None
        from beantop.app.dialogs.asking import dialog_for  # all dialogs
        from beantop.app.questions import AskNumber, Confirm

        before, dialog = self._view(), dialog_for(question)
        dialog.take_early_keys = self.early_keys.release
        answer: T | None = await self._screen.app.push_screen_wait(dialog)
        may_go_on = self._acting and not isinstance(question, Confirm | AskNumber)
        if answer is not None and may_go_on:
            self.early_keys.hold(time.monotonic())  # another question may follow
        if self._acting and (why_not := _stricter(before, self._view())):
            self.say(why_not)
            return None
        return answer

    async def wait_for(self, work: Coroutine[Any, Any, T], progress: Progress) -> T:
        from beantop.app.dialogs.progress import ProgressDialog, with_box

        app = self._screen.app
        for key in self.early_keys.release():  # there was no question
            forward(key, app)
        return await with_box(app, work, ProgressDialog(progress))

    def run_program(
        self,
        variables: Sequence[str],
        usual: str,
        file: str,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        from beantop.app.outside import run_outside

        self._drop_early_keys()
        return run_outside(self._screen.app, variables, usual, file, environment)

    def poll_now(self) -> None:
        # To the app, since the screen may be closed by now.
        self._screen.app.post_message(PollWanted())

    def say(self, sentence: str) -> None:
        self._screen.notify(printable(sentence), markup=False, timeout=RESULT_SECONDS)

    def fail(self, sentence: str) -> None:
        """Show a warning, for longer than `say` does."""
        self._screen.notify(
            printable(sentence), severity="warning", markup=False, timeout=ERROR_SECONDS
        )


def _stricter(before: ServerView, now: ServerView) -> str:
    """Return why an answer no longer counts: a stricter rule for the server became known meanwhile."""
    if now.readonly:
        return now.readonly
    if now.production and not before.production:
        return f"Nothing was done: this server is {now.guard} in the configuration, a production server."
    return ""
