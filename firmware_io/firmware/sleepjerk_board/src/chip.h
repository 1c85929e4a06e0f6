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
    uint8_t address;
    uint8_t who_am_i;
    chip_register reset;
    uint8_t reset_ms;
    uint8_t data; /* three axes of two bytes */
    bool low_byte_first;
    uint8_t range_g;
    uint16_t lsb_per_g;
    uint16_t rate_hz;
    uint16_t bandwidth_hz;
} chip;

static inline int16_t chip_word(const uint8_t *bytes, bool low_byte_first) {
    uint8_t high = bytes[low_byte_first ? 1 : 0], low = bytes[low_byte_first ? 0 : 1];
    return (int16_t)((uint16_t)high << 8 | low);
}

#endif
