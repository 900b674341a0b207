"""The colors of decoded bodies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from beantop.app.view.lines import Line, plain
from beantop.app.view.syntax import MAX_COLORED, colored, is_colored
from beantop.app.widgets.named_styles import STYLES
from beantop.formatting import printable
from beantop.jobs.bodies.as_json import json_lines
from beantop.jobs.bodies.views import views
from tests.app.running import on_server, open_tube
from tests.app.screen_text import strips_of, until_shown
from tests.beanstalkd import Beanstalkd
from tests.jobs.test_decoders import LARAVEL, MSGPACK, PICKLE

PHP = b'O:3:"Job":2:{s:2:"to";s:3:"ada";s:6:"\0*\0tag";a:2:{i:0;b:1;i:1;i:-7;}}'


def pieces(body: bytes, style: str) -> list[str]:
    """The pieces of a decoded body that have this style."""
    lines = [printable(line) for line in views(body)[0].lines()]
    return [text for line in lines for text, names in whole(line) if names == style]


def whole(line: str) -> Line:
    return colored(line, 0, len(line))


def test_json_has_names_strings_numbers_and_literals() -> None:
    body = b'{"to": "ada: 1", "n": [-1.5e3, null], "\\"": true, "v2": "x"}'
    assert pieces(body, "key") == ['"to"', '"n"', r'"\""', '"v2"']
    assert pieces(body, "string") == ['"ada: 1"', '"x"']
    assert pieces(body, "number") == ["-1.5e3"]
    assert pieces(body, "literal") == ["null", "true"]


def test_php_has_them_too() -> None:
    assert pieces(PHP, "key") == ["to", "tag (protected)", "0", "1"]
    assert pieces(PHP, "string") == ['"ada"']
    assert pieces(PHP, "number") == ["-7"]
    assert pieces(PHP, "literal") == ["true"]


@pytest.mark.parametrize("body", [LARAVEL, MSGPACK, PICKLE, b"to=ada&n=1"])
def test_every_decoded_format_has_colors(body: bytes) -> None:
    assert is_colored(views(body)[0].name)
    assert pieces(body, "string") or pieces(body, "key")


def test_what_is_not_decoded_has_no_colors() -> None:
    assert not is_colored(views(b"true 1")[0].name)
    assert not is_colored(views(bytes(range(200)))[0].name)


@given(st.text() | st.text('"\\:,{}[]()1a. -=─'), st.integers(0, 50), st.integers(0, 50))
def test_no_part_of_any_line_is_changed(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    line = colored(text, start, end)
    assert plain(line) == text[start:end]
    assert {names for _, names in line} <= {"", *STYLES}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=3))
def test_names_of_json_are_never_taken_for_strings(members: dict[str, object]) -> None:
    lines = [printable(line) for line in json_lines(json.dumps(members).encode())]
    for line in lines:
        if not line.strip().startswith('"') or len(line) >= MAX_COLORED:
            continue
        styles = [names for text, names in whole(line) if text.startswith('"')]
        is_member = '": ' in line and styles[0] == "key"
        assert is_member or styles == ["string"]


@pytest.mark.parametrize("before", ["", '  "key": '])
def test_a_very_long_string_keeps_its_color_to_its_end(before: str) -> None:
    line = before + '"' + "x" * 10**6 + '"'
    assert colored(line, 700_000, 700_080) == [("x" * 80, "string")]


def test_of_a_very_long_line_only_the_beginning_is_read() -> None:
    line = "1 " * 10**6
    assert colored(line, 0, 2) == [("1", "number"), (" ", "")]
    assert colored(line, 10**6, 10**6 + 2) == [("1 ", "")]


@pytest.mark.long
@pytest.mark.parametrize("no_color", [False, True], ids=["in color", "NO_COLOR"])
def test_a_body_has_colors_on_the_screen_unless_nobody_wants_any(
    server: Beanstalkd, tube: str, no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")

    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, "The next job of each state")
        await pilot.press("enter")
        await until_shown(pilot, "[JSON]", '"to": "ada"')
        (line,) = [strip for strip in strips_of(pilot.app.screen) if '"to": "ada"' in strip.text]
        styles = {piece.text: piece.style for piece in line if piece.style}
        colors = {styles[text].color for text in ('"to"', '"ada"', ": ")}
        assert len(colors) == (1 if no_color else 3)

    with server.client(use=tube) as client:
        client.put('{"to": "ada"}')
        on_server(server, story)
