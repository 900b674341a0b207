"""The server's side of one connection: parse commands, format replies. No I/O.

It parses like `prot.c` of beanstalkd 1.13, in every detail that a client can notice.
"""

import re
from collections.abc import Callable, Iterable

from beantop.demo.broker import Broker
from beantop.demo.stats import job_stats, server_stats, tube_stats
from beantop.demo.tubes import Job, Refusal, Tube

LONGEST_LINE = 224
"""Maximum bytes of a command with its CR LF (`LINE_BUF_SIZE` in dat.h)."""

MAX_UINT32 = 2**32 - 1
MAX_UINT64 = 2**64 - 1
MAX_INT = 2**31 - 1

_NAME_BYTES = rb"[A-Za-z0-9\-+/;.$_()]"
_NAME = re.compile(rb"(?!-)%b{1,200}" % _NAME_BYTES)
_NAME_AND_NUMBER = re.compile(rb" *(%b+) +([0-9]+)" % _NAME_BYTES)
_ONE_NUMBER = re.compile(rb" *([0-9]+)")
_TWO_NUMBERS = re.compile(rb" *([0-9]+) +([0-9]+)")
_THREE_NUMBERS = re.compile(rb" *([0-9]+) +([0-9]+) +([0-9]+)")
_FOUR_NUMBERS_AND_MORE = re.compile(rb" *([0-9]+) +([0-9]+) +([0-9]+) +([0-9]+)(.*)", re.DOTALL)
_SIGNED_NUMBER_AND_MORE = re.compile(rb"[ \t\n\v\f\r]*([+-]?[0-9]+)")  # as strtoul parses it

NOT_FOUND = b"NOT_FOUND\r\n"
BAD_FORMAT = b"BAD_FORMAT\r\n"


class BadFormat(Exception):
    """The arguments do not fit the command."""


class Conversation:
    """One client of the broker. `send` is called with the bytes for the client."""

    def __init__(self, broker: Broker, send: Callable[[bytes], None]) -> None:
        self.is_over = False
        """Whether the client has sent `quit` or closed the connection."""
        self._broker = broker
        self._connection = broker.connect(self._answer_reserve)
        self._send = send
        self._input = bytearray()
        self._output: list[bytes] = []
        self._is_working = False
        self._is_line_lost = False  # too long: skip the rest, then refuse it
        self._incoming: tuple[Job, int] | None = None  # a job, and the size of its body
        self._to_skip = 0  # bytes of a body that is too big

    @property
    def ahead(self) -> int:
        """Bytes that the client has sent after a waiting reserve."""
        return len(self._input) if self._connection.is_waiting else 0

    def receive(self, data: bytes) -> None:
        """Store received bytes. Call `work` after it."""
        self._input += data

    def work(self, most: int = MAX_INT) -> bool:
        """Run up to `most` received commands. Return whether more can be run at once."""
        self._broker.tick()
        self._is_working = True
        try:
            while most and not (self.is_over or self._connection.is_waiting):
                if not self._step():
                    return False
                most -= 1
            return most == 0
        finally:
            self._is_working = False
            self._flush()

    def no_more(self) -> None:
        """Note that the client will send nothing more. A waiting reserve ends without a job."""
        self._broker.give_up_waiting(self._connection)

    def close(self) -> None:
        """Remove the client from the broker."""
        self.is_over = True
        if self._incoming:
            self._broker.forget(self._incoming[0])
            self._incoming = None
        self._broker.close(self._connection)

    # Input:

    def _step(self) -> bool:
        """Process one line or body of the input. Return False if it is incomplete."""
        if self._incoming:
            return self._read_body(*self._incoming)
        if self._to_skip:
            return self._skip()
        window = bytes(self._input[:LONGEST_LINE])
        # Only the first CR counts, and not one at the very end: beanstalkd finds lines this way.
        end = window.find(b"\r", 0, len(window) - 1) if window else -1
        if end >= 0 and window[end + 1] == ord("\n"):
            del self._input[: end + 2]
            self._say(self._reply_to(window[:end]))
            return True
        if len(window) == LONGEST_LINE:
            del self._input[:LONGEST_LINE]
            self._is_line_lost = True
            return True
        return False

    def _read_body(self, job: Job, size: int) -> bool:
        if len(self._input) < size + 2:
            return False
        body, end = bytes(memoryview(self._input)[:size]), self._input[size : size + 2]
        del self._input[: size + 2]
        self._incoming = None
        if end != b"\r\n":
            self._broker.forget(job)
            self._say(b"EXPECTED_CRLF\r\n")
        elif not self._broker.accept(job, body):
            self._say(b"DRAINING\r\n")
        else:
            self._say(b"INSERTED %d\r\n" % job.id)
        return True

    def _skip(self) -> bool:
        skipped = min(self._to_skip, len(self._input))
        del self._input[:skipped]
        self._to_skip -= skipped
        if self._to_skip == 0:
            self._say(b"JOB_TOO_BIG\r\n")
        return skipped > 0

    def _reply_to(self, line: bytes) -> bytes:
        if self._is_line_lost:
            self._is_line_lost = False
            return BAD_FORMAT
        if b"\0" in line:
            return BAD_FORMAT
        if not (match := _COMMAND.match(line)):
            return b"UNKNOWN_COMMAND\r\n"
        try:
            return _METHODS[match[0]](self, line[match.end() :])
        except BadFormat:
            return BAD_FORMAT

    # Output:

    def _say(self, reply: bytes) -> None:
        self._output.append(reply)
        if not self._is_working:
            self._flush()

    def _flush(self) -> None:
        data = b"".join(self._output)
        self._output.clear()
        if data:
            self._send(data)

    def _answer_reserve(self, answer: Job | Refusal) -> None:
        self._say(
            _job(b"RESERVED", answer) if isinstance(answer, Job) else b"%b\r\n" % answer.encode()
        )

    def _count(self, command: str) -> None:
        self._broker.command_counts[command] += 1

    # Commands. Each gets the rest of its line. An empty result means that the reply comes later.

    def _put(self, rest: bytes) -> bytes:
        match = _match(_FOUR_NUMBERS_AND_MORE, rest)
        priority, delay, ttr, size = (_up_to(MAX_UINT32, number) for number in match.groups()[:4])
        self._count("put")
        if size > self._broker.max_job_size:
            self._to_skip = size + 2
            return b""
        if match[5]:
            raise BadFormat
        self._incoming = self._broker.announce(self._connection, priority, delay, ttr), size
        return b""

    def _use(self, rest: bytes) -> bytes:
        name = _name(rest)
        self._count("use")
        self._broker.use(self._connection, name)
        return b"USING %b\r\n" % rest

    def _watch(self, rest: bytes) -> bytes:
        name = _name(rest)
        self._count("watch")
        self._broker.watch(self._connection, name)
        return b"WATCHING %d\r\n" % len(self._connection.watched)

    def _ignore(self, rest: bytes) -> bytes:
        name = _name(rest)
        self._count("ignore")
        if not self._broker.ignore(self._connection, name):
            return b"NOT_IGNORED\r\n"
        return b"WATCHING %d\r\n" % len(self._connection.watched)

    def _reserve(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("reserve")
        self._broker.reserve(self._connection, None)
        return b""

    def _reserve_with_timeout(self, rest: bytes) -> bytes:
        if not (match := _ONE_NUMBER.match(rest)):
            raise BadFormat
        timeout = _up_to(MAX_INT, match[1])
        self._count("reserve-with-timeout")
        self._broker.reserve(self._connection, timeout)
        return b""

    def _reserve_job(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("reserve-job")
        job = self._broker.reserve_job(self._connection, id)
        return _job(b"RESERVED", job) if job else NOT_FOUND

    def _delete(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("delete")
        return b"DELETED\r\n" if self._broker.delete(self._connection, id) else NOT_FOUND

    def _release(self, rest: bytes) -> bytes:
        match = _match(_THREE_NUMBERS, rest)
        id = _up_to(MAX_UINT64, match[1])
        priority, delay = _up_to(MAX_UINT32, match[2]), _up_to(MAX_UINT32, match[3])
        self._count("release")
        released = self._broker.release(self._connection, id, priority, delay)
        return b"RELEASED\r\n" if released else NOT_FOUND

    def _bury(self, rest: bytes) -> bytes:
        match = _match(_TWO_NUMBERS, rest)
        id, priority = _up_to(MAX_UINT64, match[1]), _up_to(MAX_UINT32, match[2])
        self._count("bury")
        return b"BURIED\r\n" if self._broker.bury(self._connection, id, priority) else NOT_FOUND

    def _touch(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("touch")
        return b"TOUCHED\r\n" if self._broker.touch(self._connection, id) else NOT_FOUND

    def _kick(self, rest: bytes) -> bytes:
        match = _SIGNED_NUMBER_AND_MORE.match(rest)
        if not match or abs(number := int(match[1])) > MAX_UINT64:
            raise BadFormat
        self._count("kick")
        kicked = self._broker.kick(self._connection.use, number & MAX_UINT32)
        return b"KICKED %d\r\n" % kicked

    def _kick_job(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("kick-job")
        return b"KICKED\r\n" if self._broker.kick_job(id) else NOT_FOUND

    def _pause_tube(self, rest: bytes) -> bytes:
        match = _match(_NAME_AND_NUMBER, rest)
        seconds = _up_to(MAX_UINT32, match[2])
        self._count("pause-tube")
        return b"PAUSED\r\n" if self._broker.pause(_name(match[1]), seconds) else NOT_FOUND

    def _peek(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("peek")
        return _found(self._broker.jobs.get(id))

    def _peek_ready(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("peek-ready")
        return _found(self._connection.use.ready.first())

    def _peek_delayed(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("peek-delayed")
        return _found(self._connection.use.delayed.first())

    def _peek_buried(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("peek-buried")
        return _found(self._connection.use.first_buried())

    def _stats(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("stats")
        return _data(server_stats(self._broker))

    def _stats_tube(self, rest: bytes) -> bytes:
        name = _name(rest)
        self._count("stats-tube")
        tube = self._broker.tubes.get(name)
        return _data(tube_stats(tube, self._broker.now())) if tube else NOT_FOUND

    def _stats_job(self, rest: bytes) -> bytes:
        id = _id(rest)
        self._count("stats-job")
        job = self._broker.jobs.get(id)
        return _data(job_stats(job, self._broker.now())) if job else NOT_FOUND

    def _list_tubes(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("list-tubes")
        return _names(self._broker.tube_order)

    def _list_tube_used(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("list-tube-used")
        return b"USING %b\r\n" % self._connection.use.name.encode()

    def _list_tubes_watched(self, rest: bytes) -> bytes:
        _require_empty(rest)
        self._count("list-tubes-watched")
        return _names(self._connection.watched)

    def _quit(self, rest: bytes) -> bytes:
        self.is_over = True
        return b""


_METHODS: dict[bytes, Callable[[Conversation, bytes], bytes]] = {
    # The first prefix of a line determines its command, so the order is that of prot.c.
    b"put ": Conversation._put,
    b"peek ": Conversation._peek,
    b"peek-ready": Conversation._peek_ready,
    b"peek-delayed": Conversation._peek_delayed,
    b"peek-buried": Conversation._peek_buried,
    b"reserve-with-timeout ": Conversation._reserve_with_timeout,
    b"reserve-job ": Conversation._reserve_job,
    b"reserve": Conversation._reserve,
    b"delete ": Conversation._delete,
    b"release ": Conversation._release,
    b"bury ": Conversation._bury,
    b"kick ": Conversation._kick,
    b"kick-job ": Conversation._kick_job,
    b"touch ": Conversation._touch,
    b"stats-job ": Conversation._stats_job,
    b"stats-tube ": Conversation._stats_tube,
    b"stats": Conversation._stats,
    b"use ": Conversation._use,
    b"watch ": Conversation._watch,
    b"ignore ": Conversation._ignore,
    b"list-tubes-watched": Conversation._list_tubes_watched,
    b"list-tube-used": Conversation._list_tube_used,
    b"list-tubes": Conversation._list_tubes,
    b"quit": Conversation._quit,
    b"pause-tube": Conversation._pause_tube,
}

_COMMAND = re.compile(b"|".join(map(re.escape, _METHODS)))


def _match(pattern: re.Pattern[bytes], rest: bytes) -> re.Match[bytes]:
    if match := pattern.fullmatch(rest):
        return match
    raise BadFormat


def _require_empty(rest: bytes) -> None:
    if rest:
        raise BadFormat


def _name(rest: bytes) -> str:
    return _match(_NAME, rest)[0].decode("ascii")


def _id(rest: bytes) -> int:
    return _up_to(MAX_UINT64, _match(_ONE_NUMBER, rest)[1])


def _up_to(most: int, digits: bytes) -> int:
    number = int(digits)
    if number > most:
        raise BadFormat
    return number


def _job(word: bytes, job: Job) -> bytes:
    return b"%b %d %d\r\n%b\r\n" % (word, job.id, len(job.body), job.body)


def _found(job: Job | None) -> bytes:
    return NOT_FOUND if job is None or job.state == "invalid" else _job(b"FOUND", job)


def _data(text: str) -> bytes:
    data = text.encode()
    return b"OK %d\r\n%b\r\n" % (len(data), data)


def _names(tubes: Iterable[Tube]) -> bytes:
    return _data("---\n" + "".join(f"- {tube.name}\n" for tube in tubes))
