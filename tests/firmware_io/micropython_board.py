"""The hardware around the MicroPython firmware: pins, an MPU-6050, a USB port, time. MicroPython itself runs this file.

Nothing here takes real time. Each call costs some microseconds of made time; when it goes on, the sensor converts, the
INT wire calls the firmware, and what the test has planned happens. `micropython_host.mjs` is the only user.
"""

import builtins
import sys

TICKS = 1 << 30  # where MicroPython's ticks go round
FIFO = 256  # bytes the USB port of a Pico holds
BLOCK_US = 500_000  # so long a write waits for the host before it gives up
TRIM = (5, 16, 31)  # what the factory noted of the self-test, a code for each axis
DEFAULTS = {0x6B: 0x40, 0x75: 0x68}  # asleep after a reset
for axis, code in enumerate(TRIM):
    DEFAULTS[0x0D + axis] = code >> 2 << 5
DEFAULTS[0x10] = (TRIM[0] & 3) << 4 | (TRIM[1] & 3) << 2 | TRIM[2] & 3


class Finished(BaseException):
    """The run is over."""


class World:
    def __init__(self, job):
        self.now = job.get("start_us", 1_000_000)
        self.zero = self.now
        self.due = 0  # nothing happens before this time; 0 where that must be worked out again
        self.end = self.zero + round(job["seconds"] * 1e6)
        plan = [[self.zero + round(at * 1e6), what, value] for at, what, value in job.get("plan", [])]
        self.plan = sorted(plan, key=lambda step: step[0])
        self.samples = job["samples"]
        self.period_scale = job.get("period_scale", 1.0)
        self.job = job
        self.registers = dict(DEFAULTS)
        self.registers[0x75] = job.get("who_am_i", 0x68)
        self.next_sample = None
        self.data = bytes(8)
        self.converted = 0
        self.announced = []  # number and time of each sample of which the INT wire told
        self.bus = "good"
        self.address = job.get("address", 0x68)
        self.response = job.get("response", 1.0)
        self.pins = job.get("pins", [4, 5, 6, 15])
        self.deaf = False
        self.clocks = 0
        self.handler = None
        self.hard = None
        self.levels = {}
        self.lamp = 0
        self.typed = bytearray()
        self.fifo = bytearray()
        self.out = bytearray()
        self.reading = True
        self.refuse = 0
        self.blocked = 0
        self.lazy_ms = 1
        self.fed_at = None
        self.watchdog_us = None
        self.ended = None
        if job.get("button_held"):
            self.levels[self.pins[3]] = 0

    # Time

    def advance(self, us):
        until = self.now + us
        while until >= self.due:
            due = self._next_due()
            if due > until:
                self.due = due
                break
            self.now = max(self.now, due)
            self._happen()
        self.now = max(self.now, until)

    def _next_due(self):
        due = self.end
        if self.plan:
            due = min(due, self.plan[0][0])
        if self.next_sample is not None:
            due = min(due, self.next_sample)
        if self.watchdog_us is not None:
            due = min(due, self.fed_at + self.watchdog_us)
        return due

    def _happen(self):
        if self.now >= self.end:
            self.ended = "time"
            raise Finished
        if self.watchdog_us is not None and self.now >= self.fed_at + self.watchdog_us:
            self.ended = "watchdog"
            raise Finished
        if self.plan and self.now >= self.plan[0][0]:
            _, what, value = self.plan.pop(0)
            getattr(self, "do_" + what)(value)
        if self.next_sample is not None and self.now >= self.next_sample:
            self._convert()

    # What a test can plan

    def do_bus(self, state):
        self.bus, self.clocks = state, 0

    def do_brownout(self, _):
        who = self.registers[0x75]
        self.registers = dict(DEFAULTS)
        self.registers[0x75] = who
        self.next_sample = None

    def do_reading(self, value):
        self.reading = value
        if value:
            self._drain()

    def do_type(self, text):
        self.typed += bytes(text)

    def do_button(self, level):
        self.levels[self.pins[3]] = level

    def do_address(self, value):
        self.address = value

    def do_deaf(self, value):
        self.deaf = value

    def do_overflow(self, _):
        self.registers[0x3A] = self.registers.get(0x3A, 0) | 0x10

    def do_noise(self, _):
        self.handler(None)

    def do_refuse(self, count):
        self.refuse = count

    def do_lazy_ms(self, value):
        self.lazy_ms = value

    # The sensor

    def period_us(self):
        inside_us = 1000 if 1 <= self.registers.get(0x1A, 0) <= 6 else 125
        return inside_us * (1 + self.registers.get(0x19, 0)) * self.period_scale

    def _convert(self):
        self.next_sample += round(self.period_us())
        if not self.registers.get(0x38, 0) & 1:
            return  # nobody is told: the night has not begun
        values = self.samples[self.converted % len(self.samples)]
        shift = (self.registers.get(0x1C, 0) >> 3 & 3) - 1  # the list holds counts at +-4 g
        raw = bytearray()
        for value in [values[0], values[1], values[2], 850]:
            value = value >> shift if shift >= 0 else value << 1
            raw += (value & 0xFFFF).to_bytes(2, "big")
        self.data = bytes(raw)
        self.converted += 1
        self.registers[0x3A] = self.registers.get(0x3A, 0) | 1
        if self.bus != "no INT":
            self.announced.append([self.converted - 1, self.now])
            self.handler(None)
            if self.job.get("double_edges"):
                self.advance(40)
                self.handler(None)

    def _pushed(self):
        """What a chip that lies still feels of its own self-test."""
        config = self.registers.get(0x1C, 0)
        assert config & 0x18 == 0x10, "the trim is for +-8 g"
        raw = bytearray()
        for axis, code in enumerate(TRIM):
            force = 4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30) * self.response
            value = round(force * bool(config & 0x80 >> axis)) + (4096 if axis == 2 else 0)
            raw += value.to_bytes(2, "big")
        return bytes(raw)

    def write_register(self, register, value):
        if register == 0x6B and value & 0x80:
            self.do_brownout(None)
            return
        if register != 0x75 and not self.deaf:
            self.registers[register] = value
        if register == 0x6B:
            self.due = 0
            self.next_sample = None if value & 0x40 else self.now + round(self.period_us())

    def read_registers(self, register, count):
        if register == 0x3A:
            status, self.registers[0x3A] = self.registers.get(0x3A, 0), 0
            return (bytes([status]) + self.data)[:count]
        if register == 0x3B:
            return self._pushed()[:count]
        return bytes([self.registers.get(register + i, 0) for i in range(count)])

    def bus_transfer(self, count, address):
        assert address in (0x68, 0x69)
        if self.bus in ("no answer", "odd") or address != self.address:
            self.advance(100)
            raise RuntimeError("odd") if self.bus == "odd" else OSError(5)
        if self.bus == "held":
            self.advance(5_000)
            raise OSError(110)
        while self.bus == "dead":
            self.advance(1_000)
        self.advance(90 * (count + 3))

    # The port

    def _drain(self):
        self.out += self.fifo
        self.fifo = bytearray()

    def write(self, data):
        self.advance(10)
        if self.refuse:
            self.refuse -= 1
            return 0
        room = FIFO - len(self.fifo)
        if len(data) > room:
            self.blocked += 1
            self.advance(BLOCK_US)
            data = data[: FIFO - len(self.fifo)]
        self.fifo += data
        if self.reading:
            self._drain()
        return len(data)


class Module:
    """A stand-in for a module: names and values."""

    def __init__(self, **names):
        for name, value in names.items():
            setattr(self, name, value)


def make_modules(world, job):
    class Pin:
        IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN, IRQ_RISING = 0, 1, 2, 1, 2, 1

        def __init__(self, number, mode=0, pull=None):
            if number in job.get("no_pins", []) or (number == "LED" and job.get("no_lamp")):
                raise ValueError("unknown pin")
            assert number not in job.get("usb_pins", []), "that is the USB port"
            self.number, self.mode = number, mode

        def value(self, level=None):
            if level is None:
                if self.number == world.pins[0]:
                    return 0 if world.bus == "held" else 1
                return world.levels.get(self.number, 1)
            if self.number == "LED":
                world.lamp += bool(level) != bool(world.levels.get("LED", 0))
            if self.number == world.pins[1] and level == 1 and world.levels.get(self.number) == 0:
                world.clocks += 1
                if world.bus == "held" and world.clocks == 9:
                    world.bus = "good"
            world.levels[self.number] = level
            return None

        if job.get("soft_interrupts"):

            def irq(self, handler, trigger):
                world.handler, world.hard = handler, False

        else:

            def irq(self, handler, trigger, hard=False):
                world.handler, world.hard = handler, hard

    class I2C:
        def __init__(self, number, scl, sda, freq, timeout):
            if world.bus == "no such bus":
                raise ValueError("bad SCL pin")
            assert [sda.number, scl.number] == world.pins[:2]

        def writeto_mem(self, address, register, data):
            world.bus_transfer(len(data), address)
            world.write_register(register, data[0])

        def readfrom_mem(self, address, register, count):
            world.bus_transfer(count, address)
            return world.read_registers(register, count)

        def readfrom_mem_into(self, address, register, buffer):
            buffer[:] = self.readfrom_mem(address, register, len(buffer))

    class WDT:
        def __init__(self, timeout):
            assert timeout <= 8388, "more than a Pico can do"
            world.watchdog_us, world.fed_at, world.due = timeout * 1000, world.now, 0

        def feed(self):
            world.fed_at = world.now

    class ADC:
        def __init__(self, number):
            assert number == 29

        def read_u16(self):
            return 33_000

    class Poll:
        def register(self, stream, mask):
            self.stream = stream

        def poll(self, timeout):
            assert timeout == 0
            world.advance(5)
            return [self.stream] if self.stream.ready() else []

    class Input:
        def ready(self):
            return len(world.typed) > 0

        def read(self, count):
            data = bytes(world.typed[:count])
            world.typed = world.typed[count:]
            return data

    class Output:
        def ready(self):
            return len(world.fifo) < FIFO

        def write(self, data):
            return world.write(bytes(data))

    class Clock:
        def ticks_us(self):
            ticks = world.now % TICKS
            world.advance(3)
            return ticks

        def ticks_diff(self, a, b):
            return (a - b + TICKS // 2) % TICKS - TICKS // 2

        def sleep_ms(self, ms):
            world.advance(1000 * (world.lazy_ms if ms == 1 else ms))

        def sleep_us(self, us):
            world.advance(us)

    stdin, stdout = Input(), Output()
    stdin.buffer, stdout.buffer = stdin, stdout
    names = Module(platform=job.get("platform", "rp2"), stdin=stdin, stdout=stdout, implementation=Module())
    names.implementation._machine = job.get("board", "Raspberry Pi Pico with RP2040")
    world.kbd_intr = None

    def kbd_intr(character):
        world.kbd_intr = character

    def random_bytes(count):
        return bytes([0xA5] * count)

    machine = Module(Pin=Pin, I2C=I2C, WDT=WDT, ADC=ADC, PWRON_RESET=1, WDT_RESET=3)
    machine.reset_cause = lambda: job.get("cause", 1)
    return {
        "machine": machine,
        "time": Clock(),
        "select": Module(poll=Poll, POLLIN=1, POLLOUT=4),
        "os": Module(urandom=random_bytes),
        "micropython": Module(kbd_intr=kbd_intr),
        "sys": names,
    }


def run(job):
    """One night of the board as `job` plans it: a dictionary of what happened."""
    world = World(job)
    sys.modules.update(make_modules(world, job))
    import firmware

    if "set_pins" in job:
        firmware.PINS = tuple(job["set_pins"])
    assert world.now == world.zero, "importing the firmware must not start it"
    builtins.print = lambda text: world.out.extend((text + "\n").encode())
    try:
        firmware.main()
        world.ended = "stopped"
    except Finished:
        pass
    return {
        "wire": world.out.hex(),
        "packed": [pack(firmware, bytes(payload)) for payload in job.get("payloads", [])],
        "announced": world.announced,
        "ended": world.ended,
        "blocked": world.blocked,
        "hard": world.hard,
        "keyboard_interrupt": world.kbd_intr,
        "lamp": world.lamp,
        "registers": [[register, value] for register, value in world.registers.items()],
    }


def pack(firmware, payload):
    return firmware.cobs(payload + firmware.crc16(payload).to_bytes(2, "big")).hex()
