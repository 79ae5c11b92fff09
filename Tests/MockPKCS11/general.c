/* Functions for the module, its slots and tokens. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "mock.h"

static void pad(uint8_t *field, size_t length, const char *text) {
    memset(field, ' ', length);
    memcpy(field, text, strlen(text) < length ? strlen(text) : length);
}

static CK_RV initialize(const CK_C_INITIALIZE_ARGS *arguments) {
    if (mock.is_initialised) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    if (arguments) {
        if (arguments->pReserved && !mock.takes_reserved) return CKR_ARGUMENTS_BAD;
        bool wants_locks = (arguments->flags & CKF_OS_LOCKING_OK) || arguments->LockMutex;
        if (wants_locks && mock.cant_lock) return CKR_CANT_LOCK;
    }
    mock.is_initialised = true;
    mock.process = getpid();
    if (mock.cant_lock) __atomic_store_n(&mock_threads, THREADS_NONE, __ATOMIC_RELAXED);
    return CKR_OK;
}

CK_RV C_Initialize(void *arguments) { RUN(C_Initialize, 0, initialize(arguments)); }

static CK_RV finalize(const void *reserved) {
    if (reserved) return CKR_ARGUMENTS_BAD;
    if (mock.by_somebody_else) mock_violation("C_Finalize of a module that somebody else had initialised");
    for (size_t i = 0; i < mock.slot_count; i++) mock_end_sessions(i, CKR_OK);
    mock.is_initialised = false;
    mock_changed();
    return CKR_OK;
}

CK_RV C_Finalize(void *reserved) { RUN(C_Finalize, 0, finalize(reserved)); }

static CK_RV get_info(CK_INFO *info) {
    if (!info) return CKR_ARGUMENTS_BAD;
    memset(info, 0, sizeof *info);
    info->cryptokiVersion = mock.has_interface ? mock.interface : mock.version;
    pad(info->manufacturerID, sizeof info->manufacturerID, "ziti-keystore tests");
    pad(info->libraryDescription, sizeof info->libraryDescription, "A module that misbehaves");
    info->libraryVersion = (CK_VERSION){1, 0};
    return CKR_OK;
}

CK_RV C_GetInfo(CK_INFO *info) { RUN(C_GetInfo, 0, get_info(info)); }

/* Hands out a list as the standard wants it, or with the counts that a script claims. */
static CK_RV give_list(
    const CK_ULONG *items, CK_ULONG count, CK_ULONG *into, CK_ULONG *capacity, unsigned long query, unsigned long fetch) {
    if (!capacity) return CKR_ARGUMENTS_BAD;
    if (!into) {
        *capacity = query != (unsigned long)-1 ? query : count;
        return CKR_OK;
    }
    CK_ULONG room = *capacity;
    *capacity = fetch != (unsigned long)-1 ? fetch : count;
    if (room < count && fetch == (unsigned long)-1) return CKR_BUFFER_TOO_SMALL;
    for (CK_ULONG i = 0; i < count && i < room; i++) into[i] = items[i];
    return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID *list, CK_ULONG *count) {
    CK_SLOT_ID found[MAXIMUM_SLOTS];
    CK_ULONG found_count = 0;
    for (size_t i = 0; i < mock.slot_count; i++)
        if (!with_token || mock.slots[i]->is_present) found[found_count++] = mock.slots[i]->id;
    return give_list(found, found_count, list, count, mock.slot_query, mock.slot_fetch);
}

CK_RV C_GetSlotList(unsigned char with_token, CK_SLOT_ID *list, CK_ULONG *count) {
    RUN(C_GetSlotList, 0, get_slot_list(with_token, list, count));
}

static CK_RV get_slot_info(CK_SLOT_ID id, CK_SLOT_INFO *info) {
    const slot *slot = mock_slot(id);
    char description[65];
    if (!slot) return CKR_SLOT_ID_INVALID;
    if (!info) return CKR_ARGUMENTS_BAD;
    memset(info, 0, sizeof *info);
    snprintf(description, sizeof description, "Mock slot %lu", id);
    pad(info->slotDescription, sizeof info->slotDescription, description);
    pad(info->manufacturerID, sizeof info->manufacturerID, "ziti-keystore tests");
    info->flags = (slot->is_removable ? CKF_REMOVABLE_DEVICE : 0) | (slot->is_present ? CKF_TOKEN_PRESENT : 0);
    return CKR_OK;
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info) { RUN(C_GetSlotInfo, 0, get_slot_info(id, info)); }

static CK_RV get_token_info(CK_SLOT_ID id, CK_TOKEN_INFO *info) {
    CK_RV reason = CKR_OK;
    const slot *slot = mock_token(id, &reason);
    if (!slot) return reason;
    if (!info) return CKR_ARGUMENTS_BAD;
    memset(info, 0, sizeof *info);
    memcpy(info->label, slot->label, sizeof info->label);
    memcpy(info->serialNumber, slot->serial, sizeof info->serialNumber);
    pad(info->model, sizeof info->model, "MockPKCS11");
    pad(info->manufacturerID, sizeof info->manufacturerID, "ziti-keystore tests");
    info->flags = mock_token_flags(slot);
    info->ulMaxSessionCount = slot->maximum_sessions;
    info->ulMaxRwSessionCount = slot->maximum_rw_sessions;
    for (size_t i = 0; i < mock.session_top; i++) {
        const session *session = &mock.sessions[i];
        if (!session->handle || session->ended || mock.slots[session->slot] != slot) continue;
        info->ulSessionCount++;
        if (session->is_writable) info->ulRwSessionCount++;
    }
    info->ulMaxPinLen = MAXIMUM_PIN;
    info->ulMinPinLen = 4;
    info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    memset(info->utcTime, ' ', sizeof info->utcTime);
    return CKR_OK;
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info) { RUN(C_GetTokenInfo, 0, get_token_info(id, info)); }

static CK_RV get_mechanism_list(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    CK_RV reason = CKR_OK;
    const slot *slot = mock_token(id, &reason);
    if (!slot) return reason;
    return give_list(slot->mechanisms, slot->mechanism_count, list, count, mock.mechanism_query, mock.mechanism_fetch);
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    RUN(C_GetMechanismList, 0, get_mechanism_list(id, list, count));
}

static CK_RV get_mechanism_info(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    static const CK_FLAGS flags[] = {
        [MAKES_KEYS] = CKF_GENERATE_KEY_PAIR, [SIGNS] = CKF_SIGN, [DECRYPTS] = CKF_DECRYPT, [DERIVES] = CKF_DERIVE};
    CK_RV reason = CKR_OK;
    const slot *slot = mock_token(id, &reason);
    if (!slot) return reason;
    const mechanism *found = mock_mechanism(type);
    if (!found || !mock_has_mechanism(slot, type)) return CKR_MECHANISM_INVALID;
    if (!info) return CKR_ARGUMENTS_BAD;
    info->ulMinKeySize = found->family == FAMILY_RSA ? 2048 : 256;
    info->ulMaxKeySize = found->family == FAMILY_RSA ? 4096 : found->family == FAMILY_EC ? 521 : 256;
    info->flags = flags[found->uses[0]] | flags[found->uses[1]];
    if (found->family == FAMILY_EC) info->flags |= CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
    return CKR_OK;
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    RUN(C_GetMechanismInfo, 0, get_mechanism_info(id, type, info));
}

/* ---- Events ---- */

static CK_RV wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID *id, const void *reserved) {
    if (!id || reserved) return CKR_ARGUMENTS_BAD;
    if (mock.event_count == 0 && !(flags & CKF_DONT_BLOCK)) {
        uint64_t deadline = mock_now() + MAXIMUM_WAIT_MILLISECONDS;
        unsigned long epoch = mock.release_epoch;
        mock.waiting++;
        mock_changed();
        while (mock.event_count == 0 && mock.is_initialised && epoch == mock.release_epoch)
            if (!mock_wait_for_change(deadline)) break;
        if (mock.waiting > 0) mock.waiting--;
        if (!mock.is_initialised) return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    if (mock.event_count == 0) return CKR_NO_EVENT;
    *id = mock.events[0];
    memmove(mock.events, mock.events + 1, --mock.event_count * sizeof *mock.events);
    return CKR_OK;
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *id, void *reserved) {
    RUN(C_WaitForSlotEvent, 0, wait_for_slot_event(flags, id, reserved));
}

/* ---- Making a token ---- */

static CK_RV pin_despite_pad(void) {
    mock_violation("a PIN was sent to a token with a PIN pad");
    return CKR_ARGUMENTS_BAD;
}

static CK_RV init_token(CK_SLOT_ID id, const uint8_t *pin, CK_ULONG length, const uint8_t *label) {
    CK_RV reason = CKR_OK;
    slot *slot = mock_token(id, &reason);
    if (!slot) return reason;
    if (!label || (!pin && !slot->pin_pad)) return CKR_ARGUMENTS_BAD;
    if (pin && slot->pin_pad) return pin_despite_pad();
    if (slot->write_protected) return CKR_TOKEN_WRITE_PROTECTED;
    for (size_t i = 0; i < mock.session_top; i++)
        if (mock.sessions[i].handle && !mock.sessions[i].ended && mock.slots[mock.sessions[i].slot] == slot)
            return CKR_SESSION_EXISTS;
    if (slot->is_initialised) {
        CK_RV result = mock_check_pin(slot, &slot->officer, pin, length, CKR_OK);
        if (result != CKR_OK) return result;
    } else if (pin && (length < 4 || !mock_set_pin(&slot->officer, pin, length))) {
        return CKR_PIN_LEN_RANGE;
    }
    for (size_t i = 0; i < slot->object_count; i++) {
        mock_object_free(slot->objects[i]);
        slot->objects[i] = NULL;
    }
    memcpy(slot->label, label, sizeof slot->label);
    slot->is_initialised = true;
    slot->user.is_set = false;
    slot->must_change = false;
    mock_log_out(slot);
    return CKR_OK;
}

CK_RV C_InitToken(CK_SLOT_ID id, unsigned char *pin, CK_ULONG length, unsigned char *label) {
    RUN(C_InitToken, 0, init_token(id, pin, length, label));
}

static CK_RV init_pin(CK_SESSION_HANDLE handle, const uint8_t *pin, CK_ULONG length) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    slot *slot = mock_slot_of(session);
    if (slot->login != OFFICER) return CKR_USER_NOT_LOGGED_IN;
    if (!session->is_writable) return CKR_SESSION_READ_ONLY;
    if (slot->pin_pad) {
        if (pin) return pin_despite_pad();
        if (slot->pad_result != CKR_OK) return slot->pad_result;
        slot->user.is_set = true;
        slot->user.tries_left = slot->user.tries;
        return CKR_OK;
    }
    if (!pin) return CKR_ARGUMENTS_BAD;
    return length >= 4 && mock_set_pin(&slot->user, pin, length) ? CKR_OK : CKR_PIN_LEN_RANGE;
}

CK_RV C_InitPIN(CK_SESSION_HANDLE session, unsigned char *pin, CK_ULONG length) {
    RUN(C_InitPIN, session, init_pin(session, pin, length));
}

static CK_RV set_pin(
    CK_SESSION_HANDLE handle, const uint8_t *old, CK_ULONG old_length, const uint8_t *new, CK_ULONG new_length) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    slot *slot = mock_slot_of(session);
    if (!session->is_writable) return CKR_SESSION_READ_ONLY;
    if (slot->pin_pad && (old || new)) return pin_despite_pad();
    if (!slot->pin_pad && !new) return CKR_ARGUMENTS_BAD;
    secret *secret = slot->login == OFFICER ? &slot->officer : &slot->user;
    CK_RV result = mock_check_pin(slot, secret, old, old_length, CKR_USER_PIN_NOT_INITIALIZED);
    if (result != CKR_OK) return result;
    if (new && (new_length < 4 || !mock_set_pin(secret, new, new_length))) return CKR_PIN_LEN_RANGE;
    if (secret == &slot->user) slot->must_change = false;
    return CKR_OK;
}

CK_RV C_SetPIN(
    CK_SESSION_HANDLE session, unsigned char *old, CK_ULONG old_length, unsigned char *new, CK_ULONG new_length) {
    RUN(C_SetPIN, session, set_pin(session, old, old_length, new, new_length));
}

static CK_RV generate_random(CK_SESSION_HANDLE handle, uint8_t *into, CK_ULONG length) {
    CK_RV reason = CKR_OK;
    if (!mock_session(handle, &reason)) return reason;
    if (!into || length > MAXIMUM_DATA) return CKR_ARGUMENTS_BAD;
    return RAND_bytes(into, (int)length) == 1 ? CKR_OK : CKR_RANDOM_NO_RNG;
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE session, unsigned char *into, CK_ULONG length) {
    RUN(C_GenerateRandom, session, generate_random(session, into, length));
}
