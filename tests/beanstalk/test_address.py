import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import Address, format_address, parse_address, split_addresses

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=1, max_size=4).map(".".join) | st.ip_addresses().map(str)
PATHS = st.from_regex(r"/?[A-Za-z0-9._-][A-Za-z0-9._/:-]*", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ("127.0.0.1", 11300)),
        ("queue-1:1", ("queue-1", 1)),
        ("127.0.0.1:65535", ("127.0.0.1", 65535)),
        ("beanstalk://queue-1", ("queue-1", 11300)),
        ("beanstalkd://queue-1:11301", ("queue-1", 11301)),
        ("tcp://queue-1:11301", ("queue-1", 11301)),
        ("TCP://[::1]:11301/", ("::1", 11301)),
        ("UNIX:/run/@b.sock", "/run/@b.sock"),
        ("0:11300", ("0", 11300)),
        ("beanstalk://[::1]:11301/", ("::1", 11301)),
        ("[::1]", ("::1", 11300)),
        ("fe80::1%eth0", ("fe80::1%eth0", 11300)),
        ("unix:beanstalkd.sock", "beanstalkd.sock"),
        ("unix:/run/my queue.sock", "/run/my queue.sock"),
        ("unix:///run/beanstalkd.sock", "/run/beanstalkd.sock"),
    ],
)
def test_an_address_is_written_in_many_ways(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("queue-1:0", "a number from 1 to 65535, not '0'"),
        ("queue-1:65536", "not '65536'"),
        ("queue-1:-1", "not '-1'"),
        ("queue-1:²", "not '²'"),
        ("[::1]11300", "write an IPv6 address"),
        ("[::1", "write an IPv6 address"),
        ("127.0.0.1:11300:1", "'127.0.0.1:11300:1' is not an IPv6 address"),
        ("[queue:1]:11300", "'queue:1' is not an IPv6 address"),
        ("queue-1:", "the port is missing after the colon"),
        ("[::1]:", "the port is missing after the colon"),
        ("11301", "write a port with a colon, as in :11301"),
        ("a:1,b:1", "'a:1,b:1': only one address is possible here, not a list"),
        ("a,b", "not a list"),
        ("tcp://a?tls=1", "'a?tls=1' is not a host name"),
        ("queue\uff1f1", "is not a host name"),  # a question mark, to the resolver
        ("unix:", "add the path of the socket"),
        ("unix:/run/\0", "cannot contain NUL"),
        ("unix://", "add the path of the socket"),
        ("/run/beanstalkd.sock", "write a Unix socket as unix:/path"),
        ("http://queue-1:11300", "not the address of a beanstalkd; write host:port"),
        ("queue 1", "cannot have spaces"),
        ("queue-1\n", "cannot have spaces or control characters"),
        ("queue..1", "'queue..1' is not a host name"),
        ("a" * 64 + ":11300", "is not a host name"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    ["me:s3cret@queue-1:11300", "tcp://me:s3,cret@queue-1", "queue-2,me:s3cret@a", "me:s3 cret@a"],
)
def test_a_password_is_refused_and_not_shown(text: str) -> None:
    for part in split_addresses(text):
        with pytest.raises(ValueError, match="no users or passwords") as error:
            parse_address(part)
        assert "s3" not in str(error.value)
        assert "cret" not in str(error.value)


@given(st.tuples(HOSTS, st.integers(1, 65535)) | PATHS)
def test_a_written_address_is_read_as_itself(address: Address) -> None:
    assert parse_address(format_address(address)) == address


@pytest.mark.long
@given(st.text() | st.from_regex(r"(beanstalk://|tcp://|unix:)?[\[\]a.,@:/]*[0-9:]*"))
def test_any_text_is_an_address_that_can_be_tried_or_a_value_error(text: str) -> None:
    try:
        address = parse_address(text)
    except ValueError:
        return
    if isinstance(address, str):
        assert text[:5].lower() == "unix:"
        assert text[5:] in (address, f"//{address}")
    else:
        assert address[0].encode("idna")
        assert 1 <= address[1] <= 65535
