#include "stream.h"

#define GAP_PERIODS_X2 3          /* a step of more than one and a half periods: no batch may hide what is missing */
#define HELLO_EVERY_US 5000000UL  /* W5 */
#define TROUBLE_EVERY_US 2000000UL
#define NEWS_AFTER_US 1000000UL
#define DEBOUNCE_US 30000UL
#define BLINK_FOR_US 3000000UL
#define BLINK_HALF_US 150000UL
#define ALONE_US 100000UL /* W8 */

enum { OVERFLOW = 1, BUS_ERROR = 2, CLIPPED = 4 }; /* W4 */
enum { MARKER = 1 };                               /* W6 */

static uint8_t *head(const sj_stream *stream, uint8_t *payload, char type) {
    payload[0] = (uint8_t)type;
    payload[1] = stream->about->boot_id;
    return sj_put16(payload + 2, stream->sequence);
}

/* A frame that finds no room keeps its number for the next one: the host sees what is missing by the time. */
static bool send(sj_stream *stream, uint8_t *payload, const uint8_t *end) {
    if (!sj_ring_put_frame(&stream->ring, payload, (uint8_t)(end - payload))) {
        return false;
    }
    stream->sequence++;
    return true;
}

static void send_batch(sj_stream *stream) {
    if (stream->count == 0) {
        return;
    }
    uint8_t *at = head(stream, stream->batch, 'D');
    at = sj_put32(at, stream->first_us);
    at = sj_put32(at, stream->last_us - stream->first_us);
    *at++ = stream->count;
    *at++ = (uint8_t)(stream->flags | (stream->overflowed ? OVERFLOW : 0));
    if (send(stream, stream->batch, at + 6 * stream->count)) {
        stream->overflowed = false;
    } else {
        stream->dropped += stream->count;
        stream->overflowed = true;
    }
    stream->count = stream->flags = 0;
}

static void greeted(sj_stream *stream, uint32_t now_us) {
    stream->hello_us = now_us;
    stream->greeted_errors = stream->sensor->bus_errors;
    stream->told_trouble = stream->sensor->trouble;
}

static uint8_t *put_text(uint8_t *at, const char *text, uint8_t most) {
    uint8_t *length = at++;
    *length = 0;
    while (*length < most && text[*length]) {
        *at++ = (uint8_t)text[(*length)++];
    }
    return at;
}

/* For whoever looks at the port with bare eyes. */
static const char *trouble(const sj_stream *stream) {
    switch (stream->sensor->trouble) {
    case SJ_NO_SENSOR: return stream->about->no_sensor;
    case SJ_INT_SILENT: return "the sensor is there but its INT wire is silent: check the wire INT";
    case SJ_NOT_SET_UP: return "the sensor does not keep its settings: check the wires VCC/GND";
    default: return "";
    }
}

static void send_hello(sj_stream *stream, uint32_t now_us) {
    uint8_t payload[SJ_HEAD + 29 + 3 * (1 + SJ_TEXT) + 10 + 1 + SJ_WORDS + 2];
    const sj_about *about = stream->about;
    const sj_sensor *sensor = stream->sensor;
    uint8_t *at = head(stream, payload, 'H');
    *at++ = 2; /* protocol: what 1 had, and more behind it */
    *at++ = about->range_g;
    at = sj_put16(at, about->lsb_per_g);
    at = sj_put16(at, about->rate_hz);
    at = sj_put16(at, about->bandwidth_hz);
    *at++ = SJ_BATCH;
    *at++ = sensor->id;
    *at++ = about->reset_cause;
    at = sj_put32(at, now_us);
    at = sj_put32(at, stream->dropped);
    at = sj_put32(at, sensor->missed);
    at = sj_put32(at, sensor->bus_errors);
    at = sj_put16(at, about->resets);
    at = put_text(at, about->board, SJ_TEXT);
    at = put_text(at, about->firmware, SJ_TEXT);
    at = put_text(at, sensor->name, SJ_TEXT);
    *at++ = sensor->address;
    *at++ = sensor->trouble;
    at = sj_put16(at, sensor->overflows);
    at = sj_put16(at, sensor->false_edges);
    *at++ = sensor->self_test;
    for (uint8_t axis = 0; axis < 3; axis++) {
        *at++ = (uint8_t)sensor->change[axis];
    }
    at = put_text(at, trouble(stream), SJ_WORDS);
    static const uint8_t end = 0; /* of whatever stands before it: a frame that a reset cut off, a boot loader's text */
    sj_ring_put(&stream->ring, &end, 1);
    send(stream, payload, at);
    greeted(stream, now_us);
}

void sj_begin(sj_stream *stream, const sj_about *about, const sj_sensor *sensor, uint8_t *bytes, uint16_t size,
              uint32_t now_us) {
    *stream = (sj_stream){0};
    stream->about = about;
    stream->sensor = sensor;
    stream->ring.bytes = bytes;
    stream->ring.size = size;
    stream->told_errors = sensor->bus_errors;
    send_hello(stream, now_us);
}

/* Lines: what a person or a plotter reads (W10). */

static char *append(char *at, const char *text) {
    while (*text) {
        *at++ = *text++;
    }
    return at;
}

static char *append_number(char *at, uint32_t value) {
    char digits[10];
    uint8_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count) {
        *at++ = digits[--count];
    }
    return at;
}

static void send_line(sj_stream *stream, uint32_t ready_us, const int16_t counts[3]) {
    char text[10 + 3 * 7 + 5];
    char *at = append_number(text, ready_us);
    for (uint8_t axis = 0; axis < 3; axis++) {
        at = append(at, counts[axis] < 0 ? ",-" : ",");
        at = append_number(at, (uint32_t)(counts[axis] < 0 ? -(int32_t)counts[axis] : counts[axis]));
    }
    uint8_t check = 0;
    for (const char *byte = text; byte < at; byte++) {
        check ^= (uint8_t)*byte;
    }
    *at++ = '*';
    *at++ = "0123456789abcdef"[check >> 4];
    *at++ = "0123456789abcdef"[check & 15];
    *at++ = '\n';
    if (!sj_ring_put(&stream->ring, (const uint8_t *)text, (uint16_t)(at - text))) {
        stream->dropped++;
        stream->overflowed = true;
    }
}

static void send_heading(sj_stream *stream) {
    char text[80 + 2 * 5 + SJ_TEXT];
    char *at = append(text, "# sleepjerk csv 1, unit=lsb, lsb_per_g=");
    at = append_number(at, stream->about->lsb_per_g);
    at = append_number(append(at, ", rate="), stream->about->rate_hz);
    at = append(at, ", t=us, sensor=");
    for (uint8_t letter = 0; letter < SJ_TEXT && stream->sensor->name[letter]; letter++) {
        *at++ = stream->sensor->name[letter];
    }
    at = append(at, "\nt,ax,ay,az\n");
    sj_ring_put(&stream->ring, (const uint8_t *)text, (uint16_t)(at - text));
}

static void send_trouble(sj_stream *stream, uint32_t now_us) {
    if (stream->sensor->trouble) {
        char text[2 + SJ_WORDS + 1];
        char *at = append(append(append(text, "# "), trouble(stream)), "\n");
        sj_ring_put(&stream->ring, (const uint8_t *)text, (uint16_t)(at - text));
    }
    greeted(stream, now_us);
}

/* Samples */

static bool fits(const sj_stream *stream, uint32_t ready_us) {
    uint32_t step_us = ready_us - stream->last_us;
    return step_us > 0 && step_us < GAP_PERIODS_X2 * (500000UL / stream->about->rate_hz);
}

void sj_sample(sj_stream *stream, uint32_t ready_us, const int16_t counts[3]) {
    if (stream->lines) {
        send_line(stream, ready_us, counts);
        return;
    }
    if (stream->count && !fits(stream, ready_us)) {
        send_batch(stream);
    }
    if (stream->count == 0) {
        stream->first_us = ready_us;
        if (stream->sensor->bus_errors != stream->told_errors) {
            stream->told_errors = stream->sensor->bus_errors;
            stream->flags |= BUS_ERROR;
        }
    }
    stream->last_us = ready_us;
    uint8_t *at = stream->batch + SJ_HEAD + 10 + 6 * stream->count++;
    for (uint8_t axis = 0; axis < 3; axis++) {
        at = sj_put16(at, (uint16_t)counts[axis]);
        if (counts[axis] == INT16_MAX || counts[axis] == INT16_MIN) {
            stream->flags |= CLIPPED;
        }
    }
    if (stream->count == SJ_BATCH) {
        send_batch(stream);
    }
}

void sj_status(sj_stream *stream, uint32_t now_us, int16_t centidegrees, uint16_t supply_mv) {
    uint8_t payload[SJ_HEAD + 8 + 2];
    if (stream->lines) {
        return;
    }
    uint8_t *at = sj_put32(head(stream, payload, 'S'), now_us);
    at = sj_put16(at, (uint16_t)centidegrees);
    send(stream, payload, sj_put16(at, supply_mv));
}

/* The host and the button */

void sj_hear(sj_stream *stream, uint32_t now_us, uint8_t byte) {
    /* Modem software sends whole words, in which a C or an F may stand: only a byte that comes alone counts. */
    bool soon = (stream->command || stream->deaf) && now_us - stream->heard_us < ALONE_US;
    stream->command = soon ? 0 : byte;
    stream->deaf = soon;
    stream->heard_us = now_us;
}

static void obey(sj_stream *stream, uint32_t now_us, uint8_t command) {
    if (command == 'B') {
        stream->blinking = true;
        stream->blink_us = now_us;
    } else if (command == '?') {
        if (stream->lines) {
            send_heading(stream);
        } else {
            send_hello(stream, now_us);
        }
    } else if (command == 'C' && !stream->lines) {
        send_batch(stream);
        stream->lines = true;
        send_heading(stream);
    } else if (command == 'F' && stream->lines) {
        stream->lines = false;
        send_hello(stream, now_us);
    }
}

static void send_mark(sj_stream *stream, uint32_t at_us) {
    uint8_t payload[SJ_HEAD + 5 + 2];
    uint8_t *at = sj_put32(head(stream, payload, 'E'), at_us);
    *at++ = MARKER;
    send(stream, payload, at);
}

void sj_button(sj_stream *stream, uint32_t now_us, bool down) {
    if (down != stream->touched) {
        stream->touched = down;
        stream->touched_us = now_us;
    } else if (down != stream->down && now_us - stream->touched_us >= DEBOUNCE_US) {
        stream->down = down;
        if (down && !stream->lines) {
            send_mark(stream, stream->touched_us);
        }
    }
}

/* A hello is due by time, sooner while something is wrong, soon after something went wrong, and at once when it came right:
   before the samples that it is about. */
static bool is_due(const sj_stream *stream, uint32_t now_us) {
    const sj_sensor *sensor = stream->sensor;
    uint32_t since_us = now_us - stream->hello_us;
    if (!sensor->trouble && stream->told_trouble) {
        return true;
    }
    bool news = sensor->trouble != stream->told_trouble ||
                (!sensor->trouble && sensor->bus_errors != stream->greeted_errors);
    return since_us >= (news ? NEWS_AFTER_US : sensor->trouble ? TROUBLE_EVERY_US : HELLO_EVERY_US);
}

void sj_tick(sj_stream *stream, uint32_t now_us) {
    if (stream->sensor->id == 0) {
        send_batch(stream); /* what the sensor said before it fell silent */
    }
    if ((stream->command || stream->deaf) && now_us - stream->heard_us >= ALONE_US) {
        uint8_t command = stream->command;
        stream->command = 0;
        stream->deaf = false;
        obey(stream, now_us, command);
    }
    if (!is_due(stream, now_us)) {
    } else if (!stream->lines) {
        send_hello(stream, now_us);
    } else {
        send_trouble(stream, now_us);
    }
    if (stream->blinking && now_us - stream->blink_us >= BLINK_FOR_US) {
        stream->blinking = false;
    }
}

bool sj_lamp(const sj_stream *stream, uint32_t now_us) {
    return stream->blinking && (now_us - stream->blink_us) / BLINK_HALF_US % 2 == 0;
}
