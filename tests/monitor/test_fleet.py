"""Several servers as one: sums, and how many servers they cover."""

from collections.abc import Iterable
from dataclasses import replace

from beantop.monitor.fleet import summed_by_name, totals, tubes_of_all
from beantop.monitor.history import History
from beantop.monitor.poller import ServerStatus
from beantop.monitor.snapshot import Tube
from tests.app import stills


def _told(one: ServerStatus, *, fresh: bool = True) -> tuple[Iterable[Tube], History, bool]:
    return one.snapshot.tubes.values(), one.history, fresh


def test_sums_are_of_the_servers_that_answer() -> None:
    one = stills.watched()
    sums = totals([one, one], 4)
    assert (sums.servers, sums.fresh) == (4, 2)
    server = one.snapshot.server
    assert sums.ready == 2 * (server.ready or 0) > 0
    assert sums.rates.put == 2 * (one.history.server_rates().put or 0)


def test_without_an_answer_nothing_is_known() -> None:
    sums = totals([], 1)
    assert (sums.fresh, sums.ready, sums.rates.put) == (0, None, None)


def test_what_one_server_does_not_tell_is_not_known_of_the_sum() -> None:
    one = stills.watched()
    tube = one.snapshot.tubes["search-index"]._replace(buried=None)
    tubes = {**one.snapshot.tubes, "search-index": tube}
    silent = replace(one, snapshot=one.snapshot._replace(tubes=tubes))
    summed = {tube.name: tube for tube in summed_by_name(tubes_of_all([_told(one), _told(silent)]))}
    assert summed["search-index"].count("buried") is None
    assert summed["search-index"].count("ready") == 2 * 410
    assert summed["push-ios"].count("buried") == 0


def test_tubes_of_one_name_become_one_with_the_signs_of_all() -> None:
    one = stills.watched()
    apart = tubes_of_all([_told(one), _told(one)])
    assert len(apart) == 2 * len(one.snapshot.tubes)
    summed = summed_by_name(apart)
    assert [tube.name for tube in summed] == sorted(one.snapshot.tubes)
    email = next(tube for tube in summed if tube.name == "email-transactional")
    assert [part.number for part in email.parts] == [1, 2]
    assert {(part.number, one.code) for part, one in email.conditions} == {
        (number, code) for number in (1, 2) for code in "^!"
    }
    assert email.severity == 2 * one.history.severity(one.snapshot.tubes["email-transactional"])
    single = next(tube for tube in apart if tube.name == "email-transactional")
    assert email.rates.put == 2 * (single.rates.put or 0) > 0
    assert email.ready_series(5)[-1] == 2 * (single.ready_series(5)[-1] or 0)


def test_a_rate_of_a_server_that_is_away_is_not_known_of_the_sum() -> None:
    one = stills.watched()
    summed = summed_by_name(tubes_of_all([_told(one), _told(one, fresh=False)]))
    assert {tube.rates.put for tube in summed} == {None}
    assert not any(tube.fresh for tube in summed)
