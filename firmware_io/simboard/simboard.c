/* An ATmega328P board that isn't there: the real firmware in simavr, a modelled sensor, its serial port on a pty.

   simboard --firmware board.elf --counts counts.i16 --told told.bin [--port link | --out file] [--speed n]
            [--sensor-ppm n] [--plan file]

   `counts.i16` holds 16-bit triples at +-4 g (8192 a g), `told.bin` gets every sample of which the sensor told. A second
   takes a second, or the n-th part of one; as little as it can with --speed 0, at a port from the first byte of the host
   on. The plan is lines "seconds what [number]", in order of time:

       absent 0|1      the sensor is pulled off the bus, or put back
       address n       the sensor is on the bus under this address: 104, or 105 with AD0 up
       response n      of its self-test, % of what the factory noted
       untrimmed       the factory noted nothing
       deaf 0|1        it answers, but keeps no setting
       overflow        it says that its own buffer ran over
       noise           an edge on the INT wire for no reason
       power           the sensor loses its power for a moment
       hold            the sensor holds the data wire down
       int 0|1         the INT wire is on, or off
       button 0|1      the marker button
       reset           the board is reset, as by opening its port
       brownout        the same, as by a supply that fell
       freeze          the program stands still, as after a cosmic ray, until it is reset
       unplug, plug    the port vanishes and comes back under the same link
       hear n          the board hears byte n from the host
       flip n          bit n of the next byte on the wire is turned round
       drop            the next byte on the wire is lost
       end             the plug is pulled for good

   It prints one line of JSON when it ends. A test tool: simavr is GPL-3 and linked here only. */

#define _GNU_SOURCE
#include "sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_elf.h>

enum { CLOCK_HZ = 16000000, HERE = 0xCFFF /* rjmp to itself */, TAIL_MS = 200 };

typedef struct {
    double at_s;
    char what[12];
    long number;
} planned;

static avr_t *avr;
static sensor_model sensor;
static struct {
    planned *plan;
    int plan_count, plan_next;
    const char *link;
    FILE *out;
    int master, slave;
    double speed; /* 0: as fast as it goes */
    int flip; /* bit, -1: none */
    bool drop;
    uint64_t sent, lost;
    avr_flashaddr_t frozen_at;
    uint16_t frozen_word;
    bool freezing, frozen, ready_to_hear;
    uint8_t to_hear[64];
    int hear_count;
    bool pressed, was_reset;
} board = {.master = -1, .slave = -1, .flip = -1, .speed = 1};
static volatile sig_atomic_t stopped;

static void die(const char *what) {
    fprintf(stderr, "simboard: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

/* The port */

static void plug(void) {
    char name[64], fresh[4096];
    struct termios raw;
    if (openpty(&board.master, &board.slave, name, NULL, NULL)) {
        die("no pty");
    }
    tcgetattr(board.slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(board.slave, TCSANOW, &raw);
    fcntl(board.master, F_SETFL, O_NONBLOCK);
    snprintf(fresh, sizeof fresh, "%s.new", board.link);
    unlink(fresh);
    if (symlink(name, fresh) || rename(fresh, board.link)) {
        die(board.link);
    }
}

static void unplug(void) {
    if (board.master < 0) {
        return;
    }
    unlink(board.link);
    close(board.master);
    close(board.slave);
    board.master = board.slave = -1;
}

/* When time is hurried: what is still on its way would be lost with the port. */
static void wait_until_read(void) {
    int waiting = 1;
    for (int empty_ms = 0; empty_ms < 100 && !stopped; empty_ms = waiting ? 0 : empty_ms + 1) {
        usleep(1000);
        if (ioctl(board.slave, FIONREAD, &waiting)) {
            return;
        }
    }
}

static void write_byte(uint8_t byte) {
    while (write(board.master, &byte, 1) != 1) {
        if (errno != EAGAIN || board.speed == 1 || stopped) {
            board.lost++; /* a bridge whose buffer is full throws away; when time is hurried, the host may be late */
            return;
        }
        usleep(100);
    }
    board.sent++;
}

static void on_sent(struct avr_irq_t *irq, uint32_t value, void *param) {
    uint8_t byte = (uint8_t)value;
    (void)irq, (void)param;
    if (board.drop) {
        board.drop = false;
        return;
    }
    if (board.flip >= 0) {
        byte ^= (uint8_t)(1 << board.flip);
        board.flip = -1;
    }
    if (board.out) {
        fputc(byte, board.out);
        board.sent++;
    } else if (board.master >= 0) {
        write_byte(byte);
    }
}

static void on_ready_to_hear(struct avr_irq_t *irq, uint32_t value, void *param) {
    (void)irq, (void)value;
    board.ready_to_hear = param != NULL;
}

static void listen_to_host(void) {
    if (board.master >= 0 && board.hear_count == 0) {
        ssize_t got = read(board.master, board.to_hear, sizeof board.to_hear);
        board.hear_count = got > 0 ? (int)got : 0;
    }
    if (board.hear_count && board.ready_to_hear) {
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), board.to_hear[0]);
        memmove(board.to_hear, board.to_hear + 1, (size_t)--board.hear_count);
    }
}

/* The plan */

static struct avr_irq_t *button_pin(void) {
    return avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 3);
}

/* The button is stronger than the chip's own pull-up. simavr forgets at a reset what a pin saw, and raises nothing that it
   thinks it knows already. */
static void wire_button(void) {
    avr_ioport_external_t wire = {.name = 'D', .mask = 1 << 3, .value = board.pressed ? 0 : 1 << 3};
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL('D'), &wire);
    avr_raise_irq(button_pin(), board.pressed);
    avr_raise_irq(button_pin(), !board.pressed);
}

static void (*reset_chip)(avr_t *);

static void on_reset(avr_t *of) {
    reset_chip(of);
    board.was_reset = true;
}

static uint16_t flash_word(avr_flashaddr_t at) {
    return (uint16_t)(avr->flash[at] | avr->flash[at + 1] << 8);
}

static void set_flash_word(avr_flashaddr_t at, uint16_t word) {
    avr->flash[at] = (uint8_t)word;
    avr->flash[at + 1] = (uint8_t)(word >> 8);
}

static void freeze(void) {
    if (avr->interrupts.running_ptr) {
        return; /* not inside an interrupt: the loop is to stand still */
    }
    board.freezing = false;
    board.frozen_at = avr->pc;
    board.frozen_word = flash_word(avr->pc);
    board.frozen = true;
    set_flash_word(avr->pc, HERE);
}

static void thaw(void) {
    /* The loop can only be left by the watchdog: once the program is elsewhere, the ray's trace is gone. */
    avr_flashaddr_t away = avr->pc > board.frozen_at ? avr->pc - board.frozen_at : board.frozen_at - avr->pc;
    if (board.frozen && away > 2 && avr->pc < 4) {
        set_flash_word(board.frozen_at, board.frozen_word);
        board.frozen = false;
    }
}

static void after_reset(void) {
    board.was_reset = false;
    sensor_after_reset(&sensor);
    wire_button();
}

static void reset_board(avr_regbit_t cause) {
    avr_reset(avr);
    avr_regbit_clear(avr, avr->reset_flags.porf);
    avr_regbit_set(avr, cause);
    after_reset();
}

static void carry_out(const planned *step) {
    const char *what = step->what;
    bool on = step->number != 0;
    if (!strcmp(what, "absent")) {
        if (sensor.absent && !on) {
            sensor_power_cycle(&sensor);
        }
        sensor.absent = on;
    } else if (!strcmp(what, "address")) {
        sensor.address = (uint8_t)step->number;
    } else if (!strcmp(what, "response")) {
        sensor.response = (int)step->number;
    } else if (!strcmp(what, "untrimmed")) {
        sensor.untrimmed = true;
        sensor_power_cycle(&sensor);
    } else if (!strcmp(what, "deaf")) {
        sensor.deaf = on;
    } else if (!strcmp(what, "overflow")) {
        sensor_overflow(&sensor);
    } else if (!strcmp(what, "noise")) {
        sensor_noise(&sensor);
    } else if (!strcmp(what, "power")) {
        sensor_power_cycle(&sensor);
    } else if (!strcmp(what, "hold")) {
        sensor_hold_data(&sensor);
    } else if (!strcmp(what, "int")) {
        sensor.int_off = !on;
    } else if (!strcmp(what, "button")) {
        board.pressed = on;
        wire_button();
    } else if (!strcmp(what, "reset")) {
        reset_board(avr->reset_flags.extrf);
    } else if (!strcmp(what, "brownout")) {
        reset_board(avr->reset_flags.borf);
    } else if (!strcmp(what, "freeze")) {
        board.freezing = true;
    } else if (!strcmp(what, "unplug")) {
        unplug();
    } else if (!strcmp(what, "plug")) {
        plug();
    } else if (!strcmp(what, "hear") && board.hear_count < (int)sizeof board.to_hear) {
        board.to_hear[board.hear_count++] = (uint8_t)step->number;
    } else if (!strcmp(what, "flip")) {
        board.flip = (int)step->number & 7;
    } else if (!strcmp(what, "drop")) {
        board.drop = true;
    } else if (!strcmp(what, "end")) {
        stopped = 1;
    } else {
        fprintf(stderr, "simboard: the plan says %s, which is nothing\n", what);
        exit(2);
    }
}

static void read_plan(const char *path) {
    FILE *file = fopen(path, "r");
    char line[128];
    if (!file) {
        die(path);
    }
    while (fgets(line, sizeof line, file)) {
        planned step = {0};
        int words = sscanf(line, "%lf %11s %ld", &step.at_s, step.what, &step.number);
        if (words <= 0) {
            continue;
        }
        if (words < 2) {
            fprintf(stderr, "simboard: a plan has lines \"seconds what [number]\", found %s", line);
            exit(2);
        }
        board.plan = realloc(board.plan, sizeof *board.plan * (size_t)(board.plan_count + 1));
        board.plan[board.plan_count++] = step;
    }
    fclose(file);
}

/* The run */

static void no_sleep(avr_t *unused, avr_cycle_count_t cycles) {
    (void)unused, (void)cycles; /* pacing is done in the loop */
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void load(const char *path) {
    elf_firmware_t firmware = {0};
    if (elf_read_firmware(path, &firmware)) {
        die(path);
    }
    avr = avr_make_mcu_by_name("atmega328p");
    avr_init(avr);
    avr->log = LOG_ERROR;
    firmware.frequency = CLOCK_HZ;
    avr_load_firmware(avr, &firmware);
    avr->frequency = CLOCK_HZ;
    avr->vcc = avr->avcc = avr->aref = 5000;
    avr->sleep = no_sleep;
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_sent, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_ready_to_hear, &board);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_ready_to_hear, NULL);
    board.ready_to_hear = true;
    reset_chip = avr->reset;
    avr->reset = on_reset;
    wire_button();
}

static void load_counts(const char *path) {
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &about)) {
        die(path);
    }
    int16_t(*counts)[3] = malloc((size_t)about.st_size);
    sensor.count = (uint32_t)(about.st_size / (off_t)sizeof *counts);
    sensor.counts = (const int16_t(*)[3])counts;
    if (fread(counts, sizeof *counts, sensor.count, file) != sensor.count) {
        die(path);
    }
    fclose(file);
}

static double carry_out_what_is_due(void) {
    double now_s = (double)avr->cycle / CLOCK_HZ;
    while (board.plan_next < board.plan_count && board.plan[board.plan_next].at_s <= now_s) {
        carry_out(&board.plan[board.plan_next++]);
    }
    return now_s;
}

static void run(void) {
    const avr_cycle_count_t slice = CLOCK_HZ / 1000;
    avr_cycle_count_t tail = 0;
    double began_s = seconds();
    carry_out_what_is_due();
    while (!stopped) {
        avr_cycle_count_t until = avr->cycle + slice;
        while (avr->cycle < until && !stopped) {
            int state = avr_run(avr);
            if (state == cpu_Done || state == cpu_Crashed) {
                fprintf(stderr, "simboard: the program crashed at %04x\n", avr->pc);
                exit(3);
            }
            if (board.was_reset) {
                after_reset();
            }
            if (board.freezing) {
                freeze();
            } else if (board.frozen) {
                thaw();
            }
        }
        double now_s = carry_out_what_is_due();
        listen_to_host();
        if (sensor.ended) {
            tail = tail ? tail : avr->cycle + (avr_cycle_count_t)TAIL_MS * slice;
            if (avr->cycle >= tail) {
                break;
            }
        }
        double ahead_s = board.speed > 0 ? now_s / board.speed - (seconds() - began_s) : 0;
        if (ahead_s > 0) {
            usleep((useconds_t)(1e6 * ahead_s));
        }
    }
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"firmware", 1, 0, 'f'}, {"counts", 1, 0, 'c'},     {"told", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"out", 1, 0, 'o'},
        {"speed", 1, 0, 'S'},    {"sensor-ppm", 1, 0, 's'}, {"plan", 1, 0, 'P'}, {0, 0, 0, 0},
    };
    const char *firmware = NULL, *counts = NULL, *told = NULL, *out = NULL, *plan = NULL;
    sensor.pace = 1;
    sensor.address = 0x68;
    sensor.response = 100;
    for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (letter) {
        case 'f': firmware = optarg; break;
        case 'c': counts = optarg; break;
        case 't': told = optarg; break;
        case 'p': board.link = optarg; break;
        case 'o': out = optarg; break;
        case 'S': board.speed = atof(optarg); break;
        case 's': sensor.pace = 1 + atof(optarg) * 1e-6; break;
        case 'P': plan = optarg; break;
        default: return 2;
        }
    }
    if (!firmware || !counts || !told || !board.link == !out) {
        fprintf(stderr, "simboard: needs --firmware, --counts, --told, and either --port or --out\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    signal(SIGPIPE, SIG_IGN);
    load_counts(counts);
    if (plan) {
        read_plan(plan);
    }
    sensor.told = fopen(told, "wb");
    board.out = out ? fopen(out, "wb") : NULL;
    if (!sensor.told || (out && !board.out)) {
        die("cannot write");
    }
    load(firmware);
    sensor_begin(&sensor, avr);
    if (board.link) {
        plug();
    }
    if (board.link && board.speed == 0) {
        poll(&(struct pollfd){.fd = board.master, .events = POLLIN}, 1, -1);
    }
    double began_s = seconds();
    run();
    double took_s = seconds() - began_s, lived_s = (double)avr->cycle / CLOCK_HZ;
    if (board.master >= 0 && board.speed == 0) {
        wait_until_read();
    }
    unplug();
    fclose(sensor.told);
    if (board.out) {
        fclose(board.out);
    }
    printf("{\"lived_s\": %.3f, \"took_s\": %.3f, \"sent\": %llu, \"lost\": %llu, \"samples\": %u}\n", lived_s, took_s,
           (unsigned long long)board.sent, (unsigned long long)board.lost, sensor.next);
    return 0;
}
