/* Commands for mechanisms and objects. README.md describes them. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* ---- Mechanisms ---- */

static const char *mechanisms(const arguments *given) {
    slot *slot = mock_current();
    const char *what = given->words[1];
    if (strcmp(what, "=") == 0) slot->mechanism_count = 0;
    if (strcmp(what, "all") == 0) {
        slot->mechanism_count = mock_all_mechanisms(slot->mechanisms, MAXIMUM_MECHANISMS);
        return NULL;
    }
    if (strcmp(what, "=") != 0 && strcmp(what, "+") != 0 && strcmp(what, "-") != 0) FAIL("'%s' is not one of =, +, -, all", what);
    for (int i = 2; i < given->count; i++) {
        unsigned long type;
        const char *trouble = mock_read_number(given->words[i], &type);
        if (trouble) return trouble;
        size_t kept = 0;
        for (size_t j = 0; j < slot->mechanism_count; j++)
            if (slot->mechanisms[j] != type) slot->mechanisms[kept++] = slot->mechanisms[j];
        slot->mechanism_count = kept;
        if (*what != '-' && kept < MAXIMUM_MECHANISMS) slot->mechanisms[slot->mechanism_count++] = type;
    }
    return NULL;
}

static const char *alias(const arguments *given) {
    mechanism_note *note = &mock.aliases[mock.alias_count];
    if (mock.alias_count == MAXIMUM_ALIASES) FAIL("there are too many aliases");
    const char *trouble = mock_read_number(given->words[1], &note->type);
    if (!trouble) trouble = mock_read_number(given->words[2], &note->means);
    if (!trouble) mock.alias_count++;
    return trouble;
}

static const char *refuse(const arguments *given) {
    mechanism_note *note = &mock.refusals[mock.refusal_count];
    if (mock.refusal_count == MAXIMUM_ALIASES) FAIL("there are too many refusals");
    const char *trouble = mock_read_number(given->words[1], &note->type);
    if (!trouble) trouble = mock_read_number(given->words[2], &note->refusal);
    if (!trouble) mock.refusal_count++;
    return trouble;
}

/* ---- Objects ---- */

static const char *read_options(const arguments *given, int from, key_options *options) {
    mock_no_options(options);
    for (int i = from; i < given->count; i++)
        if (!mock_read_option(options, given->words[i])) FAIL("the option '%s' is not understood", given->words[i]);
    return NULL;
}

static const char *key(const arguments *given) {
    key_options options;
    key_kind kind;
    key_pair pair;
    const char *trouble = read_options(given, 2, &options);
    if (trouble) return trouble;
    if (!mock_kind_named(given->words[1], &kind)) FAIL("there is no kind of key '%s'", given->words[1]);
    if (!mock_make_pair(kind, options.has_seed ? options.seed : 1, &pair)) FAIL("libcrypto made no key");
    mock_apply_options(&options, &pair);
    if (!mock_add_pair(mock_current(), &pair)) FAIL("the token is full");
    return NULL;
}

/* Many keys of one kind, all with the same numbers, each with a label and id of its own. */
static const char *keys(const arguments *given) {
    unsigned long count;
    char line[MAXIMUM_LINE];
    const char *trouble = mock_read_number(given->words[1], &count);
    if (trouble) return trouble;
    if (count > MAXIMUM_OBJECTS / 2) FAIL("the token has no room for so many");
    for (unsigned long i = 1; i <= count; i++) {
        snprintf(line, sizeof line, "key %s label=key-%lu id=%08lx", given->words[2], i, i);
        if ((trouble = mock_run_line(line))) return trouble;
    }
    return NULL;
}

static const char *generated(const arguments *given) { return read_options(given, 1, &mock_current()->generated); }

static const char *read_class(const char *word, CK_OBJECT_CLASS *class) {
    static const char *const choices[] = {"private", "public", "certificate", "any", NULL};
    static const CK_OBJECT_CLASS classes[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE, (CK_OBJECT_CLASS)-1};
    int choice = 0;
    const char *trouble = mock_read_choice(word, choices, &choice);
    *class = classes[choice];
    return trouble;
}

/* `remove CLASS [LABEL]` */
static const char *remove_objects(const arguments *given) {
    CK_OBJECT_CLASS class;
    uint8_t text[256];
    size_t length = 0;
    slot *slot = mock_current();
    const char *trouble = read_class(given->words[1], &class);
    if (trouble) return trouble;
    if (given->count > 2 && !mock_decode(given->words[2], text, sizeof text, &length)) FAIL("'%s' is no label", given->words[2]);
    for (size_t i = 0; i < slot->object_count; i++) {
        const object *object = slot->objects[i];
        if (!object || (class != (CK_OBJECT_CLASS)-1 && mock_class(object) != class)) continue;
        const attribute *name = mock_attribute(object, CKA_LABEL);
        if (given->count > 2 && (!name || name->length != length || memcmp(name->value, text, length) != 0)) continue;
        mock_object_free(slot->objects[i]);
        slot->objects[i] = NULL;
    }
    return NULL;
}

static const char *change_objects(CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type, const char *how, const char *value) {
    uint8_t *bytes = malloc(MAXIMUM_VALUE);
    size_t length = 0;
    unsigned long number = 0;
    if (!bytes) FAIL("there is no memory left");
    bool is_understood = true;
    if (strcmp(how, "hex") == 0) is_understood = mock_decode_hex(value, bytes, MAXIMUM_VALUE, &length);
    if (strcmp(how, "text") == 0) is_understood = mock_decode(value, bytes, MAXIMUM_VALUE, &length);
    if (strcmp(how, "number") == 0 || strcmp(how, "fill") == 0) {
        is_understood = mock_constant(value, &number);
        length = strcmp(how, "fill") == 0 ? number : sizeof number;
        is_understood = is_understood && length <= MAXIMUM_VALUE;
        if (strcmp(how, "number") == 0)
            memcpy(bytes, &number, sizeof number);
        else if (is_understood)
            memset(bytes, 'x', length);
    }
    slot *slot = mock_current();
    for (size_t i = 0; is_understood && i < slot->object_count; i++) {
        object *object = slot->objects[i];
        if (!object || (class != (CK_OBJECT_CLASS)-1 && mock_class(object) != class)) continue;
        if (strcmp(how, "remove") == 0)
            mock_unset(object, type);
        else
            mock_set(object, type, bytes, length);
    }
    free(bytes);
    if (!is_understood) FAIL("the value '%s' is not understood", value);
    return NULL;
}

/* `attribute CLASS CKA_… HOW [VALUE]` */
static const char *attribute_command(const arguments *given) {
    static const char *const changes[] = {"hex", "text", "number", "fill", "remove", NULL};
    static const char *const quirks[] = {"unavailable", "sensitive", "unavailable-ok", "empty", "short",
                                         "length",      "query",     "grow",           NULL};
    CK_OBJECT_CLASS class;
    unsigned long type, number = 0;
    int choice = 0;
    const char *trouble = read_class(given->words[1], &class);
    if (!trouble) trouble = mock_read_number(given->words[2], &type);
    if (trouble) return trouble;
    const char *how = given->words[3], *value = given->count > 4 ? given->words[4] : "";
    if (!mock_read_choice(how, changes, &choice)) return change_objects(class, type, how, value);
    if ((trouble = mock_read_choice(how, quirks, &choice))) return trouble;
    if (*value && (trouble = mock_read_number(value, &number))) return trouble;
    slot *slot = mock_current();
    if (slot->quirk_count == MAXIMUM_QUIRKS) FAIL("there are too many quirks");
    slot->quirks[slot->quirk_count++] = (attribute_quirk){class, type, (quirk_kind)choice, number, 0};
    return NULL;
}

static const char *plain_attributes(const arguments *given) {
    (void)given;
    mock_current()->quirk_count = 0;
    return NULL;
}

const command mock_object_commands[] = {
    {"mechanisms", 1, MAXIMUM_WORDS, mechanisms},
    {"alias", 2, 2, alias},
    {"refuse", 2, 2, refuse},
    {"key", 1, MAXIMUM_WORDS, key},
    {"keys", 2, 2, keys},
    {"generated", 0, MAXIMUM_WORDS, generated},
    {"remove", 1, 2, remove_objects},
    {"attribute", 3, 4, attribute_command},
    {"plain-attributes", 0, 0, plain_attributes},
};
const size_t mock_object_command_count = sizeof mock_object_commands / sizeof *mock_object_commands;
