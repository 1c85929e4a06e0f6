#if defined(__AVR_ATmega328P__)

#include "avr_clock.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

static volatile uint32_t turns; /* of the 16-bit timer: 32.768 ms each */

ISR(TIMER1_OVF_vect) {
    turns++;
}

void clock_begin(void) {
    TCCR1A = 0;
    TCCR1B = _BV(CS11); /* 16 MHz / 8 */
    TIMSK1 = _BV(TOIE1);
}

uint32_t clock_us(void) {
    uint32_t whole;
    uint16_t ticks;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        ticks = TCNT1;
        whole = turns;
        if ((TIFR1 & _BV(TOV1)) && ticks < 0x8000) {
            whole++; /* it went round a moment ago and nobody could be told yet */
        }
    }
    return (whole << 15) + (ticks >> 1);
}

#endif
