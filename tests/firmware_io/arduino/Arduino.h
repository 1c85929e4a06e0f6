/* As much of Arduino as the board program uses, round a modelled sensor and a clock of its own: no second is waited for.

   Two boards: an ESP32 with an MPU-6050 (ARDUINO_ARCH_ESP32), a XIAO nRF52840 Sense with its LSM6DS3 (ARDUINO_ARCH_NRF52). */

#ifndef FAKE_ARDUINO_H
#define FAKE_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

enum { INPUT, OUTPUT, INPUT_PULLUP, INPUT_PULLDOWN };
enum { LOW, HIGH };
enum { RISING = 3 };

void pinMode(int pin, int mode);
void digitalWrite(int pin, int level);
int digitalRead(int pin);
void delay(unsigned long ms);
void delayMicroseconds(unsigned int us);
unsigned long micros();
void noInterrupts();
void interrupts();
void attachInterrupt(int number, void (*handler)(), int mode);
#define digitalPinToInterrupt(pin) (pin)

struct FakeSerial {
    void begin(unsigned long) {}
    int available();
    int read();
    int availableForWrite();
    size_t write(uint8_t byte);
};
extern FakeSerial Serial;

#if defined(ARDUINO_ARCH_ESP32)
void enableLoopWDT();
#endif

#if defined(ARDUINO_ARCH_NRF52)
#if !defined(FAKE_OTHER_NRF52)
#define PIN_LSM6DS3TR_C_POWER (15)
#define PIN_LSM6DS3TR_C_INT1 (18)
#endif
#define PIN_WIRE1_SDA (17)
#define PIN_WIRE1_SCL (16)
#define LED_BUILTIN (11)
uint32_t __get_IPSR();
struct Task {
    void (*run)();
    void operator=(uint32_t) { run(); }
};
struct FakeTimer {
    uint32_t MODE, BITMODE, PRESCALER;
    Task TASKS_START, TASKS_CAPTURE[2];
    uint32_t CC[2];
};
struct FakeWatchdog {
    uint32_t CONFIG, CRV, RREN;
    Task TASKS_START;
    struct Feed {
        void operator=(uint32_t word);
    } RR[1];
};
struct FakePower {
    uint32_t RESETREAS;
};
struct FakeRandom {
    uint32_t EVENTS_VALRDY, VALUE;
    Task TASKS_START, TASKS_STOP;
};
extern FakeTimer *NRF_TIMER3;
extern FakeWatchdog *NRF_WDT;
extern FakePower *NRF_POWER;
extern FakeRandom *NRF_RNG;
#endif

#endif
