/* The program on an ATmega328P (Arduino Uno, Nano): pins, serial port, watchdog, and the loop round them.

   It brings its own `main`, so that nothing of Arduino runs beside it: every interrupt here is ours. The chip sleeps
   between interrupts. */

#if defined(__AVR_ATmega328P__)

#include "avr_clock.h"
#include "avr_sensor.h"
#include "mpu6050.h"
#include "stream.h"

#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#define BAUD_SETTING 16 /* 115200 at 16 MHz, double speed */
#define RING_BYTES 512
#define HEARD 16
#define STATUS_EVERY_US 60000000UL
#define HUNG 0xA5
#define REFERENCE_MV 1100UL /* the chip's own, 10 % from chip to chip */

/* What happened before `main`: kept out of the memory that the start clears. */
static uint8_t reset_flags __attribute__((section(".noinit")));
static uint8_t hung __attribute__((section(".noinit")));
static uint16_t EEMEM kept_resets;

static uint8_t ring[RING_BYTES];
static volatile uint8_t heard[HEARD], heard_in, heard_out; /* run on; the place is modulo HEARD */
static sj_stream stream;
static sj_about about = {
    .board = "ATmega328P",
    .firmware = "sleepjerk-avr 2",
};

/* The watchdog runs on over a reset, 16 ms short: off with it before anything else. */
void save_flags(void) __attribute__((naked, used, section(".init3")));
void save_flags(void) {
    reset_flags = MCUSR;
    MCUSR = 0;
    wdt_disable();
}

/* The loop stood still for 2 s. Begin again by hand: old bootloaders hang after a reset by the watchdog itself. If even
   this interrupt can't come, the watchdog resets the chip 2 s later. */
ISR(WDT_vect, ISR_NAKED) {
    hung = HUNG;
    wdt_disable();
    asm volatile("jmp 0");
}

static void guard(void) {
    cli();
    wdt_reset();
    WDTCSR = _BV(WDCE) | _BV(WDE);
    WDTCSR = _BV(WDIE) | _BV(WDE) | _BV(WDP2) | _BV(WDP1) | _BV(WDP0);
    sei();
}

static uint8_t reset_cause(void) {
    if (hung == HUNG || (reset_flags & _BV(WDRF))) {
        return SJ_WATCHDOG;
    }
    if (reset_flags & _BV(PORF)) {
        return SJ_POWER;
    }
    return reset_flags & _BV(BORF) ? SJ_BROWN_OUT : reset_flags & _BV(EXTRF) ? SJ_ASKED : 0;
}

static uint16_t count_resets(void) {
    uint16_t resets = (uint16_t)(eeprom_read_word(&kept_resets) + 1); /* a new chip says 65535 */
    eeprom_update_word(&kept_resets, resets);
    return resets;
}

/* Serial port */

ISR(USART_RX_vect) {
    uint8_t byte = UDR0;
    if ((uint8_t)(heard_in - heard_out) < HEARD) {
        heard[heard_in % HEARD] = byte;
        heard_in++;
    }
}

ISR(USART_UDRE_vect) {
    UCSR0B &= (uint8_t)~_BV(UDRIE0); /* it only wakes the loop */
}

static void port_begin(void) {
    UBRR0 = BAUD_SETTING;
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

static void port_pump(void) {
    while (stream.ring.waiting && (UCSR0A & _BV(UDRE0))) {
        UDR0 = (uint8_t)sj_ring_next(&stream.ring);
    }
    if (stream.ring.waiting) {
        UCSR0B |= _BV(UDRIE0);
    }
}

/* Supply: the chip measures its own reference against it. */

static void gauge_begin(void) {
    ADMUX = _BV(REFS0) | 0x0E;
    ADCSRA = _BV(ADEN) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
    ADCSRA |= _BV(ADSC);
}

/* The last measurement in mV, and the next one begun; 0 while there is none. */
static uint16_t gauge_mv(void) {
    uint16_t share = ADCSRA & _BV(ADSC) ? 0 : ADC;
    ADCSRA |= _BV(ADSC);
    return share ? (uint16_t)(REFERENCE_MV * 1023 / share) : 0;
}

/* The loop */

static void hear(void) {
    while (heard_in != heard_out) {
        sj_hear(&stream, clock_us(), heard[heard_out % HEARD]);
        heard_out++;
    }
}

static void speak(void) {
    static sensor_sample sample;
    static uint32_t status_us;
    while (sensor_take(&sample)) {
        sj_sample(&stream, sample.ready_us, sample.counts);
    }
    uint32_t now_us = clock_us();
    sj_button(&stream, now_us, !(PIND & _BV(PIND3)));
    sj_tick(&stream, now_us);
    if (now_us - status_us >= STATUS_EVERY_US) {
        uint16_t supply_mv = gauge_mv();
        status_us = now_us;
        if (sensor.id && supply_mv) {
            sj_status(&stream, now_us, mpu_centidegrees(sensor.id, sample.temperature), supply_mv);
        }
    }
    if (sj_lamp(&stream, now_us)) {
        PORTB |= _BV(PORTB5);
    } else {
        PORTB &= (uint8_t)~_BV(PORTB5);
    }
}

static void sleep_until_something(void) {
    cli();
    if (!sensor_waits() && heard_in == heard_out) {
        sleep_enable();
        sei();
        sleep_cpu(); /* the instruction after `sei` always runs: nothing can slip in between */
        sleep_disable();
    }
    sei();
}

int main(void) {
    about.no_sensor = MPU6050.no_sensor;
    about.range_g = MPU6050.range_g;
    about.lsb_per_g = MPU6050.lsb_per_g;
    about.rate_hz = MPU6050.rate_hz;
    about.bandwidth_hz = MPU6050.bandwidth_hz;
    about.resets = count_resets();
    about.boot_id = (uint8_t)about.resets;
    about.reset_cause = reset_cause();
    hung = 0;
    DDRB |= _BV(DDB5);     /* the lamp "L" */
    PORTD |= _BV(PORTD3);  /* the button pulls this down */
    set_sleep_mode(SLEEP_MODE_IDLE);
    clock_begin();
    port_begin();
    gauge_begin();
    guard();
    sensor_tend(); /* starts the sensor, so that the first hello can tell what it is */
    sj_begin(&stream, &about, &sensor, ring, sizeof ring, clock_us());
    for (;;) {
        wdt_reset();
        sensor_tend();
        hear();
        speak();
        port_pump();
        sleep_until_something();
    }
}

#endif
