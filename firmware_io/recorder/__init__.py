"""A night from the port to the disk: a thread reads (reader), and a loop (loop) listens until it is clear what the
board speaks (listening), writes its rows (writer, clock_log, facts) and watches what may get in the way (watcher).

Must not know arguments, terminals, exit codes or sentences: what a person may want to know is told as messages.
"""
