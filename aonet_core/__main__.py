"""Entry of `python -m aonet_core`."""

import sys

from aonet_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
