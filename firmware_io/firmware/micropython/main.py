"""sleepjerk on a Raspberry Pi Pico (or an ESP32) with an MPU-6050, in MicroPython 1.22 or newer.

It sends 100 samples a second over USB, as ../../README.md says clause by clause (W1 to W10). It knows pins, one sensor
and bytes; it must not know files of nights or anything of sleep. The board runs this file alone: nothing beside it is
needed.

What to buy: a Pico with pins, a sensor board "GY-521" with pins (its chip is the MPU-6050), five wires with a socket
at each end. Nothing is soldered if both come with pins. Pull the USB plug before you change a wire.

    sensor   Pico                                  ESP32     ESP32-S3   ESP32-C3   why
    VCC      3V3 (pin 36, right row, 5th from top) 3V3       3V3        3V3        power. Never 5 V: no pin stands it
    GND      GND (pin 38, right row, 3rd)          GND       GND        GND        the common ground
    SDA      GP4 (pin 6, left row, 6th)            GPIO 21   GPIO 8     GPIO 6     data
    SCL      GP5 (pin 7, left row, 7th)            GPIO 22   GPIO 9     GPIO 7     its clock
    INT      GP6 (pin 9, left row, 9th)            GPIO 19   GPIO 5     GPIO 5     "a new sample is ready": needed

"Left" and "top" are seen with the USB socket up and the chip towards you. The pin numbers are printed on the back.
A push button is optional: between GP15 (pin 20, left row, the last) and any GND (ESP32: GPIO 18, S3 and C3: GPIO 4).
Each press marks a moment of the night. Held while the plug goes in, it stops this program, so that a new one can be
copied; a wire from GP15 to GND does the same. Other pins: PINS below.
"""

import array
import gc
import os
import select
import struct
import sys
import time

import machine
import micropython

# None: the pins above. Your own ones: PINS = (SDA, SCL, INT, button, lamp), such as (4, 5, 6, 15, "LED")
PINS = None

# By the begin of the chip's name, with which what MicroPython says of a board ends.
USUAL_PINS = {
    "RP2": (4, 5, 6, 15, "LED"),
    "ESP32": (21, 22, 19, 18, 2),
    "ESP32S3": (8, 9, 5, 4, 2),
    "ESP32C3": (6, 7, 5, 4, 8),
}
USB_PINS = {"ESP32S3": (19, 20), "ESP32C3": (18, 19)}

FIRMWARE = "sleepjerk-mpy 2"
RATE_HZ = 100
RANGE_G = 4
LSB_PER_G = 8192
BANDWIDTH_HZ = 44
BATCH = 10
GAP_US = 15_000  # a step of more than one and a half periods: samples are missing, which no batch may hide
SPIKE_US = 2_000  # an edge on the INT wire so soon after another one is noise
SILENT_US = 100_000  # no sample for ten periods: the sensor lost its power or its set-up
RETRY_US = 1_000_000
HELLO_US = 5_000_000
TROUBLE_US = 2_000_000  # while something is wrong
NEWS_US = 1_000_000  # after something went wrong, or came right
STATUS_US = 60_000_000
DEBOUNCE_US = 30_000
BLINK_US = 3_000_000
ALONE_US = 100_000  # W8: a command has nothing beside it for so long
BUS_HZ = 100_000  # slow on purpose: the wires may be long, and a sample takes 1.2 ms of its 10 even so
BUS_TIMEOUT_US = 5_000
WATCHDOG_MS = 8_000  # the Pico can't do more than 8388
OUTBOX_BYTES = 16_384  # 20 s of frames for a host that is busy
BOOTS_FILE = "sleepjerk_boots.txt"

OVERFLOW, BUS_ERROR, CLIPPED = 1, 2, 4  # W4, flags
MARKER = 1  # W6, code
NO_SENSOR, INT_SILENT, NOT_SET_UP = 1, 2, 3  # W5, trouble
PASSED, FAILED = 1, 2  # W5, self-test
CHANGE_UNKNOWN = -128
LIMIT_PERCENT = 14  # MPU-6050's datasheet
TROUBLES = {
    0: "",
    NO_SENSOR: "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND",
    INT_SILENT: "the sensor is there but its INT wire is silent: check the wire INT",
    NOT_SET_UP: "the sensor does not keep its settings: check the wires VCC/GND",
}
MASK32 = 0xFFFFFFFF


# Bytes


def _crc_table():
    table = array.array("H", [0] * 256)
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        table[byte] = crc & 0xFFFF
    return table


_CRC = _crc_table()


def crc16(data):
    """CRC-16/CCITT-FALSE (W2)."""
    crc, table = 0xFFFF, _CRC
    for byte in data:
        crc = ((crc & 0xFF) << 8) ^ table[(crc >> 8) ^ byte]
    return crc


def cobs(payload):
    """A payload of at most 250 bytes without its zero bytes, and one zero behind it (W1)."""
    encoded = bytearray()
    for block in payload.split(b"\0"):
        encoded.append(len(block) + 1)
        encoded += block
    encoded.append(0)
    return encoded


def line(text):
    """A line of text with its checksum (W10)."""
    check = 0
    for byte in text.encode():
        check ^= byte
    return f"{text}*{check:02x}\n".encode()


class Frames:
    """Payloads get their head, their checksum and their number (W2, W3)."""

    def __init__(self, boot_id):
        self.boot_id = boot_id
        self.sequence = 0

    def pack(self, kind, body):
        """A frame as it goes over the wire. It keeps its number until `sent` says that it has left."""
        payload = struct.pack("<BBH", kind[0], self.boot_id, self.sequence) + body
        return cobs(payload + struct.pack(">H", crc16(payload)))

    def sent(self):
        """The next frame gets the next number."""
        self.sequence = (self.sequence + 1) & 0xFFFF


class Batch:
    """Neighbouring samples, evenly spaced, until they make a frame (W4)."""

    def __init__(self):
        self.count = 0
        self.flags = 0
        self._first_us = self._last_us = 0
        self._values = bytearray(6 * BATCH)

    def fits(self, t_us):
        """Whether a sample of this time may join: the next one, and still room."""
        step_us = (t_us - self._last_us) & MASK32
        return self.count == 0 or (self.count < BATCH and 0 < step_us < GAP_US)

    def add(self, t_us, x, y, z):
        """One more sample."""
        if self.count == 0:
            self._first_us = t_us
        self._last_us = t_us
        struct.pack_into("<hhh", self._values, 6 * self.count, x, y, z)
        self.count += 1
        if max(x, y, z) == 32767 or min(x, y, z) == -32768:
            self.flags |= CLIPPED

    def take(self):
        """The body of the frame; the batch is empty again."""
        span_us = (self._last_us - self._first_us) & MASK32
        head = struct.pack("<IIBB", self._first_us, span_us, self.count, self.flags)
        body = head + bytes(self._values[: 6 * self.count])
        self.count = self.flags = 0
        return body


class Outbox:
    """Whole frames that wait for the host. A frame that finds no room is refused as a whole."""

    def __init__(self, size=OUTBOX_BYTES):
        self._ring = bytearray(size)
        self._start = 0
        self.waiting = 0
        self._byte = bytearray(1)

    def put(self, frame):
        """True if the frame will go out."""
        if len(frame) > len(self._ring) - self.waiting:
            return False
        at = (self._start + self.waiting) % len(self._ring)
        first = min(len(frame), len(self._ring) - at)
        self._ring[at : at + first] = frame[:first]
        self._ring[: len(frame) - first] = frame[first:]
        self.waiting += len(frame)
        return True

    def pump(self, port, most=16):
        """Hand over what the port takes without waiting, a few bytes a turn; the number of bytes it took.

        One byte a time: the port says only that it has room, not how much, and one byte too many would block the
        board for half a second and then tear the frame.
        """
        moved = 0
        while moved < most and self.waiting and port.can_write():
            self._byte[0] = self._ring[self._start]
            if not port.write(self._byte):
                break
            self._start = (self._start + 1) % len(self._ring)
            self.waiting -= 1
            moved += 1
        return moved


# Hardware


class Clock:
    """Microseconds modulo 2^32, out of MicroPython's ticks, which go round after 2^30."""

    def __init__(self):
        self._ticks = time.ticks_us()
        self._now_us = self._ticks

    def now(self):
        """The time. Must be asked at least every 8 minutes, or a turn of the ticks goes unseen."""
        ticks = time.ticks_us()
        self._now_us = self.at(ticks)
        self._ticks = ticks
        return self._now_us

    def at(self, ticks):
        """The time at which the ticks had this value, a moment ago."""
        return (self._now_us + time.ticks_diff(ticks, self._ticks)) & MASK32


class Port:
    """The USB port, without ever waiting."""

    def __init__(self):
        self._input, self._output = sys.stdin.buffer, sys.stdout.buffer
        self._can_read, self._can_write = select.poll(), select.poll()
        self._can_read.register(sys.stdin, select.POLLIN)
        self._can_write.register(sys.stdout, select.POLLOUT)

    def can_write(self):
        """Room for one byte at least."""
        return bool(self._can_write.poll(0))

    def write(self, data):
        """The number of bytes that left."""
        return self._output.write(data) or 0

    def read(self):
        """One byte from the host, None if there is none."""
        return self._input.read(1) if self._can_read.poll(0) else None


class Button:
    """A button to ground. Its contacts chatter: a press counts once it has lasted."""

    def __init__(self, pin):
        self._pin = pin
        self._seen = self._down = False
        self._since = 0

    def pressed_at(self):
        """The ticks of the first touch, once for each press; None otherwise."""
        down, ticks = not self._pin.value(), time.ticks_us()
        if down != self._seen:
            self._seen, self._since = down, ticks
        elif down != self._down and time.ticks_diff(ticks, self._since) >= DEBOUNCE_US:
            self._down = down
            if down:
                return self._since
        return None


class Sensor:
    """The MPU-6050: 100 samples a second, stamped when its INT wire says that they are ready.

    `poll` never raises. What goes wrong on the bus is counted, and the sensor is started again until it answers.
    """

    ADDRESSES = (0x68, 0x69)
    # Registers in the order in which they are written, after a reset.
    SETUP = (
        (0x6B, 0x01),  # PWR_MGMT_1: awake, clock from the gyroscope (1 %; its own one is off by up to 5 %)
        (0x6C, 0x03),  # PWR_MGMT_2: the other two gyroscopes sleep
        (0x1A, 0x03),  # CONFIG: 44 Hz filter, 1 kHz inside
        (0x19, 0x09),  # SMPLRT_DIV: 1 kHz / (1 + 9)
        (0x1C, 0x08),  # ACCEL_CONFIG: +-4 g
        (0x37, 0x00),  # INT_PIN_CFG: a short pulse upwards
        (0x38, 0x01),  # INT_ENABLE: data ready
    )
    LATER_CHIPS = ((0x1D, 0x03),)  # they filter the acceleration by a register of its own
    RESET, WHO_AM_I, ACCEL_CONFIG = (0x6B, 0x80), 0x75, 0x1C
    STATUS, READY, OVERFLOW = 0x3A, 0x01, 0x10  # INT_STATUS; three axes and the temperature stand behind it
    TRIM = 0x0D  # what the factory noted of the self-test
    NAMES = {0x68: "MPU6050", 0x70: "MPU6500", 0x71: "MPU9250", 0x73: "MPU9255", 0x98: "ICM20689"}  # noqa: RUF012

    def __init__(self, sda, scl, ready):
        self._pins = sda, scl
        self._bus = None
        self.id = 0  # 0 while it is missing
        self.address = 0
        self.trouble = 0
        self.missed = 0
        self.bus_errors = 0
        self.overflows = 0  # how often it said that its own buffer ran over; bus errors, too
        self.false_edges = 0  # of the INT wire: it had nothing new
        self.self_test = 0
        self.change = [CHANGE_UNKNOWN] * 3  # of each axis from the factory's trim, %
        self.fault = False  # an error since somebody looked
        self.temperature_c = None
        self._raw = bytearray(9)
        self._last = None
        self._failures = 0
        self._seen = self._ready = 0
        self._ready_at = self._tried_at = 0
        self._retry_now = True
        self._tested = False
        pin = machine.Pin(ready, machine.Pin.IN, machine.Pin.PULL_DOWN)  # a wire that came off says nothing
        try:
            pin.irq(self._on_ready, machine.Pin.IRQ_RISING, hard=True)
        except TypeError:  # some boards know no hard interrupts; then a stamp may come a little late
            pin.irq(self._on_ready, machine.Pin.IRQ_RISING)

    @property
    def name(self):
        """What the chip calls itself."""
        return self.NAMES.get(self.id, f"MPU id {self.id:02x}") if self.id else "none"

    def _on_ready(self, _pin):
        # Inside an interrupt: nothing here may take memory.
        ticks = time.ticks_us()
        if time.ticks_diff(ticks, self._ready_at) > SPIKE_US:
            self._ready_at = ticks
            self._ready = (self._ready + 1) & 0x3FFFFFFF

    def poll(self):
        """The newest sample as (ticks, x, y, z); None if there is none."""
        if not self.id:
            self._try_again()
        elif self._ready != self._seen:
            return self._try_to_read()
        elif time.ticks_diff(time.ticks_us(), self._ready_at) > SILENT_US:
            self._went_wrong()
            self._look_at_the_wire()
            self._lose()
        return None

    def _look_at_the_wire(self):
        """No edge for long: if the chip has something new all the same, it is the wire."""
        try:
            if self._get(self.STATUS) & self.READY:
                self.trouble = INT_SILENT
        except Exception:  # MicroPython has no contextlib; the next start tells
            pass

    def _try_to_read(self):
        try:
            sample = self._read()
        except Exception:  # a loose wire must not end a night, whatever a board's port raises
            self._seen = self._ready
            self._went_wrong()
            self._failures += 1
            if self._failures == 3:
                self._lose()
            return None
        self._failures = 0
        return sample

    def _read(self):
        for _ in range(3):
            ready, ticks = self._ready, self._ready_at
            self._bus.readfrom_mem_into(self.address, self.STATUS, self._raw)
            if ready == self._ready:  # no new sample came while this one was read
                break
        else:
            raise OSError
        self.missed += (ready - self._seen - 1) & 0x3FFFFFFF
        self._seen = ready
        status, x, y, z, warmth = struct.unpack(">Bhhhh", self._raw)
        noise = not status & self.READY and (x, y, z) == self._last
        self._last = x, y, z
        if noise:
            self.false_edges += 1
            return None
        if status & self.OVERFLOW:
            self.overflows += 1
            self._went_wrong()
        self.trouble = 0
        self.temperature_c = warmth / 340 + 36.53 if self.id == 0x68 else warmth / 333.87 + 21
        return ticks, x, y, z

    def _went_wrong(self):
        self.bus_errors += 1
        self.fault = True

    def _lose(self):
        self.id = self.address = 0
        self.temperature_c = None
        self._retry_now = True

    def _try_again(self):
        if not self._retry_now and time.ticks_diff(time.ticks_us(), self._tried_at) < RETRY_US:
            return
        self._retry_now = False
        try:
            self.id = self._start()
        except Exception:  # as above; also pins that are none of this board
            self._went_wrong()
        self._tried_at = time.ticks_us()
        self._failures = 0

    def _start(self):
        """Find the chip, set it up and read back that it listened; its WHO_AM_I."""
        silent, self.trouble = self.trouble == INT_SILENT, NO_SENSOR
        who = self._find()
        self.trouble = NOT_SET_UP
        self._bus.writeto_mem(self.address, self.RESET[0], bytes([self.RESET[1]]))
        time.sleep_ms(100)
        if who == 0x68 and not self._tested:
            self._test()
        self._tested = False  # until the rest is right, too
        self._seen, self._ready_at = self._ready, time.ticks_us()
        for register, value in self.SETUP if who == 0x68 else self.SETUP + self.LATER_CHIPS:
            self._set(register, value)
        self._tested = True  # a chip that only stumbles isn't tested again: that would cost samples
        self.trouble = INT_SILENT if silent else 0
        return who

    def _find(self):
        sda, scl = self._pins
        free_bus(sda, scl)
        self._bus = machine.I2C(
            0, scl=machine.Pin(scl), sda=machine.Pin(sda), freq=BUS_HZ, timeout=BUS_TIMEOUT_US
        )
        for address in self.ADDRESSES:
            self.address = address
            try:
                who = self._get(self.WHO_AM_I)
            except OSError:
                continue
            if who not in (0x00, 0xFF):
                return who
        self.address, self._tested = 0, False
        raise OSError

    def _test(self):
        """The chip pushes its own masses; what this adds is held against what the factory noted (at +-8 g)."""
        self.self_test, self.change = 0, [CHANGE_UNKNOWN] * 3
        self._set(*self.SETUP[0])
        without, pushed = self._mean(0x10), self._mean(0xF0)
        codes = self._bus.readfrom_mem(self.address, self.TRIM, 4)
        codes = [codes[i] >> 3 & 0x1C | codes[3] >> 4 - 2 * i & 3 for i in range(3)]
        if not all(codes):
            return  # the factory noted nothing
        for axis, code in enumerate(codes):
            trim = 4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30)
            self.change[axis] = round(max(-127, min(127, 100 * (pushed[axis] - without[axis] - trim) / trim)))
        self.self_test = PASSED if max(abs(change) for change in self.change) <= LIMIT_PERCENT else FAILED

    def _mean(self, config):
        self._set(self.ACCEL_CONFIG, config)
        time.sleep_ms(30)
        sums = [0, 0, 0]
        for _ in range(16):
            for axis, value in enumerate(
                struct.unpack(">hhh", self._bus.readfrom_mem(self.address, 0x3B, 6))
            ):
                sums[axis] += value
            time.sleep_us(1000)
        return [value / 16 for value in sums]

    def _set(self, register, value):
        self._bus.writeto_mem(self.address, register, bytes([value]))
        if self._get(register) != value:
            raise OSError

    def _get(self, register):
        return self._bus.readfrom_mem(self.address, register, 1)[0]


def free_bus(sda, scl):
    """A sensor that was interrupted while it spoke holds the data wire down; nine clocks let it finish."""
    data = machine.Pin(sda, machine.Pin.IN, machine.Pin.PULL_UP)
    if data.value():
        return
    clock = machine.Pin(scl, machine.Pin.OPEN_DRAIN, machine.Pin.PULL_UP)
    for _ in range(9):
        clock.value(0)
        time.sleep_us(10)
        clock.value(1)
        time.sleep_us(10)


def count_boots(path=BOOTS_FILE):
    """How often this board has started, kept on its flash; None where it can't be kept."""
    try:
        with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
            boots = int(file.read())
    except (OSError, ValueError):
        boots = 0
    try:
        with open(path, "w") as file:  # noqa: PTH123
            file.write(str(boots + 1))
    except OSError:
        return None
    return boots + 1


def reset_cause():
    """Why the board started, in the words of W5."""
    cause = machine.reset_cause()
    for name, code in (("PWRON_RESET", 1), ("BROWNOUT_RESET", 2), ("WDT_RESET", 4)):
        if getattr(machine, name, None) == cause:
            return code
    return 8


def find_lamp(pin):
    """The lamp to blink with; None on a board that has none by this name."""
    try:
        return machine.Pin(pin, machine.Pin.OUT)
    except ValueError:
        return None


def supply_gauge(board):
    """The input that measures the supply. Only the plain Pico has one; on a Pico W that pin is the radio's."""
    return (
        machine.ADC(29) if board.startswith(("Raspberry Pi Pico with", "Raspberry Pi Pico2 with")) else None
    )


class Board:
    """Everything together; `step` is one turn of the main loop and never waits."""

    def __init__(self, pins):
        sda, scl, ready, button, lamp = pins
        boots = count_boots()
        self.name = board_name()
        self._resets = boots or 0
        self._cause = reset_cause()
        self._clock = Clock()
        self._port = Port()
        self._outbox = Outbox()
        self._frames = Frames(os.urandom(1)[0] if boots is None else boots & 0xFF)
        self._batch = Batch()
        self._sensor = Sensor(sda, scl, ready)
        self._button = Button(machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP))
        self._lamp = find_lamp(lamp)
        self._gauge = supply_gauge(self.name)
        self._dropped = 0
        self._overflowed = False
        self._lines = False
        self._hello_at = self._status_at = self._clock.now()
        self._told = 0, 0  # trouble and bus errors of the last hello
        self._blink_from = None
        self._command = None  # a byte that may be one
        self._deaf = False  # a byte came that was not alone
        self._heard_at = 0
        self._sensor.poll()  # starts it, so that the first hello can tell what it is

    def step(self):
        """One turn; False if there was nothing to do."""
        sampled = self._take_sample()
        self._watch_button()
        self._listen()
        self._speak_up()
        self._blink()
        return self._outbox.pump(self._port) > 0 or sampled

    def _take_sample(self):
        sample = self._sensor.poll()
        if sample is None:
            if not self._sensor.id:
                self._send_batch()
            return False
        ticks, x, y, z = sample
        t_us = self._clock.at(ticks)
        if self._lines:
            self._put(line(f"{t_us},{x},{y},{z}"), 1)
            return True
        if not self._batch.fits(t_us):
            self._send_batch()
        if self._batch.count == 0 and self._sensor.fault:
            self._batch.flags |= BUS_ERROR
            self._sensor.fault = False
        self._batch.add(t_us, x, y, z)
        if self._batch.count == BATCH:
            self._send_batch()
            gc.collect()  # now, because the next sample is 10 ms away
        return True

    def _send_batch(self):
        if self._batch.count == 0:
            return
        count = self._batch.count
        if self._overflowed:
            self._batch.flags |= OVERFLOW
        if self._send(b"D", self._batch.take(), count):
            self._overflowed = False

    def _send(self, kind, body, samples=0):
        sent = self._put(self._frames.pack(kind, body), samples)
        if sent:
            self._frames.sent()
        return sent

    def _put(self, data, samples=0):
        """Whole, or not at all; then its samples are counted."""
        if self._outbox.put(data):
            return True
        if samples:
            self._dropped += samples
            self._overflowed = True
        return False

    def _watch_button(self):
        ticks = self._button.pressed_at()
        if ticks is not None and not self._lines:
            self._send(b"E", struct.pack("<IB", self._clock.at(ticks), MARKER))

    def _listen(self):
        """A byte of the host. Modem software sends whole words, in which a C or an F may stand."""
        byte, now_us = self._port.read(), self._clock.now()
        waiting = self._command is not None or self._deaf
        alone = (now_us - self._heard_at) & MASK32 >= ALONE_US
        if byte:
            self._deaf = waiting and not alone
            self._command = None if self._deaf else byte
            self._heard_at = now_us
        elif waiting and alone:
            command, self._command, self._deaf = self._command, None, False
            self._obey(command)

    def _obey(self, command):
        if command == b"?":
            self.greet()
        elif command == b"B":
            self._blink_from = self._clock.now()
        elif command == b"C" and not self._lines:
            self._send_batch()
            self._lines = True
            self.greet()
        elif command == b"F" and self._lines:
            self._lines = False
            self.greet()

    def _speak_up(self):
        now_us, sensor = self._clock.now(), self._sensor
        trouble, errors = self._told
        news = sensor.trouble != trouble or (not trouble and sensor.bus_errors != errors)
        every_us = NEWS_US if news else TROUBLE_US if sensor.trouble else HELLO_US
        if trouble and not sensor.trouble:
            every_us = 0  # before the samples that it is about
        if (now_us - self._hello_at) & MASK32 < every_us:
            pass
        elif not self._lines:
            self.greet()
        else:
            self._greeted(now_us)
            if sensor.trouble:
                self._put(f"# {TROUBLES[sensor.trouble]}\n".encode())
        if (now_us - self._status_at) & MASK32 >= STATUS_US:
            self._status_at = now_us
            self._tell_status(now_us)

    def greet(self):
        """Say who speaks (W5), or what the lines hold (W10)."""
        sensor = self._sensor
        now_us = self._clock.now()
        self._greeted(now_us)
        if self._lines:
            scale = f"unit=lsb, lsb_per_g={LSB_PER_G}, rate={RATE_HZ}, t=us, sensor={sensor.name}"
            self._put(f"# sleepjerk csv 1, {scale}\nt,ax,ay,az\n".encode())
            return
        body = struct.pack(
            "<BBHHHBBB", 2, RANGE_G, LSB_PER_G, RATE_HZ, BANDWIDTH_HZ, BATCH, sensor.id, self._cause
        )
        counters = (now_us, self._dropped, sensor.missed, sensor.bus_errors)
        body += struct.pack("<IIII", *[counter & MASK32 for counter in counters])
        body += struct.pack("<H", self._resets & 0xFFFF)
        for text in (self.name, FIRMWARE, sensor.name):
            text = text.encode()[:30]
            body += bytes([len(text)]) + text
        counts = sensor.overflows & 0xFFFF, sensor.false_edges & 0xFFFF
        body += struct.pack("<BBHHB", sensor.address, sensor.trouble, *counts, sensor.self_test)
        words = TROUBLES[sensor.trouble].encode()
        body += struct.pack("<bbb", *sensor.change) + bytes([len(words)]) + words
        self._put(b"\0")  # ends whatever stands before it: a frame that a reset cut off, a boot loader's text
        self._send(b"H", body)

    def _greeted(self, now_us):
        self._hello_at = now_us
        self._told = self._sensor.trouble, self._sensor.bus_errors

    def _tell_status(self, now_us):
        """Temperature and supply (W7), where the board can measure both: an unknown one has no number."""
        if self._lines or self._gauge is None or self._sensor.temperature_c is None:
            return
        supply_mv = self._gauge.read_u16() * 9900 // 65535  # 3.3 V at most, behind a divider by 3
        self._send(b"S", struct.pack("<IhH", now_us, round(self._sensor.temperature_c * 100), supply_mv))

    def _blink(self):
        if self._blink_from is None or self._lamp is None:
            return
        elapsed_us = (self._clock.now() - self._blink_from) & MASK32
        self._lamp.value(elapsed_us < BLINK_US and elapsed_us // 150_000 % 2 == 0)
        if elapsed_us >= BLINK_US:
            self._blink_from = None


def board_name():
    """What the board's MicroPython calls it: "Raspberry Pi Pico with RP2040"."""
    return getattr(sys.implementation, "_machine", sys.platform)


def choose_pins(board):
    """The pins to use on this board, or a sentence that says why there are none."""
    name = board.split(" ")[-1].upper().replace("-", "")
    # An ESP32-PICO-D4 is an ESP32, an ESP32-S2 is not.
    chips = [chip for chip in USUAL_PINS if name.startswith(chip)]
    chip = max(chips, key=len) if chips else None
    more = name[5:7]
    if chip == "ESP32" and len(more) == 2 and more[0] in "SCHP" and more[1].isdigit():
        chip = None
    if PINS is None:
        known = "Pico, ESP32, ESP32-S3, ESP32-C3"
        unknown = f"the pins of this board aren't known ({board}; known: {known}): set PINS in main.py"
        return USUAL_PINS.get(chip) or unknown
    for pin in USB_PINS.get(chip, ()):
        if pin in PINS:
            return f"GPIO {pin} is the USB port of an {chip}: choose other PINS in main.py"
    if len(PINS) != 5:
        return "PINS in main.py needs five: SDA, SCL, INT, button, lamp"
    for pin in PINS[:4]:
        try:
            machine.Pin(pin)
        except (ValueError, TypeError):
            return f"this board has no pin {pin}: choose other PINS in main.py"
    return PINS


def main():
    """Run until the plug is pulled; the watchdog starts the board again if this ever stands still."""
    pins = choose_pins(board_name())
    while isinstance(pins, str):
        print(f"sleepjerk: {pins}")  # noqa: T201
        time.sleep_ms(5000)
    if not machine.Pin(pins[3], machine.Pin.IN, machine.Pin.PULL_UP).value():
        print("sleepjerk: button held, program not started")  # noqa: T201
        return
    micropython.kbd_intr(-1)  # modem software may send a Ctrl-C; it is ignored like every other byte (W8)
    watchdog = machine.WDT(timeout=WATCHDOG_MS)
    board = Board(pins)
    board.greet()
    while True:
        watchdog.feed()
        if not board.step():
            time.sleep_ms(1)


if __name__ == "__main__":
    main()
