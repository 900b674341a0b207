"""A client of a broker in this process, without a socket."""

from collections.abc import Iterable
from typing import TypeVar

from beantop.beanstalk import BeanstalkdError, Command
from beantop.beanstalk.replies import ReplyReader
from beantop.demo.broker import Broker
from beantop.demo.conversation import Conversation

T = TypeVar("T")


class LocalClient:
    """Replaces an `AsyncClient`. The broker replies at once, so do not send a `reserve` that waits."""

    def __init__(self, broker: Broker) -> None:
        self._reader = ReplyReader()
        self._conversation = Conversation(broker, self._reader.feed)

    async def call(self, command: Command[T], timeout: float) -> T:
        """Return the result of the command. Raises `BeanstalkdError`. The timeout is ignored."""
        return self._ask(command)

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float
    ) -> list[T | BeanstalkdError]:
        """Return one result for each command, in order. The result of a failed one is its error."""
        results: list[T | BeanstalkdError] = []
        for command in commands:
            try:
                results.append(self._ask(command))
            except BeanstalkdError as error:
                results.append(error)
        return results

    def close(self) -> None:
        self._conversation.close()

    def _ask(self, command: Command[T]) -> T:
        self._conversation.receive(command.wire)
        self._conversation.work()
        (reply,) = self._reader.replies()
        return command.result(reply)
