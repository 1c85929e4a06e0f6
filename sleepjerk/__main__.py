"""`python -m sleepjerk`: the same as the command `sleepjerk`."""

import sys

from sleepjerk.cli import main

sys.exit(main())
