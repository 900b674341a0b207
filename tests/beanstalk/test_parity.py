"""Our client against greenstalk, whose interface it has."""

import inspect
import socket
from collections.abc import Callable, Iterator
from operator import methodcaller
from types import ModuleType

import greenstalk
import pytest

from beantop import beanstalk
from beantop.beanstalk.errors import ERROR_WORDS
from tests.beanstalkd import Beanstalkd

METHODS = [name for name in vars(greenstalk.Client) if not name.startswith("_")]

ERRORS = [
    name
    for name, value in vars(greenstalk).items()
    if inspect.isclass(value) and issubclass(value, Exception)
]


def signature(function: Callable[..., object]) -> list[tuple[str, object, object]]:
    """Names, kinds and defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in parameters]


@pytest.mark.parametrize("name", [*METHODS, "__init__"])
def test_every_method_has_the_same_parameters(name: str) -> None:
    ours = getattr(beanstalk.Client, name)
    assert signature(ours) == signature(getattr(greenstalk.Client, name))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_it_does(name: str) -> None:
    assert inspect.getdoc(getattr(beanstalk.Client, name))


def test_there_is_no_method_more() -> None:
    assert sorted(name for name in vars(beanstalk.Client) if name[0] != "_") == sorted(METHODS)


def test_a_job_has_the_same_parameters_and_attributes() -> None:
    assert signature(beanstalk.Job) == signature(greenstalk.Job)
    assert vars(beanstalk.Job(1, "a")) == vars(greenstalk.Job(1, "a"))


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_has_the_same_name_and_bases(name: str) -> None:
    ours, theirs = getattr(beanstalk, name), getattr(greenstalk, name)
    assert [base.__name__ for base in ours.__mro__] == [base.__name__ for base in theirs.__mro__]


def test_the_error_words_are_the_same() -> None:
    ours = {word: error.__name__ for word, error in ERROR_WORDS.items()}
    assert ours == {word: error.__name__ for word, error in greenstalk.ERROR_RESPONSES.items()}


def test_errors_can_be_made_and_read_as_those_of_greenstalk() -> None:
    for module in (beanstalk, greenstalk):
        unknown = module.UnknownResponseError(b"WHAT", [b"1"])
        assert (unknown.status, unknown.values) == (b"WHAT", [b"1"])
        assert (module.BuriedError([b"7"]).id, module.BuriedError().id) == (7, None)
        assert isinstance(module.NotFoundError([]), module.BeanstalkdError)


def test_the_defaults_are_the_same() -> None:
    for name in ("DEFAULT_TUBE", "DEFAULT_PRIORITY", "DEFAULT_DELAY", "DEFAULT_TTR"):
        assert getattr(beanstalk, name) == getattr(greenstalk, name)


class Pair:
    """A client of ours and one of greenstalk, each on a fresh server."""

    def __init__(self, ours: beanstalk.Client[str], theirs: greenstalk.Client[str]) -> None:
        self.ours = ours
        self.theirs = theirs

    def both(self, name: str, *arguments: object, **named: object) -> object:
        """The result of the same call of both, or the name of its error."""
        call = methodcaller(name, *arguments, **named)
        result = outcome(call, self.ours)
        assert result == outcome(call, self.theirs)
        return result


def outcome(call: Callable[[object], object], client: object) -> object:
    try:
        result = call(client)
    except (beanstalk.Error, greenstalk.Error) as error:
        return type(error).__name__
    return vars(result) if isinstance(result, beanstalk.Job | greenstalk.Job) else result


@pytest.fixture
def pair(own_server: Beanstalkd, other_server: Beanstalkd) -> Iterator[Pair]:
    with (
        beanstalk.Client(own_server.address, use="a", watch=["a", "b"]) as ours,
        greenstalk.Client(other_server.address, use="a", watch=["a", "b"]) as theirs,
    ):
        yield Pair(ours, theirs)


@pytest.fixture
def other_server() -> Iterator[Beanstalkd]:
    server = Beanstalkd()
    yield server
    server.stop()


def test_both_lead_a_job_through_its_life(pair: Pair) -> None:
    assert pair.both("put", "hello") == 1
    assert pair.both("put", "é\r\n", priority=1, delay=60, ttr=3) == 2
    assert pair.both("peek_ready") == {"id": 1, "body": "hello"}
    assert pair.both("peek_delayed") == {"id": 2, "body": "é\r\n"}
    assert pair.both("peek_buried") == "NotFoundError"
    assert pair.both("reserve", 0) == {"id": 1, "body": "hello"}
    assert pair.both("reserve", timeout=0) == "TimedOutError"
    assert pair.both("kick", 5) == 1
    assert pair.both("reserve") == {"id": 2, "body": "é\r\n"}
    assert pair.both("stats_job", 2) != "NotFoundError"
    assert pair.both("delete", 2) is None
    assert pair.both("delete", 2) == pair.both("stats_job", 2) == "NotFoundError"
    assert pair.both("reserve_job", 2) == pair.both("kick_job", 1) == "NotFoundError"


@pytest.mark.parametrize("act", ["touch", "release", "bury", "delete"])
def test_both_do_the_same_to_a_job_they_hold(pair: Pair, act: str) -> None:
    pair.both("put", "")
    methodcaller(act, pair.ours.reserve())(pair.ours)
    methodcaller(act, pair.theirs.reserve())(pair.theirs)
    pair.both("stats_job", 1)


def test_both_see_the_same_tubes(pair: Pair) -> None:
    assert pair.both("using") == "a"
    assert pair.both("watch", "c") == 3
    assert pair.both("ignore", "b") == 2
    pair.both("watching")
    pair.both("use", "123")
    assert pair.both("using") == "123"
    pair.both("tubes")
    assert pair.both("pause_tube", "a", 60) is None
    pair.both("stats_tube", "a")
    assert pair.both("stats_tube", "d") == "NotFoundError"


def test_both_end_at_the_last_tube(pair: Pair) -> None:
    pair.both("ignore", "a")
    assert pair.both("ignore", "b") == "NotIgnoredError"


@pytest.mark.parametrize("module", [beanstalk, greenstalk])
def test_the_timeout_of_a_socket_that_was_handed_in_is_one_for_both(module: ModuleType) -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.01)
    with theirs, module.Client(ours) as client, pytest.raises(TimeoutError):
        client.reserve()


def test_both_read_the_same_stats_of_one_server(own_server: Beanstalkd) -> None:
    with own_server.client() as ours, greenstalk.Client(own_server.address) as theirs:
        mine, other = dict(ours.stats()), dict(theirs.stats())
    for key in ("cmd-stats", "rusage-utime", "rusage-stime", "uptime"):  # they move on
        del mine[key], other[key]
    for key in ("id", "hostname"):  # always text to us, at times a number to greenstalk
        del mine[key], other[key]
    assert mine == other
