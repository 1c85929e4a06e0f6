/* What a program must know of an accelerometer chip to start it and to read it. */

#ifndef SJ_CHIP_H
#define SJ_CHIP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint8_t at;
    uint8_t value;
} chip_register;

typedef struct {
    const chip_register *setup; /* written in this order after a reset, and read back */
    uint8_t setup_count;
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

/* How a driver's bus looks to what is written once for all of them. */
typedef struct {
    bool (*get)(uint8_t at, uint8_t *bytes, uint8_t count);
    bool (*set)(chip_register wish); /* and read back */
    void (*wait_ms)(uint8_t ms);
} chip_bus;

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

#endif
