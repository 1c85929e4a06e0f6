/* The program on boards that run under Arduino: the sensor is read when its INT wire says so, and nothing ever waits for
   the host. */

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
    bus.beginTransmission(board_chip.address);
    bus.write(wish.at);
    bus.write(wish.value);
    return bus.endTransmission() == 0;
}

static bool get(uint8_t at, uint8_t *bytes, uint8_t count) {
    TwoWire &bus = board_bus();
    bus.beginTransmission(board_chip.address);
    bus.write(at);
    if (bus.endTransmission(false) != 0 || bus.requestFrom(board_chip.address, count) != count) {
        return false;
    }
    for (uint8_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)bus.read();
    }
    return true;
}

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

/* Set the chip up and read back that it listened; its WHO_AM_I, 0 if it didn't. */
static uint8_t start() {
    uint8_t who = 0, back = 0;
    free_bus();
    board_bus_begin();
    if (!get(board_chip.who_am_i, &who, 1) || who == 0x00 || who == 0xFF || !set(board_chip.reset)) {
        return 0;
    }
    delay(board_chip.reset_ms);
    for (uint8_t step = 0; step < board_chip.setup_count; step++) {
        chip_register wish = board_chip.setup[step];
        if (!set(wish) || !get(wish.at, &back, 1) || back != wish.value) {
            return 0;
        }
    }
    return who;
}

static void lose() {
    sensor.id = 0;
    sensor.name = board_chip_name(0);
    tried = false;
}

static void try_again() {
    if (tried && board_us() - tried_us < RETRY_US) {
        return;
    }
    sensor.id = start();
    sensor.name = board_chip_name(sensor.id);
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

static void ready_now(uint32_t *count, uint32_t *at_us) {
    noInterrupts();
    *count = ready_count;
    *at_us = ready_us;
    interrupts();
}

/* The newest sample; false if it can't be had for sure. */
static bool read_sample(uint32_t count, uint32_t at_us) {
    uint8_t raw[6];
    int16_t counts[3];
    uint32_t count_after, at_after_us;
    if (!get(board_chip.data, raw, sizeof raw)) {
        seen_count = count;
        return false;
    }
    ready_now(&count_after, &at_after_us);
    if (count_after != count) {
        return true; /* a newer one came meanwhile: which of the two this is nobody knows; it is read next */
    }
    for (uint8_t axis = 0; axis < 3; axis++) {
        counts[axis] = chip_word(raw + 2 * axis, board_chip.low_byte_first);
    }
    sensor.missed += count - seen_count - 1;
    seen_count = count;
    failures = 0;
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
        lose();
    }
}

/* The loop */

void setup() {
    Serial.begin(115200);
    board_begin();
    pinMode(board_button, INPUT_PULLUP);
    pinMode(board_ready, INPUT);
    about.board = board_name;
    about.firmware = "sleepjerk-arduino 1";
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
