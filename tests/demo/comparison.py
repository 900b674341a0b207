"""Random conversations, with both servers at once."""

import re
from collections import Counter
from contextlib import ExitStack
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.demo.original import original
from tests.demo.pairs import MAX_JOB_SIZE, START, Client, Pair
from tests.demo.words import LEFT_OUT, SCENES, some

CONVERSATIONS, STEPS = 30, 120
"""How many there are in a comparison of a seed, and how much is done in each."""

MAX_CLIENTS = 5
QUARTER = 250_000_000
"""Fractions of a second, in nanoseconds."""

steps: Counter[str] = Counter()
"""How often something was done, by its name."""


def compare(number: int | None = None, conversations: int = CONVERSATIONS) -> None:
    """Have conversations: those of a seed, and without one always the same."""
    run_state_machine_as_test(
        Comparison if number is None else seed(number)(Comparison),
        settings=settings(
            max_examples=conversations,
            stateful_step_count=STEPS,
            derandomize=number is None,
            phases=[Phase.generate],  # the transcript says more than fewer steps
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class Comparison(RuleBasedStateMachine):
    """One conversation of several clients. It fails where the servers differ."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0

    def teardown(self) -> None:
        self.resources.close()

    @invariant()
    def is_the_same_throughout(self) -> None:
        if self.steps % 3 == 0 and not self.pair.is_over:
            self.pair.look_at_everything()
        if self.pair.is_over:
            self.count("begin anew")
            self.teardown()
            self.begin(self.has_binlog)

    def count(self, what: str) -> None:
        self.steps += 1
        steps[what] += 1

    @initialize(has_binlog=st.booleans())
    def begin(self, has_binlog: bool) -> None:
        self.has_binlog = has_binlog
        self.resources = ExitStack()
        options = ["-z", str(MAX_JOB_SIZE)]
        if has_binlog:
            options += ["-b", self.resources.enter_context(TemporaryDirectory(prefix="beantop-"))]
        server = self.resources.enter_context(original(START, *options))
        self.pair = Pair(server, has_binlog=has_binlog)
        self.resources.callback(self.pair.end)
        self.pair.connect()
        self.pair.connect()

    @rule(random=st.randoms(use_true_random=True))
    def do_something(self, random: Random) -> None:
        """Draw with equal chances: hypothesis alone would repeat much of the same in a conversation."""
        doing = random.choice(
            3 * [self.wait]
            + 4 * [self.work]
            + 3 * [self.say_something_odd]
            + 3 * [self.speak]
            + 2 * [self.say_several]
            + [self.say_a_part, self.come_or_go, self.play, self.leave_in_the_middle]
            + [self.queue_up, self.drain]
        )
        doing(random, random.randrange(MAX_CLIENTS + 1))

    def wait(self, random: Random, who: int) -> None:
        self.count("time passes")
        self.pair.let_pass(random.choice([1, 1, 2, 3, 4, 5, 8, 40]) * QUARTER)

    def work(self, random: Random, who: int) -> None:
        """Take jobs, if there are some, and be done with each in the same way."""
        end = some(random, "<end>")
        for _ in range(random.choice([1, 1, 3])):
            self.say(who, [some(random, "<put>")] if random.random() < 0.3 else [])
            self.say(who, ["reserve-with-timeout 0"])
            self.say(who, [end])

    def speak(self, random: Random, who: int) -> None:
        self.say(who, [some(random, "<good>")])

    def say_something_odd(self, random: Random, who: int) -> None:
        self.say(who, [some(random, "<odd>")])

    def say_several(self, random: Random, who: int) -> None:
        self.say(who, [some(random, "<good>") for _ in range(random.randint(2, 4))])

    def say_a_part(self, random: Random, who: int) -> None:
        """The rest comes with the next that the client says, if it says one more."""
        line = some(random, random.choice(["<good>", "<odd>"]))
        self.say(who, [line], random.randint(1, 30))

    def play(self, random: Random, who: int) -> None:
        self.say(who, [some(random, line) for line in random.choice(SCENES)])

    def queue_up(self, random: Random, who: int) -> None:
        """All but one wait, and the one has work for them."""
        while len(self.pair.clients) < MAX_CLIENTS:
            self.pair.connect()
        for _ in range(MAX_CLIENTS - 1):
            self.say(0, ["watch e"])
            self.say(0, ["ignore default"])
            self.say(0, ["reserve-with-timeout 3"])
        self.say(0, ["use e"])
        for _ in range(3):
            self.say(0, [some(random, "<put>")])

    def come_or_go(self, random: Random, who: int) -> None:
        self.say(who, [some(random, "<tubes>") for _ in range(5)])
        if len(self.pair.clients) < MAX_CLIENTS:
            self.count("connect")
            self.pair.connect()
        elif not self.pair.is_over:
            client = self.pair.clients[who % MAX_CLIENTS]
            self.leave(client, random.choice(["close", "hang up", "quit"]))

    def leave_in_the_middle(self, random: Random, who: int) -> None:
        self.say(who, [some(random, "<put>")], random.randint(15, 20))
        if self.pair.clients and not self.pair.is_over:
            self.leave(random.choice(self.pair.clients), "close")

    def drain(self, random: Random, who: int) -> None:
        if self.steps > 100 and random.random() < 0.2:
            self.count("drain")
            self.pair.drain()

    def leave(self, client: Client, how: str) -> None:
        self.count(how)
        if how == "quit" and self.may_say(client, b"", 1):
            self.pair.say(client, client.rest + b"quit\r\n")
        elif how == "hang up" and not client.has_more_to_say:
            self.pair.hang_up(client)
        else:
            self.pair.close(client)

    def say(self, who: int, lines: list[str], cut: int = 0) -> None:
        client = None if self.pair.is_over else self.speaker(who)
        data = "".join(line + "\r\n" for line in lines).encode()
        if client is None or not data or not self.may_say(client, data, len(lines)):
            return
        for line in lines:
            self.count(line.split(" ")[0][:20])
        data = client.rest + self.with_ids(client, data)
        cut = cut or len(data)
        client.rest = data[cut:]
        self.pair.say(client, data[:cut])

    def speaker(self, who: int) -> Client | None:
        """One who can be heard: those who wait for a job are not, and only one of them may have
        more to say, since nobody knows in which order two would be served then."""
        clients = self.pair.clients
        free = [client for client in clients if not client.is_waiting]
        if who == MAX_CLIENTS or not free:
            free = [c for c in clients if c.has_more_to_say] or clients
        return free[who % len(free)] if free else None

    def may_say(self, client: Client, data: bytes, lines: int) -> bool:
        is_more = lines > 1 or client.is_waiting or bool(client.rest)
        others_have_more = any(c.has_more_to_say for c in self.pair.clients if c is not client)
        if is_more and others_have_more:
            return False
        return not LEFT_OUT.search(client.rest + data)

    def with_ids(self, client: Client, data: bytes) -> bytes:
        jobs = sorted(
            self.pair.broker.jobs.values(),
            key=lambda job: (job.holder is not client.connection, job.id),
        )
        known = [job.id for job in jobs]
        return re.sub(rb"#(\d)", lambda found: self.id_of(known, int(found[1])), data)

    def id_of(self, known: list[int], number: int) -> bytes:
        return b"%d" % [*known, 999][number % (len(known) + 1)]
