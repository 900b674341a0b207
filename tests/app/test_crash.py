"""A bug ends the program with a report that contains no job body."""

import asyncio

import pytest

from beantop.app.crash import crash_report
from tests.app import stills

SECRET = "sec" + "ret"


def _bug() -> None:
    body = f"{SECRET} \x1b]52;c;aGFjaw==\x07"
    raise RuntimeError("a bug") from ValueError(len(body))


@pytest.mark.long
def test_the_report_of_a_crash_has_no_values_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = stills.app(stills.watched())

    async def story() -> None:
        async with app.run_test() as pilot:
            pilot.app.call_later(_bug)
            await pilot.pause(0.5)

    with pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(story())
    assert app.return_code == 1
    told = "".join(capsys.readouterr())
    assert "RuntimeError: a bug" in told
    assert SECRET not in told


def test_what_was_under_way_is_not_said_to_be_undone() -> None:
    told = crash_report(ValueError("a bug"))
    assert "may be partly done" in told
    assert "beantop --paths" in told


def test_foreign_text_in_the_error_is_not_printed_raw() -> None:
    told = crash_report(ValueError("\x1b[31m \x9b2J \u202e"))
    assert not [char for char in told if char != "\n" and not char.isprintable()]
