/* The two-wire bus, with the sensor on it. */

#ifndef FAKE_WIRE_H
#define FAKE_WIRE_H

#include <stdint.h>

struct TwoWire {
    void begin();
    void begin(int sda, int scl, uint32_t hz);
    void end();
    void setClock(uint32_t hz);
    void setTimeOut(uint16_t ms);
    void beginTransmission(uint8_t address);
    void write(uint8_t byte);
    uint8_t endTransmission(bool stop = true);
    uint8_t requestFrom(uint8_t address, uint8_t count);
    int read();
};
extern TwoWire Wire, Wire1;

#endif
