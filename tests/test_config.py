"""The configuration file: valid settings, and reports of mistakes."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from beantop.config import (
    DEFAULT_CONFIG,
    ConfigError,
    ServerConfig,
    Settings,
    config_path,
    load_settings,
    parse_settings,
    settings_of,
)
from beantop.config.servers import servers_of
from beantop.config.source import Source
from beantop.config.tube_pattern import why_unmatched
from beantop.jobs.bodies.mask import Mask
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.monitor.alerts import AlertRule
from beantop.monitor.rules import parse_rule

WHOLE = """
interval = 2
theme = "beantop-light"
ascii = true
bell = true
desktop = true

[[alert]]
tubes = "email-*"
when = "buried > 0"
for = "5m"

[[alert]]
when = "timeouts > 1"

[keys]
kick = "K,f9"
"""


def test_all_that_can_be_set() -> None:
    assert parse_settings(WHOLE, "c.toml")._replace(source=Source()) == Settings(
        interval=2.0,
        theme="beantop-light",
        ascii=True,
        bell=True,
        desktop=True,
        alerts=(
            AlertRule(parse_rule("buried > 0"), "email-*", 300.0),
            AlertRule(parse_rule("timeouts > 1", "server")),
        ),
        keys={"kick": "K,f9"},
    )


def test_the_default_one_says_nothing() -> None:
    assert parse_settings(DEFAULT_CONFIG, "c.toml")._replace(source=Source()) == Settings()


def test_what_the_default_one_offers_can_be_said() -> None:
    offered = re.sub(r"^# (?=\[|\w+ = )", "", DEFAULT_CONFIG, flags=re.MULTILINE)
    settings = parse_settings(offered, "c.toml")
    assert (settings.interval, settings.theme) == (1.0, "auto")
    assert (settings.ascii, settings.bell, settings.desktop) == (False, False, False)
    assert [alert.for_seconds for alert in settings.alerts] == [30.0, 60.0]
    assert [alert.level for alert in settings.alerts] == ["warning", "critical"]
    assert [one.heartbeat for one in settings.notify] == [3600.0, 0.0, 60.0]
    assert settings.keys == {"kick": "K,f9"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\nintervall = 2", "c.toml, line 2: unknown key intervall, did you mean interval?"),
        ("[alerts]", "c.toml, line 1: unknown key alerts, did you mean alert?"),
        ("\n[alert]", "c.toml, line 2: alert is a list of tables: write [[alert]]"),
        ("keys = 1", "c.toml, line 1: keys is a table: write [keys]"),
        ("interval = 0.1", "c.toml, line 1: interval must be from 0.5 to 3600 seconds, not 0.1"),
        ("interval = nan", "c.toml, line 1: interval must be from 0.5 to 3600 seconds, not nan"),
        ("interval = true", "c.toml, line 1: interval must be a number of seconds, not True"),
        ('bell = "yes"', "c.toml, line 1: bell must be true or false, not 'yes'"),
        ("theme = 1", "c.toml, line 1: theme must be text in quotes, not 1"),
        ("[[alert]]\ntubes = 'a'", "c.toml, line 1: this alert has no rule; add when ="),
        (
            "[[alert]]\nwhen = 'ready > 1'\n[[alert]]\ntube = 'a'\nwhen = 'ready > 1'",
            "c.toml, line 4: unknown key tube, did you mean tubes?",
        ),
        (
            "[[alert]]\ntubes = '*'\nwhen = 'burried > 0'",
            "c.toml, line 3: when: a tube has no field burried, did you mean buried? (at character 1)",
        ),
        (
            "[[alert]]\nwhen = 'ready > 0'\nfor = 'long'",
            "c.toml, line 3: for 'long' is not a duration such as 30s, 5m or 2h",
        ),
        ("[keys]\nkick = 1", "c.toml, line 2: kick must be keys separated by commas"),
        ("interval = ", "c.toml: invalid value (at end of document)"),
        ("a = 1\na = 2\n", "c.toml: cannot overwrite a value (at line 2, column 6)"),
    ],
)
def test_a_mistake_is_a_sentence_with_file_and_line(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match="^" + re.escape(sentence)):
        parse_settings(text, "c.toml")


_lines = st.sampled_from([*WHOLE.splitlines(), "[[alert]]", "[keys]", "x = 1", "[", "when.a = 1"])


@given(st.one_of(st.text(), st.lists(_lines).map("\n".join)))
def test_any_text_is_settings_or_one_sentence(text: str) -> None:
    try:
        parse_settings(text, "c.toml")
    except ConfigError as error:
        sentence = str(error)
    else:
        return
    assert sentence.startswith("c.toml")


def test_a_file_too_deep_to_read_is_a_sentence() -> None:
    with pytest.raises(ConfigError):
        parse_settings("a = " + "[" * 100_000, "c.toml")


def test_where_it_is_looked_for() -> None:
    home = Path("~").expanduser() / ".config" / "beantop" / "config.toml"
    assert config_path({}) == config_path({"XDG_CONFIG_HOME": "relative"}) == home
    assert config_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/beantop/config.toml")
    assert config_path({"XDG_CONFIG_HOME": "/x", "BEANTOP_CONFIG": "/y.toml"}) == Path("/y.toml")


def test_only_the_usual_file_may_be_missing(tmp_path: Path) -> None:
    assert load_settings({"XDG_CONFIG_HOME": str(tmp_path)}) == Settings()
    missing = str(tmp_path / "none.toml")
    for named, environment in ((missing, {}), (None, {"BEANTOP_CONFIG": missing})):
        with pytest.raises(ConfigError, match="the file does not exist"):
            load_settings(environment, named)


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="the file is not UTF-8"):
        load_settings({}, str(file))
    with pytest.raises(ConfigError, match="is a directory"):
        load_settings({}, str(tmp_path))


def test_a_file_may_begin_with_the_mark_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("interval = 2", encoding="utf-8-sig")
    assert load_settings({}, str(file)).interval == 2.0


def test_arguments_go_before_the_file() -> None:
    settings = parse_settings(WHOLE, "c.toml").with_arguments(interval=5.0)
    assert (settings.interval, settings.theme, settings.ascii) == (5.0, "beantop-light", True)


def test_the_member_that_names_the_class_is_for_patterns_of_tubes() -> None:
    text = '[class]\n"emails-*" = "payload.kind"\n"sms" = "kind"\n'
    expected = {"emails-*": "payload.kind", "sms": "kind"}
    assert parse_settings(text, "file").class_paths == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("class = 1", "class is a table: write [class]"),
        ("[class]\na = 1", 'line 2: a must be the path of a field such as "payload.kind", not 1'),
        ('[class]\na = "b..c"', "line 2: a must be the path of a field such as"),
        ('[class]\na = ""', "line 2: a must be the path of a field such as"),
        ('[class]\n"a,b" = "c"', "line 2: a,b matches no tube: the name of a tube has no ','"),
    ],
)
def test_a_wrong_path_of_a_class_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_settings(text, "file")
    assert sentence in str(raised.value)


def test_decoders_are_for_patterns_of_tubes() -> None:
    text = '[decode]\n"email-*" = "base64+json"\n'
    assert parse_settings(text, "file").decoders == {"email-*": "base64+json"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("decode = 1", "decode is a table"),
        ("[decode]\na = 1", "line 2: a must name layers such as"),
        ('[decode]\n"a,b" = "json"', "line 2: a,b matches no tube: the name of a tube has no ','"),
        ('[decode]\na = "base64+jsn"', "line 2: a has no layer 'jsn', did you mean json?"),
    ],
)
def test_a_wrong_decoder_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        parse_settings(text, "file")


def test_an_alert_may_be_about_a_list_of_patterns() -> None:
    text = '[[alert]]\ntubes = ["emails", "sms-*"]\nwhen = "ready > 0"'
    [alert] = parse_settings(text, "c.toml").alerts
    assert [name for name in ("emails", "sms-otp", "emails-2") if alert.is_about(name)] == [
        "emails",
        "sms-otp",
    ]


@pytest.mark.parametrize(
    ("tubes", "sentence"),
    [
        (
            '"emails,007"',
            "tubes has 'emails,007', which no tube matches: the name of a tube has no ',';"
            ' a list is written tubes = ["emails", "007"]',
        ),
        ('"a|b*"', 'the name of a tube has no \'|\'; a list is written tubes = ["a", "b*"]'),
        ('["a", "b c"]', "tubes has 'b c', which no tube matches: the name of a tube has no ' '"),
        ('"{a}"', "the name of a tube has no '{'"),
        ('"[,:]x"', "the name of a tube has no '[,:]'"),
        ('"[a"', "the name of a tube has no '['"),
        ('"-mail"', "the name of a tube does not begin with '-'"),
        ('""', "it is empty"),
        (f'"{"?" * 201}"', "the name of a tube has at most 200 characters"),
        ("[]", "tubes is an empty list; without tubes an alert is about the server"),
        ("[1]", 'tubes must be a pattern or a list such as ["emails", "sms-*"], not [1]'),
    ],
)
def test_an_alert_for_tubes_that_cannot_be_is_refused(tubes: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=f"c.toml, line 3: .*{re.escape(sentence)}"):
        parse_settings(f'\n[[alert]]\ntubes = {tubes}\nwhen = "ready > 0"', "c.toml")


@given(st.from_regex(r"(?!-)[A-Za-z0-9\-+/;.$_()]{1,20}", fullmatch=True), st.data())
def test_a_pattern_that_a_tube_matches_is_never_refused(name: str, data: st.DataObject) -> None:
    signs = [data.draw(st.sampled_from([sign, "?", "*", f"[{sign}]", "[!,]"])) for sign in name]
    pattern = "".join(signs)
    assume(fnmatchcase(name, pattern))
    assert why_unmatched(pattern) == ""


SERVERS = """
confirm = "bulk"
columns = ["ready", "buried"]
readonly = true

[[server]]
name = "prod-1"
address = "10.0.0.5"
color = "red"
production = true

[[server]]
address = "unix:/run/b.sock"
readonly = true
"""


def test_servers_are_read_with_all_that_is_said_of_them() -> None:
    settings = parse_settings(SERVERS, "c.toml")
    prod, sock = settings.servers
    assert prod == ServerConfig(("10.0.0.5", 11300), "prod-1", "red", production=True)
    assert sock == ServerConfig("/run/b.sock", readonly=True)
    assert sock.title == "unix:/run/b.sock"
    assert (settings.confirm, settings.columns, settings.readonly) == (
        "bulk",
        ("ready", "buried"),
        True,
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[server]", "c.toml, line 1: server is a list of tables: write [[server]]"),
        ("\n[[server]]\nname = 'a'", "c.toml, line 2: this server has no address; add address ="),
        (
            "[[server]]\naddress = 'a'\n[[server]]\nadress = 'b'",
            "c.toml, line 4: unknown key adress, did you mean address?",
        ),
        (
            "[[server]]\naddress = 'a:http'",
            "c.toml, line 2: address is wrong: 'a:http': the port must be a number from 1 to 65535,"
            " not 'http'",
        ),
        (
            "[[server]]\naddress = 'a'\ncolour = 'pink'",
            'c.toml, line 3: colour must be "red", "yellow", "green", "cyan", "blue" or "magenta",'
            " not 'pink'",
        ),
        (
            "[[server]]\naddress = 'a'\n\n[[server]]\naddress = 'a:11300'",
            "c.toml, line 4: two servers are called a:11300",
        ),
        (
            "[[server]]\naddress = 'a'\n\n[[server]]\naddress = 'A.:11300'",
            "c.toml, line 4: this server is there already, as a:11300",
        ),
        (
            "[[server]]\nname = 'a'\naddress = 'b'\n\n[[server]]\nname = 'A'\naddress = 'c'",
            "c.toml, line 5: two servers are called A",
        ),
        (
            "[[server]]\naddress = 'a:1,b:1'",
            "c.toml, line 2: address is wrong: 'a:1,b:1': only one address is possible here, not a list",
        ),
        ("confirm = 'no'", 'c.toml, line 1: confirm must be "all", "bulk" or "none", not \'no\''),
        ("columns = 'ready'", "c.toml, line 1: columns must be a list such as [\"ready\", \"buried\"], not 'ready'"),
    ],
)  # fmt: skip
def test_a_mistake_about_servers_names_the_line(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_settings(text, "c.toml")
    assert str(raised.value) == sentence


def test_the_environment_goes_before_the_file_and_arguments_before_both(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("interval = 2\ntheme = 'ansi-dark'")
    said = {"BEANTOP_INTERVAL": "5", "BEANTOP_THEME": "ansi-light", "BEANTOP_READONLY": "1"}
    settings = settings_of(said, str(file))
    assert (settings.interval, settings.theme, settings.readonly) == (5.0, "ansi-light", True)
    assert settings.with_arguments(interval=7.0).interval == 7.0
    assert settings_of({}, str(file)).interval == 2.0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"BEANTOP_INTERVAL": "0.1"}, "BEANTOP_INTERVAL='0.1' is not a number of seconds from 0.5 to 3600"),
        ({"BEANTOP_READONLY": "yes"}, "BEANTOP_READONLY must be 1 or 0, not 'yes'"),
    ],
)  # fmt: skip
def test_what_the_environment_says_wrongly_is_told(said: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings_of(said, "/dev/null")
    assert str(raised.value) == sentence


def test_servers_are_named_by_name_or_address_each_once() -> None:
    settings = parse_settings(SERVERS, "c.toml")
    prod, sock = settings.servers
    assert servers_of([], settings) == [prod, sock]
    assert servers_of(["prod-1", "10.0.0.5:11300", "other"], settings) == [
        prod,
        ServerConfig(("other", 11300)),
    ]
    assert servers_of([], Settings()) == [ServerConfig(("127.0.0.1", 11300))]
    with pytest.raises(ValueError, match="the port must be a number"):
        servers_of(["a:b"], settings)


@pytest.mark.parametrize(
    "text",
    ["PROD-1", "prod-1.", "10.0.0.5:11300", "10.5", "tcp://10.0.0.5", "[::ffff:10.0.0.5]"],
)
def test_a_server_of_the_configuration_is_known_by_any_spelling(text: str) -> None:
    settings = parse_settings(SERVERS, "c.toml")
    assert servers_of([text], settings) == [settings.servers[0]]


@pytest.mark.parametrize("text", ["unix:/run//b.sock", "unix:/run/./b.sock", "UNIX:///run/b.sock"])
def test_a_socket_of_the_configuration_is_known_by_any_spelling(text: str) -> None:
    settings = parse_settings(SERVERS, "c.toml")
    assert servers_of([text], settings) == [settings.servers[1]]


def test_a_list_with_commas_is_several_servers_each_once() -> None:
    settings = parse_settings(SERVERS, "c.toml")
    assert servers_of(["a:1,prod-1, A.:1", "b"], settings) == [
        ServerConfig(("a", 1)),
        settings.servers[0],
        ServerConfig(("b", 11300)),
    ]
    with pytest.raises(ValueError, match="an address is missing next to a comma"):
        servers_of(["a:1,"], settings)


def test_a_name_may_have_a_comma() -> None:
    settings = parse_settings("[[server]]\nname = 'a,b'\naddress = 'c'", "c.toml")
    assert servers_of(["a,b"], settings) == list(settings.servers)


MASKS = """
[mask]
"emails-*" = ["password", "customer.email", "/[0-9]{16}/"]
"*" = ["*token*"]
"""


def test_what_is_masked_is_the_sum_of_all_patterns_that_match_a_tube() -> None:
    settings = parse_settings(MASKS, "c.toml")
    assert settings.reading("sms").mask == Mask(("*token*",))
    assert settings.reading("emails-7").mask == Mask(
        ("password", "customer.email", "*token*"), ("[0-9]{16}",)
    )
    assert settings.unmasked().reading("emails-7").mask is None
    assert Settings().reading("emails-7") == AS_RECOGNIZED


def test_the_configuration_can_forbid_that_masked_fields_are_shown() -> None:
    settings = parse_settings(f"unmask = false\n{MASKS}", "c.toml")
    with pytest.raises(ConfigError, match="--unmask is not allowed"):
        settings.with_arguments(unmask=True)


@pytest.mark.parametrize(
    ("entries", "mistake"),
    [
        ('"password"', "must be a list"),
        ('["*"]', "would mask every field"),
        ('["/(/"]', "is not a pattern"),
        ('["/x*/"]', "also matches nothing"),
        ('[""]', "must be a list"),
    ],
)
def test_a_mistake_in_what_is_masked_is_told(entries: str, mistake: str) -> None:
    with pytest.raises(ConfigError, match=mistake) as told:
        parse_settings(f'[mask]\n"a-*" = {entries}', "c.toml")
    assert "c.toml, line 2" in str(told.value)
