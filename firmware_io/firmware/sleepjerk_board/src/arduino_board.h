/* What differs between the boards that run under Arduino: pins, clock, watchdog, memory of resets. */

#ifndef SJ_ARDUINO_BOARD_H
#define SJ_ARDUINO_BOARD_H

#include <Arduino.h>
#include <Wire.h>

#include "chip.h"
#include "stream.h"

#ifndef IRAM_ATTR
#define IRAM_ATTR
#endif

extern const char *const board_name;
extern const chip &board_chip;
extern const uint8_t board_ready_mode; /* of the INT pin: an open one must be quiet */
extern const uint8_t board_sda, board_scl, board_ready, board_button;

/* Power, clock and watchdog on; the bus on its pins. */
void board_begin();
TwoWire &board_bus();
void board_bus_begin();

/* Microseconds modulo 2^32; also from an interrupt. */
uint32_t board_us();

/* Must come every second or so, or the board starts again. */
void board_feed();

void board_lamp(bool on);

/* W5: cause of the last reset, number of resets (0 where it can't be kept), and another boot id than before. */
uint8_t board_reset_cause();
void board_count_resets(uint16_t *resets, uint8_t *boot_id);

const char *board_chip_name(uint8_t who);

#endif
