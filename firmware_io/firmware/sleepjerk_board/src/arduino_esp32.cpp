/* An ESP32 with an MPU-6050. */

#if defined(ARDUINO_ARCH_ESP32)

#include "arduino_board.h"
#include "mpu6050.h"

#include <Preferences.h>
#include <esp_system.h>

const char *const board_name = "ESP32";
const chip &board_chip = MPU6050;
const uint8_t board_sda = 21, board_scl = 22, board_ready = 19, board_button = 18;
static const uint8_t LAMP = 2;
static const uint16_t BUS_TIMEOUT_MS = 5;

void board_begin() {
    pinMode(LAMP, OUTPUT);
    enableLoopWDT(); /* fed by Arduino itself, each time `loop` comes back */
}

TwoWire &board_bus() {
    return Wire;
}

void board_bus_begin() {
    Wire.end();
    Wire.begin((int)board_sda, (int)board_scl, 100000U);
    Wire.setTimeOut(BUS_TIMEOUT_MS);
}

uint32_t IRAM_ATTR board_us() {
    return (uint32_t)micros();
}

void board_feed() {}

void board_lamp(bool on) {
    digitalWrite(LAMP, on ? HIGH : LOW);
}

uint8_t board_reset_cause() {
    switch (esp_reset_reason()) {
    case ESP_RST_POWERON: return SJ_POWER;
    case ESP_RST_BROWNOUT: return SJ_BROWN_OUT;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT: return SJ_WATCHDOG;
    default: return SJ_ASKED;
    }
}

void board_count_resets(uint16_t *resets, uint8_t *boot_id) {
    Preferences kept;
    kept.begin("sleepjerk", false);
    *resets = (uint16_t)(kept.getUShort("resets", 0) + 1);
    kept.putUShort("resets", *resets);
    kept.end();
    *boot_id = (uint8_t)*resets;
}

const char *board_chip_name(uint8_t who) {
    return mpu_name(who);
}

#endif
