/* What the files of commands share. */
#ifndef MOCK_COMMANDS_H
#define MOCK_COMMANDS_H
#include <stdio.h>

#include "mock.h"

typedef struct {
    int count;
    char *words[MAXIMUM_WORDS]; /* the command's name is the first */
} arguments;

typedef struct {
    const char *name;
    int least, most;                          /* words behind the name */
    const char *(*run)(const arguments *); /* NULL, or what is wrong */
} command;

extern const command mock_module_commands[], mock_token_commands[], mock_object_commands[];
extern const size_t mock_module_command_count, mock_token_command_count, mock_object_command_count;
const command *mock_command(const char *name);

/* Says what is wrong, in memory that the next such saying takes. */
extern char mock_trouble[256];
#define FAIL(...) return snprintf(mock_trouble, sizeof mock_trouble, __VA_ARGS__), mock_trouble

/* The slot that commands speak of. */
slot *mock_current(void);
const char *mock_read_number(const char *word, unsigned long *value);
const char *mock_read_truth(const char *word, bool *value);
const char *mock_read_choice(const char *word, const char *const *choices, int *value);

#endif
