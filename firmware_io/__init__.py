"""The board side of sleepjerk: the wire, the port, the recorder. An honest IMU recorder, usable alone.

Knows bytes, ports and files. Must not know sleep, nor anything of the package `sleepjerk`; needs Python's standard
library and pyserial, nothing else. The wire is described clause by clause in README.md beside this file.
"""
