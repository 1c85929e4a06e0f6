/* sleepjerk's board program. Open this file in the Arduino IDE, choose your board under Tools, press Upload. That is all:
   which board it is, the program finds out when it is built. Nothing here needs a library beyond the board's own.

   XIAO nRF52840 Sense ("Seeed nRF52 Boards", not the mbed ones): no wire at all, the sensor is on the board.

   Uno or Nano, and ESP32, with a sensor board "GY-521" (its chip is the MPU-6050). Pull the USB plug before you change
   a wire. Five wires with a socket or pin at each end; nothing is soldered if both boards come with pins:

       sensor   Uno, Nano   ESP32     ESP32-S3   ESP32-C3   why
       VCC      5V          3V3       3V3        3V3        power. An ESP32 stands no 5 V
       GND      GND         GND       GND        GND        the common ground
       SDA      A4          GPIO 21   GPIO 8     GPIO 6     data
       SCL      A5          GPIO 22   GPIO 9     GPIO 7     its clock
       INT      D2          GPIO 19   GPIO 5     GPIO 5     "a new sample is ready". Don't leave it out

   A push button is optional: between D3 (ESP32: GPIO 18, S3 and C3: GPIO 4, XIAO: D1) and GND. Each press marks a moment
   of the night. Other pins of an ESP32: one line in pins.h. If your ESP32-S3 or C3 is plugged in by the chip's own USB,
   set Tools > USB CDC On Boot > Enabled.

   The program itself is in src/: stream.c says what a board says, frames.c how, avr_*.c is the Uno and Nano with
   nothing of Arduino beside it, arduino_*.cpp the others. */

#include "src/known_boards.h"
