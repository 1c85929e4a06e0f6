/* The ATmega328P's own time: microseconds modulo 2^32, counted by timer 1 in half microseconds. */

#ifndef SJ_AVR_CLOCK_H
#define SJ_AVR_CLOCK_H

#include <stdint.h>

void clock_begin(void);

/* Also from an interrupt. */
uint32_t clock_us(void);

#endif
