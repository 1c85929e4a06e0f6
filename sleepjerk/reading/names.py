"""What the name of a column or a file says of it: a table of words, each with its reason. Must not know cells, samples.

These words are the rules of guessing by name. A name is cut into words (`accelerometerAccelerationX(G)` is
accelerometer, acceleration, x and the unit g); what no rule knows is not guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Each set of words, and why a name that holds one is taken so.
ACCELERATION = _words(  # what every maker calls it; "f" as in gFx, the force that a phone's app shows
    "a ac acc accel accelero acceleration accelerations accelerometer accelerometers gf f gforce "
    "beschleunigung"
)
_LINEAR = _words("linear lineare lin user")
WITHOUT_GRAVITY = _LINEAR | _words("free dynamic wog nograv")  # a still arm would read 0, not 1 g
GRAVITY = _words("gravity grav grv")  # a filter's opinion of where down is: a twitch is not in it
ANOTHER = _words(  # another quantity with x, y and z
    "gyro gyr gyros gyroscope rotation rot rate rotationrate angular ang omega mag magn magnet magneto "
    "magnetometer magnetic compass quat quaternion q euler roll pitch yaw angle orientation attitude "
    "position pos velocity vel speed gps location total absolute abs norm magnitude resultant vm enmo "
    "temperature temp force jerk delta offset bias std mean rms variance pressure"
)
G_FORCE = _words("f gf gforce")  # where an app shows both, the other one is without gravity
COMPUTED = _words("filtered filter smooth smoothed lowpass lp hp world earth global")  # raw goes before it
RAW, CALIBRATED = "raw", "cal"  # one sensor twice: what is in units goes before counts
PLAIN = _words(  # words beside a bare x that say nothing of what it is
    "axis value values data sensor wrist imu raw cal calibrated chan channel signal in g mg counts lsb"
)
TIME = _words(
    "t ts time times timestamp timestamps stamp date datetime epoch epoc unix clock elapsed millis micros "
    "nanos milliseconds microseconds nanoseconds seconds millisecond microsecond nanosecond second ms us "
    "ns s sec secs msec usec tick ticks zeit uhrzeit datum unixsec nanosec hh yyyy µs μs"
)
NO_TIME = _words(  # what is told about times, or has a time word in another sense
    "zone temp temperature rate interval delta diff duration offset step steps count counter resolution "
    "quality battery label activity year month"
)
TICKS = _words("tick ticks clock counts counter")  # no unit of time has their length
WEAK_TIME = _words("t s ts")  # also a temperature, a speed: only where no better name is there
ROW = _words(  # a row's number: it looks like a time that steps by one
    "sample samples index idx row rows n no nr num number seq sequence counter count packet frame id line "
    "record unnamed packetcounter pt"
)
SENSOR = _words(  # whose values say what a row is: of which sensor, which side
    "type sensor sensortype kind stream source src node device dev hand side limb channel chan name topic "
    "modality address mac location arm leg position body imu unit board wrist"
)
TIME_UNITS = {
    "s": _words("s sec secs second seconds unixsec"),
    "ms": _words("ms msec millis milliseconds millisecond"),
    "us": _words("us µs μs usec micros microseconds microsecond"),
    "ns": _words("ns nsec nanos nanosec nanoseconds nanosecond"),
}
UNITS = {
    "mg": _words("mg millig milli-g"),
    "g": _words("g gs gravity"),
    "m/s2": _words(
        "m/s2 m/s^2 m/s² m/s/s ms2 ms-2 mps2 m.s-2 m*s-2 ms^-2 ms⁻² mss m/(s^2) m/(s2) m/sec2 m/sec^2"
    )
    | {"m s-2", "m s^-2"},
    "counts": _words("counts count lsb raw adc"),
}
FILE_OF_ACCELERATION = re.compile(r"acc|accel\w*|acm|acel\w*|beschleunigung\w*")
FILE_WITHOUT_GRAVITY = _LINEAR | _words("without no ohne")
FILE_OF_ANOTHER = re.compile(  # its table looks like one of acceleration, or a phone writes it beside that
    r"gyro\w*|giro\w*|mag|magn\w*|grav\w*|orient\w*|rotat\w*|quat\w*|euler|attitude|linear|compass|gps|gnss|locat\w*"
    r"|headphones?|metadata"
)
_AXIS = re.compile(
    r"(a|ac|acc|accel|acceleration|accelerometer|gf|f|g|gyr|gyro|m|mag|r|rot|lin|grav|u|q|w)?([xyz])"
)
_AXIS_FIRST = re.compile(r"([xyz])(a|acc|accel|acceleration|accelerometer|axis|raw|g|value)")
_UNIT_SIGNS = 20  # plain: at most, of a unit
_SERIAL = re.compile(r"[a-z]*\d+[a-z\d]*")
_BRACKET = re.compile(r"[\[(]((?:[^()\[\]]|\([^()]*\))*)[\])]")


@dataclass(frozen=True, slots=True)
class Axis:
    """A column of one axis: which, of what kind ("acceleration", "plain", "without gravity", "gravity", "another"), and
    the words that it shares with the other two."""

    axis: str
    kind: str
    shared: tuple[str, ...]


def words_of(name: str) -> list[str]:
    """A name in lower case, cut into words, without its unit in brackets."""
    name = _BRACKET.sub(" ", name.strip().strip('"'))
    name = re.sub(r"(?<=[a-zµ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", " ", name)
    return [word for word in re.split(r"[^0-9a-zµμ²/^#]+", name.lower()) if word]


def words_of_file(name: str) -> set[str]:
    """The name of a file in lower case, cut into words."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def axis_of(name: str) -> Axis | None:
    """Which axis a column is, and of what; None where its name doesn't say."""
    axis, before, after = "", list[str](), list[str]()
    for word in words_of(name):
        match, first = _AXIS.fullmatch(word), _AXIS_FIRST.fullmatch(word)
        found = match[2] if match else first[1] if first else ""
        if found and axis:
            return None
        rest = (match[1] if match else first[2] if first else word) or ""
        (after if axis or first else before).append(rest)
        axis = axis or found
    while after and unit_of(f"x {after[-1]}"):  # a unit, as in x_mg
        after.pop()
    before, after = ([word for word in some if word] for some in (before, after))
    return Axis(axis, _kind(before, after), (*before, *after)) if axis else None


def _kind(before: Sequence[str], after: Sequence[str]) -> str:
    found = {*before, *after}
    if found & WITHOUT_GRAVITY:
        return "without gravity"
    if found & GRAVITY:
        return "gravity"
    if found & (ANOTHER | _words("m w r u")) or before == ["g"]:  # gx is a gyroscope's
        return "another"
    if found & ACCELERATION:
        return "acceleration"
    return "plain" if all(map(_SERIAL.fullmatch, found - PLAIN)) else "other"


def is_time(name: str) -> bool:
    """Whether a column of this name may be the time."""
    words = words_of(name)
    return bool(set(words) & TIME) and not set(words) & NO_TIME


def is_row_number(name: str) -> bool:
    """Whether a column of this name counts rows."""
    words = set(words_of(name)) or {name.strip()}
    return bool(words & ROW or words <= {"", "#"}) and not words & TIME


def counts_ticks(name: str) -> bool:
    """Whether a time of this name counts ticks, whose length no step tells."""
    return bool(set(words_of(name)) & TICKS)


def names_sensor(name: str) -> bool:
    """Whether a column of this name may say to which sensor a row belongs."""
    return bool(set(words_of(name)) & SENSOR)


def unit_of(name: str, below: str = "") -> str | None:
    """The unit of acceleration that a name, or the row of units below the names, holds."""
    bracket = _BRACKET.search(name)
    words = re.split(r"[ _]", name)
    last = below or (bracket[1] if bracket else words[-1] if len(words) > 1 else "")
    return next((unit for unit, known in UNITS.items() if last.strip().lower() in known), None)


def time_unit_of(name: str, below: str = "") -> str | None:
    """The unit of time that a name, or the row of units below the names, holds."""
    words = set(re.split(r"[^a-zµμ]+", f"{name} {below}".lower())) | set(words_of(name))
    found = [unit for unit, known in TIME_UNITS.items() if words & known]
    return found[0] if len(found) == 1 else None


def bare_unit(cell: str) -> str:
    """A cell of a row of units, without brackets around it."""
    match = _BRACKET.fullmatch(cell.strip())
    return match[1] if match else cell.strip()


def is_units_row(cells: Sequence[str]) -> bool:
    """Whether a row below the names holds units."""
    known = set().union(*UNITS.values(), *TIME_UNITS.values())
    short = [bare.lower() for cell in cells if (bare := bare_unit(cell))]
    return sum(cell in known for cell in short) >= 3 and max(map(len, short), default=0) <= _UNIT_SIGNS
