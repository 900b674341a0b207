"""Numbers in arguments: all commands read them in the same way, and say what is wrong with one."""

import pytest

from tests.commands.test_forgotten_arguments import said_of

LONG = "9" * 5_000
"""More digits than Python reads."""

JOBS = ["delete", "emails", "--state", "buried"]


@pytest.mark.parametrize("number", [LONG, "9" * 400, "٣", "1.5", ""], ids=lambda text: text[:9])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["job", "NUMBER"], "is not the id of a job such as 4711"),
        (["delete", "--job", "7,NUMBER"], "is not the id of a job such as 4711"),
        ([*JOBS, "--count=NUMBER"], "is not a number of jobs such as 10"),
        ([*JOBS, "--yes-to=NUMBER"], "is not a number of jobs such as 10"),
        (["jobs", "emails", "--limit=NUMBER"], "is not a number of jobs such as 10"),
        (["metrics", "--max-tubes=NUMBER"], "is not a number of tubes"),
        (["metrics", "--listen=host:NUMBER"], "is not HOST:PORT, such as 127.0.0.1:9113"),
        (["set", "7", "--priority=NUMBER"], "is not a priority from 0 to 4294967295"),
        (["kick", "emails", "--rate=NUMBER"], "is not a rate from 1/s to "),
    ],
)
def test_what_is_not_a_number_is_a_sentence(
    arguments: list[str], sentence: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [argument.replace("NUMBER", number) for argument in arguments]
    assert sentence in said_of(capsys, *command, "127.0.0.1:1")


@pytest.mark.parametrize("number", [LONG, "0", "18446744073709551616"], ids=lambda text: text[:9])
def test_a_number_in_the_place_of_a_tube_is_an_id(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_of(capsys, "set", number, "--priority", "5", "127.0.0.1:1")
    assert "is not the id of a job such as 4711" in said


def test_other_digits_are_a_tube(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(capsys, "set", "٣", "--priority", "5", "127.0.0.1:1")
    assert said == "beantop: which jobs of the tube? Add --state or --filter\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["pause", "emails", "TIME"],
            "it must be from 1s to 136y, not 99999999999; beantop resume ends",
        ),
        (["put", "emails", "--ttr", "TIME"], "argument --ttr: it must be from 1s to 136y, not"),
        (["put", "emails", "--delay", "TIME"], "argument --delay: it must be from 0s to 135y, not"),
        (["set", "7", "--delay", "TIME"], "argument --delay: it must be from 0s to 135y, not"),
    ],
)
def test_a_time_that_is_too_long_is_not_called_too_short(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for time, expected in (("99999999999", sentence), ("9" * 400, "is not a duration")):
        command = [argument.replace("TIME", time) for argument in arguments]
        assert expected in said_of(capsys, *command, "127.0.0.1:1")


def test_a_port_of_many_digits_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(capsys, "tubes", f"queue-1:{LONG}")
    assert "the port must be a number from 1 to 65535" in said
