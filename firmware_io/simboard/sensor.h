/* A modelled MPU-6050: registers, output rate, range, the INT wire, and what can go wrong with it.

   Knows the chip's bus as simavr speaks it; must not know the firmware. A test tool. */

#ifndef SIMBOARD_SENSOR_H
#define SIMBOARD_SENSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <simavr/sim_avr.h>

typedef struct {
    avr_t *avr;
    struct avr_irq_t *bus, *ready_pin, *data_pin;
    const int16_t (*counts)[3]; /* what the arm does: counts at +-4 g, 8192 a g */
    uint32_t count, next;
    FILE *told; /* each sample of which the INT wire told: number (4 bytes), time since power-on in us (8 bytes) */
    double pace; /* how fast its clock runs: 1.01 is 1 % fast */
    uint8_t registers[128], shadow[128];
    uint8_t at;
    bool selected, addressed;
    uint8_t address; /* 0x68, or 0x69 with AD0 up */
    int response;    /* of its self-test, % of what the factory noted */
    bool absent;     /* nobody answers on the bus */
    bool untrimmed;  /* the factory noted nothing */
    bool deaf;       /* it answers, but keeps no setting */
    bool int_off;    /* the INT wire came off */
    bool holds_data; /* it was interrupted while it spoke, and holds the data wire down */
    uint8_t clocks;  /* of the nine that let it go */
    bool ended;      /* every sample was told */
} sensor_model;

void sensor_begin(sensor_model *sensor, avr_t *avr);

/* As after its power was cut: registers back, no samples until it is set up again. */
void sensor_power_cycle(sensor_model *sensor);

/* simavr forgets its timers when the board is reset. */
void sensor_after_reset(sensor_model *sensor);

void sensor_hold_data(sensor_model *sensor);

/* Its own buffer ran over: the status says so until it is read. */
void sensor_overflow(sensor_model *sensor);

/* Noise on the INT wire. */
void sensor_noise(sensor_model *sensor);

#endif
