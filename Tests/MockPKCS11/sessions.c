/* Sessions and logins. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock.h"

slot *mock_slot_of(session *session) { return mock.slots[session->slot]; }

/* The session, where its token is there. */
session *mock_session(CK_SESSION_HANDLE handle, CK_RV *reason) {
    for (size_t i = 0; handle && i < mock.session_top; i++) {
        session *session = &mock.sessions[i];
        if (session->handle != handle) continue;
        const slot *slot = mock_slot_of(session);
        if (!slot->is_present)
            *reason = slot->absence;
        else if (session->ended)
            *reason = session->ended;
        else
            return session;
        return NULL;
    }
    *reason = CKR_SESSION_HANDLE_INVALID;
    return NULL;
}

void mock_end_operation(session *session) {
    EVP_PKEY_free(session->operation.key);
    free(session->operation.data);
    free(session->operation.result);
    memset(&session->operation, 0, sizeof session->operation);
}

void mock_session_clear(session *session) {
    mock_end_operation(session);
    mock_free_template(session->pattern, session->pattern_count);
    /* Session objects go with their session. */
    if (session->handle && session->slot < mock.slot_count) {
        slot *slot = mock.slots[session->slot];
        for (size_t i = 0; i < slot->object_count; i++) {
            if (!slot->objects[i] || slot->objects[i]->owner != session->handle) continue;
            mock_object_free(slot->objects[i]);
            slot->objects[i] = NULL;
        }
    }
    memset(session, 0, sizeof *session);
    while (mock.session_top > 0 && mock.sessions[mock.session_top - 1].handle == 0) mock.session_top--;
}

static size_t open_sessions(size_t slot) {
    size_t count = 0;
    for (size_t i = 0; i < mock.session_top; i++)
        if (mock.sessions[i].handle && !mock.sessions[i].ended && mock.sessions[i].slot == slot) count++;
    return count;
}

static void log_out_after_last(size_t index) {
    slot *slot = mock.slots[index];
    if (slot->login_ends_with_sessions && slot->login != NOBODY && open_sessions(index) == 0) mock_log_out(slot);
}

/* Ends a token's sessions: with a code, behind their owners' backs, and without, altogether. */
void mock_end_sessions(size_t slot, CK_RV code) {
    for (size_t i = mock.session_top; i-- > 0;) {
        session *session = &mock.sessions[i];
        if (!session->handle || session->slot != slot) continue;
        if (code == CKR_OK) {
            mock_session_clear(session);
        } else {
            mock_end_operation(session);
            session->ended = code;
        }
    }
    if (mock.slots[slot]->login != NOBODY) mock_log_out(mock.slots[slot]);
}

static session *free_session(void) {
    for (size_t i = 0; i < MAXIMUM_SESSIONS; i++) {
        if (mock.sessions[i].handle) continue;
        if (i >= mock.session_top) mock.session_top = i + 1;
        return &mock.sessions[i];
    }
    return NULL;
}

static CK_SESSION_HANDLE new_handle(void) {
    if (!mock.reuses_sessions) return ++mock.last_session;
    for (CK_SESSION_HANDLE handle = 1;; handle++) {
        bool is_taken = false;
        for (size_t i = 0; i < mock.session_top; i++) is_taken = is_taken || mock.sessions[i].handle == handle;
        if (!is_taken) return handle;
    }
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, CK_SESSION_HANDLE *handle) {
    CK_RV reason = CKR_OK;
    slot *slot = mock_token(id, &reason);
    if (!slot) return reason;
    if (!handle) return CKR_ARGUMENTS_BAD;
    if (!(flags & CKF_SERIAL_SESSION)) return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    bool is_writable = (flags & CKF_RW_SESSION) != 0;
    if (!slot->is_initialised) return CKR_TOKEN_NOT_RECOGNIZED;
    if (is_writable && slot->write_protected) return CKR_TOKEN_WRITE_PROTECTED;
    if (!is_writable && slot->login == OFFICER) return CKR_SESSION_READ_WRITE_SO_EXISTS;
    size_t index = 0;
    while (mock.slots[index] != slot) index++;
    if (open_sessions(index) >= slot->sessions) return CKR_SESSION_COUNT;
    session *made = free_session();
    if (!made) return CKR_SESSION_COUNT;
    made->handle = new_handle();
    made->slot = index;
    made->is_writable = is_writable;
    *handle = made->handle;
    return CKR_OK;
}

CK_RV C_OpenSession(CK_SLOT_ID id, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *handle) {
    (void)application, (void)notify;
    RUN(C_OpenSession, 0, open_session(id, flags, handle));
}

static CK_RV close_session(CK_SESSION_HANDLE handle) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    /* One that has ended, or whose token is gone, is forgotten all the same. */
    for (size_t i = 0; !session && handle && i < mock.session_top; i++)
        if (mock.sessions[i].handle == handle) session = &mock.sessions[i];
    if (!session) return reason;
    size_t slot = session->slot;
    mock_session_clear(session);
    log_out_after_last(slot);
    return reason;
}

CK_RV C_CloseSession(CK_SESSION_HANDLE handle) { RUN(C_CloseSession, handle, close_session(handle)); }

static CK_RV close_all_sessions(CK_SLOT_ID id) {
    for (size_t i = 0; i < mock.slot_count; i++) {
        if (mock.slots[i]->id != id) continue;
        mock_end_sessions(i, CKR_OK);
        return mock.slots[i]->is_present ? CKR_OK : mock.slots[i]->absence;
    }
    return CKR_SLOT_ID_INVALID;
}

CK_RV C_CloseAllSessions(CK_SLOT_ID id) { RUN(C_CloseAllSessions, 0, close_all_sessions(id)); }

static CK_RV get_session_info(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (!info) return CKR_ARGUMENTS_BAD;
    const slot *slot = mock_slot_of(session);
    memset(info, 0, sizeof *info);
    info->slotID = slot->id;
    info->flags = CKF_SERIAL_SESSION | (session->is_writable ? CKF_RW_SESSION : 0);
    info->state = slot->login == OFFICER ? CKS_RW_SO_FUNCTIONS
                  : slot->login == USER  ? (session->is_writable ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS)
                                         : (session->is_writable ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION);
    return CKR_OK;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info) {
    RUN(C_GetSessionInfo, handle, get_session_info(handle, info));
}

/* ---- Logins ---- */

static CK_RV log_in_to_operation(slot *slot, session *session, const uint8_t *pin, CK_ULONG length) {
    operation *operation = &session->operation;
    if (operation->kind == NO_OPERATION || !operation->needs_pin) return CKR_OPERATION_NOT_INITIALIZED;
    if (slot->login != USER) return CKR_USER_NOT_LOGGED_IN;
    CK_RV result = mock_check_pin(slot, &slot->user, pin, length, CKR_USER_PIN_NOT_INITIALIZED);
    if (result == CKR_OK) operation->has_pin = true;
    return result;
}

static CK_RV login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, const uint8_t *pin, CK_ULONG length) {
    CK_RV reason = CKR_OK;
    static const char *const names[] = {"officer", "user", "context"};
    snprintf(mock_remark, sizeof mock_remark, "%s", user < 3 ? names[user] : "nobody");
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (length > MAXIMUM_DATA) return CKR_ARGUMENTS_BAD;
    size_t index = session->slot;
    slot *slot = mock_slot_of(session);
    if (user == CKU_CONTEXT_SPECIFIC) return log_in_to_operation(slot, session, pin, length);
    if (user != CKU_USER && user != CKU_SO) return CKR_USER_TYPE_INVALID;
    login_state wanted = user == CKU_SO ? OFFICER : USER;
    if (slot->login == wanted) return CKR_USER_ALREADY_LOGGED_IN;
    if (slot->login != NOBODY) return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
    for (size_t i = 0; wanted == OFFICER && i < mock.session_top; i++)
        if (mock.sessions[i].handle && !mock.sessions[i].ended && mock.sessions[i].slot == index
            && !mock.sessions[i].is_writable)
            return CKR_SESSION_READ_ONLY_EXISTS;
    CK_RV result = mock_check_pin(
        slot, wanted == OFFICER ? &slot->officer : &slot->user, pin, length, CKR_USER_PIN_NOT_INITIALIZED);
    if (result == CKR_OK) slot->login = wanted;
    return result;
}

CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length) {
    RUN(C_Login, handle, login(handle, user, pin, length));
}

CK_RV C_LoginUser(
    CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length, unsigned char *name,
    CK_ULONG name_length) {
    (void)name, (void)name_length;
    RUN(C_LoginUser, handle, login(handle, user, pin, length));
}

static CK_RV logout(CK_SESSION_HANDLE handle) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    slot *slot = mock_slot_of(session);
    if (slot->login == NOBODY) return CKR_USER_NOT_LOGGED_IN;
    mock_log_out(slot);
    return CKR_OK;
}

CK_RV C_Logout(CK_SESSION_HANDLE handle) { RUN(C_Logout, handle, logout(handle)); }

static CK_RV session_cancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (flags & (CKF_SIGN | CKF_DECRYPT)) mock_end_operation(session);
    if (flags & (1UL << 6)) session->is_searching = false; /* CKF_FIND_OBJECTS */
    return CKR_OK;
}

CK_RV C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
    RUN(C_SessionCancel, handle, session_cancel(handle, flags));
}
