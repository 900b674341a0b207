"""Receivers of facts: commands, webhooks, and files whose time is set."""

import os
import signal
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from beantop import __version__
from beantop.config import NotifyConfig
from beantop.formatting import printable
from beantop.jobs.storage import describe_file_error, open_regular
from beantop.report.facts import Fact, as_environment, as_json

COMMAND_SECONDS = 60.0
"""Seconds after which a command is killed."""

WEBHOOK_SECONDS = 15.0
"""Seconds in which a webhook must connect, and in which each part of its answer must come."""

HEARTBEAT = "heartbeat"


if TYPE_CHECKING:
    from urllib.request import OpenerDirector


class DeliveryError(Exception):
    """A receiver did not take a fact, with the reason."""


class Receiver(Protocol):
    """Takes facts."""

    key: str
    """Identifies it in all runs of the program."""
    name: str
    """Safe to show: without the path of a webhook, which may be a secret."""

    def send(self, fact: Fact) -> None:
        """Deliver a fact. Raises `DeliveryError`."""


def receiver_of(config: NotifyConfig) -> Receiver:
    if config.command:
        return CommandReceiver(config.command)
    return WebhookReceiver(config.url) if config.url else TouchReceiver(config.touch)


class CommandReceiver:
    """Runs a command of the shell, with the fact in its environment and as JSON on its standard input."""

    def __init__(self, command: str, seconds: float = COMMAND_SECONDS) -> None:
        self.key = f"command {command}"
        self.name = f"the command {printable(command)!r}"
        self._command, self._seconds = command, seconds

    def send(self, fact: Fact) -> None:
        process = subprocess.Popen(
            self._command,
            shell=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **as_environment(fact)},
            start_new_session=True,  # a ctrl-c for us must not end it
        )
        try:
            process.communicate(as_json(fact), self._seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise DeliveryError(f"it did not end within {self._seconds:g} s") from None
        if process.returncode:
            raise DeliveryError(f"it ended with {process.returncode}")


class WebhookReceiver:
    """Posts the fact as JSON."""

    def __init__(self, url: str, seconds: float = WEBHOOK_SECONDS) -> None:
        from urllib.parse import urlsplit

        self.key = f"url {url}"
        self.name = f"the webhook at {printable(urlsplit(url).hostname or '')}"
        self._url, self._seconds = url, seconds

    def send(self, fact: Fact) -> None:
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request

        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"beantop/{__version__}",
            "Idempotency-Key": f"{fact.get('id')}-{fact.get('event')}",
        }
        request = Request(self._url, as_json(fact), headers, method="POST")
        try:
            with _opener().open(request, timeout=self._seconds):
                pass
        except HTTPError as error:
            error.close()
            raise DeliveryError(f"it answered {error.code}") from None
        except (HTTPException, ValueError) as error:
            raise DeliveryError(f"it did not answer with HTTP: {error!r}") from None
        except OSError as error:
            raise DeliveryError(_why(error)) from None


class TouchReceiver:
    """Sets the time of a file, which is created, with each heartbeat."""

    def __init__(self, path: str) -> None:
        self.key = f"touch {path}"
        self.name = f"the file {printable(path)}"
        self._path = Path(path).expanduser()

    def send(self, fact: Fact) -> None:
        if fact.get("event") != HEARTBEAT:
            return
        try:
            os.close(open_regular(self._path, os.O_WRONLY | os.O_CREAT))
            os.utime(self._path)
        except OSError as error:
            raise DeliveryError(describe_file_error(error)) from None


def _opener() -> "OpenerDirector":
    """Return what opens addresses, and follows no redirect: that would turn a POST into a GET."""
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirect(HTTPRedirectHandler):
        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
        ) -> None:
            return None

    return build_opener(NoRedirect)


def _why(error: OSError) -> str:
    reason = getattr(error, "reason", error)
    return describe_file_error(reason) if isinstance(reason, OSError) else printable(str(reason))
