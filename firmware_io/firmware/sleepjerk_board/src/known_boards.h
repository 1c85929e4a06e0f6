/* Which boards this program knows. Any other ends here, in words, not in a linker's. */

#ifndef SJ_KNOWN_BOARDS_H
#define SJ_KNOWN_BOARDS_H

#if defined(__AVR_ATmega328P__)
#if defined(F_CPU) && F_CPU != 16000000L
#error "sleepjerk: an ATmega328P must run at 16 MHz here. Choose Uno, or Nano with ATmega328P, under Tools > Board."
#endif
#elif defined(ARDUINO_ARCH_RP2040)
#error "sleepjerk: a Pico runs MicroPython, not this sketch. Type: sleepjerk firmware --board pico --out DIR"
#elif defined(ARDUINO_ARCH_MBED)
#error "sleepjerk: for the XIAO nRF52840 Sense choose it from Seeed nRF52 Boards, not from the mbed ones."
#elif !defined(ARDUINO_ARCH_ESP32) && !defined(ARDUINO_ARCH_NRF52)
#error "sleepjerk: this board isn't known. Known: Uno and Nano (ATmega328P), ESP32, ESP32-S3, ESP32-C3, XIAO nRF52840 Sense. Choose one of them under Tools > Board; a Pico runs micropython/main.py; any other board can print x,y,z in lines."
#endif

#endif
