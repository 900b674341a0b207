"""`python -m beantop` is the command `beantop`."""

import sys

from beantop.cli import main

if __name__ == "__main__":
    sys.exit(main())
