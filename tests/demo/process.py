"""The demo server as a process, in place of the original."""

import sys

from tests.beanstalkd import Beanstalkd


class DemoProcess(Beanstalkd):
    """`python -m beantop.demo`, which has the options of beanstalkd."""

    @staticmethod
    def program() -> list[str]:
        return [sys.executable, "-W", "error", "-m", "beantop.demo"]
