"""How good is the detector? One module a theme, `python -m tests.benchmarks.detection` for all of them.

Must not be tuned on: the made nights here have seeds from 4001 on. Thresholds were tuned on 1-9, 101-123, 201-223 and
501-600; 301-323, 401-430 and 2001-2060 were looked at; confidence was fitted on 601-612 and 901-904 and is judged on
5001-5012 and 5301-5304.
"""

FIRST_SEED = 4001
