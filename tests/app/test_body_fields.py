"""Filters by fields of bodies, in the program and on a real server."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from beantop.app.screens.tube import TubeScreen
from beantop.app.view.job_filter import JobFilter, always
from beantop.beanstalk import Client, Job
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.job_info import listed
from tests.app.running import on_server
from tests.app.screen_text import settled, until, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd
from tests.jobs.test_body_fields import HOSTILE

MAIL = {"displayName": "App\\Jobs\\SendMail", "job": "x@call", "order_id": 2**53 + 1, "to": "Ada"}
BODIES = [
    json.dumps(MAIL).encode(),
    json.dumps({"order_id": 2**53, "to": "eve", "payload": {"kind": "sms"}}).encode(),
    b'a:2:{s:8:"order_id";i:7;s:2:"to";s:3:"ada";}',
    base64.b64encode(json.dumps({"order_id": 8, "items": [{"sku": "A-1"}]}).encode()),
    b"no fields at all",
]


def matching(text: str, *bodies: bytes) -> list[int]:
    """The places of the bodies that pass a filter, after they were read."""
    only = JobFilter(text)
    assert not only.problem
    jobs = [Job(place, body) for place, body in enumerate(bodies)]
    match = only.matcher(lambda id: AS_RECOGNIZED)
    found = {job.id: result for job in jobs if (result := match(job))}
    infos = [listed(job.id, {"state": "ready", "pri": job.id}, 0.0) for job in jobs]
    return [info.id for info in infos if only.keeps(info, found)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("order_id > 7", [0, 1, 3]),
        (f"order_id = {2**53 + 1}", [0]),
        ("to = ada", [0, 2]),
        ("to != ada", [1]),
        ("to = 'A*'", [0, 2]),
        ("payload.kind != mail", [1]),
        ("items.0.sku = a*", [3]),
        ("items[0].sku = a*", [3]),
        ("class = Send*", [0]),
        ("size < 17", [4]),
        ("order_id > 7 and id < 2", [0, 1]),
        ("(to = eve or id = 4) and priority >= 1", [1, 4]),
        ("order_id < 8 or id = 4", [2, 4]),
        ("order_id = body.order_id", [0, 1, 2, 3]),
        ("id < order_id", [0, 1, 2, 3]),
    ],
)
def test_which_bodies_pass(text: str, places: list[int]) -> None:
    assert matching(text, *BODIES) == places


def test_jobs_are_found_by_the_error_of_their_groups() -> None:
    failed = [
        {"class": "HardJob", "error_class": "IOError", "error_message": "disk full"},
        {"to": "ada", "last_error": "TimeoutError: no answer within 30 s"},
        {"to": "eve", "error": "none"},
    ]
    bodies = [json.dumps(body).encode() for body in failed]
    assert matching("error = IOError*", *bodies) == [0]
    assert matching("error = *Timeout*", *bodies) == [1]
    assert matching('error = "IOError: disk full" or error = *answer*', *bodies) == [0, 1]
    assert matching('error = "TimeoutError: no answer within … s"', *bodies) == [1]
    assert matching("body.error = none", *bodies) == [2]


def test_what_cannot_be_decoded_whole_is_not_decided_unless_it_does_not_matter() -> None:
    long = b'{"text": "%b", "id": 7}' % (b"x" * 2**20)
    read = {text: JobFilter(text).matcher(lambda id: AS_RECOGNIZED)(Job(1, long)) for text in
            ("text = x", "text = x and size < 5", "text = x or size > 5")}  # fmt: skip
    assert list(read.values()) == [None, False, always]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_searched_like_others(body: bytes) -> None:
    for text in ("a > 5", "a = '*x*y*'", "a.0 != b", "a = body.b or size > 1 or class = x"):
        JobFilter(text).matcher(lambda id: AS_RECOGNIZED)(Job(1, body))


def listed_ids(pilot: Pilot[None]) -> list[int]:
    screen = pilot.app.screen
    assert isinstance(screen, TubeScreen)
    return [row.job.id for row in screen.pane.table.rows]


_words = st.sampled_from(
    ["a", "a.0", "body.a", "id", "class", "size", ">", "=", "!=", "and", "or", "(", ")", "5", "'x'"]
)


@given(st.text(max_size=20) | st.lists(_words).map(" ".join), st.sampled_from(BODIES + HOSTILE[:5]))
def test_whatever_is_typed_is_a_filter_or_a_mistake(text: str, body: bytes) -> None:
    only = JobFilter(text)
    found = only.matcher(lambda id: AS_RECOGNIZED)(Job(1, body))
    kept = only.keeps(listed(1, {"state": "ready"}, 0.0), {1: found} if found else {})
    assert not (kept and only.problem)


@pytest.mark.long
def test_fields_of_bodies_select_jobs(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(BODIES))
        for text, places in {"to = ada": [0, 2], "order_id >= 8 and id > 0": [0, 1, 3]}.items():
            await pilot.press("slash", *text, "enter")
            await until_shown(pilot, f"filter: {text} ─")
            assert listed_ids(pilot) == [ids[place] for place in places]
            await pilot.press("escape")

    with Client(server.address, use=tube, encoding=None) as client:
        ids = [client.put(body) for body in BODIES]
        on_server(server, story)


@pytest.mark.long
def test_a_misspelled_field_of_a_job_is_told(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(BODIES))
        await pilot.press("slash", *"prioritty > 5", "enter")
        said = "has a field prioritty, did you mean priority?"
        screen = await until_shown(pilot, f"No body among the 5 read {said}")
        assert "No job" not in screen
        await pilot.press("escape", "slash", *"ordr_id > 5 or id > 0", "enter")
        await until_shown(pilot, "no body has a field ordr_id, did you mean order_id?", f"{ids[4]}")

    with Client(server.address, use=tube, encoding=None) as client:
        ids = [client.put(body) for body in BODIES]
        on_server(server, story, size=(120, 24))


@pytest.mark.long
def test_the_screen_stays_alive_while_hostile_bodies_are_searched(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(bodies))
        await pilot.press("slash", *"a.0 = nothing", "enter")
        await until_shown(pilot, "filter: a.0 = nothing")
        await settled(pilot)
        await until(pilot, lambda: "bodies read" not in str(pilot.app.screen))
        await pilot.press("escape")
        await until_shown(pilot, f"{len(bodies)} of {len(bodies)} jobs found")

    bodies = [body for body in HOSTILE if len(body) < 65_000]
    with Client(own_server.address, use=tube, encoding=None) as client:
        for body in bodies:
            client.put(body)
        on_server(own_server, story)
