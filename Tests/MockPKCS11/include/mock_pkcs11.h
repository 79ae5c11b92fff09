/*
 * How a test commands the mock module from within its process. Another process's module is commanded by files; see README.md,
 * which has the language too.
 */
#ifndef MOCK_PKCS11_H
#define MOCK_PKCS11_H
#include <stddef.h>

/* Runs lines of script. NULL, or why a line was not understood; the lines before it were run. The text is good until the
 * thread's next call. */
const char *mock_pkcs11_script(const char *lines);

/* How often a function was called since `reset`; of "*", all functions. */
unsigned long mock_pkcs11_calls(const char *function);

/* A number of the module's state: see README.md. ULONG_MAX for a name that is not known. */
unsigned long mock_pkcs11_value(const char *name);

/* Waits until a value, or a function's count, is at least this. 0 if it did not come to that in time. */
int mock_pkcs11_wait(const char *name, unsigned long at_least, unsigned long milliseconds);

/* The last calls, a line each: function, result, remark. Copies what fits, with a NUL, and returns the whole length. */
size_t mock_pkcs11_log(char *buffer, size_t capacity);

/* What a caller did that no caller may do, a line each. */
size_t mock_pkcs11_violations(char *buffer, size_t capacity);

#endif
