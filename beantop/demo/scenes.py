"""The three servers of the demo: a busy one with problems, a healthy one, and a small one."""

from beantop.demo import bodies
from beantop.demo.clock import SECOND
from beantop.demo.operators import Cleanups, Pauses
from beantop.demo.past import Old
from beantop.demo.producers import PRIORITY, Bursts, Jobs, Stream, Visits, Wave
from beantop.demo.simulation import Shift
from beantop.demo.workers import Crew, Manner
from beantop.demo.workload import Scene

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

VIDEO = "video-transcode-h265-2160p-hdr-adaptive-bitrate-ladder-eu-west-1"


def _delayed(tube: str, body: bodies.Maker, count: int) -> Old:
    """Return jobs that stay delayed for hours, so that they can be viewed."""
    return Old(Jobs(tube, (body,), delays=(8 * HOUR,)), count, age=HOUR)


_mail = Jobs("email-transactional", (bodies.laravel, bodies.sidekiq), (PRIORITY,) * 9 + (100,))
_charge = Jobs("billing-charge", (bodies.php,), (0, 100, PRIORITY, PRIORITY), ttr=120)
_thumbnail = Jobs("image-thumbnails", (bodies.base64_json, bodies.message_pack))
_webhook = Jobs("webhooks-retry", (bodies.event,))
_pdf = Jobs("invoices/pdf", (bodies.yaml, bodies.laravel), ttr=10)
_form = "contact-form"
_reports = Shift(first=20, stay=15, every=40)

BUSY = Scene(
    "prod-queue-1",
    past=(2 * DAY + 3 * HOUR) * SECOND,
    old=(
        Old(_mail, 17, age=20 * MINUTE, state="buried"),
        Old(_mail, 420, age=2 * MINUTE),
        Old(_charge, 180, age=9 * MINUTE),
        Old(_webhook, 40, age=5 * MINUTE),
        Old(
            Jobs("webhooks-retry", (bodies.event,), delays=(900, 1800, 3600)), 160, age=10 * MINUTE
        ),
        Old(_pdf, 3, age=50 * MINUTE, state="buried"),
        Old(Jobs(_form, (bodies.ESCAPE_SEQUENCES, bodies.EMPTY)), 2, 2 * DAY, "buried"),
        Old(Jobs("legacy-import", (bodies.NOT_UTF8,)), 1, age=5 * HOUR, state="buried"),
        _delayed(VIDEO, bodies.long_line, 4),
        _delayed("image-thumbnails", bodies.base64_json, 2),
        _delayed("invoices/pdf", bodies.sidekiq, 1),
        _delayed(_form, bodies.MARKUP, 1),
        _delayed("legacy-import", bodies.NULS, 2),
        _delayed("default", bodies.C1_CONTROLS, 1),
        _delayed("push-android", bodies.BIDI_OVERRIDES, 1),
        _delayed("push-ios", bodies.wide, 12),
        _delayed("search-index", bodies.message_pack, 3),
        _delayed("recommendations", bodies.pickled, 6),
        _delayed("audit-log", bodies.gzipped, 2),
    ),
    parts=(
        # Too few workers, except for three minutes when more arrive:
        Stream(_mail, Wave(10, swing=0.4, period=50), producers=8),
        Crew(("email-transactional",), 6, Manner(1.0, bury=150, release=15, backoff=40)),
        Crew(
            ("email-transactional",),
            22,
            Manner(1.0),
            Shift(first=8 * MINUTE, stay=3 * MINUTE, every=14 * MINUTE),
        ),
        Cleanups("email-transactional", most=25),
        # A burst that is done within a minute:
        Stream(_thumbnail, Wave(0.8), producers=2),
        Bursts(_thumbnail, 220, Shift(first=6, stay=2, every=45)),
        Crew(("image-thumbnails",), 8, Manner(0.8)),
        # Paused for half of the time:
        Stream(_webhook, Wave(2, period=70), producers=3),
        Crew(("webhooks-retry",), 6, Manner(0.5, release=2, backoff=10)),
        Pauses("webhooks-retry", Shift(first=10, stay=60, every=121)),
        Cleanups("webhooks-retry", most=12),
        # Just enough workers:
        Stream(Jobs("search-index", (bodies.message_pack,)), Wave(7.5, 0.7, 44), producers=4),
        Crew(("search-index",), 6, Manner(0.73)),
        # No workers, except for a minute now and then:
        Stream(_charge, Wave(0.5), producers=2),
        Crew(
            ("billing-charge",),
            5,
            Manner(0.6),
            Shift(first=15 * MINUTE, stay=MINUTE, every=12 * MINUTE),
        ),
        # Jobs that time out:
        Stream(_pdf, Wave(1, 0.6, 35), producers=2),
        Crew(("invoices/pdf",), 5, Manner(1.5, hang=18)),
        Cleanups("invoices/pdf", most=9),
        # Enough workers:
        Stream(Jobs("audit-log", (bodies.gzipped,), (PRIORITY, 4096)), Wave(2.4, 0.9, 30), 3),
        Crew(("audit-log",), 3, Manner(1.0)),
        Stream(Jobs("sms-otp", (bodies.number,), priorities=(10,), ttr=15), Wave(9, 0.8, 40), 4),
        Crew(("sms-otp",), 6, Manner(0.25)),
        Stream(Jobs("push-android", (bodies.wide,)), Wave(1.2, 0.8, 75), 2),
        Stream(Jobs("push-ios", (bodies.wide,)), Wave(1.2, 0.8, 55), 2),
        Bursts(Jobs("push-ios", (bodies.wide,)), 30, Shift(first=17, stay=2, every=38)),
        Crew(("push-android", "push-ios"), 4, Manner(0.7)),
        Stream(Jobs("recommendations", (bodies.pickled,)), Wave(0.8, 0.9, 25), 1),
        Crew(("recommendations",), 2, Manner(1.6)),
        # Quiet:
        Stream(Jobs(VIDEO, (bodies.long_line,), ttr=600), Wave(0.05), 1),
        Crew((VIDEO,), 2, Manner(25)),
        Stream(Jobs(_form, (bodies.event,)), Wave(0.1), 1),
        Crew((_form,), 2, Manner(0.3)),
        Stream(Jobs("legacy-import", (bodies.NOT_UTF8,)), Wave(0.1), 1),
        Crew(("legacy-import",), 1, Manner(3)),
        Stream(Jobs("default", (bodies.text,)), Wave(0.2), 1),
        Crew(("default",), 2, Manner(1)),
        # Exists only at times:
        Visits(Jobs("reports-monthly", (bodies.yaml,)), 3, _reports),
        Crew(("reports-monthly",), 2, Manner(0.9), _reports),
    ),
    has_binlog=True,
)

HEALTHY = Scene(
    "prod-queue-2",
    past=9 * DAY * SECOND,
    old=(Old(Jobs("newsletter", (bodies.laravel,), delays=(6 * HOUR,)), 120, age=HOUR),),
    parts=(
        Stream(Jobs("orders", (bodies.event,), (100, PRIORITY)), Wave(5, 0.7, 50), 4),
        Crew(("orders",), 6, Manner(0.9)),
        Stream(Jobs("catalog-index", (bodies.message_pack,)), Wave(4, 0.9, 35), 2),
        Crew(("catalog-index",), 3, Manner(0.6)),
        Stream(Jobs("mail", (bodies.sidekiq,)), Wave(2.5, 0.5, 80), 3),
        Crew(("mail",), 4, Manner(0.9, release=20, backoff=5)),
        Bursts(Jobs("exports", (bodies.yaml,)), 40, Shift(first=12, stay=2, every=50)),
        Crew(("exports",), 3, Manner(1.0)),
        Stream(Jobs("fraud-check", (bodies.pickled,), (5,)), Wave(1, 0.5, 45), 2),
        Crew(("fraud-check",), 3, Manner(0.5)),
        Stream(Jobs("newsletter", (bodies.laravel,)), Wave(0.5), 1),
        Crew(("newsletter",), 2, Manner(1.0)),
        Stream(Jobs("default", (bodies.text,)), Wave(0.2), 1),
        Crew(("default",), 1, Manner(0.5)),
    ),
    has_binlog=True,
)

SMALL = Scene(
    "staging",
    past=(3 * HOUR + 7 * MINUTE) * SECOND,
    old=(Old(Jobs("smoke-test", (bodies.text,)), 2, age=2 * HOUR, state="buried"),),
    parts=(
        Stream(Jobs("mail", (bodies.sidekiq,)), Wave(1.5, 0.8, 40), 1),
        Crew(("mail",), 2, Manner(1.1)),
        Stream(Jobs("thumbnails", (bodies.base64_json,)), Wave(1.5, 0.8, 30), 1),
        Crew(("thumbnails",), 1, Manner(0.55)),
        Bursts(Jobs("smoke-test", (bodies.number,)), 25, Shift(first=30, stay=2, every=60)),
        Crew(("smoke-test",), 1, Manner(0.5)),
        Stream(Jobs("default", (bodies.text,)), Wave(0.2), 1),
        Crew(("default",), 1, Manner(0.5)),
    ),
)

SCENES = (BUSY, HEALTHY, SMALL)
"""All scenes, the busiest and most varied first."""
