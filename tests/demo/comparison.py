"""Random conversations, as hypothesis makes them up, with both servers at once."""

import re
from collections import Counter
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.demo.original import original
from tests.demo.pairs import MAX_JOB_SIZE, START, Client, Pair

MOST_CLIENTS = 5
QUARTER = 250_000_000
"""Of a second, in nanoseconds."""

steps: Counter[str] = Counter()
"""How often something was done, by its name."""

# What clients say. "#0", "#1", … become ids of jobs that there are, first those that the speaker
# holds; one number stands for a job that there is not.

small = st.integers(0, 3)
everybody = st.integers(0, MOST_CLIENTS)
tubes = st.sampled_from(["default", "a", "b", "c"])
ids = st.integers(0, 5).map("#{}".format)
priorities = st.sampled_from([0, 1, 2, 1023, 1024, 1025, 2**32 - 1])
bodies = st.sampled_from(["", "x", "hello", "a\r\nb", "\r\n", "é" * 7, "-" * MAX_JOB_SIZE])


def put(priority: int, delay: int, ttr: int, body: str) -> str:
    return f"put {priority} {delay} {ttr} {len(body.encode())}\r\n{body}"


def lines(form: str, *numbers: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    """The form, with these in its gaps."""
    return st.tuples(*numbers).map(lambda values: form.format(*values))


puts = st.builds(put, priorities, st.just(0) | small, small, bodies)
reserves = st.one_of(
    st.just("reserve"),
    lines("reserve-with-timeout {}", small),
    lines("reserve-job {}", ids),
    st.just("reserve-with-timeout 0"),
)
ends = st.one_of(
    lines("release {} {} {}", ids, priorities, st.just(0) | small),
    lines("bury {} {}", ids, priorities),
    lines("touch {}", ids),
    lines("delete {}", ids),
)
moves = st.one_of(
    lines("kick {}", small),
    lines("kick-job {}", ids),
    lines("pause-tube {} {}", tubes, small),
)
choices = st.one_of(
    lines("use {}", tubes),
    lines("watch {}", tubes),
    lines("watch {}", tubes),
    lines("ignore {}", tubes),
)
looks = st.one_of(
    st.sampled_from(["peek-ready", "peek-delayed", "peek-buried"]),
    lines("peek {}", ids),
    lines("stats-job {}", ids),
    lines("stats-tube {}", tubes),
    st.sampled_from(["stats", "list-tubes", "list-tube-used", "list-tubes-watched"]),
)
good = st.one_of(puts, puts, reserves, reserves, ends, ends, moves, choices, looks)

NUMBERS = [
    *("", " ", "-1", "-0", "+1", "0", "00", "007", "1x", "x", "1 ", " 1", "\t1", "1.5", "0x1"),
    *("2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551615"),
    *("18446744073709551616", "-18446744073709551615", "-18446744073709551616", "9" * 100),
]
NAMES = [
    "",
    " ",
    "-a",
    "a b",
    "a ",
    " a",
    "a\tb",
    "é",
    "a" * 200,
    "a" * 201,
    "+/;.$_()-",
    'a"b',
    "a\0",
]
numbers = st.sampled_from(NUMBERS)
names = st.sampled_from(NAMES) | tubes
odd = st.one_of(
    lines("put {} {} {} 1", numbers, numbers, numbers),
    lines("put 1 0 1 {}", numbers),
    lines("put 1 0 1 3 {}\r\nabc", numbers),
    lines("release {} {} {}", ids | numbers, numbers, numbers),
    lines("bury {} {}", ids | numbers, numbers),
    st.tuples(
        st.sampled_from(
            ["reserve-job", "delete", "touch", "kick-job", "stats-job", "kick", "kick-", "peek-"]
        ),
        numbers,
    ).map(" ".join),
    st.tuples(
        st.sampled_from(["use", "watch", "ignore", "stats-tube", "list-tubes", "reserve-"]), names
    ).map(" ".join),
    lines("pause-tube{}{} {}", st.sampled_from(["", " ", "  "]), names, numbers),
    lines("pause-tube {}{}", tubes, numbers),
    st.tuples(good, st.sampled_from([" ", "X", " 1", "\0", "\t", "\r", "\n"])).map("".join),
    st.tuples(st.sampled_from([" ", "\0", "\r", "\n"]), good).map("".join),
    good.map(str.upper),
    st.sampled_from(["", "\0", "\r", "\n", "hello", "put", "use", "peek", "stats-", "pause-tube"]),
    st.integers(215, 700).map(lambda size: "use " + "u" * (size - 4)),
    st.integers(215, 700).map(lambda size: "x" * (size - 1) + "\r"),
    st.builds(put, priorities, small, small, st.integers(101, 3000).map(lambda size: "!" * size)),
    st.builds(put, priorities, small, small, bodies).map(lambda text: text[:-1]),
    st.builds(put, priorities, small, small, bodies).map(lambda text: text + "+"),
)

LEFT_OUT = re.compile(
    # 1.12 takes any text as the number here: 0, or a negative one that never ends.
    rb"reserve-with-timeout (?! *[0-9])"
    # … and cuts a number that is too big.
    rb"|reserve-with-timeout +[0-9]*(214748364[89]|429|184|999)"
)


class Comparison(RuleBasedStateMachine):
    """One conversation of several clients. It fails where the servers differ."""

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        server = self.resources.enter_context(original(START, "-z", str(MAX_JOB_SIZE)))
        self.pair = Pair(server)
        self.steps = 0

    def teardown(self) -> None:
        for client in self.pair.clients:
            client.socket.close()
        self.resources.close()

    def count(self, what: str) -> None:
        self.steps += 1
        steps[what] += 1

    @initialize()
    def begin(self) -> None:
        self.pair.connect()
        self.pair.connect()

    @rule(who=everybody, line=good)
    def speak(self, who: int, line: str) -> None:
        self.say(who, [line])

    @rule(who=everybody, line=odd)
    def say_something_odd(self, who: int, line: str) -> None:
        self.say(who, [line])

    @rule(who=everybody, several=st.lists(good, min_size=2, max_size=4))
    def say_at_once(self, who: int, several: list[str]) -> None:
        self.say(who, several)

    @rule(who=everybody, line=good | odd, cut=st.integers(1, 30))
    def say_a_part(self, who: int, line: str, cut: int) -> None:
        """The rest of it comes with the next that the client says, if it says one more."""
        self.say(who, [line], cut)

    @rule(quarters=st.sampled_from([1, 1, 2, 3, 4, 4, 5, 8, 12, 40]), who=everybody, line=good)
    def wait(self, quarters: int, who: int, line: str) -> None:
        self.count("time passes")
        self.pair.let_pass(quarters * QUARTER)
        self.say(who, [line])

    @rule(how=st.sampled_from(["close", "hang up", "quit"]), who=everybody, line=good)
    def change(self, how: str, who: int, line: str) -> None:
        """One goes, if all are there, and else one comes."""
        if len(self.pair.clients) < MOST_CLIENTS:
            self.count("connect")
            self.pair.connect()
        else:
            self.leave(self.pair.clients[who % MOST_CLIENTS], how)
        self.say(who, [line])

    @precondition(lambda self: self.steps > 40 and not self.pair.broker.is_draining)
    @rule()
    def drain(self) -> None:
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
        client = self.speaker(who)
        data = "".join(line + "\r\n" for line in lines).encode()
        if client is None or not self.may_say(client, data, len(lines)):
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
        if who == MOST_CLIENTS or not free:
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
