"""beantop: a terminal dashboard for beanstalkd, and a client library for its protocol."""

__version__ = "0.1.0"
