/* The LSM6DS3TR-C, which sits on the XIAO nRF52840 Sense: registers, and what is written into them after a reset. */

#ifndef SJ_LSM6DS3_H
#define SJ_LSM6DS3_H

#include "chip.h"

static const chip_register LSM_SETUP[] = {
    {0x12, 0x44}, /* CTRL3_C: a sample is replaced as a whole, and its bytes are read in a row */
    {0x0B, 0x80}, /* DRDY_PULSE_CFG: a short pulse for each sample, read or not */
    {0x0D, 0x01}, /* INT1_CTRL: acceleration ready */
    {0x10, 0x48}, /* CTRL1_XL: 104 Hz, +-4 g, filter at half of it */
};

static const chip LSM6DS3 = {
    .setup = LSM_SETUP,
    .setup_count = sizeof LSM_SETUP / sizeof LSM_SETUP[0],
    .eldest = 0,
    .of_kin = {0, 0},
    .self_test = 0,
    .addresses = {0x6A, 0x6B},
    .no_sensor = "no sensor found at 0x6A or 0x6B: is this a XIAO nRF52840 Sense?",
    .who_am_i = 0x0F,
    .reset = {0x12, 0x01},
    .reset_ms = 20,
    .status = 0x1E, /* STATUS_REG; temperature and gyroscope stand between it and the acceleration */
    .burst = 16,
    .data_at = 10,
    .ready = 0x01,
    .overflow = 0,
    .low_byte_first = true,
    .range_g = 4,
    .lsb_per_g = 8197, /* 0.122 mg a count */
    .rate_hz = 104,
    .bandwidth_hz = 52,
};

static inline const char *lsm_name(uint8_t who) {
    switch (who) {
    case 0x00: return "none";
    case 0x69: return "LSM6DS3";
    case 0x6A: return "LSM6DS3TR-C";
    default: return "LSM, unknown id";
    }
}

#endif
