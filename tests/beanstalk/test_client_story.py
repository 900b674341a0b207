"""Small stories on a real server, as a user of the library would write them."""

from tests.beanstalkd import Beanstalkd


def test_reserve_gives_the_most_urgent_job_first(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("later", priority=2)
        client.put("now", priority=1)
        assert client.reserve().body == "now"
