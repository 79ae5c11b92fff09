/* Functions on objects: handles, attributes, look-ups. */
#include <stdlib.h>
#include <string.h>

#include "mock.h"

/* ---- Handles ----
 * As the standard has them, handles of private objects end with the login. "Stable" ones do not. Those "per session" are
 * numbered otherwise in each session, by pairs, so that another session's number names another key of the same kind. */

#define EPOCH_SHIFT 20

CK_OBJECT_HANDLE mock_handle(const slot *slot, const session *session, size_t index) {
    CK_OBJECT_HANDLE handle = index;
    if (slot->handles == HANDLES_PER_SESSION) handle ^= (session->handle & 3) << 1;
    handle += 1;
    if (slot->handles != HANDLES_STABLE && mock_flag(slot->objects[index], CKA_PRIVATE, false))
        handle |= (slot->epoch + 1) << EPOCH_SHIFT;
    return handle;
}

static bool sees(const slot *slot, const session *session, const object *object) {
    if (!mock_flag(object, CKA_TOKEN, true) && object->owner == session->handle) return true;
    return slot->login == USER || !slot->login_required || !mock_flag(object, CKA_PRIVATE, false);
}

object *mock_object(slot *slot, session *session, CK_OBJECT_HANDLE handle, CK_RV otherwise, CK_RV *reason) {
    *reason = otherwise;
    CK_OBJECT_HANDLE number = handle & ((1UL << EPOCH_SHIFT) - 1);
    if (number == 0) return NULL;
    size_t index = number - 1;
    if (slot->handles == HANDLES_PER_SESSION) index ^= (session->handle & 3) << 1;
    if (index >= slot->object_count || !slot->objects[index]) return NULL;
    object *object = slot->objects[index];
    if (!sees(slot, session, object)) {
        if (otherwise == CKR_KEY_HANDLE_INVALID) *reason = CKR_USER_NOT_LOGGED_IN;
        return NULL;
    }
    return mock_handle(slot, session, index) == handle ? object : NULL;
}

/* ---- Reading attributes ---- */

static bool is_secret(const object *object, CK_ATTRIBUTE_TYPE type) {
    if (mock_class(object) != CKO_PRIVATE_KEY) return false;
    return type == CKA_VALUE || (type >= CKA_PRIVATE_EXPONENT && type <= CKA_COEFFICIENT);
}

static attribute_quirk *quirk_of(slot *slot, const object *object, CK_ATTRIBUTE_TYPE type) {
    for (size_t i = 0; i < slot->quirk_count; i++) {
        attribute_quirk *quirk = &slot->quirks[i];
        if (quirk->type == type && (quirk->class == (CK_OBJECT_CLASS)-1 || quirk->class == mock_class(object))) return quirk;
    }
    return NULL;
}

static CK_RV unavailable(CK_ATTRIBUTE *wanted, CK_RV reason) {
    wanted->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return reason;
}

static CK_RV read_attribute(slot *slot, const object *object, CK_ATTRIBUTE *wanted) {
    const attribute *found = mock_attribute(object, wanted->type);
    attribute_quirk *quirk = quirk_of(slot, object, wanted->type);
    const uint8_t *value = found ? found->value : NULL;
    size_t length = found ? found->length : 0;
    uint8_t *longer = NULL;
    CK_RV result = CKR_OK;
    if (quirk) {
        quirk->reads++;
        switch (quirk->kind) {
        case QUIRK_UNAVAILABLE: return unavailable(wanted, CKR_ATTRIBUTE_TYPE_INVALID);
        case QUIRK_UNAVAILABLE_OK: return unavailable(wanted, CKR_OK);
        case QUIRK_SENSITIVE: return unavailable(wanted, CKR_ATTRIBUTE_SENSITIVE);
        case QUIRK_EMPTY: length = 0; break;
        case QUIRK_SHORT: length = quirk->number < length ? quirk->number : length; break;
        case QUIRK_LENGTH:
            if (wanted->pValue && length > 0)
                memcpy(wanted->pValue, value, length < wanted->ulValueLen ? length : wanted->ulValueLen);
            wanted->ulValueLen = quirk->number;
            return CKR_OK;
        case QUIRK_QUERY:
            if (wanted->pValue) break;
            wanted->ulValueLen = quirk->number;
            return CKR_OK;
        case QUIRK_GROW: {
            size_t more = quirk->reads * quirk->number;
            if (more > MAXIMUM_VALUE) more = MAXIMUM_VALUE;
            longer = calloc(1, length + more + 1);
            if (!longer) return CKR_HOST_MEMORY;
            if (length > 0) memcpy(longer, value, length);
            value = longer;
            length += more;
            break;
        }
        }
        if (!value) value = (const uint8_t *)"";
    } else if (is_secret(object, wanted->type)) {
        return unavailable(wanted, CKR_ATTRIBUTE_SENSITIVE);
    } else if (!found) {
        return unavailable(wanted, CKR_ATTRIBUTE_TYPE_INVALID);
    }
    if (!wanted->pValue) {
        wanted->ulValueLen = length;
    } else if (wanted->ulValueLen < length) {
        result = unavailable(wanted, CKR_BUFFER_TOO_SMALL);
    } else {
        if (length > 0) memcpy(wanted->pValue, value, length);
        wanted->ulValueLen = length;
    }
    free(longer);
    return result;
}

static CK_RV get_attributes(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE number, CK_ATTRIBUTE *wanted, CK_ULONG count) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    const object *object = mock_object(slot, session, number, CKR_OBJECT_HANDLE_INVALID, &result);
    if (!object) return result;
    if (!wanted || count > MAXIMUM_TEMPLATE) return CKR_ARGUMENTS_BAD;
    result = CKR_OK;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_RV one = read_attribute(slot, object, &wanted[i]);
        if (one == CKR_OK) continue;
        if (result == CKR_OK || mock.last_error_wins) result = one;
        if (mock.stops_at_error) break;
    }
    return result;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted, CK_ULONG count) {
    RUN(C_GetAttributeValue, handle, get_attributes(handle, object, wanted, count));
}

/* ---- Changing ---- */

static CK_RV may_write(const session *session, const slot *slot, bool is_on_token) {
    if (!is_on_token) return CKR_OK;
    if (slot->write_protected) return CKR_TOKEN_WRITE_PROTECTED;
    return session->is_writable ? CKR_OK : CKR_SESSION_READ_ONLY;
}

static CK_RV set_attributes(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE number, const CK_ATTRIBUTE *wanted, CK_ULONG count) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    object *object = mock_object(slot, session, number, CKR_OBJECT_HANDLE_INVALID, &result);
    if (!object) return result;
    if (!wanted || count > MAXIMUM_TEMPLATE) return CKR_ARGUMENTS_BAD;
    result = may_write(session, slot, object->owner == 0);
    if (result != CKR_OK) return result;
    if (!mock_flag(object, CKA_MODIFIABLE, true)) return CKR_ATTRIBUTE_READ_ONLY;
    for (CK_ULONG i = 0; i < count; i++) {
        bool may_change = wanted[i].type == CKA_LABEL || wanted[i].type == CKA_ID || wanted[i].type == CKA_SUBJECT
                          || wanted[i].type == CKA_SIGN || wanted[i].type == CKA_DECRYPT || wanted[i].type == CKA_DERIVE;
        if (!may_change) return CKR_ATTRIBUTE_READ_ONLY;
        if (wanted[i].ulValueLen > MAXIMUM_VALUE || (wanted[i].ulValueLen > 0 && !wanted[i].pValue))
            return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    for (CK_ULONG i = 0; i < count; i++) mock_set(object, wanted[i].type, wanted[i].pValue, wanted[i].ulValueLen);
    return CKR_OK;
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted, CK_ULONG count) {
    RUN(C_SetAttributeValue, handle, set_attributes(handle, object, wanted, count));
}

static CK_RV destroy_object(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE number) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    object *object = mock_object(slot, session, number, CKR_OBJECT_HANDLE_INVALID, &result);
    if (!object) return result;
    result = may_write(session, slot, object->owner == 0);
    if (result != CKR_OK) return result;
    for (size_t i = 0; i < slot->object_count; i++)
        if (slot->objects[i] == object) slot->objects[i] = NULL;
    mock_object_free(object);
    return CKR_OK;
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object) {
    RUN(C_DestroyObject, handle, destroy_object(handle, object));
}

/* Copies an object with other attributes. The copy has the same key. */
static CK_RV copy_object(
    CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE number, const CK_ATTRIBUTE *wanted, CK_ULONG count, CK_OBJECT_HANDLE *made) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    const object *from = mock_object(slot, session, number, CKR_OBJECT_HANDLE_INVALID, &result);
    if (!from) return result;
    if (!made || count > MAXIMUM_TEMPLATE || (count > 0 && !wanted)) return CKR_ARGUMENTS_BAD;
    result = may_write(session, slot, true);
    if (result != CKR_OK) return result;
    object *copy = mock_object_new();
    if (!copy) return CKR_HOST_MEMORY;
    for (size_t i = 0; i < from->count; i++)
        mock_set(copy, from->attributes[i].type, from->attributes[i].value, from->attributes[i].length);
    for (CK_ULONG i = 0; i < count; i++)
        if (wanted[i].ulValueLen <= MAXIMUM_VALUE && (wanted[i].pValue || wanted[i].ulValueLen == 0))
            mock_set(copy, wanted[i].type, wanted[i].pValue, wanted[i].ulValueLen);
    if (from->key && EVP_PKEY_up_ref(from->key) == 1) copy->key = from->key;
    if (!mock_add(slot, copy)) return CKR_DEVICE_MEMORY;
    *made = mock_handle(slot, session, slot->object_count - 1);
    return CKR_OK;
}

CK_RV C_CopyObject(
    CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted, CK_ULONG count, CK_OBJECT_HANDLE *made) {
    RUN(C_CopyObject, handle, copy_object(handle, object, wanted, count, made));
}

/* ---- Look-ups ---- */

static bool fits(const object *object, const session *session) {
    for (CK_ULONG i = 0; i < session->pattern_count; i++) {
        const CK_ATTRIBUTE *wanted = &session->pattern[i];
        const attribute *found = mock_attribute(object, wanted->type);
        if (!found || found->length != wanted->ulValueLen
            || (found->length > 0 && memcmp(found->value, wanted->pValue, found->length) != 0))
            return false;
    }
    return true;
}

static CK_RV find_init(CK_SESSION_HANDLE handle, const CK_ATTRIBUTE *pattern, CK_ULONG count) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (count > MAXIMUM_TEMPLATE || (count > 0 && !pattern)) return CKR_ARGUMENTS_BAD;
    if (session->is_searching || session->operation.kind != NO_OPERATION) return CKR_OPERATION_ACTIVE;
    mock_free_template(session->pattern, session->pattern_count);
    session->pattern = NULL;
    session->pattern_count = 0;
    if (!mock_copy_template(pattern, count, &session->pattern)) return CKR_ATTRIBUTE_VALUE_INVALID;
    session->pattern_count = count;
    session->is_searching = true;
    session->position = 0;
    return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *pattern, CK_ULONG count) {
    RUN(C_FindObjectsInit, handle, find_init(handle, pattern, count));
}

static CK_RV find(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *into, CK_ULONG capacity, CK_ULONG *count) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (!into || !count) return CKR_ARGUMENTS_BAD;
    if (!session->is_searching) return CKR_OPERATION_NOT_INITIALIZED;
    slot *slot = mock_slot_of(session);
    CK_ULONG found = 0;
    if (slot->find == FIND_FOREIGN && session->position == 0 && capacity > 0) into[found++] = 0xFFFFF;
    for (; session->position < slot->object_count && found < capacity; session->position++) {
        const object *object = slot->objects[session->position];
        if (!object || !sees(slot, session, object) || !fits(object, session)) continue;
        into[found++] = mock_handle(slot, session, session->position);
        if (slot->find == FIND_TWICE && found < capacity) {
            into[found] = into[found - 1];
            found++;
        }
    }
    if (slot->find == FIND_ENDLESS) session->position = 0;
    *count = slot->find == FIND_OVERCOUNT && found > 0 ? capacity + 1000 : found;
    return CKR_OK;
}

CK_RV C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *into, CK_ULONG capacity, CK_ULONG *count) {
    RUN(C_FindObjects, handle, find(handle, into, capacity, count));
}

static CK_RV find_final(CK_SESSION_HANDLE handle) {
    CK_RV reason = CKR_OK;
    session *session = mock_session(handle, &reason);
    if (!session) return reason;
    if (!session->is_searching) return CKR_OPERATION_NOT_INITIALIZED;
    session->is_searching = false;
    return CKR_OK;
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE handle) { RUN(C_FindObjectsFinal, handle, find_final(handle)); }
