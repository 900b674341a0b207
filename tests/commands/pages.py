"""`beantop web` as a process, and what its pages show."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from tests.beanstalkd import free_port, wait_until


@contextmanager
def website(*arguments: str) -> Iterator[str]:
    """Run the web server, and yield its address, as host:port."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "beantop", "web", "--listen", address, *arguments]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: answers(address), "the web server answers", patience=30)
            yield address
        finally:
            process.terminate()
            process.wait()


def answers(address: str) -> bool:
    try:
        with urlopen(f"http://{address}/", timeout=5) as page:
            return b"/ws" in page.read()
    except URLError:
        return False
