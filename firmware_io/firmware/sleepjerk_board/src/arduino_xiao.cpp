/* The XIAO nRF52840 Sense with the LSM6DS3TR-C that sits on it. */

#if defined(ARDUINO_ARCH_NRF52)

#include "arduino_board.h"
#include "lsm6ds3.h"

#if !defined(PIN_LSM6DS3TR_C_POWER)
#error "sleepjerk: this nRF52 board isn't known. Known is the XIAO nRF52840 Sense: choose it from Seeed nRF52 Boards under Tools > Board."
#endif

const char *const board_name = "XIAO nRF52840 Sense";
const chip &board_chip = LSM6DS3;
const uint8_t board_sda = PIN_WIRE1_SDA, board_scl = PIN_WIRE1_SCL;
const uint8_t board_ready = PIN_LSM6DS3TR_C_INT1, board_button = 1;
const uint8_t board_ready_mode = INPUT; /* not a wire that can come off */
static const uint32_t FED = 0x6E524635UL; /* the watchdog's word */

void board_begin() {
    pinMode(LED_BUILTIN, OUTPUT);
    board_lamp(false);
    pinMode(PIN_LSM6DS3TR_C_POWER, OUTPUT);
    digitalWrite(PIN_LSM6DS3TR_C_POWER, HIGH);
    delay(20);
    /* Arduino's own micros() on this chip goes in steps of 977 us, or round after 67 s. */
    NRF_TIMER3->MODE = 0;
    NRF_TIMER3->BITMODE = 3;   /* 32 bits */
    NRF_TIMER3->PRESCALER = 4; /* 16 MHz / 2^4 */
    NRF_TIMER3->TASKS_START = 1;
    NRF_WDT->CONFIG = 1;
    NRF_WDT->CRV = 4 * 32768; /* 4 s */
    NRF_WDT->RREN = 1;
    NRF_WDT->TASKS_START = 1;
}

TwoWire &board_bus() {
    return Wire1;
}

void board_bus_begin() {
    Wire1.end();
    Wire1.begin();
    Wire1.setClock(100000);
}

uint32_t board_us() {
    /* Loop and interrupt have a register each, so that neither reads the other's moment. */
    uint8_t place = __get_IPSR() ? 1 : 0;
    NRF_TIMER3->TASKS_CAPTURE[place] = 1;
    return NRF_TIMER3->CC[place];
}

void board_feed() {
    NRF_WDT->RR[0] = FED;
}

void board_lamp(bool on) {
    digitalWrite(LED_BUILTIN, on ? LOW : HIGH); /* lit when low */
}

uint8_t board_reset_cause() {
    uint32_t why = NRF_POWER->RESETREAS;
    NRF_POWER->RESETREAS = why; /* it adds up until it is cleared */
    if (why == 0) {
        return SJ_POWER;
    }
    return why & 2 ? SJ_WATCHDOG : SJ_ASKED;
}

void board_count_resets(uint16_t *resets, uint8_t *boot_id) {
    *resets = 0; /* there is no place for it that wears out slowly enough */
    NRF_RNG->EVENTS_VALRDY = 0;
    NRF_RNG->TASKS_START = 1;
    while (!NRF_RNG->EVENTS_VALRDY) {
    }
    *boot_id = (uint8_t)NRF_RNG->VALUE;
    NRF_RNG->TASKS_STOP = 1;
}

const char *board_chip_name(uint8_t who) {
    return lsm_name(who);
}

#endif
