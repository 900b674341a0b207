"""For the tests of commands: a shell on the server of the module."""

import pytest

from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell


@pytest.fixture
def shell(server: Beanstalkd, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands on the server, in this process."""
    return Shell(server, capsys)
