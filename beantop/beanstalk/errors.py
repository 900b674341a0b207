"""Errors: a class for each error word of the server, and the table from word to class.

    Error                       what went wrong with a server
    ├── BeanstalkdError         the server answered with one of its error words
    ├── UnknownResponseError    a well-formed reply that this client does not know
    ├── UndecodableBodyError    a body that is not text in the client's encoding
    └── ConnectionLostError     the connection could not be made, or was lost
        └── NoAnswerError       the server did not answer in time
    ConnectionError (built in)  the connection was lost
    └── ProtocolError           no reply, or one about another job or tube: the connection can no longer be used

`AsyncClient` raises `Error`s only: a lost connection is a `ConnectionLostError`, which is a
`ConnectionError` too. `Client` raises plain `ConnectionError`s, as greenstalk does, so that the
connection is still usable after each `Error`. `str()` of each error is a sentence for users.
"""

from collections.abc import Sequence
from typing import ClassVar

UNASKED = "the server sent a reply that nobody had asked for"
"""The sentence of a `ProtocolError` about surplus bytes."""


class Error(Exception):
    """Base of all errors, except the built-in ones that `Client` raises for a lost connection."""


class ConnectionLostError(Error, ConnectionError):
    """The connection could not be made or was lost, in words; the cause may have an errno."""


class NoAnswerError(ConnectionLostError, TimeoutError):
    """The server did not answer in time."""


class ProtocolError(ConnectionError):
    """Bytes that are not a reply of the protocol, or a reply about another job or tube than the one asked
    for."""


class UnknownResponseError(Error):
    """A well-formed reply that this client does not understand."""

    def __init__(self, status: bytes, values: Sequence[bytes], command: str = "") -> None:
        super().__init__(status, values)
        self.status = status
        """First word: `b"SOME_ERROR"` in `SOME_ERROR 1 2 3`."""
        self.values = list(values)
        """Words after it: `[b"1", b"2", b"3"]`."""
        self.command = command
        """Command line that this reply belongs to, or ""."""

    @property
    def answer(self) -> str:
        """Line that the server sent, shortened and safe to display."""
        line = b" ".join([self.status, *self.values]).decode("ascii", "backslashreplace")
        return line if len(line) <= 60 else line[:59] + "…"

    def __str__(self) -> str:
        return _with_command(
            self.command,
            f"the server answered {self.answer!r}, which is not a reply to this command",
        )


class UndecodableBodyError(Error, UnicodeDecodeError):
    """A job body that is not text in the client's encoding. The connection is still usable.

    A job returned by `reserve` stays reserved; `id` identifies it.
    """

    def __init__(self, id: int, error: UnicodeDecodeError) -> None:
        UnicodeDecodeError.__init__(
            self, error.encoding, error.object, error.start, error.end, error.reason
        )
        self.id = id
        """The job's id."""

    def __str__(self) -> str:
        return (
            f"the body of job {self.id} is not {self.encoding} ({self.reason} at byte {self.start})"
        )


class BeanstalkdError(Error):
    """The server answered with one of its error words."""

    sentence: ClassVar[str] = "the server refused"

    def __init__(self, values: Sequence[bytes] | None = None, command: str = "") -> None:
        super().__init__(values, command)
        self.command = command
        """Command line that was refused, or ""."""

    def __str__(self) -> str:
        return _with_command(self.command, self.sentence)


class BadFormatError(BeanstalkdError):
    """The server found the command malformed, or does not support this form of it."""

    sentence = "the server found the command malformed, or does not support it"


class BuriedError(BeanstalkdError):
    """The server ran out of memory growing its priority queue, and buried the job (put, release)."""

    sentence = "the server ran out of memory and buried the job"

    def __init__(self, values: Sequence[bytes] | None = None, command: str = "") -> None:
        super().__init__(values, command)
        self.id = int(values[0]) if values and values[0].isdigit() else None
        """Id of the buried job; None after a release, whose reply does not contain it."""


class DeadlineSoonError(BeanstalkdError):
    """The ttr of a job reserved by this connection ends within a second (reserve)."""

    sentence = "a job held by this connection times out within a second"


class DrainingError(BeanstalkdError):
    """The server is in drain mode and takes no new jobs (put)."""

    sentence = "the server takes no new jobs (drain mode)"


class ExpectedCrlfError(BeanstalkdError):
    """The body was not followed by CR LF (put)."""

    sentence = "the server found no line end after the body"


class InternalError(BeanstalkdError):
    """The server reports a bug of its own."""

    sentence = "the server reports an internal error"


class JobTooBigError(BeanstalkdError):
    """The body is longer than the server's `max-job-size` (put)."""

    sentence = "the body is larger than the server's max-job-size"


class NotFoundError(BeanstalkdError):
    """The job or tube does not exist, or the job is in another state or reserved by another connection.

    For the peeks by state: no job of the used tube is in that state.
    """

    sentence = "not found: it is gone, in another state, or held by a worker"

    def __str__(self) -> str:
        word = self.command.partition(" ")[0]
        return _with_command(self.command, _NOT_FOUND.get(word, self.sentence))


class NotIgnoredError(BeanstalkdError):
    """The only tube on the watch list cannot be ignored (ignore)."""

    sentence = "the only watched tube cannot be ignored"


class OutOfMemoryError(BeanstalkdError):
    """The server cannot allocate memory for the job; try again later."""

    sentence = "the server is out of memory"


class TimedOutError(BeanstalkdError):
    """No job could be reserved within the timeout (reserve)."""

    sentence = "no job became ready in time"


class UnknownCommandError(BeanstalkdError):
    """The server does not know the command."""

    sentence = "the server does not know this command"


_NOT_FOUND = {
    "peek": "the job does not exist",
    "stats-job": "the job does not exist",
    "peek-ready": "no job of the used tube is ready",
    "peek-delayed": "no job of the used tube is delayed",
    "peek-buried": "no job of the used tube is buried",
    "stats-tube": "the tube does not exist",
    "pause-tube": "the tube does not exist",
}

ERROR_WORDS: dict[bytes, type[BeanstalkdError]] = {
    b"BAD_FORMAT": BadFormatError,
    b"BURIED": BuriedError,
    b"DEADLINE_SOON": DeadlineSoonError,
    b"DRAINING": DrainingError,
    b"EXPECTED_CRLF": ExpectedCrlfError,
    b"INTERNAL_ERROR": InternalError,
    b"JOB_TOO_BIG": JobTooBigError,
    b"NOT_FOUND": NotFoundError,
    b"NOT_IGNORED": NotIgnoredError,
    b"OUT_OF_MEMORY": OutOfMemoryError,
    b"TIMED_OUT": TimedOutError,
    b"UNKNOWN_COMMAND": UnknownCommandError,
}


def _with_command(command: str, sentence: str) -> str:
    return f"{command}: {sentence}" if command else sentence
