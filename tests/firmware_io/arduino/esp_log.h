/* What an ESP32 prints of its own accord. */

#ifndef FAKE_ESP_LOG_H
#define FAKE_ESP_LOG_H

typedef enum { ESP_LOG_NONE } esp_log_level_t;
inline void esp_log_level_set(const char *, esp_log_level_t) {}

#endif
