/* Runs the board program round a modelled sensor: host counts.i16 told.bin wire.bin plan.txt first_us

   The plan is lines "seconds what [number]": absent 0|1, power, hold, button 0|1, hear n, reading 0|1, slow n (the loop
   takes n ms longer each time), address n, response n (of the self-test, %), int 0|1, deaf 0|1, overflow, noise. */

#include "Arduino.h"
#include "Wire.h"
#include "Preferences.h"

#include <deque>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <vector>

void setup();
void loop();

#if defined(ARDUINO_ARCH_ESP32)
#if defined(CONFIG_IDF_TARGET_ESP32S3)
static const int READY = 5, BUTTON = 4, SDA_PIN = 8, SCL_PIN = 9;
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
static const int READY = 5, BUTTON = 4, SDA_PIN = 6, SCL_PIN = 7;
#else
static const int READY = 19, BUTTON = 18, SDA_PIN = 21, SCL_PIN = 22;
#endif
static uint8_t address = 0x68;
static const uint8_t STATUS = 0x3A, OVERFLOW = 0x10, WHO_AT = 0x75, WHO = 0x68, DATA = 0x3B, RESET_AT = 0x6B, RESET_BIT = 0x80;
static const uint8_t RUNS_AT = 0x38, RUNS_BIT = 0x01, ASLEEP = 0x40;
static const bool LOW_FIRST = false;
static const double PERIOD_US = 10000;
#else
static const int READY = PIN_LSM6DS3TR_C_INT1, BUTTON = 1, SDA_PIN = PIN_WIRE1_SDA, SCL_PIN = PIN_WIRE1_SCL;
static uint8_t address = 0x6A;
static const uint8_t STATUS = 0x1E, OVERFLOW = 0, WHO_AT = 0x0F, WHO = 0x6A, DATA = 0x28, RESET_AT = 0x12, RESET_BIT = 0x01;
static const uint8_t RUNS_AT = 0x0D, RUNS_BIT = 0x01, ASLEEP = 0x00;
static const bool LOW_FIRST = true;
static const double PERIOD_US = 1e6 / 104;
#endif
static const uint64_t WATCHDOG_US = 5000000, BYTE_US = 90;
static const size_t PORT_BYTES = 256;

struct Step {
    double at_s;
    std::string what;
    long number;
};

static uint64_t now_us, fed_us;
static double next_us = 1000;
static std::vector<int16_t> counts;
static size_t next_sample;
static uint8_t registers[128];
static FILE *told, *wire;
static std::vector<Step> plan;
static size_t next_step;
static bool absent, holds, deaf, int_off, button_down, masked, ring_pending, in_handler;
static long response = 100;
static bool reading = true;
static int clocks, scl_mode = INPUT;
static uint8_t who = WHO;
static long slow_ms;
static void (*handler)();
static std::deque<uint8_t> heard, port, answer;
static std::vector<uint8_t> written;

static void sensor_reset() {
    for (uint8_t &value : registers) {
        value = 0;
    }
    registers[WHO_AT] = who;
#if defined(ARDUINO_ARCH_ESP32)
    registers[RESET_AT] = ASLEEP;
    registers[0x0D] = registers[0x0E] = registers[0x0F] = 4 << 5; /* code 17 for each axis */
    registers[0x10] = 1 << 4 | 1 << 2 | 1;
#endif
}

#if defined(ARDUINO_ARCH_ESP32)
/* An MPU-6050 that isn't sampling: level, and pushed by its self-test. */
static void feel() {
    uint8_t config = registers[0x1C];
    int16_t force = (int16_t)lround((double)response / 100 * 0.34 * pow(0.92 / 0.34, 16 / 30.0) * 4096);
    for (int axis = 0; axis < 3; axis++) {
        uint16_t value = (uint16_t)(config & 0x80 >> axis ? force : 0);
        registers[DATA + 2 * axis] = (uint8_t)(value >> 8);
        registers[DATA + 2 * axis + 1] = (uint8_t)value;
    }
}
#else
static void feel() {}
#endif

static bool sensor_runs() {
    return !absent && (registers[RUNS_AT] & RUNS_BIT) && !(ASLEEP && (registers[RESET_AT] & ASLEEP));
}

static void interrupt() {
    if (masked || in_handler) {
        ring_pending = true;
        return;
    }
    ring_pending = false;
    in_handler = true;
    handler();
    in_handler = false;
}

static void sample() {
    if (next_sample == counts.size() / 3) {
        fclose(told);
        fclose(wire);
        if (who != WHO && registers[0x1D] != 0x03) {
            fprintf(stderr, "the filter of this chip is open: its samples alias\n");
            exit(6);
        }
        exit(0);
    }
    uint32_t number = (uint32_t)next_sample++;
    for (int axis = 0; axis < 3; axis++) {
        uint16_t value = (uint16_t)counts[3 * number + axis];
        registers[DATA + 2 * axis + (LOW_FIRST ? 1 : 0)] = (uint8_t)(value >> 8);
        registers[DATA + 2 * axis + (LOW_FIRST ? 0 : 1)] = (uint8_t)value;
    }
    registers[STATUS] |= 1;
    if (int_off) {
        return;
    }
    fwrite(&number, sizeof number, 1, told);
    fwrite(&now_us, sizeof now_us, 1, told);
    interrupt();
}

static void carry_out(const Step &step) {
    if (step.what == "absent") {
        absent = step.number != 0;
        if (!absent) {
            sensor_reset();
        }
    } else if (step.what == "power") {
        sensor_reset();
    } else if (step.what == "who") {
        who = registers[WHO_AT] = (uint8_t)step.number;
    } else if (step.what == "address") {
        address = (uint8_t)step.number;
    } else if (step.what == "response") {
        response = step.number;
    } else if (step.what == "int") {
        int_off = step.number == 0;
    } else if (step.what == "deaf") {
        deaf = step.number != 0;
    } else if (step.what == "overflow") {
        registers[STATUS] |= OVERFLOW;
    } else if (step.what == "noise") {
        interrupt();
    } else if (step.what == "hold") {
        holds = true;
        clocks = 0;
    } else if (step.what == "button") {
        button_down = step.number != 0;
    } else if (step.what == "hear") {
        heard.push_back((uint8_t)step.number);
    } else if (step.what == "reading") {
        reading = step.number != 0;
    } else if (step.what == "slow") {
        slow_ms = step.number;
    } else {
        fprintf(stderr, "the plan says %s, which is nothing\n", step.what.c_str());
        exit(2);
    }
}

static void pass(uint64_t us) {
    for (; us; us--) {
        now_us++;
        if ((double)now_us >= next_us) {
            next_us += PERIOD_US;
            if (sensor_runs()) {
                sample();
            }
        }
        while (next_step < plan.size() && plan[next_step].at_s * 1e6 <= (double)now_us) {
            carry_out(plan[next_step++]);
        }
    }
    for (int i = 0; reading && i < 64 && !port.empty(); i++) {
        fputc(port.front(), wire);
        port.pop_front();
    }
    if (now_us - fed_us > WATCHDOG_US) {
        fprintf(stderr, "watchdog\n");
        exit(4);
    }
}

void pinMode(int pin, int mode) {
    if (pin == SCL_PIN) {
        if (scl_mode == OUTPUT && mode != OUTPUT && holds && ++clocks == 9) {
            holds = false;
        }
        scl_mode = mode;
    }
}
void digitalWrite(int, int) {}
int digitalRead(int pin) {
    return pin == BUTTON ? !button_down : pin == SDA_PIN && !holds;
}
void delay(unsigned long ms) {
    pass(1000 * ms);
}
void delayMicroseconds(unsigned int us) {
    pass(us);
}
static uint64_t first_us;
unsigned long micros() {
    return (uint32_t)(now_us + first_us);
}
void noInterrupts() {
    masked = true;
}
void interrupts() {
    masked = false;
    if (ring_pending) {
        interrupt();
    }
}
void attachInterrupt(int pin, void (*wanted)(), int) {
    handler = pin == READY ? wanted : handler;
}

int FakeSerial::available() {
    return (int)heard.size();
}
int FakeSerial::read() {
    uint8_t byte = heard.front();
    heard.pop_front();
    return byte;
}
int FakeSerial::availableForWrite() {
    return (int)(PORT_BYTES - port.size());
}
size_t FakeSerial::write(uint8_t byte) {
    if (port.size() == PORT_BYTES) {
        fprintf(stderr, "a byte more than the port had room for\n");
        exit(5);
    }
    port.push_back(byte);
    return 1;
}
FakeSerial Serial;

TwoWire Wire, Wire1;
void TwoWire::begin() {}
void TwoWire::begin(int, int, uint32_t) {}
void TwoWire::end() {}
void TwoWire::setClock(uint32_t) {}
void TwoWire::setTimeOut(uint16_t) {}
void TwoWire::beginTransmission(uint8_t address) {
    written.assign(1, address);
}
void TwoWire::write(uint8_t byte) {
    written.push_back(byte);
}
static bool silent(uint8_t wanted) {
    if (holds) {
        pass(5000);
    }
    return holds || absent || wanted != address;
}
uint8_t TwoWire::endTransmission(bool) {
    pass(BYTE_US * written.size());
    if (silent(written[0])) {
        return 2;
    }
    if (written.size() == 3) {
        if (written[1] == RESET_AT && (written[2] & RESET_BIT)) {
            sensor_reset();
        } else if (!deaf) {
            registers[written[1]] = written[2];
        }
    }
    return 0;
}
uint8_t TwoWire::requestFrom(uint8_t wanted, uint8_t count) {
    answer.clear();
    if (silent(wanted)) {
        return 0;
    }
    if (!sensor_runs()) {
        feel();
    }
    for (uint8_t i = 0; i < count; i++) {
        answer.push_back(registers[(written[1] + i) & 0x7F]);
    }
    if (written[1] == STATUS) {
        registers[STATUS] = 0;
    }
    pass(BYTE_US * count);
    return count;
}
int TwoWire::read() {
    uint8_t byte = answer.front();
    answer.pop_front();
    return byte;
}

#if defined(ARDUINO_ARCH_ESP32)
void enableLoopWDT() {}
#else
uint32_t __get_IPSR() {
    return in_handler;
}
static void nothing() {}
static void draw() {
    NRF_RNG->VALUE = 0x5A;
    NRF_RNG->EVENTS_VALRDY = 1;
}
static FakeTimer timer = {0, 0, 0, {nothing}, {{[] { NRF_TIMER3->CC[0] = (uint32_t)micros(); }}, {[] { NRF_TIMER3->CC[1] = (uint32_t)micros(); }}}, {0, 0}};
static FakeWatchdog watchdog = {0, 0, 0, {nothing}, {}};
static FakePower power = {2};
static FakeRandom randomness = {0, 0, {draw}, {nothing}};
FakeTimer *NRF_TIMER3 = &timer;
FakeWatchdog *NRF_WDT = &watchdog;
FakePower *NRF_POWER = &power;
FakeRandom *NRF_RNG = &randomness;
void FakeWatchdog::Feed::operator=(uint32_t word) {
    fed_us = word == 0x6E524635UL ? now_us : fed_us;
}
#endif

int main(int argc, char **argv) {
    if (argc != 6) {
        return 2;
    }
    FILE *file = fopen(argv[1], "rb");
    int16_t value;
    while (fread(&value, sizeof value, 1, file) == 1) {
        counts.push_back(value);
    }
    fclose(file);
    told = fopen(argv[2], "wb");
    wire = fopen(argv[3], "wb");
    file = fopen(argv[4], "r");
    char what[16];
    double at_s;
    char line[128];
    while (fgets(line, sizeof line, file)) {
        long number = 0;
        if (sscanf(line, "%lf %15s %ld", &at_s, what, &number) >= 2) {
            plan.push_back({at_s, what, number});
        }
    }
    fclose(file);
    first_us = strtoull(argv[5], NULL, 10);
    sensor_reset();
    pass(1); /* what the plan has for the begin */
    setup();
    for (;;) {
#if defined(ARDUINO_ARCH_ESP32)
        fed_us = now_us; /* as Arduino's own loop does */
#endif
        loop();
        pass(50 + 1000 * (uint64_t)slow_ms);
    }
}
