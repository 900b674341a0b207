"""`BlockingPipeline`: many commands at once without asyncio, which takes longer to import than a poll
takes."""

import itertools
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeVar

from beantop.beanstalk.address import Address, check_socket
from beantop.beanstalk.commands import DEPTH, Command
from beantop.beanstalk.errors import (
    UNASKED,
    BeanstalkdError,
    ConnectionLostError,
    NoAnswerError,
    ProtocolError,
)
from beantop.beanstalk.reason import describe_error
from beantop.beanstalk.replies import LARGEST_ANSWER, Reply, ReplyReader

T = TypeVar("T")

CHUNK = 2**16  # maximum bytes of one recv


class BlockingPipeline:
    """A connection for a few pipelines. After an `Error` it cannot be used again."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Connect within `timeout` seconds for each address of the host. Raises `ConnectionLostError`."""
        self._reader = ReplyReader(largest_answer=LARGEST_ANSWER)
        try:
            self._socket = _connected(address, timeout)
        except OSError as error:
            raise _lost(error, timeout) from error

    def __enter__(self) -> "BlockingPipeline":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def call(self, command: Command[T], timeout: float) -> T:
        """Call one command within `timeout` seconds. Raises `Error`."""
        [result] = self.pipeline([command], timeout)
        if isinstance(result, BeanstalkdError):
            raise result
        return result

    def pipeline(self, commands: Iterable[Command[T]], timeout: float) -> list[T | BeanstalkdError]:
        """Return the results of the commands in order, of which at most `DEPTH` are in flight. An error
        word fails only its own command. Raises `Error` after `timeout` seconds for all of them."""
        try:
            return self._results(iter(commands), time.monotonic() + timeout)
        except OSError as error:
            raise _lost(error, timeout) from error

    def _check_silence(self) -> None:
        """Check that nothing has arrived since the last reply. Raises `ProtocolError`."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            if self._socket.recv(1):
                raise ProtocolError(UNASKED)

    def _results(self, rest: Iterable[Command[T]], until: float) -> list[T | BeanstalkdError]:
        self._check_silence()
        results: list[T | BeanstalkdError] = []
        sent: list[Command[T]] = []
        while True:
            if len(sent) - len(results) <= DEPTH // 2:
                more = list(itertools.islice(rest, DEPTH // 2))
                sent += more
                self._limit(until)
                self._socket.sendall(b"".join(command.wire for command in more))
            if len(results) == len(sent):
                if not self._reader.idle:
                    raise ProtocolError(UNASKED)
                return results
            results.append(_result(sent[len(results)], self._next_reply(until)))

    def _next_reply(self, until: float) -> Reply:
        while True:
            for reply in self._reader.replies():
                return reply
            self._limit(until)
            data = self._socket.recv(CHUNK)
            if not data:
                where = "" if self._reader.idle else " in the middle of a reply"
                raise ConnectionError(f"the server closed the connection{where}")
            self._reader.feed(data)

    def _limit(self, until: float) -> None:
        """Let the next step end at a monotonic time. Raises `TimeoutError` if that has passed."""
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


def _connected(address: Address, timeout: float) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, timeout)
    check_socket(address)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _lost(error: OSError, timeout: float) -> ConnectionLostError:
    if isinstance(error, TimeoutError) and error.errno is None:
        return NoAnswerError(f"the server did not answer within {timeout:g} s")
    return ConnectionLostError(describe_error(error))


def _result(command: Command[T], reply: Reply) -> T | BeanstalkdError:
    try:
        return command.result(reply)
    except BeanstalkdError as error:
        return error
