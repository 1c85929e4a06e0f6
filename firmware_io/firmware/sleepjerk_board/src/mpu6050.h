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
/* Later chips filter the acceleration by a register of its own; the MPU-6050 has none here. */
static const chip_register MPU_LATER_FILTER = {0x1D, 0x03};
#define MPU_6050 0x68

/* Its temperature stands behind the three axes, two bytes more. */
static const chip MPU6050 = {
    .setup = MPU_SETUP,
    .setup_count = sizeof MPU_SETUP / sizeof MPU_SETUP[0],
    .address = 0x68,
    .who_am_i = 0x75,
    .reset = {0x6B, 0x80},
    .reset_ms = 100,
    .data = 0x3B,
    .low_byte_first = false,
    .range_g = 4,
    .lsb_per_g = 8192,
    .rate_hz = 100,
    .bandwidth_hz = 44,
};

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

#endif
