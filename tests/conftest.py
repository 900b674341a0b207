"""Fixtures for all tests: a real beanstalkd, and tubes that no other test uses."""

import itertools
from collections.abc import Iterator

import pytest

from tests.beanstalkd import Beanstalkd

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
