/* Slots and tokens: what a token is, its PINs, and the state that everything begins with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock.h"

struct mock mock;

bool mock_set_pin(secret *secret, const void *pin, size_t length) {
    if (length > MAXIMUM_PIN) return false;
    memcpy(secret->text, pin, length);
    secret->length = length;
    secret->is_set = true;
    secret->tries_left = secret->tries;
    return true;
}

slot *mock_slot_make(size_t index) {
    slot *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    char label[40], serial[40];
    snprintf(label, sizeof label, index == 0 ? "mock" : "mock-%zu", index + 1);
    snprintf(serial, sizeof serial, "%016zu", index + 1);
    made->id = index + 1;
    made->is_present = made->is_initialised = made->login_required = made->shows_tries = true;
    made->login_ends_with_sessions = made->is_removable = true;
    made->absence = CKR_TOKEN_NOT_PRESENT;
    memset(made->label, ' ', sizeof made->label);
    memcpy(made->label, label, strlen(label));
    memcpy(made->serial, serial, sizeof made->serial);
    made->user.tries = made->officer.tries = 3;
    mock_set_pin(&made->user, "123456", 6);
    mock_set_pin(&made->officer, "87654321", 8);
    made->pad_result = CKR_OK;
    made->sessions = MAXIMUM_SESSIONS;
    made->mechanism_count = mock_all_mechanisms(made->mechanisms, MAXIMUM_MECHANISMS);
    mock_no_options(&made->generated);
    return made;
}

static void free_objects(slot *slot) {
    for (size_t i = 0; i < slot->object_count; i++) mock_object_free(slot->objects[i]);
    free(slot->objects);
    slot->objects = NULL;
    slot->object_count = 0;
}

void mock_slot_clear(slot *slot) {
    if (!slot) return;
    free_objects(slot);
    free(slot);
}

bool mock_add(slot *slot, object *object) {
    if (!object || slot->object_count >= MAXIMUM_OBJECTS) {
        mock_object_free(object);
        return false;
    }
    if (slot->object_count % 64 == 0) {
        void *more = realloc(slot->objects, (slot->object_count + 64) * sizeof *slot->objects);
        if (!more) {
            mock_object_free(object);
            return false;
        }
        slot->objects = more;
    }
    slot->objects[slot->object_count++] = object;
    return true;
}

bool mock_add_pair(slot *slot, key_pair *pair) {
    bool is_added = mock_add(slot, pair->private_key);
    if (pair->public_key) is_added = mock_add(slot, pair->public_key) && is_added;
    if (pair->certificate) is_added = mock_add(slot, pair->certificate) && is_added;
    return is_added;
}

bool mock_has_mechanism(const slot *slot, CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < slot->mechanism_count; i++)
        if (slot->mechanisms[i] == type) return true;
    return false;
}

CK_FLAGS mock_token_flags(const slot *slot) {
    CK_FLAGS flags = CKF_RNG;
    if (slot->is_initialised) flags |= CKF_TOKEN_INITIALIZED;
    if (slot->login_required) flags |= CKF_LOGIN_REQUIRED;
    if (slot->write_protected) flags |= CKF_WRITE_PROTECTED;
    if (slot->pin_pad) flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (slot->user.is_set) flags |= CKF_USER_PIN_INITIALIZED;
    if (slot->must_change) flags |= CKF_USER_PIN_TO_BE_CHANGED;
    const secret *secrets[2] = {&slot->user, &slot->officer};
    const CK_FLAGS signs[2][3] = {
        {CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED},
        {CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED},
    };
    for (int i = 0; i < 2 && slot->shows_tries; i++) {
        if (secrets[i]->tries_left < secrets[i]->tries) flags |= signs[i][0];
        if (secrets[i]->tries_left == 1) flags |= signs[i][1];
        if (secrets[i]->tries_left == 0) flags |= signs[i][2];
    }
    return (flags | slot->flags_on) & ~slot->flags_off;
}

/* FNV-1a: only for seeing that the same wrong PIN comes again. */
static uint64_t hash(const uint8_t *bytes, size_t length) {
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++) value = (value ^ bytes[i]) * 0x100000001b3u;
    return value;
}

CK_RV mock_check_pin(slot *slot, secret *secret, const uint8_t *pin, CK_ULONG length, CK_RV unset) {
    if (!secret->is_set) return unset;
    if (!pin && slot->pin_pad) {
        snprintf(mock_remark + strlen(mock_remark), sizeof mock_remark - strlen(mock_remark), " pad");
        return secret->tries_left == 0 ? CKR_PIN_LOCKED : slot->pad_result;
    }
    if (!pin && length > 0) return CKR_ARGUMENTS_BAD;
    if (slot->pin_pad) mock_violation("a PIN was sent to a token with a PIN pad");
    if (secret->tries_left == 0) return CKR_PIN_LOCKED;
    if (length == secret->length && (length == 0 || (pin && memcmp(pin, secret->text, length) == 0))) {
        secret->tries_left = secret->tries;
        return CKR_OK;
    }
    secret->tries_left--;
    uint64_t wrong = hash(pin, pin ? length : 0);
    size_t seen = sizeof mock.wrong_pin_hashes / sizeof *mock.wrong_pin_hashes;
    for (size_t i = 0; i < seen && i < mock.wrong_pins; i++) {
        if (mock.wrong_pin_hashes[i] != wrong) continue;
        mock.repeated_wrong_pins++;
        break;
    }
    mock.wrong_pin_hashes[mock.wrong_pins++ % seen] = wrong;
    return CKR_PIN_INCORRECT;
}

void mock_log_out(slot *slot) {
    slot->login = NOBODY;
    /* Handles of private objects end with the login (PKCS #11 2.40 §5.6, C_Logout). */
    slot->epoch++;
}

slot *mock_slot(CK_SLOT_ID id) {
    for (size_t i = 0; i < mock.slot_count; i++)
        if (mock.slots[i]->id == id) return mock.slots[i];
    return NULL;
}

slot *mock_token(CK_SLOT_ID id, CK_RV *reason) {
    slot *found = mock_slot(id);
    if (!found) {
        *reason = CKR_SLOT_ID_INVALID;
        return NULL;
    }
    if (!found->is_present) {
        *reason = found->absence;
        return NULL;
    }
    return found;
}

void mock_event(CK_SLOT_ID id) {
    for (size_t i = 0; i < mock.event_count; i++)
        if (mock.events[i] == id) return;
    if (mock.event_count < MAXIMUM_EVENTS) mock.events[mock.event_count++] = id;
    mock_changed();
}

void mock_reset(void) {
    for (size_t i = 0; i < mock.session_top; i++) mock_session_clear(&mock.sessions[i]);
    for (size_t i = 0; i < mock.slot_count; i++) mock_slot_clear(mock.slots[i]);
    /* Those who hang now are let go, and handles are never given again. */
    unsigned long epoch = mock.release_epoch + 1, hanging = mock.hanging, waiting = mock.waiting;
    CK_SESSION_HANDLE last = mock.last_session;
    memset(&mock, 0, sizeof mock);
    mock.release_epoch = epoch;
    mock.hanging = hanging;
    mock.waiting = waiting;
    mock.last_session = last;
    mock.process = getpid();
    __atomic_store_n(&mock_threads, THREADS_SAFE, __ATOMIC_RELAXED);
    mock.version = (CK_VERSION){2, 40};
    mock.last_error_wins = true;
    mock.accepted_parameters = UNSET;
    mock.slot_query = mock.slot_fetch = mock.mechanism_query = mock.mechanism_fetch = (unsigned long)-1;
    mock.generated_seed = 1000;
    mock_clear_log();
    key_pair pair;
    slot *first = mock_slot_make(0);
    if (!first) return;
    mock.slots[0] = first;
    mock.slot_count = 1;
    key_options options;
    mock_no_options(&options);
    options.has_label = options.has_id = true;
    options.label_length = 3;
    memcpy(options.label, "key", 3);
    options.id_length = 1;
    options.id[0] = 1;
    if (!mock_make_pair(KEY_P256, 1, &pair)) return;
    mock_apply_options(&options, &pair);
    mock_add_pair(first, &pair);
    mock_changed();
}
