"""One exchange for each command: the command, its bytes, an answer to it and what that means."""

from typing import NamedTuple

from beantop.beanstalk import Job, commands
from beantop.beanstalk.commands import Command


class Exchange(NamedTuple):
    """The bytes of a command, a possible answer, and the value read from it."""

    command: Command[object]
    wire: bytes
    answer: bytes
    result: object

    def __str__(self) -> str:
        return self.command.line


def _ok(text: str) -> bytes:
    return b"OK %d\r\n%b\r\n" % (len(text), text.encode())


EXCHANGES = [
    Exchange(commands.put(b"hello"), b"put 65536 0 60 5\r\nhello\r\n", b"INSERTED 1\r\n", 1),
    Exchange(commands.put(b"a\r\n", 1, 2, 3), b"put 1 2 3 3\r\na\r\n\r\n", b"INSERTED 2\r\n", 2),
    Exchange(commands.use("emails"), b"use emails\r\n", b"USING emails\r\n", "emails"),
    Exchange(commands.reserve(), b"reserve\r\n", b"RESERVED 1 2\r\n\r\n\r\n", Job(1, b"\r\n")),
    Exchange(
        commands.reserve(0), b"reserve-with-timeout 0\r\n", b"RESERVED 1 0\r\n\r\n", Job(1, b"")
    ),
    Exchange(
        commands.reserve_job(2**64 - 1),
        b"reserve-job 18446744073709551615\r\n",
        b"RESERVED 18446744073709551615 1\r\na\r\n",
        Job(2**64 - 1, b"a"),
    ),
    Exchange(commands.delete(1), b"delete 1\r\n", b"DELETED\r\n", None),
    Exchange(commands.release(1), b"release 1 65536 0\r\n", b"RELEASED\r\n", None),
    Exchange(commands.release(1, 2, 3), b"release 1 2 3\r\n", b"RELEASED\r\n", None),
    Exchange(commands.bury(1), b"bury 1 65536\r\n", b"BURIED\r\n", None),
    Exchange(commands.bury(1, 2), b"bury 1 2\r\n", b"BURIED\r\n", None),
    Exchange(commands.touch(1), b"touch 1\r\n", b"TOUCHED\r\n", None),
    Exchange(commands.watch("emails"), b"watch emails\r\n", b"WATCHING 2\r\n", 2),
    Exchange(commands.ignore("emails"), b"ignore emails\r\n", b"WATCHING 1\r\n", 1),
    Exchange(commands.peek(1), b"peek 1\r\n", b"FOUND 1 1\r\n\xff\r\n", Job(1, b"\xff")),
    Exchange(commands.peek_ready(), b"peek-ready\r\n", b"FOUND 1 1\r\na\r\n", Job(1, b"a")),
    Exchange(commands.peek_delayed(), b"peek-delayed\r\n", b"FOUND 2 1\r\nb\r\n", Job(2, b"b")),
    Exchange(commands.peek_buried(), b"peek-buried\r\n", b"FOUND 3 1\r\nc\r\n", Job(3, b"c")),
    Exchange(commands.kick(9), b"kick 9\r\n", b"KICKED 3\r\n", 3),
    Exchange(commands.kick_job(1), b"kick-job 1\r\n", b"KICKED\r\n", None),
    Exchange(
        commands.stats_job(1),
        b"stats-job 1\r\n",
        _ok("---\nid: 1\ntube: default\nstate: ready\n"),
        {"id": 1, "tube": "default", "state": "ready"},
    ),
    Exchange(
        commands.stats_tube("emails"),
        b"stats-tube emails\r\n",
        _ok('---\nname: "emails"\ntotal-jobs: 5\n'),
        {"name": "emails", "total-jobs": 5},
    ),
    Exchange(
        commands.stats(),
        b"stats\r\n",
        _ok('---\nversion: "1.13"\ndraining: false\npid: 7\n'),
        {"version": "1.13", "draining": "false", "pid": 7},
    ),
    Exchange(commands.tubes(), b"list-tubes\r\n", _ok("---\n- a\n- b\n"), ["a", "b"]),
    Exchange(commands.using(), b"list-tube-used\r\n", b"USING emails\r\n", "emails"),
    Exchange(commands.watching(), b"list-tubes-watched\r\n", _ok("---\n- a\n"), ["a"]),
    Exchange(commands.pause_tube("a", 9), b"pause-tube a 9\r\n", b"PAUSED\r\n", None),
]
