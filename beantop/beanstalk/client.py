"""`Client`: a blocking connection to one server, one method for each command."""

import codecs
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Generic, TypeAlias, TypeVar, cast, overload

from beantop.beanstalk import commands
from beantop.beanstalk.address import Address, check_socket, format_address
from beantop.beanstalk.commands import (
    DEFAULT_DELAY,
    DEFAULT_PRIORITY,
    DEFAULT_TTR,
    DEFAULT_TUBE,
    Command,
    Job,
    TBody,
)
from beantop.beanstalk.errors import UNASKED, ProtocolError, UndecodableBodyError
from beantop.beanstalk.replies import Reply, ReplyReader
from beantop.beanstalk.stats import Stats, StatsJob, StatsTube

T = TypeVar("T")

ConnectionTarget: TypeAlias = Address | socket.socket
JobOrID: TypeAlias = Job[str] | Job[bytes] | int

CHUNK = 2**16  # maximum bytes of one recv


class Client(Generic[TBody]):
    """A connection to beanstalkd. Bodies are `str` in `encoding`, or `bytes` with `encoding=None`.

    Arguments are checked before anything is sent: a `ValueError` or `TypeError` leaves the
    connection usable, and so does every `Error`. After a `ConnectionError`, a `TimeoutError` (if the
    socket that was passed in has a timeout) or an interrupted call, replies might not match commands.
    The connection is then closed, and each later call raises a `ConnectionError`.
    """

    @overload
    def __init__(
        self: "Client[bytes]",
        address: ConnectionTarget,
        encoding: None,
        use: str = DEFAULT_TUBE,
        watch: str | Iterable[str] = DEFAULT_TUBE,
    ) -> None: ...

    @overload
    def __init__(
        self: "Client[str]",
        address: ConnectionTarget,
        encoding: str = "utf-8",
        use: str = DEFAULT_TUBE,
        watch: str | Iterable[str] = DEFAULT_TUBE,
    ) -> None: ...

    def __init__(
        self,
        address: ConnectionTarget,
        encoding: str | None = "utf-8",
        use: str = DEFAULT_TUBE,
        watch: str | Iterable[str] = DEFAULT_TUBE,
    ) -> None:
        if encoding is not None:
            codecs.lookup(encoding)  # raise LookupError now, not after a reserve
        self.encoding = encoding
        tubes = [watch] if isinstance(watch, str) else list(watch)
        opening = _opening(use, tubes)  # check arguments before connecting
        self._socket, self._address = _connect(address)
        self._reader = ReplyReader()
        self._closed = ""
        try:
            for command in opening:
                self._call(command)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Client[TBody]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client of {self._address}>"

    def close(self) -> None:
        """Close the connection. The server makes the jobs it had reserved ready again."""
        self._closed = self._closed or "this client was closed"
        self._socket.close()

    def put(
        self,
        body: TBody,
        priority: int = DEFAULT_PRIORITY,
        delay: int = DEFAULT_DELAY,
        ttr: int = DEFAULT_TTR,
    ) -> int:
        """Insert a job into the used tube and return its id.

        `priority` is from 0, the most urgent, to 2**32 - 1; below 1024 counts as urgent. `delay` is
        in seconds until the job is ready. `ttr` is the seconds that a worker may hold the job, at
        least 1 (the server changes 0 to 1).
        Errors: BuriedError, ExpectedCrlfError, JobTooBigError, DrainingError, OutOfMemoryError.
        """
        return self._call(commands.put(self._encode(body), priority, delay, ttr))

    def use(self, tube: str) -> None:
        """Select the tube for put, kick and the peeks by state. The server creates it if necessary."""
        self._call(commands.use(tube))

    def reserve(self, timeout: int | None = None) -> Job[TBody]:
        """Reserve the most urgent ready job of the watched tubes, for its ttr.

        Waits until there is one, or for at most `timeout` seconds (0 does not wait).
        Errors: TimedOutError; DeadlineSoonError when a job held here times out within a second.
        """
        return self._call_for_job(commands.reserve(timeout))

    def reserve_job(self, id: int) -> Job[TBody]:
        """Reserve this ready, delayed or buried job, for its ttr. Needs beanstalkd 1.12.

        Errors: NotFoundError when there is no such job or a worker holds it.
        """
        return self._call_for_job(commands.reserve_job(id))

    def delete(self, job: JobOrID) -> None:
        """Remove a job that is ready, delayed, buried, or reserved by this client.

        Errors: NotFoundError when it is gone or another client holds it.
        """
        self._call(commands.delete(_id(job)))

    def release(
        self, job: JobOrID, priority: int = DEFAULT_PRIORITY, delay: int = DEFAULT_DELAY
    ) -> None:
        """Return a reserved job to its tube with a new `priority`: ready, or delayed by `delay` seconds.

        Errors: NotFoundError when this client does not hold it; BuriedError.
        """
        self._call(commands.release(_id(job), priority, delay))

    def bury(self, job: JobOrID, priority: int = DEFAULT_PRIORITY) -> None:
        """Bury a reserved job with a new `priority`. It stays buried until it is kicked.

        Errors: NotFoundError when this client does not hold it.
        """
        self._call(commands.bury(_id(job), priority))

    def touch(self, job: JobOrID) -> None:
        """Restart the ttr of a reserved job.

        Errors: NotFoundError when this client does not hold it.
        """
        self._call(commands.touch(_id(job)))

    def watch(self, tube: str) -> int:
        """Watch `tube`, created if necessary, and return the number of watched tubes."""
        return self._call(commands.watch(tube))

    def ignore(self, tube: str) -> int:
        """Stop watching `tube` and return the number of watched tubes.

        Errors: NotIgnoredError when it is the only one.
        """
        return self._call(commands.ignore(tube))

    def peek(self, id: int) -> Job[TBody]:
        """Return a job in any state and tube, also one that another client holds.

        Errors: NotFoundError.
        """
        return self._call_for_job(commands.peek(id))

    def peek_ready(self) -> Job[TBody]:
        """Return the next ready job of the used tube. Errors: NotFoundError when there is none."""
        return self._call_for_job(commands.peek_ready())

    def peek_delayed(self) -> Job[TBody]:
        """Return the delayed job of the used tube that is due first. Errors: NotFoundError."""
        return self._call_for_job(commands.peek_delayed())

    def peek_buried(self) -> Job[TBody]:
        """Return the job of the used tube that was buried first. Errors: NotFoundError."""
        return self._call_for_job(commands.peek_buried())

    def kick(self, bound: int) -> int:
        """Make up to `bound` jobs of the used tube ready and return their number.

        Kicks only buried jobs if there are any, otherwise delayed ones.
        """
        return self._call(commands.kick(bound))

    def kick_job(self, job: JobOrID) -> None:
        """Make this delayed or buried job ready. Errors: NotFoundError when it is neither."""
        self._call(commands.kick_job(_id(job)))

    def stats_job(self, job: JobOrID) -> StatsJob:
        """Return the statistics of a job, with the protocol's own keys. Errors: NotFoundError."""
        return self._call(commands.stats_job(_id(job)))

    def stats_tube(self, tube: str) -> StatsTube:
        """Return the statistics of a tube. Errors: NotFoundError when there is no such tube."""
        return self._call(commands.stats_tube(tube))

    def stats(self) -> Stats:
        """Return the statistics of the server; counts are since it started."""
        return self._call(commands.stats())

    def tubes(self) -> list[str]:
        """Return the names of all tubes, in the server's order."""
        return self._call(commands.tubes())

    def using(self) -> str:
        """Return the name of the used tube."""
        return self._call(commands.using())

    def watching(self) -> list[str]:
        """Return the names of the watched tubes."""
        return self._call(commands.watching())

    def pause_tube(self, tube: str, delay: int) -> None:
        """Pause `tube` for `delay` seconds: no job is reserved from it. 0 resumes it.

        Errors: NotFoundError when there is no such tube.
        """
        self._call(commands.pause_tube(tube, delay))

    def _call(self, command: Command[T]) -> T:
        """Send the command and read its reply. The client counts as closed until the reply is whole."""
        if self._closed:
            raise ConnectionError(f"{command.line}: not sent, {self._closed}")
        self._closed = "an earlier call was interrupted before its reply came"
        try:
            if not self._reader.idle:
                raise ProtocolError(UNASKED)
            self._socket.sendall(command.wire)
            reply = self._next_reply()
            self._closed = ""
            return command.result(reply)
        except OSError as error:
            self._closed = f"the connection was lost ({error})"
            # A timeout with an errno is the network's (ETIMEDOUT): the connection is lost.
            timed_out = isinstance(error, TimeoutError) and error.errno is None
            if timed_out or isinstance(error, ConnectionError):
                raise
            raise ConnectionError(str(error)) from error
        finally:
            if self._closed:
                self._socket.close()

    def _next_reply(self) -> Reply:
        while True:
            for reply in self._reader.replies():
                return reply
            data = self._socket.recv(CHUNK)
            if not data:
                where = "" if self._reader.idle else " in the middle of a reply"
                raise ConnectionError(f"the server closed the connection{where}")
            self._reader.feed(data)

    def _call_for_job(self, command: Command[Job[bytes]]) -> Job[TBody]:
        job = self._call(command)
        return Job(job.id, self._decode(job))

    def _encode(self, body: str | bytes) -> bytes:
        if isinstance(body, bytes):
            return body
        if not isinstance(body, str):
            raise TypeError(f"a body is str or bytes, not {type(body).__name__}")
        if self.encoding is None:
            raise TypeError("a str body needs a client with an encoding")
        return body.encode(self.encoding)

    def _decode(self, job: Job[bytes]) -> TBody:
        try:
            body = job.body if self.encoding is None else job.body.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise UndecodableBodyError(job.id, error) from None
        return cast(
            TBody, body
        )  # str or bytes depending on `encoding`, as in the overloads of __init__


def _connect(target: ConnectionTarget) -> tuple[socket.socket, str]:
    if isinstance(target, socket.socket):
        return target, str(target.getpeername())
    if isinstance(target, str):
        check_socket(target)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(target)
        except FileNotFoundError as error:
            connection.close()
            what = "there is no such socket (a TCP address is a pair: (host, port))"
            raise FileNotFoundError(error.errno, what, target) from None
        except BaseException:
            connection.close()
            raise
    else:
        connection = socket.create_connection(target)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection, format_address(target)


def _opening(use: str, watch: list[str]) -> list[Command[str] | Command[int]]:
    """Return the commands that a new connection sends to use and watch its tubes."""
    opening: list[Command[str] | Command[int]] = []
    if use != DEFAULT_TUBE:
        opening.append(commands.use(use))
    opening += [commands.watch(tube) for tube in watch if tube != DEFAULT_TUBE]
    if DEFAULT_TUBE not in watch:
        opening.append(commands.ignore(DEFAULT_TUBE))
    return opening


def _id(job: JobOrID) -> int:
    return job.id if isinstance(job, Job) else job
