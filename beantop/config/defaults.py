"""The default configuration, as printed for users to start from."""

DEFAULT_CONFIG = """\
# beantop reads this file and never writes it. Settings here override the choices made in
# the program; arguments override both.

# interval = 1.0        # seconds between polls, 0.5 to 3600
# theme = "auto"        # auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ...
# ascii = false         # draw with plain ASCII signs only
# graphs = "braille"    # or "blocks", for fonts without braille
# bell = false          # ring the terminal's bell when an alert fires
# confirm = "all"       # "bulk": no question for a single job; "none": none for up to 100 selected
#                       # jobs. Whole states, more jobs, production servers and U always ask.
# columns = ["ready", "reserved", "buried", "put", "delete", "head_age"]   # `c` lists them
# readonly = false      # true: nothing can be changed, on any server
# trash = "on"          # "off": deleted jobs are not saved, U cannot put them back
# unmask = true         # false: --unmask cannot show what [mask] hides
# desktop = false       # desktop notifications for alerts, if the terminal supports them

# Servers to show when none is given; "beantop prod-1" selects one by name. `production` and
# `readonly` also apply when the server is reached by another address or through a tunnel
# (recognized by its `id` or `hostname`).

# [[server]]
# name = "prod-1"
# address = "10.0.0.5:11300"    # host, host:port, [::1]:port, unix:/path, beanstalk://host
# color = "red"                # red yellow green cyan blue magenta
# production = true             # shows PRODUCTION; each change asks to type the number of jobs
# readonly = false              # true: nothing can be changed there, except with --write

# An alert fires when `when` has been true for `for`. Comparisons: < <= = != >= >, and, or, brackets.
# For tubes:   ready urgent reserved delayed buried total in out net using watching waiting
#              pause drain oldest oldest-ready oldest-buried
#              (in, out, net are jobs per second; pause, drain, oldest... are times such as 10m)
# For the server, without `tubes`: ready urgent reserved delayed buried total in out net
#              timeouts connections producers workers waiting tubes uptime
#              draining cpu binlog-files binlog-size binlog-age

# [[alert]]
# tubes = "email-*"             # or a list: ["emails", "sms-*"]
# when = "buried > 0"
# for = "30s"
# level = "warning"             # or "critical": what `beantop check` and `beantop alert` report

# [[alert]]
# when = "timeouts > 1 or workers == 0"
# for = "1m"

# `beantop alert` watches these rules without a screen, and reports each alert that fires or ends.

# [[notify]]
# command = "/usr/local/bin/on-alert"         # facts: $BEANTOP_..., and JSON on standard input
# heartbeat = "1h"              # sends a sign of life, too

# [[notify]]
# url = "https://alerts.example.org/beantop"  # gets the same JSON by POST

# [[notify]]
# touch = "/run/beantop/alive"  # the time of this file is set with each heartbeat
# heartbeat = "1m"

# Columns of jobs, by pattern of tube names. `c` in a tube lists them; any other name is a field of
# the bodies.

# [job_columns]
# "email-*" = ["id", "state", "age", "class", "order_id"]

# The format of bodies is detected. Where that is wrong, name it here: layers and a format from
# base64 gzip zlib bz2 zstd xz deflate slashes string percent base16 json php msgpack pickle form
# text hex, and encodings:
# utf-16 utf-16le utf-16be latin-1 latin-2 cp1250 cp1251 cp1252 koi8-r gbk big5 shift-jis euc-jp euc-kr.

# [decode]
# "email-*" = "base64+json"
# "legacy" = "cp1251+php"

# If the class of a job is not recognized, name the field of its body that holds it.

# [class]
# "emails-*" = "payload.kind"

# What must not be seen of bodies: fields, and patterns between slashes. It is masked on the screen,
# in copies, exports and JSON, and no filter finds it. --unmask shows it, unless `unmask` is false.

# [mask]
# "emails-*" = ["password", "customer.email", "/[0-9]{16}/"]
# "*" = ["*token*", "secret"]

# Keys are bound by action: kick, delete, pause, filter, sort, open, copy, freeze, help, poll,
# commands, alerts, leave, quit, ... `?` in the program shows all keys.

# [keys]
# kick = "K,f9"
"""
