"""The thread that only reads and queues, so that a slow disk never costs a sample. Must not know formats or files."""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_io.port import Port, PortError
from firmware_io.recorder import host_clock

_SILENCE_S = 3.0  # a stream of 100 Hz that is silent for so long is dead, even if the port says nothing
_BETWEEN_COMMANDS_S = 0.02  # as WitMotion's own examples wait; what comes meanwhile is buffered


@dataclass(slots=True)
class Reader:
    """(host seconds, bytes, or what happened to the port) into a queue."""

    port: Port
    stop: threading.Event
    greeting: tuple[bytes, ...] = (b"?",)  # said after each opening
    connected: bool = True
    _queue: "queue.SimpleQueue[tuple[float, bytes | str]]" = field(default_factory=queue.SimpleQueue)

    def start(self) -> threading.Thread:
        """Begin reading."""
        thread = threading.Thread(target=self._run, name="sleepjerk-reader", daemon=True)
        thread.start()
        return thread

    def waiting(self) -> Iterator[tuple[float, bytes | str]]:
        """All that was read and not yet taken."""
        while not self._queue.empty():
            yield self._queue.get_nowait()

    def _run(self) -> None:
        heard_s = host_clock.now_s()
        self._greet()
        while not self.stop.is_set():
            try:
                data = self.port.read()
            except PortError:
                heard_s = self._again("unplugged")
                continue
            now_s = host_clock.now_s()
            if data:
                heard_s = now_s
                self._queue.put((now_s, data))
            elif now_s - heard_s > _SILENCE_S:
                heard_s = self._again("silence")

    def _again(self, event: str) -> float:
        """Tell, open the same device again, tell; returns the time."""
        self.connected = False
        self._queue.put((host_clock.now_s(), event))
        if self.port.reopen(self.stop.is_set):
            self.connected = True
            self._queue.put((host_clock.now_s(), "reconnect"))
            self._greet()
        return host_clock.now_s()

    def _greet(self) -> None:
        for command in self.greeting:
            self.port.write(command)
            time.sleep(_BETWEEN_COMMANDS_S)
