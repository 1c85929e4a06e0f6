#if defined(__AVR_ATmega328P__)

#include "avr_sensor.h"

#include "avr_bus.h"
#include "avr_clock.h"
#include "mpu6050.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>
#include <util/atomic.h>
#include <util/delay.h>

#define SPIKE_US 2000UL     /* an edge on the INT wire so soon after another one is noise */
#define SILENT_US 100000UL  /* no sample for ten periods: the sensor lost its power or its set-up */
#define TRANSFER_US 5000UL  /* a transfer takes 1.1 ms */
#define RETRY_US 1000000UL
#define FAILURES 3
#define QUEUE 4 /* samples, 40 ms of them */
#define BYTES 9 /* status, three axes and the temperature */

sj_sensor sensor = {.name = "none"};

static volatile struct {
    uint32_t ready_us;
    uint8_t raw[BYTES];
} queue[QUEUE];
static volatile uint8_t queued, taken; /* run on; the place is modulo QUEUE */
static volatile uint32_t ready_us, missed, failed;
static volatile uint8_t failures; /* in a row */
static volatile bool sampling;    /* else the bus belongs to `chip_start` */
static uint8_t address;           /* kept while the sensor is lost: it will be there again */
static uint32_t tried_us;
static bool tried;

ISR(INT0_vect) {
    uint32_t now_us = clock_us();
    if (now_us - ready_us < SPIKE_US) {
        return;
    }
    ready_us = now_us;
    if (bus_ask() == BUS_BUSY || (uint8_t)(queued - taken) == QUEUE) {
        missed++;
        return;
    }
    uint8_t place = queued % QUEUE;
    queue[place].ready_us = now_us;
    bus_read(address, MPU6050.status, (uint8_t *)queue[place].raw, BYTES);
}

void bus_on_end(bus_state state) {
    if (!sampling) {
        return;
    }
    if (state == BUS_DONE) {
        queued++;
        failures = 0;
    } else {
        failed++;
        failures++;
    }
}

static bool finished(void) {
    uint32_t began_us = clock_us();
    while (bus_ask() == BUS_BUSY) {
        if (clock_us() - began_us > TRANSFER_US) {
            bus_begin();
            return false;
        }
    }
    return bus_ask() == BUS_DONE;
}

static bool get(uint8_t at, uint8_t *bytes, uint8_t count) {
    bus_read(address, at, bytes, count);
    return finished();
}

static bool set(chip_register wish) {
    bus_write(address, wish.at, wish.value);
    return finished();
}

static void wait_ms(uint8_t ms) {
    while (ms--) {
        _delay_ms(1);
    }
}

static void turn_to(uint8_t wanted) {
    address = wanted;
    bus_begin();
}

static const chip_bus bus = {turn_to, get, set, wait_ms};

static void listen(void) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        ready_us = clock_us();
        queued = taken = failures = 0;
        sampling = true;
        EICRA = _BV(ISC01) | _BV(ISC00); /* rising edge */
        EIFR = _BV(INTF0);
        EIMSK = _BV(INT0);
    }
}

static void lose(void) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        EIMSK = 0;
        sampling = false;
    }
    sensor.id = sensor.address = 0;
    sensor.name = mpu_name(0);
    tried = false;
}

/* No edge for long: if the chip has something new all the same, it is the wire. */
static void look_at_the_wire(void) {
    uint8_t status = 0;
    if (get(MPU6050.status, &status, 1) && (status & MPU6050.ready)) {
        sensor.trouble = SJ_INT_SILENT;
    }
}

static void try_again(void) {
    if (tried && clock_us() - tried_us < RETRY_US) {
        return;
    }
    sensor.id = chip_start(&MPU6050, &bus, &sensor);
    sensor.name = mpu_name(sensor.id);
    sensor.address = sensor.id ? address : 0;
    tried_us = clock_us();
    tried = true;
    if (sensor.id) {
        listen();
    } else {
        failed++;
    }
}

void sensor_tend(void) {
    uint32_t since_us;
    uint8_t in_a_row;
    if (!sensor.id) {
        try_again();
    } else {
        ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
            since_us = clock_us() - ready_us;
            if (bus_ask() == BUS_BUSY && since_us > TRANSFER_US) {
                bus_begin();
                bus_on_end(BUS_FAILED);
            }
            in_a_row = failures;
        }
        if (since_us > SILENT_US) {
            failed++;
        }
        if (since_us > SILENT_US || in_a_row >= FAILURES) {
            lose();
        }
        if (since_us > SILENT_US) {
            look_at_the_wire();
        }
    }
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        sensor.missed = missed;
        sensor.bus_errors = failed + sensor.overflows;
    }
}

bool sensor_take(sensor_sample *sample) {
    static uint8_t last[6];
    for (; sensor_waits() && chip_was_noise(&MPU6050, (const uint8_t *)queue[taken % QUEUE].raw, last); taken++) {
        sensor.false_edges++;
    }
    if (!sensor_waits()) {
        return false;
    }
    uint8_t place = taken % QUEUE;
    const uint8_t *raw = (const uint8_t *)queue[place].raw;
    if (raw[0] & MPU6050.overflow) {
        sensor.overflows++;
    }
    sensor.trouble = SJ_WELL;
    sample->ready_us = queue[place].ready_us;
    for (uint8_t axis = 0; axis < 3; axis++) {
        sample->counts[axis] = chip_word(raw + MPU6050.data_at + 2 * axis, false);
    }
    sample->temperature = chip_word(raw + MPU_TEMPERATURE_AT, false);
    taken++; /* only now: the place belongs to the interrupt again */
    return true;
}

bool sensor_waits(void) {
    return queued != taken;
}

#endif
