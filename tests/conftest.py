"""For all tests: a real beanstalkd, tubes that no other test uses, and a patient hypothesis."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.beanstalkd import Beanstalkd

# A slow machine is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that nobody waits for it alone at the end."""
    items.sort(key=lambda item: item.path.name != "test_soak.py")
