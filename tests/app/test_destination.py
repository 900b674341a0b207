"""Destinations of jobs: confirmed before the move, and checked when typed."""

import pytest

from beantop.app.actions.destination import (
    Destination,
    completed,
    other_servers,
    read_destination,
    what_is_wrong,
)
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import plain
from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from tests.app import stills
from tests.app.fleet import KNOWN


@pytest.fixture
def view() -> ServerView:
    """Run on the third of three servers: the first is in production, the second read-only."""
    return ServerView(stills.watched(), stills.NOW, stills.WALL, 1.0, KNOWN[2])._replace(
        number=3,
        servers=3,
        fleet=tuple(KNOWN),
    )


def test_a_name_alone_is_a_tube_of_this_server(view: ServerView) -> None:
    assert (
        read_destination(view, "images")
        == read_destination(view, "3:images")
        == Destination("images")
    )
    assert read_destination(view, "images").connect() is None


def test_another_server_is_named_with_all_that_is_to_be_known_of_it(view: ServerView) -> None:
    destination = read_destination(view, "1:images")
    assert destination.words == "images on prod-queue-1"
    assert destination == read_destination(view, "prod-queue-1:images")
    assert destination == read_destination(view, "PROD-Queue-1.:images")
    assert destination == read_destination(view, f"{format_address(KNOWN[0].address)}:images")
    assert plain(destination.line).split() == ["to", "images", "on", "prod-queue-1", "PRODUCTION"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4:images", "There is no server 4."),
        ("x:images", "There is no server x."),
        ("2:images", "Server 2 is read-only."),
        ("no such name", "tube"),
        ("1:", "tube"),
        (":images", "The server before the colon is missing."),
    ],
)
def test_what_is_no_place_is_told(view: ServerView, text: str, why: str) -> None:
    assert why in what_is_wrong(view, text)


def test_a_server_without_a_name_is_not_named_by_nothing(view: ServerView) -> None:
    nameless = view._replace(fleet=(ServerConfig(KNOWN[0].address), *KNOWN[1:]))
    assert what_is_wrong(nameless, ":images") == "The server before the colon is missing."
    assert completed(nameless, ":im") == ""


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("em", "email-transactional"),
        ("push", "push-android"),
        ("push-android", ""),
        ("1:push-i", "1:push-ios"),
        ("4:push", ""),
        ("x:push", ""),
        ("Push", ""),
    ],
)
def test_a_tube_is_completed_on_the_server_that_is_meant(
    view: ServerView, text: str, whole: str
) -> None:
    known = view._replace(statuses=(stills.watched(),) * 3)
    assert completed(known, text) == whole


def test_one_server_alone_has_no_others(view: ServerView) -> None:
    alone = view._replace(number=1, servers=1, fleet=(ServerConfig(("queue", 11300)),))
    assert not other_servers(alone)
    assert len(other_servers(view)) == 4
