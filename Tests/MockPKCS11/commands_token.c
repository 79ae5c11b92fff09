/* Commands for slots and tokens. README.md describes them. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* ---- Slots and tokens ---- */

static const char *slots(const arguments *given) {
    unsigned long count;
    const char *trouble = mock_read_number(given->words[1], &count);
    if (trouble) return trouble;
    if (count > MAXIMUM_SLOTS) FAIL("there are %d slots at most", MAXIMUM_SLOTS);
    mock.slot_query = mock.slot_fetch = (unsigned long)-1;
    while (mock.slot_count > count) {
        size_t last = mock.slot_count - 1;
        mock_end_sessions(last, CKR_OK);
        mock_slot_clear(mock.slots[last]);
        mock.slot_count = last;
    }
    while (mock.slot_count < count) {
        slot *made = mock_slot_make(mock.slot_count);
        if (!made) FAIL("there is no memory left");
        mock.slots[mock.slot_count++] = made;
    }
    if (mock.current >= mock.slot_count) mock.current = 0;
    if (mock.slot_count == 0) {
        /* Commands speak of a slot; an empty list of slots is claimed. */
        slot *made = mock_slot_make(0);
        if (!made) FAIL("there is no memory left");
        mock.slots[0] = made;
        mock.slot_count = 1;
        mock.slot_query = mock.slot_fetch = 0;
    }
    return NULL;
}

static const char *more_slots(const arguments *given) {
    unsigned long more;
    const char *trouble = mock_read_number(given->words[1], &more);
    char line[32];
    if (trouble) return trouble;
    snprintf(line, sizeof line, "slots %lu", mock.slot_count + more > MAXIMUM_SLOTS ? MAXIMUM_SLOTS : mock.slot_count + more);
    return mock_run_line(line);
}

static const char *use_slot(const arguments *given) {
    unsigned long number;
    const char *trouble = mock_read_number(given->words[1], &number);
    if (trouble) return trouble;
    if (number == 0 || number > mock.slot_count) FAIL("there is no slot number %lu", number);
    mock.current = number - 1;
    return NULL;
}

static const char *slot_id(const arguments *given) { return mock_read_number(given->words[1], &mock_current()->id); }

static const char *vanish(const arguments *given) {
    mock_current()->absence = CKR_TOKEN_NOT_PRESENT;
    if (given->count > 1) {
        const char *trouble = mock_read_number(given->words[1], &mock_current()->absence);
        if (trouble) return trouble;
    }
    mock_current()->is_present = false;
    mock_event(mock_current()->id);
    return NULL;
}

static const char *appear(const arguments *given) {
    unsigned long code = CKR_SESSION_HANDLE_INVALID;
    bool keeps = given->count > 1 && strcmp(given->words[1], "keeping") == 0;
    if (given->count > 1 && !keeps) {
        const char *trouble = mock_read_number(given->words[1], &code);
        if (trouble) return trouble;
    }
    if (!keeps) mock_end_sessions(mock.current, code);
    mock_current()->is_present = true;
    mock_event(mock_current()->id);
    return NULL;
}

static const char *event(const arguments *given) {
    (void)given;
    mock_event(mock_current()->id);
    return NULL;
}

static const char *end_sessions(const arguments *given) {
    unsigned long code = CKR_SESSION_HANDLE_INVALID;
    const char *trouble = given->count > 1 ? mock_read_number(given->words[1], &code) : NULL;
    if (!trouble) mock_end_sessions(mock.current, code);
    return trouble;
}

static const char *logout(const arguments *given) {
    (void)given;
    mock_log_out(mock_current());
    return NULL;
}

/* Somebody else in the process has logged in. */
static const char *login(const arguments *given) {
    static const char *const choices[] = {"nobody", "user", "officer", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    if (!trouble) mock_current()->login = (login_state)choice;
    return trouble;
}

static const char *set_padded(const char *word, uint8_t *field, size_t capacity) {
    uint8_t text[64];
    size_t length;
    if (!mock_decode(word, text, sizeof text, &length) || length > capacity) FAIL("'%s' does not fit", word);
    memset(field, ' ', capacity);
    memcpy(field, text, length);
    return NULL;
}

static const char *label(const arguments *given) { return set_padded(given->words[1], mock_current()->label, 32); }
static const char *serial(const arguments *given) { return set_padded(given->words[1], mock_current()->serial, 16); }

static const char *set_secret(const char *word, secret *secret) {
    uint8_t text[MAXIMUM_PIN];
    size_t length;
    if (strcmp(word, "none") == 0) {
        secret->is_set = false;
        return NULL;
    }
    if (!mock_decode(word, text, sizeof text, &length) || !mock_set_pin(secret, text, length)) FAIL("'%s' is no PIN", word);
    return NULL;
}

static const char *pin(const arguments *given) { return set_secret(given->words[1], &mock_current()->user); }
static const char *so_pin(const arguments *given) { return set_secret(given->words[1], &mock_current()->officer); }

static const char *set_tries(const arguments *given, secret *secret) {
    const char *trouble = mock_read_number(given->words[1], &secret->tries);
    if (trouble) return trouble;
    secret->tries_left = secret->tries;
    return given->count > 2 ? mock_read_number(given->words[2], &secret->tries_left) : NULL;
}

static const char *tries(const arguments *given) { return set_tries(given, &mock_current()->user); }
static const char *so_tries(const arguments *given) { return set_tries(given, &mock_current()->officer); }
static const char *show_tries(const arguments *given) { return mock_read_truth(given->words[1], &mock_current()->shows_tries); }
static const char *pin_pad(const arguments *given) {
    const char *trouble = mock_read_truth(given->words[1], &mock_current()->pin_pad);
    mock_current()->pad_result = CKR_OK;
    return trouble || given->count < 3 ? trouble : mock_read_number(given->words[2], &mock_current()->pad_result);
}
static const char *pin_to_be_changed(const arguments *given) { return mock_read_truth(given->words[1], &mock_current()->must_change); }
static const char *removable(const arguments *given) { return mock_read_truth(given->words[1], &mock_current()->is_removable); }
static const char *write_protected(const arguments *given) {
    return mock_read_truth(given->words[1], &mock_current()->write_protected);
}
static const char *token_initialised(const arguments *given) {
    return mock_read_truth(given->words[1], &mock_current()->is_initialised);
}
static const char *login_required(const arguments *given) { return mock_read_truth(given->words[1], &mock_current()->login_required); }
static const char *login_ends(const arguments *given) {
    return mock_read_truth(given->words[1], &mock_current()->login_ends_with_sessions);
}

static const char *flags(const arguments *given) {
    for (int i = 1; i < given->count; i++) {
        unsigned long flag;
        const char *word = given->words[i];
        if (*word != '+' && *word != '-') FAIL("'%s' begins with neither + nor -", word);
        const char *trouble = mock_read_number(word + 1, &flag);
        if (trouble) return trouble;
        if (*word == '+')
            mock_current()->flags_on |= flag;
        else
            mock_current()->flags_off |= flag;
    }
    return NULL;
}

static const char *sessions(const arguments *given) { return mock_read_number(given->words[1], &mock_current()->sessions); }

static const char *session_counts(const arguments *given) {
    const char *trouble = mock_read_number(given->words[1], &mock_current()->maximum_sessions);
    return trouble ? trouble : mock_read_number(given->words[2], &mock_current()->maximum_rw_sessions);
}

static const char *handles(const arguments *given) {
    static const char *const choices[] = {"standard", "stable", "per-session", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    if (!trouble) mock_current()->handles = (handle_form)choice;
    return trouble;
}

static const char *find(const arguments *given) {
    static const char *const choices[] = {"plain", "endless", "overcount", "twice", "foreign", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    if (!trouble) mock_current()->find = (find_form)choice;
    return trouble;
}

static const char *import(const arguments *given) { return mock_read_number(given->words[1], &mock_current()->import); }

static const char *signature(const arguments *given) {
    static const char *const choices[] = {"plain", "length", "claim", "corrupt", "der", "seed", NULL};
    int choice = 0;
    const char *trouble = mock_read_choice(given->words[1], choices, &choice);
    if (!trouble && given->count > 2) trouble = mock_read_number(given->words[2], &mock_current()->signature_number);
    if (!trouble) mock_current()->signature = (signature_form)choice;
    return trouble;
}

const command mock_token_commands[] = {
    {"slots", 1, 1, slots},
    {"more-slots", 1, 1, more_slots},
    {"slot", 1, 1, use_slot},
    {"slot-id", 1, 1, slot_id},
    {"vanish", 0, 1, vanish},
    {"appear", 0, 1, appear},
    {"event", 0, 0, event},
    {"end-sessions", 0, 1, end_sessions},
    {"logout", 0, 0, logout},
    {"login", 1, 1, login},
    {"label", 1, 1, label},
    {"serial", 1, 1, serial},
    {"pin", 1, 1, pin},
    {"so-pin", 1, 1, so_pin},
    {"tries", 1, 2, tries},
    {"so-tries", 1, 2, so_tries},
    {"show-tries", 1, 1, show_tries},
    {"pin-pad", 1, 2, pin_pad},
    {"pin-to-be-changed", 1, 1, pin_to_be_changed},
    {"removable", 1, 1, removable},
    {"write-protected", 1, 1, write_protected},
    {"token-initialised", 1, 1, token_initialised},
    {"login-required", 1, 1, login_required},
    {"login-ends-with-sessions", 1, 1, login_ends},
    {"flags", 1, MAXIMUM_WORDS, flags},
    {"sessions", 1, 1, sessions},
    {"session-counts", 2, 2, session_counts},
    {"handles", 1, 1, handles},
    {"find", 1, 1, find},
    {"import", 1, 1, import},
    {"signature", 1, 2, signature},
};
const size_t mock_token_command_count = sizeof mock_token_commands / sizeof *mock_token_commands;
