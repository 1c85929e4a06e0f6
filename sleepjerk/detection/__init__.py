"""Samples -> movements: one module a step, plain arrays and a rate in, arrays or one small type out.

Must not know files, nights, criteria or words. The order of the steps is told by `sleepjerk.analysis`.
"""
