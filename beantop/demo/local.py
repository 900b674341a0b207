"""Talks to a broker in this process as a client does, without a socket."""

from collections.abc import Iterable
from typing import TypeVar

from beantop.beanstalk import BeanstalkdError, Command
from beantop.beanstalk.replies import ReplyReader
from beantop.demo.broker import Broker
from beantop.demo.conversation import Conversation

T = TypeVar("T")


class LocalClient:
    """Asks as an `AsyncClient` does, of a broker that answers at once: never for a `reserve` that waits."""

    def __init__(self, broker: Broker) -> None:
        self._reader = ReplyReader()
        self._conversation = Conversation(broker, self._reader.feed)

    async def call(self, command: Command[T], timeout: float) -> T:
        """Its result; raises what the server refuses. The timeout never comes."""
        return self._ask(command)

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float
    ) -> list[T | BeanstalkdError]:
        """One result for each command, in their order; an error stands for its own command."""
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
