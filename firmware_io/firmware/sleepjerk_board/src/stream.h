/* What a board says and when: batches, hellos, marks, status, lines, and the host's commands (W4-W8, W10).

   Knows samples, times and bytes; must not know pins, buses or chips. The time is the board's, in microseconds, and
   goes round at 2^32. Nothing here waits. All of it belongs to one thread: no call from an interrupt. */

#ifndef SJ_STREAM_H
#define SJ_STREAM_H

#include "frames.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SJ_BATCH 10
#define SJ_TEXT 30  /* W5: longest text */
#define SJ_WORDS 80 /* and longest sentence */

/* W5: cause of the last reset. */
enum { SJ_POWER = 1, SJ_BROWN_OUT = 2, SJ_WATCHDOG = 4, SJ_ASKED = 8 };

/* W5: what is wrong with the sensor now. */
enum { SJ_WELL = 0, SJ_NO_SENSOR = 1, SJ_INT_SILENT = 2, SJ_NOT_SET_UP = 3 };

/* W5: what its self-test said. */
enum { SJ_NOT_TESTED = 0, SJ_PASSED = 1, SJ_FAILED = 2 };
#define SJ_CHANGE_UNKNOWN (-128)

/* What never changes while the board runs. */
typedef struct {
    const char *board;
    const char *firmware;
    const char *no_sensor; /* what a person should look at when none answers */
    uint16_t lsb_per_g;
    uint16_t rate_hz;
    uint16_t bandwidth_hz;
    uint16_t resets;
    uint8_t range_g;
    uint8_t reset_cause;
    uint8_t boot_id;
} sj_about;

/* The sensor as its driver sees it now. `id` is 0 and `name` "none" while it doesn't answer. */
typedef struct {
    const char *name;
    uint32_t missed;
    uint32_t bus_errors;
    uint16_t overflows;   /* how often it said that its own buffer ran over; bus errors, too */
    uint16_t false_edges; /* of the INT wire: it had nothing new */
    uint8_t id;
    uint8_t address; /* on the bus, 0 while it doesn't answer */
    uint8_t trouble;
    uint8_t self_test;
    int8_t change[3]; /* of x, y, z from the factory's trim, % */
} sj_sensor;

typedef struct {
    const sj_about *about;
    const sj_sensor *sensor;
    sj_ring ring;
    uint32_t dropped;
    uint32_t hello_us, blink_us, heard_us, touched_us;
    uint32_t first_us, last_us;
    uint32_t told_errors;    /* bus errors up to the last batch */
    uint32_t greeted_errors; /* and up to the last hello */
    uint16_t sequence;
    uint8_t count; /* samples in `batch` */
    uint8_t flags;
    uint8_t told_trouble;
    uint8_t command; /* a byte that may be one, 0 if none */
    bool deaf;       /* a byte came that was not alone */
    bool overflowed, lines, blinking, touched, down;
    uint8_t batch[SJ_HEAD + 10 + 6 * SJ_BATCH + 2];
} sj_stream;

/* Ready to speak; a hello waits already. `about`, `sensor` and `bytes` stay with the caller. */
void sj_begin(sj_stream *stream, const sj_about *about, const sj_sensor *sensor, uint8_t *bytes, uint16_t size,
              uint32_t now_us);

/* A sample and when the sensor said that it was ready. */
void sj_sample(sj_stream *stream, uint32_t ready_us, const int16_t counts[3]);

/* Temperature and supply, both known. */
void sj_status(sj_stream *stream, uint32_t now_us, int16_t centidegrees, uint16_t supply_mv);

/* A byte from the host. */
void sj_hear(sj_stream *stream, uint32_t now_us, uint8_t byte);

/* Whether the marker button is down; ask often. Its contacts chatter: a press counts once it has lasted. */
void sj_button(sj_stream *stream, uint32_t now_us, bool down);

/* What is due by time alone. Call it every few milliseconds. */
void sj_tick(sj_stream *stream, uint32_t now_us);

/* Whether the lamp is on, so that the board can be found. */
bool sj_lamp(const sj_stream *stream, uint32_t now_us);

#ifdef __cplusplus
}
#endif

#endif
