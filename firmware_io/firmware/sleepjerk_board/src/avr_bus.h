/* The ATmega328P's two-wire bus: one transfer at a time, done by interrupts. Knows nothing of what it carries. */

#ifndef SJ_AVR_BUS_H
#define SJ_AVR_BUS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { BUS_DONE, BUS_BUSY, BUS_FAILED } bus_state;

/* Switch on; a sensor that was interrupted while it spoke is clocked free. Also ends a transfer that hangs. */
void bus_begin(void);

/* Begin to read `count` bytes of a register, or to write one. Also from an interrupt. `bytes` must stay. */
void bus_read(uint8_t address, uint8_t at, uint8_t *bytes, uint8_t count);
void bus_write(uint8_t address, uint8_t at, uint8_t value);

bus_state bus_ask(void);

/* Called from the interrupt that ends a transfer, whether it went well or not. */
void bus_on_end(bus_state state);

#endif
