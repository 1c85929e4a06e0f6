/* Frames as they go over the wire: checksum, COBS, ring of waiting bytes (W1-W3 of ../../../README.md).

   Knows bytes only: no pin, no bus, no time. Whoever calls must not be interrupted by another caller. */

#ifndef SJ_FRAMES_H
#define SJ_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SJ_MAX_PAYLOAD 250 /* W2, checksum included */
#define SJ_HEAD 4          /* W3: type, boot id, sequence */

/* Whole frames that wait for the host. */
typedef struct {
    uint8_t *bytes;
    uint16_t size;
    uint16_t start;
    uint16_t waiting;
} sj_ring;

/* CRC-16/CCITT-FALSE; begin with 0xFFFF. */
uint16_t sj_crc16(uint16_t crc, const uint8_t *bytes, uint16_t count);

/* Any bytes, all or none. */
bool sj_ring_put(sj_ring *ring, const uint8_t *bytes, uint16_t count);

/* The payload as a frame, all or nothing. `payload` needs room for two bytes behind `count`: the checksum goes there. */
bool sj_ring_put_frame(sj_ring *ring, uint8_t *payload, uint8_t count);

/* The next byte for the host, -1 if none waits. */
int16_t sj_ring_next(sj_ring *ring);

/* Little endian, as the wire has it; both return where the next field begins. */
uint8_t *sj_put16(uint8_t *at, uint16_t value);
uint8_t *sj_put32(uint8_t *at, uint32_t value);

#ifdef __cplusplus
}
#endif

#endif
