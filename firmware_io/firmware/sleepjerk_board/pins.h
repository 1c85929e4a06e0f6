/* The pins of an ESP32, if yours are not the usual ones that sleepjerk_board.ino lists: take the two slashes away and
   write your own numbers. On other boards the pins can't be chosen. */

/*                        SDA  SCL  INT  button  lamp */
// #define SLEEPJERK_PINS 21,  22,  19,  18,     2
