#include "sensor.h"

#include <math.h>
#include <string.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_twi.h>
#include <simavr/sim_cycle_timers.h>
#include <simavr/sim_interrupts.h>
#include <simavr/sim_time.h>

enum { SELF_TEST = 0x0D, SMPLRT_DIV = 0x19, CONFIG = 0x1A, ACCEL_CONFIG = 0x1C, INT_ENABLE = 0x38, INT_STATUS = 0x3A, DATA = 0x3B };
enum { PWR_MGMT_1 = 0x6B, WHO_AM_I = 0x75, WHO = 0x68, RESET_BIT = 0x80, SLEEP_BIT = 0x40 };
enum { READY_BIT = 0x01, OVERFLOW_BIT = 0x10 };
enum { TWI_VECTOR = 24, RAW_20_C = -5620 };
static const int TRIM[3] = {5, 16, 31}; /* what the factory noted, a code for each axis */

static double period_us(const sensor_model *sensor) {
    uint8_t filter = sensor->registers[CONFIG] & 7;
    double inside_hz = filter == 0 || filter == 7 ? 8000 : 1000;
    return 1e6 * (1 + sensor->registers[SMPLRT_DIV]) / inside_hz / sensor->pace;
}

static bool runs(const sensor_model *sensor) {
    return !sensor->absent && !(sensor->registers[PWR_MGMT_1] & SLEEP_BIT);
}

static void put_word(uint8_t *at, int value) {
    value = value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value;
    at[0] = (uint8_t)((uint16_t)value >> 8);
    at[1] = (uint8_t)value;
}

static avr_cycle_count_t pin_falls(avr_t *avr, avr_cycle_count_t when, void *param) {
    (void)avr, (void)when;
    avr_raise_irq(((sensor_model *)param)->ready_pin, 0);
    return 0;
}

static void tell(sensor_model *sensor, avr_cycle_count_t when) {
    uint64_t at_us = when / (sensor->avr->frequency / 1000000);
    uint32_t number = sensor->next - 1;
    fwrite(&number, sizeof number, 1, sensor->told);
    fwrite(&at_us, sizeof at_us, 1, sensor->told);
    avr_raise_irq(sensor->ready_pin, 1);
    avr_cycle_timer_register_usec(sensor->avr, 50, pin_falls, sensor);
}

/* What an idle chip feels: 1 g downwards, and the self-test's own force where it is switched on. */
static void rest(sensor_model *sensor) {
    uint8_t config = sensor->registers[ACCEL_CONFIG];
    double per_g = 32768 / (2 << (config >> 3 & 3));
    for (int axis = 0; axis < 3; axis++) {
        double trim_g = 0.34 * pow(0.92 / 0.34, (TRIM[axis] - 1) / 30.0);
        double force_g = config & 0x80 >> axis ? trim_g * sensor->response / 100 : 0;
        put_word(sensor->registers + DATA + 2 * axis, (int)lround(((axis == 2) + force_g) * per_g));
    }
}

static avr_cycle_count_t next_sample(avr_t *avr, avr_cycle_count_t when, void *param) {
    sensor_model *sensor = param;
    if (!runs(sensor)) {
        return when + avr_usec_to_cycles(avr, 1000);
    }
    if (!(sensor->registers[INT_ENABLE] & 1)) {
        rest(sensor); /* nobody is told: the night has not begun */
        return when + avr_usec_to_cycles(avr, 1000);
    }
    if (sensor->next == sensor->count) {
        sensor->ended = true;
        return 0;
    }
    const int16_t *counts = sensor->counts[sensor->next++];
    double share = 4.0 / (2 << (sensor->registers[ACCEL_CONFIG] >> 3 & 3));
    for (int axis = 0; axis < 3; axis++) {
        put_word(sensor->registers + DATA + 2 * axis, (int)lround(counts[axis] * share));
    }
    put_word(sensor->registers + DATA + 6, RAW_20_C);
    sensor->registers[INT_STATUS] |= READY_BIT;
    if (!sensor->int_off) {
        tell(sensor, when);
    }
    return when + (avr_cycle_count_t)llround(period_us(sensor) * (avr->frequency / 1e6));
}

void sensor_power_cycle(sensor_model *sensor) {
    memset(sensor->registers, 0, sizeof sensor->registers);
    sensor->registers[PWR_MGMT_1] = SLEEP_BIT;
    sensor->registers[WHO_AM_I] = WHO;
    for (int axis = 0; axis < 3 && !sensor->untrimmed; axis++) {
        sensor->registers[SELF_TEST + axis] = (uint8_t)(TRIM[axis] >> 2 << 5);
        sensor->registers[SELF_TEST + 3] |= (uint8_t)((TRIM[axis] & 3) << (4 - 2 * axis));
    }
}

void sensor_overflow(sensor_model *sensor) {
    sensor->registers[INT_STATUS] |= OVERFLOW_BIT;
}

void sensor_noise(sensor_model *sensor) {
    avr_raise_irq(sensor->ready_pin, 1);
    avr_cycle_timer_register_usec(sensor->avr, 50, pin_falls, sensor);
}

static void answer(sensor_model *sensor, uint8_t what, uint8_t byte) {
    avr_raise_irq(sensor->bus + TWI_IRQ_INPUT, avr_twi_irq_msg(what, sensor->address, byte));
}

static void written(sensor_model *sensor, uint8_t byte) {
    if (!sensor->addressed) {
        sensor->at = byte & 0x7F;
        sensor->addressed = true;
        return;
    }
    uint8_t at = sensor->at++ & 0x7F;
    if (at == PWR_MGMT_1 && byte & RESET_BIT) {
        sensor_power_cycle(sensor);
    } else if (at != WHO_AM_I && !sensor->deaf) {
        sensor->registers[at] = byte;
        if (at == INT_ENABLE) {
            avr_cycle_timer_register_usec(sensor->avr, (uint32_t)period_us(sensor), next_sample, sensor);
        }
    }
}

static void on_bus(struct avr_irq_t *irq, uint32_t value, void *param) {
    sensor_model *sensor = param;
    avr_twi_msg_irq_t message = {.u.v = value};
    uint8_t what = message.u.twi.msg;
    (void)irq;
    if (what & TWI_COND_STOP) {
        sensor->selected = false;
    }
    if (what & TWI_COND_START) {
        sensor->selected = message.u.twi.addr >> 1 == sensor->address && !sensor->absent;
        if (sensor->selected) {
            if (!(message.u.twi.addr & 1)) {
                sensor->addressed = false;
            }
            /* A burst reads what was there when it began. */
            memcpy(sensor->shadow, sensor->registers, sizeof sensor->shadow);
            answer(sensor, TWI_COND_ACK, 1);
        }
    }
    if (sensor->selected && what & TWI_COND_WRITE) {
        answer(sensor, TWI_COND_ACK, 1);
        written(sensor, message.u.twi.data);
    }
    if (sensor->selected && what & TWI_COND_READ) {
        uint8_t at = sensor->at++ & 0x7F;
        if (at == INT_STATUS) {
            sensor->registers[at] &= (uint8_t)~sensor->shadow[at]; /* told once */
        }
        answer(sensor, TWI_COND_READ, sensor->shadow[at]);
    }
}

/* While the data wire is held down no transfer ends: the interrupt that says so never comes. */
static void on_transfer_end(struct avr_irq_t *irq, uint32_t pending, void *param) {
    sensor_model *sensor = param;
    avr_int_table_p table = &sensor->avr->interrupts;
    (void)irq;
    for (int i = 0; pending && sensor->holds_data && i < table->vector_count; i++) {
        if (table->vector[i]->vector == TWI_VECTOR) {
            avr_regbit_clear(sensor->avr, table->vector[i]->enable);
            avr_clear_interrupt(sensor->avr, table->vector[i]);
        }
    }
}

/* Nothing but what hangs on it decides about the wire, not the chip's own weak pull-up. */
static void pull_data(const sensor_model *sensor) {
    avr_ioport_external_t wire = {.name = 'C', .mask = 1 << 4, .value = sensor->holds_data ? 0 : 1 << 4};
    avr_ioctl(sensor->avr, AVR_IOCTL_IOPORT_SET_EXTERNAL('C'), &wire);
    avr_raise_irq(sensor->data_pin, !sensor->holds_data);
}

static void on_clock_wire(struct avr_irq_t *irq, uint32_t direction, void *param) {
    sensor_model *sensor = param;
    bool low = direction & 1 << 5;
    (void)irq;
    if (sensor->holds_data && !low && ++sensor->clocks == 9) {
        sensor->holds_data = false;
        pull_data(sensor);
    }
}

void sensor_hold_data(sensor_model *sensor) {
    sensor->holds_data = true;
    sensor->clocks = 0;
    pull_data(sensor);
}

void sensor_after_reset(sensor_model *sensor) {
    sensor->selected = false;
    pull_data(sensor);
    avr_cycle_timer_register_usec(sensor->avr, 1000, next_sample, sensor);
}

void sensor_begin(sensor_model *sensor, avr_t *avr) {
    sensor->avr = avr;
    sensor->bus = avr_io_getirq(avr, AVR_IOCTL_TWI_GETIRQ(0), 0);
    sensor->ready_pin = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 2);
    sensor->data_pin = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('C'), 4);
    sensor_power_cycle(sensor);
    avr_irq_register_notify(sensor->bus + TWI_IRQ_OUTPUT, on_bus, sensor);
    avr_irq_register_notify(avr_get_interrupt_irq(avr, TWI_VECTOR), on_transfer_end, sensor);
    avr_irq_register_notify(
        avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('C'), IOPORT_IRQ_DIRECTION_ALL), on_clock_wire, sensor);
    sensor_after_reset(sensor);
}
