"""For all tests: a real beanstalkd, tubes that no other test uses, a patient hypothesis, and no way
out of this machine."""

import errno
import gc
import itertools
import os
import signal
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from beantop.ending import LastResort
from tests.beanstalkd import Beanstalkd

FEW, MANY = 30, 300
"""Examples of each property: usually, and with --slow."""

HERE = {"127.0.0.1", "::1", "localhost"}

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Beanstalkd]:
    """One server for the tests of a module; use `tube` to keep them apart."""
    server = Beanstalkd()
    yield server
    server.stop()


@pytest.fixture
def own_server() -> Iterator[Beanstalkd]:
    """A server for one test alone, to be drained, killed and restarted."""
    server = Beanstalkd()
    yield server
    server.stop()


@pytest.fixture
def tube() -> str:
    """The name of a tube that is fresh in this test."""
    return f"tube-{next(_numbers)}"


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give commands a log of actions of their own, apart from the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Also where who started the tests does not hear them, as `nohup` and a shell's `&` have it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run inside the tests do not wait for signals: each would leave a thread that ends the
    whole run by force when a terminal of another test hangs up."""
    monkeypatch.setattr(LastResort, "listen", lambda self: None)


@pytest.fixture(autouse=True)
def _stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other machines refuse, and no resolver knows their names: neither is asked. Else a test that
    says yes would act on whatever server has the address of the one it plays with."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: tuple[str, int] | str) -> None:
        if isinstance(address, tuple) and address[0] not in HERE:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        connect(self, address)

    def resolve_here(
        host: str, port: int, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> object:
        only = 0 if host in HERE else socket.AI_NUMERICHOST
        return resolve(host, port, family, type, proto, flags | only)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)


def pytest_configure(config: pytest.Config) -> None:
    """Have hypothesis be patient: a slow machine is no failure."""
    settings.register_profile(
        "patient",
        deadline=None,
        max_examples=MANY if config.option.slow else FEW,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Keep the collected tests out of garbage collections, which took a twentieth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the tests that take a second too")
    parser.addoption("--slow", action="store_true", help="run all tests, also those of minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out long and slow tests unless they are wanted; else run them first, so that nobody waits
    for one of them alone at the end. A file that is named runs its long tests, too."""
    named = any(".py" in argument for argument in config.args)
    slow = [item for item in items if item.get_closest_marker("slow")]
    rest = [item for item in items if not item.get_closest_marker("slow")]
    long = [item for item in rest if item.get_closest_marker("long")]
    short = [item for item in rest if not item.get_closest_marker("long")]
    items[:] = short
    if config.option.all or config.option.slow or named:
        items[:] = [*long, *items]
    else:
        config.hook.pytest_deselected(items=long)
    if config.option.slow:
        items[:] = [*slow, *items]
    else:
        config.hook.pytest_deselected(items=slow)
