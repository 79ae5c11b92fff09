/* The log of calls and of what no caller may do, in memory and in the file that MOCK_PKCS11_LOG names. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock.h"

typedef struct {
    char text[1 << 16];
    size_t length;
} record;

static record calls, violations;
static unsigned long violation_count;
static int file = -1;
static bool is_file_tried;
static pid_t first_process;

/* Adds a line; the oldest half goes when there is no room. */
static void append(record *record, const char *line) {
    size_t length = strlen(line);
    if (length + 1 >= sizeof record->text / 2) return;
    if (record->length + length + 1 >= sizeof record->text) {
        char *middle = memchr(record->text + record->length / 2, '\n', record->length - record->length / 2);
        size_t gone = middle ? (size_t)(middle + 1 - record->text) : record->length;
        memmove(record->text, record->text + gone, record->length - gone);
        record->length -= gone;
    }
    memcpy(record->text + record->length, line, length);
    record->length += length;
}

static void write_to_file(const char *line) {
    if (!is_file_tried) {
        const char *path = getenv("MOCK_PKCS11_LOG");
        is_file_tried = true;
        first_process = getpid();
        if (path) file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    /* Whole lines, one call each: the file may be written to by several processes. A full disk loses them. */
    if (file >= 0 && write(file, line, strlen(line)) < 0) file = -1;
}

void mock_note_call(function_id function, CK_RV result) {
    char line[320];
    snprintf(
        line, sizeof line, "%s %s%s%s\n", mock_function_names[function], mock_return_name(result), *mock_remark ? " " : "",
        mock_remark);
    append(&calls, line);
    bool is_forked = is_file_tried && getpid() != first_process;
    char marked[340];
    snprintf(marked, sizeof marked, "%s%s", is_forked ? "forked " : "", line);
    write_to_file(marked);
}

void mock_violation(const char *format, ...) {
    char text[256], line[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "%s\n", text);
    append(&violations, line);
    violation_count++;
    snprintf(line, sizeof line, "violation: %s\n", text);
    write_to_file(line);
}

void mock_clear_log(void) {
    calls.length = violations.length = 0;
    violation_count = 0;
}

unsigned long mock_violation_count(void) { return violation_count; }

static size_t copy(const record *record, char *buffer, size_t capacity) {
    mock_lock();
    size_t length = record->length;
    if (buffer && capacity > 0) {
        size_t copied = length < capacity - 1 ? length : capacity - 1;
        memcpy(buffer, record->text, copied);
        buffer[copied] = 0;
    }
    mock_unlock();
    return length;
}

size_t mock_pkcs11_log(char *buffer, size_t capacity) { return copy(&calls, buffer, capacity); }

size_t mock_pkcs11_violations(char *buffer, size_t capacity) { return copy(&violations, buffer, capacity); }
