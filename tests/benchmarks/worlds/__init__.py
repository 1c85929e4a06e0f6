"""How good is the detector in each of several worlds? `python -m tests.benchmarks.worlds`, one table a world.

Worlds are the makers of `tests/worlds`: they share no code and no assumption. Nights for fitting have seeds 1-999,
those of the printed table seeds from 5001 on, which nothing may be fitted on or looked at one by one.
"""

FIT_FROM, JUDGE_FROM = 1, 5001
