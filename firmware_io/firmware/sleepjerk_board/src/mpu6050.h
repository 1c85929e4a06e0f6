/* The MPU-6050 and its later kin: registers, and what is written into them, in this order, after a reset. */

#ifndef SJ_MPU6050_H
#define SJ_MPU6050_H

#include "chip.h"

static const chip_register MPU_SETUP[] = {
    {0x6B, 0x01}, /* PWR_MGMT_1: awake, clock from the gyroscope (1 %; its own one is off by up to 5 %) */
    {0x6C, 0x03}, /* PWR_MGMT_2: the other two gyroscopes sleep */
    {0x1A, 0x03}, /* CONFIG: 44 Hz filter, 1 kHz inside */
    {0x19, 0x09}, /* SMPLRT_DIV: 1 kHz / (1 + 9) */
    {0x1C, 0x08}, /* ACCEL_CONFIG: +-4 g */
    {0x37, 0x00}, /* INT_PIN_CFG: a short pulse upwards */
    {0x38, 0x01}, /* INT_ENABLE: data ready */
};
#define MPU_6050 0x68

/* Its temperature stands behind the three axes. */
#define MPU_TEMPERATURE_AT 7
static inline const char *mpu_name(uint8_t who) {
    switch (who) {
    case 0x00: return "none";
    case MPU_6050: return "MPU6050";
    case 0x70: return "MPU6500";
    case 0x71: return "MPU9250";
    case 0x73: return "MPU9255";
    case 0x98: return "ICM20689";
    default: return "MPU, unknown id";
    }
}

/* Hundredths of a degree Celsius. */
static inline int16_t mpu_centidegrees(uint8_t who, int16_t raw) {
    return (int16_t)(who == MPU_6050 ? (int32_t)raw * 10 / 34 + 3653 : (int32_t)raw * 10000 / 33387 + 2100);
}

/* Self-test (Register Map, registers 13 to 16, and the datasheet's +-14 %): a force of known size moves the masses; what
   this adds is compared with what the factory noted. At +-8 g; SETUP must be written afterwards. */

#define MPU_LIMIT_PERCENT 14
#define MPU_READINGS 16

static const uint16_t MPU_TRIM[31] = { /* 4096 * 0.34 * (0.92 / 0.34) ^ ((code - 1) / 30), for codes from 1 on */
    1393, 1440, 1488, 1538, 1590, 1644, 1699, 1757, 1816, 1877, 1941,
    2006, 2074, 2144, 2216, 2291, 2368, 2448, 2531, 2616, 2704, 2795,
    2890, 2987, 3088, 3192, 3300, 3411, 3526, 3645, 3768,
};

static inline bool mpu_mean(const chip_bus *bus, uint8_t config, int32_t mean[3]) {
    uint8_t raw[6];
    chip_register scale = {0x1C, config};
    if (!chip_set_and_check(bus, scale)) {
        return false;
    }
    bus->wait_ms(30);
    mean[0] = mean[1] = mean[2] = 0;
    for (uint8_t reading = 0; reading < MPU_READINGS; reading++) {
        if (!bus->get(0x3B, raw, sizeof raw)) {
            return false;
        }
        for (uint8_t axis = 0; axis < 3; axis++) {
            mean[axis] += chip_word(raw + 2 * axis, false);
        }
        bus->wait_ms(1);
    }
    for (uint8_t axis = 0; axis < 3; axis++) {
        mean[axis] /= MPU_READINGS;
    }
    return true;
}

/* How far the response is from the trim, in %, away from zero, so that 14.1 % is no 14. */
static inline int8_t mpu_change(int32_t response, uint8_t code) {
    if (code == 0) {
        return SJ_CHANGE_UNKNOWN;
    }
    int32_t trim = MPU_TRIM[code - 1], off = 100 * (response - trim);
    int32_t percent = (off + (off < 0 ? 1 - trim : trim - 1)) / trim;
    return (int8_t)(percent > 127 ? 127 : percent < -127 ? -127 : percent);
}

/* The MPU-6050's; its kin note their trim otherwise. What it found is kept in `sensor`; a bus that fails leaves it as not
   tested. */
static inline void mpu_self_test(const chip_bus *bus, uint8_t who, sj_sensor *sensor) {
    int32_t without[3], with[3];
    uint8_t codes[4];
    sensor->self_test = SJ_NOT_TESTED;
    sensor->change[0] = sensor->change[1] = sensor->change[2] = SJ_CHANGE_UNKNOWN;
    if (who != MPU_6050 || !chip_set_and_check(bus, MPU_SETUP[0]) || !mpu_mean(bus, 0x10, without) ||
        !mpu_mean(bus, 0xF0, with) || !bus->get(0x0D, codes, sizeof codes)) {
        return;
    }
    sensor->self_test = SJ_PASSED;
    for (uint8_t axis = 0; axis < 3; axis++) {
        uint8_t code = (uint8_t)((codes[axis] >> 3 & 0x1C) | (codes[3] >> (4 - 2 * axis) & 3));
        int8_t change = mpu_change(with[axis] - without[axis], code);
        sensor->change[axis] = change;
        if (change == SJ_CHANGE_UNKNOWN) {
            sensor->self_test = SJ_NOT_TESTED; /* the factory noted nothing */
            return;
        }
        if (change > MPU_LIMIT_PERCENT || change < -MPU_LIMIT_PERCENT) {
            sensor->self_test = SJ_FAILED;
        }
    }
}

static const chip MPU6050 = {
    .setup = MPU_SETUP,
    .setup_count = sizeof MPU_SETUP / sizeof MPU_SETUP[0],
    .eldest = MPU_6050,
    .of_kin = {0x1D, 0x03}, /* later chips filter the acceleration by a register of its own: 44 Hz */
    .self_test = mpu_self_test,
    .addresses = {0x68, 0x69},
    .no_sensor = "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND",
    .who_am_i = 0x75,
    .reset = {0x6B, 0x80},
    .reset_ms = 100,
    .status = 0x3A, /* INT_STATUS */
    .burst = 9,
    .data_at = 1,
    .ready = 0x01,
    .overflow = 0x10,
    .low_byte_first = false,
    .range_g = 4,
    .lsb_per_g = 8192,
    .rate_hz = 100,
    .bandwidth_hz = 44,
};

#endif
