"""What the question before a job is replaced says of its body."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from beantop.app.view.diff_lines import MAX_IN_LINE, MAX_SHOWN, diff_lines, lost_lines
from beantop.app.view.lines import plain

ORDER = {"class": "ShipOrder", "order": 48213, "to": "ada@example.org", "lines": [1, 2, 3]}


def shown(before: bytes, after: bytes) -> list[str]:
    """The lines of the diff, without their indentation."""
    return [plain(line).strip() for line in diff_lines(before, after)]


def changed(before: bytes, after: bytes) -> list[str]:
    """The removed and the added lines."""
    return [line for line in shown(before, after) if line[0] in "-+"]


def test_a_member_of_json_is_one_line_however_the_body_is_written() -> None:
    now = {**ORDER, "to": "grace@example.org"}
    lines = ['-   "to": "ada@example.org",', '+   "to": "grace@example.org",']
    before, after = json.dumps(ORDER).encode(), json.dumps(now).encode()
    assert changed(before, after) == lines
    assert changed(base64.b64encode(before), base64.b64encode(after)) == lines


def test_removed_and_added_lines_differ_in_sign_and_color() -> None:
    styles = {plain(line)[1]: line[0][1] for line in diff_lines(b"a\nb\n", b"a\nc\n")}
    assert (styles["-"], styles["+"], styles[" "]) == ("bad", "good", "dim")


def test_the_number_of_the_line_is_the_one_in_the_body() -> None:
    was = [f"line {number}" for number in range(1, 101)]
    now = [*was[:49], "another", *was[50:]]
    lines = shown("\n".join(was).encode(), "\n".join(now).encode())
    assert lines == [
        "line 48", "line 48", "line 49", "- line 50", "+ another", "line 51", "line 52",
    ]  # fmt: skip


def test_of_a_long_line_the_part_that_differs_is_shown() -> None:
    before = b"x" * 30_000 + b" ada " + b"y" * 30_000
    lines = changed(before, before.replace(b"ada", b"grace"))
    assert [line[0] for line in lines] == ["-", "+"]
    assert " ada " in lines[0]
    assert " grace " in lines[1]
    assert all(len(line) < MAX_IN_LINE + 10 for line in lines)


def test_a_long_diff_is_cut_and_says_so() -> None:
    was, now = (b"\n".join(b"%d" % n for n in range(at, at + 5000)) for at in (0, 90_000))
    lines = diff_lines(was, now)
    assert len(lines) == MAX_SHOWN + 1
    assert "more lines of the diff" in plain(lines[-1])


def test_bodies_that_look_alike_when_decoded_are_compared_as_text() -> None:
    assert changed(b'{"a":1}', b'{"a": 1}') == ['- {"a":1}', '+ {"a": 1}']


def test_a_body_that_gets_another_format_is_compared_as_text() -> None:
    assert changed(b'{"a":1}', b"ada") == ['- {"a":1}', "+ ada"]


def test_bodies_that_look_alike_are_not_called_the_same() -> None:
    assert shown(b"a\r\nb", b"a\nb") == [
        "Only line endings differ, or bytes that look the same as text."
    ]


def test_control_characters_are_shown_as_pictures() -> None:
    assert changed(b"a", b"\x1b[2J") == ["- a", "+ ␛[2J"]


@given(st.binary(max_size=80) | st.text("ab\n", max_size=30).map(str.encode), st.text("ab\n"))
def test_every_change_is_told(before: bytes, text: str) -> None:
    after = text.encode()
    lines = diff_lines(before, after)
    assert bool(lines) == (before != after)
    assert all(plain(line).isprintable() for line in lines)


def test_a_change_that_breaks_what_was_decoded_says_so() -> None:
    good = json.dumps({"data": {"command": 'O:4:"Mail":1:{s:2:"to";s:5:"a@@b.";}'}}).encode()
    broken = good.replace(b"a@@b.", b"a@b.")
    [line] = lost_lines(good, broken)
    assert plain(line) == " data.command can no longer be decoded as PHP."
    assert lost_lines(good, good.replace(b'5:\\"a@@b.', b'4:\\"a@b.')) == []
    assert lost_lines(b"hello", b"good bye") == []
    without = b'{"data": {"tries": 1}}'
    assert lost_lines(good, without) == []  # it was removed, as the diff shows
    assert lost_lines(base64.b64encode(good), base64.b64encode(without)) == []
    [line] = lost_lines(base64.b64encode(good), base64.b64encode(broken))
    assert plain(line) == " data.command can no longer be decoded as PHP."
