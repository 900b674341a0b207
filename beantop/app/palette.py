"""What the command palette offers: all keys, also by the words of other tools, any tube by its name,
and any job by its id."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from heapq import nlargest
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.keys import format_key

from beantop.app import themes
from beantop.app.actions.table import ACTIONS
from beantop.app.messages import JobWanted, ServerOpened, TubeOpened
from beantop.app.panes.table_pane import TablePane
from beantop.app.screens.server_screen import ServerScreen
from beantop.ascii_signs import ASCII
from beantop.beanstalk.commands import MAX_ID
from beantop.formatting import printable

MAX_SHOWN = 20
"""Maximum number of tubes offered."""

BATCH = 500
"""Names that are scored before other tasks get a turn: a millisecond or two."""

JOB_SCORE, WORD_SCORE = 200.0, 100.0
"""Scores above those of Textual's matcher: what was typed can mean nothing else."""

VIEW_WORDS: Mapping[str, str] = {
    "trash": "trash deleted",
    "filter": "search find grep",
    "scan": "search find list",
    "poll": "refresh reload reconnect",
    "poll_less_often": "interval slower",
    "poll_more_often": "interval faster",
    "freeze": "stop hold",
    "follow": "tail watch new",
    "server": "stats servers",
    "alerts": "alarms alerts problems",
    "sort": "order",
    "span": "history zoom",
    "profile": "latency percentiles histogram times wait work turnaround",
}
"""Words that other tools use for keys that only show something, by name in `[keys]`. Those for
actions are in the table of actions."""

_JOB_ID = re.compile(r"(?:job\s*)?#?\s*(\d[\d,]*)", re.IGNORECASE)


class Offer(NamedTuple):
    """A command of the palette."""

    label: str
    run: Callable[[], object]
    key: str = ""
    words: str = ""

    def text(self, *, in_ascii: bool) -> Content:
        text = f"{self.label}  ({self.key})" if self.key else self.label
        return Content(text.translate(ASCII) if in_ascii else text)

    def has_word(self, query: str) -> bool:
        """Return whether the query begins one of the other words for it."""
        return len(query) > 1 and any(word.startswith(query) for word in self.words.split())


class KeyCommands(Provider):
    """Everything that has a key on this screen, the keys of its footer first."""

    async def discover(self) -> Hits:
        for offer in self._offers():
            yield DiscoveryHit(self._text(offer), offer.run)

    async def search(self, query: str) -> Hits:
        matcher, query = self.matcher(query), query.strip().lower()
        for offer in [*self._offers(), *self._out_of_reach()]:
            if offer.has_word(query):
                yield Hit(WORD_SCORE, self._text(offer), offer.run)
            elif (score := matcher.match(offer.label)) > 0:
                begins = offer.label.lower().startswith(query)
                yield Hit(score + begins, self._text(offer), offer.run)

    def _text(self, offer: Offer) -> Content:
        return offer.text(in_ascii=self.app.has_class("-ascii"))

    def _offers(self) -> Iterator[Offer]:
        yield from self._keys()
        for theme, word in ((themes.DARK, "Dark"), (themes.LIGHT, "Light")):
            yield Offer(f"{word} theme", partial(setattr, self.app, "theme", theme.name))
        yield Offer("Theme: choose one of all", self.app.search_themes, words="colors")
        yield Offer("Log: messages and actions", partial(self.app.run_action, "app.log"))
        read_only = partial(self.app.run_action, "app.read_only")
        yield Offer("Read-only: turn changes off until restart", read_only)
        screen = self.screen
        if isinstance(screen, ServerScreen) and not screen.IS_OF_ALL:
            from beantop.app.actions.cut_off_words import FINISH

            yield Offer(f"{FINISH}: parked jobs", partial(self._finish, screen))

    def _keys(self) -> list[Offer]:
        """Return the commands with a key that works now: those of the footer, then the others."""
        likely: list[Offer] = []
        others: list[Offer] = []
        seen = set()
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            name = binding.tooltip or binding.description
            ours = isinstance(node, ServerScreen | TablePane) or node is self.app
            wanted = ours and binding.description and not binding.system
            if wanted and enabled and name not in seen:
                seen.add(name)
                key = binding.key_display or format_key(binding.key)
                run = partial(self.app.run_action, binding.action, node)
                is_likely = isinstance(node, ServerScreen | TablePane) and binding.id in node.FOOTER
                words = f"{binding.description.lower()} {_words_for(binding.id or '')}"
                (likely if is_likely else others).append(Offer(name, run, key, words))
        return likely + others

    def _out_of_reach(self) -> Iterator[Offer]:
        """Yield the actions that cannot be started now; each says why."""
        active = self.screen.active_bindings.values()
        on = {binding.id for _, binding, enabled, _ in active if enabled and not binding.system}
        for name, action in ACTIONS.items():
            if name not in on:
                run = partial(self.app.run_action, f"app.explain_off({name!r})")
                yield Offer(f"{action.label} (off)", run, words=action.words)

    def _finish(self, screen: ServerScreen) -> None:
        from beantop.app.actions.cut_off import finish_cut_off

        screen.user.act(finish_cut_off(screen.context))


def _words_for(name: str) -> str:
    """Return the words that other tools use for a key, given its name in `[keys]`."""
    return ACTIONS[name].words if name in ACTIONS else VIEW_WORDS.get(name, "")


EXACT_SCORE = 10_000.0
"""Above any command: the name of the tube was typed as it is."""


class TubeCommands(Provider):
    """Commands that open a tube: of the server on the screen, or of any server.

    Names are untrusted text and are never parsed as markup.
    """

    async def startup(self) -> None:
        self._labels = list(self._tubes())

    async def search(self, query: str) -> Hits:
        wanted = query.lower()
        scored = []
        for place, (number, name, label) in enumerate(self._labels):
            if place % BATCH == 0:
                await asyncio.sleep(0)  # let other tasks run
            if score := _score(wanted, label.lower()):
                scored.append((score, -place, number, name, label))
        for score, _, number, name, label in nlargest(MAX_SHOWN, scored):
            is_exact = name.lower() == wanted.strip()
            # Halved, so that commands come first.
            rank = EXACT_SCORE if is_exact else score * 0.5
            yield Hit(rank, Content(label), partial(self._open, number, name))

    def _tubes(self) -> Iterator[tuple[int, str, str]]:
        """Yield the server's number, the name and the label of each tube; those of the server on the
        screen come first and are not labeled with its name."""
        screen = self.screen
        if not isinstance(screen, ServerScreen):
            return
        own = 0 if screen.IS_OF_ALL else screen.server.number
        for view in sorted(screen.views, key=lambda view: view.number != own):
            where = "" if view.number == own else f" on {printable(view.known.title)}"
            for name in sorted(view.watched.snapshot.tubes):
                yield view.number, name, f"Tube {printable(name)}{where}"

    def _open(self, number: int, name: str) -> None:
        screen = self.screen
        if not isinstance(screen, ServerScreen):
            return
        if screen.IS_OF_ALL or number != screen.server.number:
            screen.post_message(ServerOpened(screen, number, name))
        else:
            screen.post_message(TubeOpened(screen, name))


class JobCommands(Provider):
    """Commands that open the job with the id that was typed, on any server."""

    async def search(self, query: str) -> Hits:
        typed, screen = _JOB_ID.fullmatch(query.strip()), self.screen
        if not typed or not isinstance(screen, ServerScreen):
            return
        id = int(typed[1].replace(",", ""))
        if not 0 < id <= MAX_ID:
            return
        own = 0 if screen.IS_OF_ALL else screen.server.number
        for view in sorted(screen.views, key=lambda view: view.number != own):
            where = f" on {printable(view.known.title)}" if len(screen.views) > 1 else ""
            wanted = JobWanted(screen, view.number, id)
            run = partial(screen.post_message, wanted)
            yield Hit(JOB_SCORE - (view.number != own), Content(f"Job {id}{where}"), run)


def _score(query: str, label: str) -> float:
    """Return how well a label matches, on the scale of Textual's matcher: high if it contains the
    query, lower if it contains its letters in order, else 0.

    Textual's matcher takes forever for names that repeat a few letters many times.

    >>> _score("mail", "tube email"), _score("email", "tube email"), _score("eml", "tube email")
    (12.0, 18.0, 3.0)
    >>> _score("lie", "tube email")
    0.0
    """
    at = label.find(query)
    if at >= 0:
        begins_word = at == 0 or not label[at - 1].isalnum()
        return 3.0 * (len(query) + begins_word)
    letters = iter(label)
    return float(len(query)) if all(letter in letters for letter in query) else 0.0
