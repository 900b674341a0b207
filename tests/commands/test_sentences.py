"""What commands say in their help, and of questions that no option answers."""

import asyncio

import pytest

from beantop.app.questions import PickState
from beantop.cli import main
from beantop.commands.command_user import Answers, CommandUser


def test_a_question_without_an_option_is_for_the_dashboard() -> None:
    said: list[str] = []

    def tell(code: int, sentence: str) -> int:
        said.append(sentence)
        return code

    user = CommandUser(Answers(yes=True), tell)
    assert asyncio.run(user.ask(PickState("Which state?", [], counts={}))) is None
    nothing = "Nothing was changed: no option answers this; use the dashboard."
    assert said == [f"Which state? {nothing}"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("set", "--priority N 0 is the most urgent --delay"),
        ("kick", "a second (default: 50); implies --careful"),
    ],
)
def test_the_help_says_what_holds(
    command: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert words in " ".join(capsys.readouterr().out.split())
