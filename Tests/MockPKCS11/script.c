/* Reading script: from a caller, from a file, from a rule. The commands are in commands.c. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mock.h"

static int hex_digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return -1;
}

bool mock_decode(const char *text, uint8_t *into, size_t capacity, size_t *length) {
    size_t count = 0;
    for (; *text; text++) {
        if (count == capacity) return false;
        if (*text != '%') {
            into[count++] = (uint8_t)*text;
            continue;
        }
        int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);
        if (low < 0) return false;
        into[count++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *length = count;
    return true;
}

bool mock_decode_hex(const char *text, uint8_t *into, size_t capacity, size_t *length) {
    size_t count = 0;
    for (; *text; text += 2) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || count == capacity) return false;
        into[count++] = (uint8_t)(high << 4 | low);
    }
    *length = count;
    return true;
}

const char *mock_run_lines(const char *lines) {
    char line[MAXIMUM_LINE];
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");
        if (length >= sizeof line) return "a line is too long";
        memcpy(line, lines, length);
        line[length] = 0;
        const char *trouble = mock_run_line(line);
        if (trouble) return trouble;
        lines += length + (lines[length] == '\n');
    }
    return NULL;
}

/* ---- The file ---- */

static struct timespec known_time;
static off_t known_size = -1;
static ino_t known_file;
static bool is_wrong;

bool mock_script_file_is_wrong(void) { return is_wrong; }

const char *mock_read_script_file(void) {
    const char *path = getenv("MOCK_PKCS11_SCRIPT");
    struct stat state;
    if (!path || stat(path, &state) != 0) return NULL;
    if (state.st_size == known_size && state.st_ino == known_file && state.st_mtim.tv_sec == known_time.tv_sec
        && state.st_mtim.tv_nsec == known_time.tv_nsec)
        return NULL;
    known_time = state.st_mtim;
    known_size = state.st_size;
    known_file = state.st_ino;
    is_wrong = true;
    static char text[1 << 16];
    FILE *file = fopen(path, "re");
    if (!file) return "the script file cannot be read";
    size_t length = fread(text, 1, sizeof text - 1, file);
    bool is_whole = feof(file) != 0;
    fclose(file);
    text[length] = 0;
    const char *trouble = is_whole ? mock_run_lines(text) : "the script file is too long";
    is_wrong = trouble != NULL;
    return trouble;
}

/* ---- What a test calls ---- */

const char *mock_pkcs11_script(const char *lines) {
    static _Thread_local char kept[512];
    mock_lock();
    const char *trouble = mock_run_lines(lines);
    if (trouble) snprintf(kept, sizeof kept, "%s", trouble);
    mock_changed();
    mock_unlock();
    return trouble ? kept : NULL;
}

static unsigned long value_of(const char *name) {
    const slot *slot = mock.slot_count > 0 ? mock.slots[mock.current] : NULL;
    function_id function;
    if (mock_function_named(name, &function)) return function == ANY_FUNCTION ? mock.all_calls : mock.calls[function];
    unsigned long sessions = 0, objects = 0;
    for (size_t i = 0; i < mock.session_top; i++) sessions += mock.sessions[i].handle && !mock.sessions[i].ended;
    for (size_t i = 0; slot && i < slot->object_count; i++) objects += slot->objects[i] != NULL;
    const struct {
        const char *name;
        unsigned long value;
    } values[] = {
        {"sessions", sessions},
        {"objects", objects},
        {"hanging", mock.hanging},
        {"waiting", mock.waiting},
        {"initialised", mock.is_initialised},
        {"login", slot ? slot->login : NOBODY},
        {"tries", slot ? slot->user.tries_left : 0},
        {"so-tries", slot ? slot->officer.tries_left : 0},
        {"wrong-pins", mock.wrong_pins},
        {"repeated-wrong-pins", mock.repeated_wrong_pins},
        {"violations", mock_violation_count()},
        {"rules", mock.rule_count},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i].name, name) == 0) return values[i].value;
    return ULONG_MAX;
}

unsigned long mock_pkcs11_value(const char *name) {
    mock_lock();
    unsigned long value = value_of(name);
    mock_unlock();
    return value;
}

unsigned long mock_pkcs11_calls(const char *function) { return mock_pkcs11_value(function); }

int mock_pkcs11_wait(const char *name, unsigned long at_least, unsigned long milliseconds) {
    if (milliseconds > MAXIMUM_WAIT_MILLISECONDS) milliseconds = MAXIMUM_WAIT_MILLISECONDS;
    mock_lock();
    uint64_t deadline = mock_now() + milliseconds;
    bool is_there;
    while (!(is_there = value_of(name) >= at_least && value_of(name) != ULONG_MAX))
        if (!mock_wait_for_change(deadline)) break;
    is_there = is_there || (value_of(name) >= at_least && value_of(name) != ULONG_MAX);
    mock_unlock();
    return is_there;
}
