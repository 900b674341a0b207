"""The protocol as conversations with a real server; `transcript.py` says how they are written."""

import pytest

from beantop.beanstalk.errors import ERROR_WORDS
from tests.beanstalk.readers import read_in_pieces, read_whole
from tests.beanstalk.transcript import Story, play, stories
from tests.beanstalkd import Beanstalkd
from tests.demo.serving import Serving

STORIES = stories()
LINES = [line.rstrip() for story in STORIES for line in story.lines]

# A server does these only when its memory is at an end, or by a bug.
NOT_ON_DEMAND = {"OUT_OF_MEMORY", "INTERNAL_ERROR"}

COMMANDS = {
    *("put", "use", "reserve", "reserve-with-timeout", "reserve-job", "delete", "release", "bury"),
    *("touch", "watch", "ignore", "peek", "peek-ready", "peek-delayed", "peek-buried", "kick"),
    *("kick-job", "stats-job", "stats-tube", "stats", "list-tubes", "list-tube-used"),
    *("list-tubes-watched", "quit", "pause-tube"),
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_server_keeps_to_the_transcript(story: Story, own_server: Beanstalkd) -> None:
    for received in play(story, own_server):
        assert read_in_pieces(received, 1) == read_whole(received)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_demo_server_keeps_to_the_transcript(story: Story) -> None:
    with Serving() as server:
        play(story, server)


def test_every_command_is_in_a_transcript() -> None:
    sent = {line.partition("> ")[2].split(" ")[0] for line in LINES if "> " in line}
    assert sent >= COMMANDS


def test_every_error_word_is_in_a_transcript() -> None:
    answered = {line.partition("< ")[2] for line in LINES}
    assert answered >= {word.decode() for word in ERROR_WORDS} - NOT_ON_DEMAND


def test_a_transcript_that_the_server_does_not_keep_to_fails(own_server: Beanstalkd) -> None:
    with pytest.raises(AssertionError, match="the server answered 'NOT_FOUND'"):
        play(Story("a lie", ["> delete 1", "< DELETED"]), own_server)


def test_a_transcript_that_ends_too_early_fails(own_server: Beanstalkd) -> None:
    with pytest.raises(AssertionError, match="the server said more: b'NOT_FOUND"):
        play(Story("half of the truth", ["> delete 1"]), own_server)


def test_a_transcript_with_a_wrong_line_of_a_map_fails(own_server: Beanstalkd) -> None:
    with pytest.raises(AssertionError, match="name: default"):
        play(Story("a lie", ["> stats-tube default", "< OK", "<   name: x"]), own_server)
