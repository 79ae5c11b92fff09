/* Commands for calls and for the module as a whole. README.md describes them. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* ---- Calls ---- */

static const char *make_rule(const arguments *given, bool is_after) {
    rule made = {.is_after = is_after};
    char *number = given->words[2];
    if (mock.rule_count == MAXIMUM_RULES) FAIL("there are too many rules");
    if (!mock_function_named(given->words[1], &made.function)) FAIL("there is no function '%s'", given->words[1]);
    size_t length = strlen(number);
    if (length > 1 && number[length - 1] == '+') {
        made.goes_on = true;
        number[length - 1] = 0;
    }
    const char *trouble = mock_read_number(number, &made.number);
    if (trouble) return trouble;
    if (made.number == 0) FAIL("calls are counted from one");
    const char *action = given->words[3];
    if (strcmp(action, "return") == 0 && given->count == 5) {
        made.kind = RULE_RETURN;
        if ((trouble = mock_read_number(given->words[4], &made.value))) return trouble;
    } else if (strcmp(action, "delay") == 0 && given->count == 5) {
        made.kind = RULE_DELAY;
        if ((trouble = mock_read_number(given->words[4], &made.value))) return trouble;
    } else if (strcmp(action, "hang") == 0 && given->count == 4) {
        made.kind = RULE_HANG;
    } else {
        made.kind = RULE_COMMAND;
        if (!mock_command(action)) FAIL("there is no command '%.64s' of so many words", action);
        size_t at = 0;
        for (int i = 3; i < given->count; i++)
            at += (size_t)snprintf(made.command + at, sizeof made.command - at, "%s%s", i > 3 ? " " : "", given->words[i]);
    }
    mock.rules[mock.rule_count++] = made;
    return NULL;
}

static const char *on(const arguments *given) { return make_rule(given, false); }
static const char *after(const arguments *given) { return make_rule(given, true); }

static const char *clear(const arguments *given) {
    (void)given;
    mock.rule_count = 0;
    return NULL;
}

static const char *release(const arguments *given) {
    mock.release_result = CKR_OK;
    if (given->count > 1) {
        const char *trouble = mock_read_number(given->words[1], &mock.release_result);
        if (trouble) return trouble;
    }
    mock.release_epoch++;
    mock_changed();
    return NULL;
}

static const char *reset(const arguments *given) {
    (void)given;
    mock_reset();
    return NULL;
}

static const char *die(const arguments *given) { return mock_read_number(given->words[1], &mock.dead); }

static const char *revive(const arguments *given) {
    (void)given;
    mock.dead = CKR_OK;
    for (size_t i = 0; i < mock.slot_count; i++) mock_end_sessions(i, CKR_SESSION_HANDLE_INVALID);
    return NULL;
}

/* ---- The module ---- */

static const char *read_version(const char *word, CK_VERSION *version) {
    unsigned major, minor;
    char end;
    if (sscanf(word, "%u.%u%c", &major, &minor, &end) != 2 || major > 255 || minor > 255) FAIL("'%s' is no version", word);
    *version = (CK_VERSION){(unsigned char)major, (unsigned char)minor};
    return NULL;
}

static const char *version(const arguments *given) { return read_version(given->words[1], &mock.version); }

static const char *interface(const arguments *given) {
    mock.has_interface = strcmp(given->words[1], "none") != 0;
    return mock.has_interface ? read_version(given->words[1], &mock.interface) : NULL;
}

static const char *set_lacks(const arguments *given, bool lacks) {
    for (int i = 1; i < given->count; i++) {
        function_id function;
        if (!mock_function_named(given->words[i], &function)) FAIL("there is no function '%s'", given->words[i]);
        for (int each = 0; each < FUNCTION_COUNT; each++)
            if (function == ANY_FUNCTION || each == (int)function) mock.lacks[each] = lacks;
    }
    return NULL;
}

static const char *lack(const arguments *given) { return set_lacks(given, true); }
static const char *have(const arguments *given) { return set_lacks(given, false); }
static const char *null_list(const arguments *given) { return mock_read_truth(given->words[1], &mock.null_list); }
static const char *cant_lock(const arguments *given) { return mock_read_truth(given->words[1], &mock.cant_lock); }
static const char *reserved(const arguments *given) { return mock_read_truth(given->words[1], &mock.takes_reserved); }
static const char *keep_operations(const arguments *given) { return mock_read_truth(given->words[1], &mock.keeps_operations); }
static const char *reuse_sessions(const arguments *given) { return mock_read_truth(given->words[1], &mock.reuses_sessions); }

static const char *threads(const arguments *given) {
    static const char *const choices[] = {"safe", "opening", "objects", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    if (!trouble) __atomic_store_n(&mock_threads, (thread_form)choice, __ATOMIC_RELAXED);
    return trouble;
}

static const char *initialised(const arguments *given) {
    bool is_initialised = false;
    const char *trouble = mock_read_truth(given->words[1], &is_initialised);
    mock.is_initialised = mock.by_somebody_else = is_initialised;
    return trouble;
}

static const char *attribute_errors(const arguments *given) {
    static const char *const choices[] = {"first", "last", "stop", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    mock.last_error_wins = choice == 1;
    mock.stops_at_error = choice == 2;
    return trouble;
}

static const char *accept_ec_params(const arguments *given) {
    static const char *const choices[] = {"oid", "name", "any", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    mock.accepted_parameters = choice == 2 ? UNSET : choice;
    return trouble;
}

static const char *counts(const arguments *given) {
    unsigned long query, fetch;
    const char *trouble;
    if ((trouble = mock_read_number(given->words[2], &query)) || (trouble = mock_read_number(given->words[3], &fetch))) return trouble;
    if (strcmp(given->words[1], "slots") == 0) {
        mock.slot_query = query;
        mock.slot_fetch = fetch;
    } else if (strcmp(given->words[1], "mechanisms") == 0) {
        mock.mechanism_query = query;
        mock.mechanism_fetch = fetch;
    } else {
        FAIL("'%s' is neither slots nor mechanisms", given->words[1]);
    }
    return NULL;
}

const command mock_module_commands[] = {
    {"reset", 0, 0, reset},
    {"on", 3, MAXIMUM_WORDS, on},
    {"after", 3, MAXIMUM_WORDS, after},
    {"clear", 0, 0, clear},
    {"release", 0, 1, release},
    {"die", 1, 1, die},
    {"revive", 0, 0, revive},
    {"version", 1, 1, version},
    {"interface", 1, 1, interface},
    {"lack", 1, MAXIMUM_WORDS, lack},
    {"have", 1, MAXIMUM_WORDS, have},
    {"null-list", 1, 1, null_list},
    {"cant-lock", 1, 1, cant_lock},
    {"threads", 1, 1, threads},
    {"reserved", 1, 1, reserved},
    {"initialised", 1, 1, initialised},
    {"keep-operations", 1, 1, keep_operations},
    {"reuse-sessions", 1, 1, reuse_sessions},
    {"attribute-errors", 1, 1, attribute_errors},
    {"accept-ec-params", 1, 1, accept_ec_params},
    {"counts", 3, 3, counts},
};
const size_t mock_module_command_count = sizeof mock_module_commands / sizeof *mock_module_commands;
