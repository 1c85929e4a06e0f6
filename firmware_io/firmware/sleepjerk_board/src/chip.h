/* What a program must know of an accelerometer chip, and how it is started: the same on every board. How its bus works
   is the driver's. */

#ifndef SJ_CHIP_H
#define SJ_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "stream.h"

typedef struct {
    uint8_t at;
    uint8_t value;
} chip_register;

typedef struct {
    void (*turn_to)(uint8_t address); /* what is meant from now on */
    bool (*get)(uint8_t at, uint8_t *bytes, uint8_t count);
    bool (*set)(chip_register wish);
    void (*wait_ms)(uint8_t ms);
} chip_bus;

typedef struct {
    const chip_register *setup; /* written in this order after a reset, and read back */
    uint8_t setup_count;
    uint8_t eldest;       /* the WHO_AM_I of the one that has no: */
    chip_register of_kin; /* written after `setup`; nowhere if it is 0 */
    void (*self_test)(const chip_bus *bus, uint8_t who, sj_sensor *sensor); /* right after the reset; NULL: it has none */
    uint8_t addresses[2]; /* tried in this order */
    const char *no_sensor; /* to be told when neither answers */
    uint8_t who_am_i;
    chip_register reset;
    uint8_t reset_ms;
    uint8_t status;   /* whether there is something new; read in one go with what stands behind it: */
    uint8_t burst;    /* so many bytes */
    uint8_t data_at;  /* of which those from here on are three axes of two bytes */
    uint8_t ready, overflow; /* bits of the status */
    bool low_byte_first;
    uint8_t range_g;
    uint16_t lsb_per_g;
    uint16_t rate_hz;
    uint16_t bandwidth_hz;
} chip;

static inline bool chip_answers(uint8_t who) {
    return who != 0x00 && who != 0xFF;
}

static inline int16_t chip_word(const uint8_t *bytes, bool low_byte_first) {
    uint8_t high = bytes[low_byte_first ? 1 : 0], low = bytes[low_byte_first ? 0 : 1];
    return (int16_t)((uint16_t)high << 8 | low);
}

/* Whether an edge of the INT wire was noise: the chip says that nothing is new, and nothing is. Else `last` follows. */
static inline bool chip_was_noise(const chip *of, const uint8_t *raw, uint8_t last[6]) {
    bool same = true;
    for (uint8_t i = 0; i < 6; i++) {
        same = same && raw[of->data_at + i] == last[i];
        last[i] = raw[of->data_at + i];
    }
    return same && !(raw[0] & of->ready);
}

static inline bool chip_set_and_check(const chip_bus *bus, chip_register wish) {
    uint8_t back = 0;
    return bus->set(wish) && bus->get(wish.at, &back, 1) && back == wish.value;
}

/* Who answers at one of the chip's addresses, 0 if nobody does. */
static inline uint8_t chip_find(const chip *of, const chip_bus *bus) {
    for (uint8_t i = 0; i < sizeof of->addresses; i++) {
        uint8_t who = 0;
        bus->turn_to(of->addresses[i]);
        if (bus->get(of->who_am_i, &who, 1) && chip_answers(who)) {
            return who;
        }
    }
    return 0;
}

static inline bool chip_set_up(const chip *of, const chip_bus *bus, uint8_t who) {
    for (uint8_t step = 0; step < of->setup_count; step++) {
        if (!chip_set_and_check(bus, of->setup[step])) {
            return false;
        }
    }
    return who == of->eldest || !of->of_kin.at || chip_set_and_check(bus, of->of_kin);
}

/* Find the chip, set it up and read back that it listened; its WHO_AM_I, 0 if it didn't. */
static inline uint8_t chip_start(const chip *of, const chip_bus *bus, sj_sensor *sensor) {
    static bool tested; /* a chip that only stumbled isn't tested again: that would cost samples */
    uint8_t who = chip_find(of, bus);
    if (!who) {
        sensor->trouble = SJ_NO_SENSOR;
        tested = false;
        return 0;
    }
    if (!bus->set(of->reset)) {
        return 0;
    }
    bus->wait_ms(of->reset_ms);
    if (of->self_test && !tested) {
        of->self_test(bus, who, sensor);
        tested = true;
    }
    if (!chip_set_up(of, bus, who)) {
        sensor->trouble = SJ_NOT_SET_UP;
        tested = false;
        return 0;
    }
    if (sensor->trouble != SJ_INT_SILENT) {
        sensor->trouble = SJ_WELL;
    }
    return who;
}

#endif
