#include "frames.h"

uint16_t sj_crc16(uint16_t crc, const uint8_t *bytes, uint16_t count) {
    while (count--) {
        crc ^= (uint16_t)((uint16_t)*bytes++ << 8);
        for (uint8_t bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

static void put(sj_ring *ring, uint8_t byte) {
    uint16_t at = (uint16_t)(ring->start + ring->waiting);
    ring->bytes[at >= ring->size ? at - ring->size : at] = byte;
    ring->waiting++;
}

bool sj_ring_put(sj_ring *ring, const uint8_t *bytes, uint16_t count) {
    if (count > ring->size - ring->waiting) {
        return false;
    }
    while (count--) {
        put(ring, *bytes++);
    }
    return true;
}

bool sj_ring_put_frame(sj_ring *ring, uint8_t *payload, uint8_t count) {
    uint16_t crc = sj_crc16(0xFFFF, payload, count);
    payload[count] = (uint8_t)(crc >> 8); /* high byte first, so that the checksum over all is 0 */
    payload[count + 1] = (uint8_t)crc;
    uint8_t whole = (uint8_t)(count + 2);
    /* A payload this short has one code byte more than its own length, and the zero behind it. */
    if (whole > SJ_MAX_PAYLOAD || (uint16_t)(whole + 2) > (uint16_t)(ring->size - ring->waiting)) {
        return false;
    }
    uint8_t first = 0;
    for (uint16_t at = 0; at <= whole; at++) {
        if (at < whole && payload[at] != 0) {
            continue;
        }
        put(ring, (uint8_t)(at - first + 1)); /* how far the next zero is */
        while (first < at) {
            put(ring, payload[first++]);
        }
        first = (uint8_t)(at + 1);
    }
    put(ring, 0);
    return true;
}

int16_t sj_ring_next(sj_ring *ring) {
    if (ring->waiting == 0) {
        return -1;
    }
    uint8_t byte = ring->bytes[ring->start];
    ring->start = (uint16_t)(ring->start + 1 == ring->size ? 0 : ring->start + 1);
    ring->waiting--;
    return byte;
}

uint8_t *sj_put16(uint8_t *at, uint16_t value) {
    *at++ = (uint8_t)value;
    *at++ = (uint8_t)(value >> 8);
    return at;
}

uint8_t *sj_put32(uint8_t *at, uint32_t value) {
    return sj_put16(sj_put16(at, (uint16_t)value), (uint16_t)(value >> 16));
}
