/* Finding the command of a line, and reading words. */
#include <string.h>

#include "commands.h"

char mock_trouble[256];

slot *mock_current(void) { return mock.slots[mock.current]; }

const char *mock_read_number(const char *word, unsigned long *value) {
    if (mock_constant(word, value)) return NULL;
    FAIL("'%s' is neither a number nor a name that is known", word);
}

const char *mock_read_truth(const char *word, bool *value) {
    if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0) FAIL("'%s' is neither on nor off", word);
    *value = strcmp(word, "on") == 0;
    return NULL;
}

const char *mock_read_choice(const char *word, const char *const *choices, int *value) {
    for (int i = 0; choices[i]; i++) {
        if (strcmp(word, choices[i]) != 0) continue;
        *value = i;
        return NULL;
    }
    FAIL("'%s' is not one of the words that may stand there", word);
}

const command *mock_command(const char *name) {
    const struct {
        const command *commands;
        size_t count;
    } tables[] = {
        {mock_module_commands, mock_module_command_count},
        {mock_token_commands, mock_token_command_count},
        {mock_object_commands, mock_object_command_count},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t j = 0; j < tables[i].count; j++)
            if (strcmp(tables[i].commands[j].name, name) == 0) return &tables[i].commands[j];
    return NULL;
}

const char *mock_run_line(const char *line) {
    char copy[MAXIMUM_LINE];
    arguments given = {0};
    if (strlen(line) >= sizeof copy) FAIL("a line is too long");
    strcpy(copy, line);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " \t\r"));) {
        if (!*word) continue;
        if (*word == '#') break;
        if (given.count == MAXIMUM_WORDS) FAIL("a line has too many words");
        given.words[given.count++] = word;
    }
    if (given.count == 0) return NULL;
    const command *command = mock_command(given.words[0]);
    if (!command) FAIL("there is no command '%.64s'", given.words[0]);
    if (given.count - 1 < command->least || given.count - 1 > command->most)
        FAIL("'%s' takes another number of words", command->name);
    return command->run(&given);
}
