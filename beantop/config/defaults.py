"""A configuration to start from."""

DEFAULT_CONFIG = """\
# beantop reads this file and never writes it. What stands here without a comment sign
# goes before what was chosen on the screen the last time; arguments go before both.

# interval = 1.0        # seconds between polls, 0.5 to 3600
# theme = "auto"        # auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ...
# ascii = false         # draw with plain ASCII signs only
# graphs = "braille"    # or "blocks", for fonts without braille
# bell = false          # ring the terminal's bell when an alert fires
# confirm = "all"       # "bulk": one job is changed without a question; "none": up to 100 named
#                       # ones are. Whole states, more jobs and production are always asked about.
# columns = ["ready", "reserved", "buried", "put", "delete", "head_age"]   # `c` lists them
# readonly = false      # true: nothing can be changed, on any server
# trash = "on"          # "off": jobs are deleted without being saved, U cannot put them back
# desktop = false       # tell the desktop, where the terminal can do that

# Servers to watch when none is named; "beantop prod-1" takes one by its name. `production` and
# `readonly` hold for the server, however it is named: by another address, or through a tunnel
# (as far as its `id` or `hostname` tells what it is).

# [[server]]
# name = "prod-1"
# address = "10.0.0.5:11300"    # host, host:port, [::1]:port, unix:/path, beanstalk://host
# color = "red"                # red yellow green cyan blue magenta
# production = true             # the word PRODUCTION, and the number of jobs typed for each change
# readonly = false              # true: nothing can be changed there; --write can, for once

# An alert fires when `when` has held for `for`. Comparisons: < <= = != >= >, and, or.
# Of a tube:   ready urgent reserved delayed buried total in out net using watching waiting
#              pause drain; in, out, net are jobs per second, drain is a time such as 10m
# Of a server, without `tubes`: ready urgent reserved delayed buried total in out net
#              timeouts connections producers workers waiting tubes uptime

# [[alert]]
# tubes = "email-*"             # or a list: ["emails", "sms-*"]
# when = "buried > 0"
# for = "30s"

# [[alert]]
# when = "timeouts > 1 or workers == 0"
# for = "1m"

# Bodies are recognized by what is in them. Where that is wrong, say what they are: layers
# and a format of base64 gzip zlib bz2 zstd deflate slashes json php msgpack pickle form text
# hex.

# [decode]
# "email-*" = "base64+json"

# The names of keys are what they do: kick, delete, pause, filter, sort, open, copy, freeze,
# help, poll, commands, alerts, leave, quit, ... `?` in the program shows what is bound.

# [keys]
# kick = "K,f9"
"""
