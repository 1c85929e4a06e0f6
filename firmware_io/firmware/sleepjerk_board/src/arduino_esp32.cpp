/* An ESP32, ESP32-S3 or ESP32-C3 with an MPU-6050. */

#if defined(ARDUINO_ARCH_ESP32)

#include "../pins.h"
#include "arduino_board.h"
#include "mpu6050.h"

#include <Preferences.h>
#include <esp_log.h>
#include <esp_system.h>

/* SDA, SCL, INT, button, lamp. */
#if defined(CONFIG_IDF_TARGET_ESP32S3)
#define NAME "ESP32-S3"
#define USUAL_PINS 8, 9, 5, 4, 2
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
#define NAME "ESP32-C3"
#define USUAL_PINS 6, 7, 5, 4, 8
#elif defined(CONFIG_IDF_TARGET_ESP32)
#define NAME "ESP32"
#define USUAL_PINS 21, 22, 19, 18, 2
#elif defined(SLEEPJERK_PINS)
#define NAME "ESP32, another kind"
#else
#error "sleepjerk: the pins of this kind of ESP32 aren't known. Known: ESP32, ESP32-S3, ESP32-C3. For another one write your pins into pins.h."
#endif
#if !defined(SLEEPJERK_PINS)
#define SLEEPJERK_PINS USUAL_PINS
#endif

static constexpr uint8_t PINS[] = {SLEEPJERK_PINS};
static_assert(sizeof PINS == 5, "pins.h: SLEEPJERK_PINS needs five numbers: SDA, SCL, INT, button, lamp");

static constexpr bool uses(uint8_t pin, uint8_t place = 0) {
    return place < sizeof PINS && (PINS[place] == pin || uses(pin, (uint8_t)(place + 1)));
}
#if defined(CONFIG_IDF_TARGET_ESP32S3)
static_assert(!uses(19) && !uses(20), "pins.h: GPIO 19 and 20 are the USB port of an ESP32-S3: choose others");
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
static_assert(!uses(18) && !uses(19), "pins.h: GPIO 18 and 19 are the USB port of an ESP32-C3: choose others");
#endif

const char *const board_name = NAME;
const chip &board_chip = MPU6050;
const uint8_t board_sda = PINS[0], board_scl = PINS[1], board_ready = PINS[2], board_button = PINS[3];
const uint8_t board_ready_mode = INPUT_PULLDOWN;
static const uint8_t LAMP = PINS[4];
static const uint16_t BUS_TIMEOUT_MS = 5;

void board_begin() {
    esp_log_level_set("*", ESP_LOG_NONE); /* its words about a missing sensor would go into our frames */
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
