"""Any file -> Recording.

A file is opened (`opening`) and understood (`table_file` for text and columns, `loggers.logger_file`), then its rows
are read whole or night by night (`recording_file`): times are told (`timestamps`), units (`units`), and the samples
laid on a grid with what is known besides (`assemble`, `time_axis`, `sidecar`). What a person gives as an option beats
what is found, what is found in the file beats what lies beside it.
"""

from sleepjerk.reading.opening import read_nights, read_recording
from sleepjerk.reading.options import ReadingOptions

__all__ = ["ReadingOptions", "read_nights", "read_recording"]
