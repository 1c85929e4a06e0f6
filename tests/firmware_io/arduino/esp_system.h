/* Why an ESP32 started. */

#ifndef FAKE_ESP_SYSTEM_H
#define FAKE_ESP_SYSTEM_H

typedef enum { ESP_RST_POWERON = 1, ESP_RST_BROWNOUT, ESP_RST_INT_WDT, ESP_RST_TASK_WDT, ESP_RST_WDT, ESP_RST_SW } esp_reset_reason_t;
inline esp_reset_reason_t esp_reset_reason() {
    return ESP_RST_POWERON;
}

#endif
