/* The program on boards that run under Arduino: the sensor is read when its INT wire says so, and nothing ever waits for
   the host. */

#include "known_boards.h"

#if defined(ARDUINO_ARCH_ESP32) || defined(ARDUINO_ARCH_NRF52)

#include "arduino_board.h"

static const uint32_t SPIKE_US = 2000;    /* an edge on the INT wire so soon after another one is noise */
static const uint32_t SILENT_US = 100000; /* no sample for ten periods: the sensor lost its power or its set-up */
static const uint32_t RETRY_US = 1000000;
static const uint8_t FAILURES = 3;

static uint8_t ring[16384]; /* 20 s of frames for a host that is busy */
static sj_stream stream;
static sj_about about;
static sj_sensor sensor;
static volatile uint32_t ready_us, ready_count;
static uint32_t seen_count, tried_us;
static uint8_t failures;
static uint8_t address;
static uint8_t last[6];
static const uint8_t BURST = 16; /* bytes at most: status to data */
static bool tried;

static void IRAM_ATTR on_ready() {
    uint32_t now_us = board_us();
    if (now_us - ready_us >= SPIKE_US) {
        ready_us = now_us;
        ready_count++;
    }
}

/* The bus */

static bool set(chip_register wish) {
    TwoWire &bus = board_bus();
    bus.beginTransmission(address);
    bus.write(wish.at);
    bus.write(wish.value);
    return bus.endTransmission() == 0;
}

static bool get(uint8_t at, uint8_t *bytes, uint8_t count) {
    TwoWire &bus = board_bus();
    bus.beginTransmission(address);
    bus.write(at);
    if (bus.endTransmission(false) != 0 || bus.requestFrom(address, count) != count) {
        return false;
    }
    for (uint8_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)bus.read();
    }
    return true;
}

static void wait_ms(uint8_t ms) {
    delay(ms);
}

static void turn_to(uint8_t wanted) {
    address = wanted;
}

static const chip_bus bus_of_chip = {turn_to, get, set, wait_ms};

/* A sensor that was interrupted while it spoke holds the data wire down; nine clocks let it finish. */
static void free_bus() {
    pinMode(board_sda, INPUT_PULLUP);
    for (uint8_t clock = 0; clock < 9 && digitalRead(board_sda) == LOW; clock++) {
        pinMode(board_scl, OUTPUT);
        digitalWrite(board_scl, LOW);
        delayMicroseconds(10);
        pinMode(board_scl, INPUT_PULLUP);
        delayMicroseconds(10);
    }
}

/* The sensor */

static void lose() {
    sensor.id = sensor.address = 0;
    sensor.name = board_chip_name(0);
    tried = false;
}

static void try_again() {
    if (tried && board_us() - tried_us < RETRY_US) {
        return;
    }
    free_bus();
    board_bus_begin();
    sensor.id = chip_start(&board_chip, &bus_of_chip, &sensor);
    sensor.name = board_chip_name(sensor.id);
    sensor.address = sensor.id ? address : 0;
    tried_us = board_us();
    tried = true;
    failures = 0;
    if (!sensor.id) {
        sensor.bus_errors++;
    }
    noInterrupts();
    seen_count = ready_count;
    ready_us = tried_us;
    interrupts();
}

/* No edge for long: if the chip has something new all the same, it is the wire. */
static void look_at_the_wire() {
    uint8_t status = 0;
    if (get(board_chip.status, &status, 1) && (status & board_chip.ready)) {
        sensor.trouble = SJ_INT_SILENT;
    }
}

static void ready_now(uint32_t *count, uint32_t *at_us) {
    noInterrupts();
    *count = ready_count;
    *at_us = ready_us;
    interrupts();
}

/* The newest sample; false if it can't be had for sure. */
static bool read_sample(uint32_t count, uint32_t at_us) {
    uint8_t raw[BURST];
    int16_t counts[3];
    uint32_t count_after, at_after_us;
    if (!get(board_chip.status, raw, board_chip.burst)) {
        seen_count = count;
        return false;
    }
    ready_now(&count_after, &at_after_us);
    if (count_after != count) {
        return true; /* a newer one came meanwhile: which of the two this is nobody knows; it is read next */
    }
    sensor.missed += count - seen_count - 1;
    seen_count = count;
    failures = 0;
    if (chip_was_noise(&board_chip, raw, last)) {
        sensor.false_edges++;
        return true;
    }
    if (raw[0] & board_chip.overflow) {
        sensor.overflows++;
        sensor.bus_errors++;
    }
    sensor.trouble = SJ_WELL;
    for (uint8_t axis = 0; axis < 3; axis++) {
        counts[axis] = chip_word(raw + board_chip.data_at + 2 * axis, board_chip.low_byte_first);
    }
    sj_sample(&stream, at_us, counts);
    return true;
}

static void tend_sensor() {
    uint32_t count, at_us;
    if (!sensor.id) {
        try_again();
        return;
    }
    ready_now(&count, &at_us);
    if (count != seen_count) {
        if (!read_sample(count, at_us)) {
            sensor.bus_errors++;
            if (++failures == FAILURES) {
                lose();
            }
        }
    } else if (board_us() - at_us > SILENT_US) {
        sensor.bus_errors++;
        look_at_the_wire();
        lose();
    }
}

/* The loop */

void setup() {
    Serial.begin(115200);
    board_begin();
    pinMode(board_button, INPUT_PULLUP);
    pinMode(board_ready, board_ready_mode);
    about.board = board_name;
    about.firmware = "sleepjerk-arduino 2";
    about.no_sensor = board_chip.no_sensor;
    about.range_g = board_chip.range_g;
    about.lsb_per_g = board_chip.lsb_per_g;
    about.rate_hz = board_chip.rate_hz;
    about.bandwidth_hz = board_chip.bandwidth_hz;
    about.reset_cause = board_reset_cause();
    board_count_resets(&about.resets, &about.boot_id);
    lose();
    attachInterrupt(digitalPinToInterrupt(board_ready), on_ready, RISING);
    tend_sensor(); /* starts it, so that the first hello can tell what it is */
    sj_begin(&stream, &about, &sensor, ring, sizeof ring, board_us());
}

void loop() {
    board_feed();
    tend_sensor();
    while (Serial.available() > 0) {
        sj_hear(&stream, board_us(), (uint8_t)Serial.read());
    }
    uint32_t now_us = board_us();
    sj_button(&stream, now_us, digitalRead(board_button) == LOW);
    sj_tick(&stream, now_us);
    board_lamp(sj_lamp(&stream, now_us));
    for (int room = Serial.availableForWrite(); room > 0 && stream.ring.waiting; room--) {
        Serial.write((uint8_t)sj_ring_next(&stream.ring));
    }
}

#endif
