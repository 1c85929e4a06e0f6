/* The MPU-6050 on an ATmega328P: started, sampled when its INT wire says so, started again when it falls silent.

   Knows registers and times; must not know frames. */

#ifndef SJ_AVR_SENSOR_H
#define SJ_AVR_SENSOR_H

#include "stream.h"

/* What the hello tells of it. */
extern sj_sensor sensor;

typedef struct {
    uint32_t ready_us;
    int16_t counts[3];
    int16_t temperature; /* raw; see mpu_centidegrees */
} sensor_sample;

/* Start the sensor, look after it; call it often. Waits a tenth of a second when a sensor
   is found, a third when it is tested, too. */
void sensor_tend(void);

/* The oldest sample that was not taken yet; false if there is none. */
bool sensor_take(sensor_sample *sample);

/* Whether a sample waits. Also with interrupts off. */
bool sensor_waits(void);

#endif
