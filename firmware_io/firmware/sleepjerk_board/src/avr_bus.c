#if defined(__AVR_ATmega328P__)

#include "avr_bus.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/delay.h>
#include <util/twi.h>

#define BUS_HZ 100000UL /* slow on purpose: the wires may be long */
#define NO_STATE 0xF8

static volatile bus_state state;
static uint8_t peer, register_at, value, left;
static uint8_t *into; /* NULL: write `value` */
static bool told_register;

static void go(uint8_t extra) {
    TWCR = _BV(TWINT) | _BV(TWEN) | _BV(TWIE) | extra;
}

static void end(bus_state how) {
    TWCR = _BV(TWINT) | _BV(TWEN) | _BV(TWSTO);
    state = how;
    bus_on_end(how);
}

static void say(uint8_t byte) {
    TWDR = byte;
    go(0);
}

static void next_to_say(void) {
    if (!told_register) {
        told_register = true;
        say(register_at);
    } else if (into) {
        go(_BV(TWSTA));
    } else if (left) {
        left = 0;
        say(value);
    } else {
        end(BUS_DONE);
    }
}

ISR(TWI_vect) {
    switch (TW_STATUS) {
    case TW_START: say((uint8_t)(peer << 1)); break;
    case TW_REP_START: say((uint8_t)(peer << 1 | 1)); break;
    case TW_MT_SLA_ACK:
    case TW_MT_DATA_ACK: next_to_say(); break;
    case TW_MR_SLA_ACK: go(left > 1 ? _BV(TWEA) : 0); break;
    case TW_MR_DATA_ACK:
        *into++ = TWDR;
        left--;
        go(left > 1 ? _BV(TWEA) : 0);
        break;
    case TW_MR_DATA_NACK:
        *into++ = TWDR;
        end(BUS_DONE);
        break;
    case NO_STATE: break;
    default: end(BUS_FAILED); break;
    }
}

static void begin_transfer(uint8_t address, uint8_t at, uint8_t *bytes, uint8_t count) {
    peer = address;
    register_at = at;
    into = bytes;
    left = count;
    told_register = false;
    state = BUS_BUSY;
    for (uint8_t wait = 0; (TWCR & _BV(TWSTO)) && wait < 100; wait++) {
        _delay_us(1); /* the stop of the transfer before */
    }
    go(_BV(TWSTA));
}

void bus_read(uint8_t address, uint8_t at, uint8_t *bytes, uint8_t count) {
    begin_transfer(address, at, bytes, count);
}

void bus_write(uint8_t address, uint8_t at, uint8_t byte) {
    value = byte;
    begin_transfer(address, at, 0, 1);
}

bus_state bus_ask(void) {
    return state;
}

void bus_begin(void) {
    TWCR = 0;
    state = BUS_DONE;
    PORTC |= _BV(PORTC4) | _BV(PORTC5); /* pull-ups: SDA is PC4, SCL is PC5 */
    if (!(PINC & _BV(PINC4))) {
        for (uint8_t clock = 0; clock < 9; clock++) {
            PORTC &= (uint8_t)~_BV(PORTC5);
            DDRC |= _BV(DDC5);
            _delay_us(10);
            DDRC &= (uint8_t)~_BV(DDC5);
            PORTC |= _BV(PORTC5);
            _delay_us(10);
        }
    }
    TWSR = 0;
    TWBR = (uint8_t)((F_CPU / BUS_HZ - 16) / 2);
    TWCR = _BV(TWEN);
}

#endif
