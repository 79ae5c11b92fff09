/*
 * A plugin that is right in all but one thing: it is built for version 999 of the plugin interface. It imitates a library
 * that stayed behind, or ran ahead, in an update. None of its functions may ever be called.
 */
#include <stdint.h>

/* The first eight bytes of the table are all that every version has in common. */
static const struct {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    void *rest[64];
} table = {.size = sizeof(table), .abi_major = 999, .abi_minor = 0};

const void *keystore_plugin_entry_v1(uint16_t host_major, uint16_t host_minor) {
    (void)host_major;
    (void)host_minor;
    return &table;
}
