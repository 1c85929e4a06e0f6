/* The MPU-6050 and its later kin: registers, and what is written into them, in this order, after a reset. */

#ifndef SJ_MPU6050_H
#define SJ_MPU6050_H

#include <stdint.h>

#define MPU_ADDRESS 0x68
#define MPU_RESET_REGISTER 0x6B
#define MPU_RESET 0x80
#define MPU_RESET_MS 100
#define MPU_WHO_AM_I 0x75
#define MPU_DATA 0x3B /* three axes and the temperature: four times two bytes, high byte first */
#define MPU_DATA_BYTES 8

#define MPU_RANGE_G 4
#define MPU_LSB_PER_G 8192
#define MPU_RATE_HZ 100
#define MPU_BANDWIDTH_HZ 44

typedef struct {
    uint8_t at;
    uint8_t value;
} mpu_register;

static const mpu_register MPU_SETUP[] = {
    {0x6B, 0x01}, /* PWR_MGMT_1: awake, clock from the gyroscope (1 %; its own one is off by up to 5 %) */
    {0x6C, 0x03}, /* PWR_MGMT_2: the other two gyroscopes sleep */
    {0x1A, 0x03}, /* CONFIG: 44 Hz filter, 1 kHz inside */
    {0x19, 0x09}, /* SMPLRT_DIV: 1 kHz / (1 + 9) */
    {0x1C, 0x08}, /* ACCEL_CONFIG: +-4 g */
    {0x37, 0x00}, /* INT_PIN_CFG: a short pulse upwards */
    {0x38, 0x01}, /* INT_ENABLE: data ready */
    {0x1D, 0x03}, /* later chips filter the acceleration by a register of its own; the MPU-6050 has none here */
};
#define MPU_SETUP_COUNT (sizeof MPU_SETUP / sizeof MPU_SETUP[0])
#define MPU_SETUP_6050 (MPU_SETUP_COUNT - 1)

static inline const char *mpu_name(uint8_t who) {
    switch (who) {
    case 0x00: return "none";
    case 0x68: return "MPU6050";
    case 0x70: return "MPU6500";
    case 0x71: return "MPU9250";
    case 0x73: return "MPU9255";
    case 0x98: return "ICM20689";
    default: return "MPU, unknown id";
    }
}

/* Hundredths of a degree Celsius. */
static inline int16_t mpu_centidegrees(uint8_t who, int16_t raw) {
    return (int16_t)(who == 0x68 ? (int32_t)raw * 10 / 34 + 3653 : (int32_t)raw * 10000 / 33387 + 2100);
}

static inline int16_t mpu_word(const uint8_t *bytes) {
    return (int16_t)((uint16_t)bytes[0] << 8 | bytes[1]);
}

#endif
