/* Signing, decrypting and deriving, with libcrypto. */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/bn.h>
#include <openssl/rsa.h>

#include "mock.h"

/* ---- Beginning ---- */

static bool allows(const object *key, CK_MECHANISM_TYPE type) {
    const attribute *allowed = mock_attribute(key, CKA_ALLOWED_MECHANISMS);
    if (!allowed) return true;
    for (size_t i = 0; i + sizeof type <= allowed->length; i += sizeof type)
        if (memcmp(allowed->value + i, &type, sizeof type) == 0) return true;
    return false;
}

/* Checks what every operation with a private key begins with. */
static CK_RV check_key(
    slot *slot, session *session, const CK_MECHANISM *used, CK_OBJECT_HANDLE number, mechanism_use use,
    CK_ATTRIBUTE_TYPE permission, object **key, const mechanism **mechanism) {
    CK_RV result = CKR_OK;
    if (!used) return CKR_ARGUMENTS_BAD;
    if (session->operation.kind != NO_OPERATION || session->is_searching) return CKR_OPERATION_ACTIVE;
    *mechanism = mock_mechanism(used->mechanism);
    for (size_t i = 0; i < mock.refusal_count; i++)
        if (mock.refusals[i].type == used->mechanism) return mock.refusals[i].refusal;
    if (!*mechanism || !mock_has_mechanism(slot, used->mechanism)
        || ((*mechanism)->uses[0] != use && (*mechanism)->uses[1] != use))
        return CKR_MECHANISM_INVALID;
    *key = mock_object(slot, session, number, CKR_KEY_HANDLE_INVALID, &result);
    if (!*key) return result;
    if (slot->must_change) return CKR_PIN_EXPIRED;
    if (mock_class(*key) != CKO_PRIVATE_KEY || !(*key)->key) return CKR_KEY_HANDLE_INVALID;
    key_kind kind;
    if (!mock_kind_of((*key)->key, &kind)) return CKR_KEY_TYPE_INCONSISTENT;
    int family = mock_is_rsa(kind) ? FAMILY_RSA : kind == KEY_ED25519 ? FAMILY_EDWARDS : FAMILY_EC;
    if (family != (int)(*mechanism)->family) return CKR_KEY_TYPE_INCONSISTENT;
    if (!mock_flag(*key, permission, true)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return allows(*key, used->mechanism) ? CKR_OK : CKR_MECHANISM_INVALID;
}

static CK_RV read_parameters(operation *operation, const mechanism *mechanism, const CK_MECHANISM *used) {
    if (mechanism->is_pss) {
        if (used->ulParameterLen != sizeof operation->pss || !used->pParameter) return CKR_MECHANISM_PARAM_INVALID;
        memcpy(&operation->pss, used->pParameter, sizeof operation->pss);
        if (!mock_digest(operation->pss.hash_alg) || !mock_mask_digest(operation->pss.mgf) || operation->pss.s_len > 512)
            return CKR_MECHANISM_PARAM_INVALID;
    }
    if (used->mechanism == CKM_RSA_PKCS_OAEP) {
        if (used->ulParameterLen != sizeof operation->oaep || !used->pParameter) return CKR_MECHANISM_PARAM_INVALID;
        memcpy(&operation->oaep, used->pParameter, sizeof operation->oaep);
        if (!mock_digest(operation->oaep.hash_alg) || !mock_mask_digest(operation->oaep.mgf)
            || operation->oaep.source_data_len > 0)
            return CKR_MECHANISM_PARAM_INVALID;
    }
    return CKR_OK;
}

static CK_RV begin(
    CK_SESSION_HANDLE handle, const CK_MECHANISM *used, CK_OBJECT_HANDLE number, operation_kind kind, mechanism_use use,
    CK_ATTRIBUTE_TYPE permission) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    object *key = NULL;
    const mechanism *mechanism = NULL;
    operation *operation = &session->operation;
    result = check_key(slot, session, used, number, use, permission, &key, &mechanism);
    if (result != CKR_OK) return result;
    if ((result = read_parameters(operation, mechanism, used)) != CKR_OK) return result;
    if (EVP_PKEY_up_ref(key->key) != 1) return CKR_HOST_MEMORY;
    operation->key = key->key;
    if (slot->signature == SIGNATURE_SEED && kind == SIGNING && mock_kind_of(key->key, &operation->key_kind)) {
        EVP_PKEY *other = mock_key(operation->key_kind, slot->signature_number);
        if (other) {
            EVP_PKEY_free(operation->key);
            operation->key = other;
        }
    }
    mock_kind_of(operation->key, &operation->key_kind);
    operation->kind = kind;
    operation->mechanism = mechanism->type;
    operation->needs_pin = mock_flag(key, CKA_ALWAYS_AUTHENTICATE, false);
    operation->is_private = mock_flag(key, CKA_PRIVATE, false) && slot->login_required;
    return CKR_OK;
}

/* The session's operation, where it may go on. */
static operation *running(CK_SESSION_HANDLE handle, operation_kind kind, session **found, CK_RV *result) {
    session *session = *found = mock_session(handle, result);
    if (!session) return NULL;
    const slot *slot = mock_slot_of(session);
    if (session->operation.kind != kind)
        *result = CKR_OPERATION_NOT_INITIALIZED;
    else if (session->operation.is_private && slot->login != USER)
        *result = CKR_USER_NOT_LOGGED_IN;
    else if (session->operation.needs_pin && !session->operation.has_pin)
        *result = CKR_USER_NOT_LOGGED_IN;
    else
        return &session->operation;
    return NULL;
}

/* ---- libcrypto ---- */

static CK_RV sign_edwards(EVP_PKEY *key, const uint8_t *data, size_t length, uint8_t *into, size_t *capacity) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_made = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1
                   && EVP_DigestSign(context, into, capacity, data, length) == 1;
    EVP_MD_CTX_free(context);
    return is_made ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV sign_rsa(
    const operation *operation, const mechanism *mechanism, const EVP_MD *hashed, const uint8_t *data, size_t length,
    uint8_t *into, size_t *capacity) {
    const EVP_MD *digest = mechanism->is_pss ? mock_digest(operation->pss.hash_alg) : hashed;
    if (mechanism->is_pss && length != (size_t)EVP_MD_get_size(digest)) return CKR_DATA_LEN_RANGE;
    if (!mechanism->is_pss && !hashed && length > (size_t)EVP_PKEY_get_size(operation->key) - 11) return CKR_DATA_LEN_RANGE;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(operation->key, NULL);
    bool is_made = context && EVP_PKEY_sign_init(context) == 1
                   && EVP_PKEY_CTX_set_rsa_padding(context, mechanism->is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1
                   && (!digest || EVP_PKEY_CTX_set_signature_md(context, digest) == 1)
                   && (!mechanism->is_pss
                       || (EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)operation->pss.s_len) == 1
                           && EVP_PKEY_CTX_set_rsa_mgf1_md(context, mock_mask_digest(operation->pss.mgf)) == 1))
                   && EVP_PKEY_sign(context, into, capacity, data, length) == 1;
    EVP_PKEY_CTX_free(context);
    return is_made ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* r and s in one piece, as PKCS #11 has them, or in DER, as it has them not. */
static CK_RV sign_ec(
    const operation *operation, bool as_der, const uint8_t *data, size_t length, uint8_t *into, size_t *capacity) {
    uint8_t der[200];
    size_t der_length = sizeof der;
    int half = (int)mock_coordinate_length(operation->key_kind);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(operation->key, NULL);
    bool is_made = context && EVP_PKEY_sign_init(context) == 1
                   && EVP_PKEY_sign(context, der, &der_length, data, length) == 1;
    EVP_PKEY_CTX_free(context);
    if (!is_made) return CKR_FUNCTION_FAILED;
    if (as_der) {
        memcpy(into, der, der_length);
        *capacity = der_length;
        return CKR_OK;
    }
    const uint8_t *next = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &next, (long)der_length);
    is_made = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), into, half) == half
              && BN_bn2binpad(ECDSA_SIG_get0_s(signature), into + half, half) == half;
    ECDSA_SIG_free(signature);
    *capacity = 2 * (size_t)half;
    return is_made ? CKR_OK : CKR_FUNCTION_FAILED;
}

#define MAXIMUM_RESULT 2048

/* Memory for a result, which `keep` keeps or frees. */
static bool begin_result(operation *operation) {
    free(operation->result);
    return (operation->result = calloc(1, MAXIMUM_RESULT)) != NULL;
}

/* Nothing of a result that was not made is left to be given. */
static CK_RV keep(operation *operation, CK_RV result, size_t length) {
    operation->result_length = length;
    if (result == CKR_OK) return CKR_OK;
    free(operation->result);
    operation->result = NULL;
    return result;
}

/* Makes the signature and keeps it, with what a script does to it. */
static CK_RV make_signature(slot *slot, operation *operation, const uint8_t *data, size_t length) {
    const mechanism *mechanism = mock_mechanism(operation->mechanism);
    const EVP_MD *hashed = mechanism->digest ? EVP_get_digestbyname(mechanism->digest) : NULL;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;
    size_t made = MAXIMUM_RESULT;
    CK_RV result;
    if (!begin_result(operation)) return CKR_HOST_MEMORY;
    if (hashed) {
        if (EVP_Digest(data, length, digest, &digest_length, hashed, NULL) != 1)
            return keep(operation, CKR_FUNCTION_FAILED, 0);
        data = digest;
        length = digest_length;
    }
    if (mechanism->family == FAMILY_EDWARDS)
        result = sign_edwards(operation->key, data, length, operation->result, &made);
    else if (mechanism->family == FAMILY_RSA)
        result = sign_rsa(operation, mechanism, hashed, data, length, operation->result, &made);
    else
        result = sign_ec(operation, slot->signature == SIGNATURE_DER, data, length, operation->result, &made);
    if (result != CKR_OK) return keep(operation, result, 0);
    if (slot->signature == SIGNATURE_CORRUPT && made > 0) operation->result[made - 1] ^= 1;
    if (slot->signature == SIGNATURE_LENGTH && slot->signature_number <= MAXIMUM_RESULT) made = slot->signature_number;
    return keep(operation, CKR_OK, made);
}

static CK_RV make_plaintext(operation *operation, const uint8_t *data, size_t length) {
    bool is_oaep = operation->mechanism == CKM_RSA_PKCS_OAEP;
    size_t made = MAXIMUM_RESULT;
    if (length != (size_t)EVP_PKEY_get_size(operation->key)) return CKR_ENCRYPTED_DATA_LEN_RANGE;
    if (!begin_result(operation)) return CKR_HOST_MEMORY;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(operation->key, NULL);
    bool is_made = context && EVP_PKEY_decrypt_init(context) == 1
                   && EVP_PKEY_CTX_set_rsa_padding(context, is_oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) == 1
                   && (!is_oaep
                       || (EVP_PKEY_CTX_set_rsa_oaep_md(context, mock_digest(operation->oaep.hash_alg)) == 1
                           && EVP_PKEY_CTX_set_rsa_mgf1_md(context, mock_mask_digest(operation->oaep.mgf)) == 1))
                   && EVP_PKEY_decrypt(context, operation->result, &made, data, length) == 1;
    EVP_PKEY_CTX_free(context);
    return keep(operation, is_made ? CKR_OK : CKR_ENCRYPTED_DATA_INVALID, is_made ? made : 0);
}

/* ---- Signing ---- */

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    RUN(C_SignInit, session, begin(session, mechanism, key, SIGNING, SIGNS, CKA_SIGN));
}

/* Gives what was made, and ends the operation, unless only its length was asked for. */
static CK_RV give(session *session, unsigned long claim, uint8_t *into, CK_ULONG *length) {
    operation *operation = &session->operation;
    CK_ULONG room = *length;
    *length = operation->result_length;
    if (!into) return CKR_OK;
    if (room < operation->result_length) return CKR_BUFFER_TOO_SMALL;
    memcpy(into, operation->result, operation->result_length);
    if (claim > 0) *length = claim;
    mock_end_operation(session);
    return CKR_OK;
}

static CK_RV sign(CK_SESSION_HANDLE handle, const uint8_t *data, CK_ULONG data_length, uint8_t *into, CK_ULONG *length) {
    CK_RV result = CKR_OK;
    session *session;
    operation *operation = running(handle, SIGNING, &session, &result);
    if (!operation) return result;
    if (!length || data_length > MAXIMUM_DATA || (data_length > 0 && !data)) return CKR_ARGUMENTS_BAD;
    slot *slot = mock_slot_of(session);
    if (!operation->result) result = make_signature(slot, operation, data, data_length);
    if (result != CKR_OK) return result;
    return give(session, slot->signature == SIGNATURE_CLAIM ? slot->signature_number : 0, into, length);
}

CK_RV C_Sign(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_length, unsigned char *into, CK_ULONG *length) {
    RUN(C_Sign, session, sign(session, data, data_length, into, length));
}

static CK_RV sign_update(CK_SESSION_HANDLE handle, const uint8_t *data, CK_ULONG length) {
    CK_RV result = CKR_OK;
    session *session;
    operation *operation = running(handle, SIGNING, &session, &result);
    if (!operation) return result;
    if (!mock_mechanism(operation->mechanism)->digest) return CKR_OPERATION_NOT_INITIALIZED;
    if (length > MAXIMUM_DATA || operation->length + length > MAXIMUM_DATA || (length > 0 && !data)) return CKR_DATA_LEN_RANGE;
    uint8_t *more = realloc(operation->data, operation->length + length + 1);
    if (!more) return CKR_HOST_MEMORY;
    operation->data = more;
    if (length > 0) memcpy(more + operation->length, data, length);
    operation->length += length;
    return CKR_OK;
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG length) {
    RUN(C_SignUpdate, session, sign_update(session, data, length));
}

static CK_RV sign_final(CK_SESSION_HANDLE handle, uint8_t *into, CK_ULONG *length) {
    CK_RV result = CKR_OK;
    session *session;
    operation *operation = running(handle, SIGNING, &session, &result);
    if (!operation) return result;
    if (!length) return CKR_ARGUMENTS_BAD;
    slot *slot = mock_slot_of(session);
    if (!operation->result)
        result = make_signature(slot, operation, operation->data ? operation->data : (const uint8_t *)"", operation->length);
    if (result != CKR_OK) return result;
    return give(session, slot->signature == SIGNATURE_CLAIM ? slot->signature_number : 0, into, length);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, unsigned char *into, CK_ULONG *length) {
    RUN(C_SignFinal, session, sign_final(session, into, length));
}

/* ---- Decrypting ---- */

CK_RV C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    RUN(C_DecryptInit, session, begin(session, mechanism, key, DECRYPTING, DECRYPTS, CKA_DECRYPT));
}

static CK_RV decrypt(CK_SESSION_HANDLE handle, const uint8_t *data, CK_ULONG data_length, uint8_t *into, CK_ULONG *length) {
    CK_RV result = CKR_OK;
    session *session;
    operation *operation = running(handle, DECRYPTING, &session, &result);
    if (!operation) return result;
    if (!length || !data || data_length > MAXIMUM_DATA) return CKR_ARGUMENTS_BAD;
    if (!operation->result) result = make_plaintext(operation, data, data_length);
    return result == CKR_OK ? give(session, 0, into, length) : result;
}

CK_RV C_Decrypt(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_length, unsigned char *into, CK_ULONG *length) {
    RUN(C_Decrypt, session, decrypt(session, data, data_length, into, length));
}

/* ---- Deriving ---- */

/* The other side's key from its point, raw or in an OCTET STRING. */
static EVP_PKEY *peer_key(EVP_PKEY *own, key_kind kind, const uint8_t *point, CK_ULONG length) {
    size_t whole = 2 * mock_coordinate_length(kind) + 1;
    if (length > whole && length <= whole + 3) {
        point += length - whole;
        length = whole;
    }
    EVP_PKEY *peer = length == whole ? EVP_PKEY_new() : NULL;
    if (peer && EVP_PKEY_copy_parameters(peer, own) == 1 && EVP_PKEY_set1_encoded_public_key(peer, point, whole) == 1)
        return peer;
    EVP_PKEY_free(peer);
    return NULL;
}

static CK_RV derive(
    CK_SESSION_HANDLE handle, const CK_MECHANISM *used, CK_OBJECT_HANDLE number, const CK_ATTRIBUTE *from, CK_ULONG count,
    CK_OBJECT_HANDLE *made) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    object *key = NULL;
    const mechanism *mechanism = NULL;
    if (!made || count > MAXIMUM_TEMPLATE || (count > 0 && !from)) return CKR_ARGUMENTS_BAD;
    result = check_key(slot, session, used, number, DERIVES, CKA_DERIVE, &key, &mechanism);
    if (result != CKR_OK) return result;
    CK_ECDH1_DERIVE_PARAMS parameters;
    if (used->ulParameterLen != sizeof parameters || !used->pParameter) return CKR_MECHANISM_PARAM_INVALID;
    memcpy(&parameters, used->pParameter, sizeof parameters);
    key_kind kind;
    if (parameters.kdf != CKD_NULL || parameters.pSharedData || !parameters.pPublicData
        || parameters.ulPublicDataLen > 200 || !mock_kind_of(key->key, &kind))
        return CKR_MECHANISM_PARAM_INVALID;
    EVP_PKEY *peer = peer_key(key->key, kind, parameters.pPublicData, parameters.ulPublicDataLen);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
    uint8_t shared[128];
    size_t length = sizeof shared;
    bool is_made = peer && context && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1
                   && EVP_PKEY_derive(context, shared, &length) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    if (!is_made) return CKR_MECHANISM_PARAM_INVALID;
    object *object = mock_object_new();
    if (!object) return CKR_HOST_MEMORY;
    mock_set_number(object, CKA_CLASS, CKO_SECRET_KEY);
    mock_set_number(object, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    mock_set_flag(object, CKA_TOKEN, false);
    mock_set_flag(object, CKA_PRIVATE, false);
    mock_set_flag(object, CKA_SENSITIVE, false);
    mock_set_flag(object, CKA_EXTRACTABLE, true);
    for (CK_ULONG i = 0; i < count; i++)
        if (from[i].ulValueLen <= MAXIMUM_VALUE && (from[i].pValue || from[i].ulValueLen == 0))
            mock_set(object, from[i].type, from[i].pValue, from[i].ulValueLen);
    CK_ULONG wanted = mock_number(object, CKA_VALUE_LEN, length);
    if (wanted > length) {
        mock_object_free(object);
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    mock_set(object, CKA_VALUE, shared, wanted);
    mock_set_number(object, CKA_VALUE_LEN, wanted);
    if (!mock_flag(object, CKA_TOKEN, false)) object->owner = handle;
    if (!mock_add(slot, object)) return CKR_DEVICE_MEMORY;
    *made = mock_handle(slot, session, slot->object_count - 1);
    return CKR_OK;
}

CK_RV C_DeriveKey(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, CK_ATTRIBUTE *from, CK_ULONG count,
    CK_OBJECT_HANDLE *made) {
    RUN(C_DeriveKey, session, derive(session, mechanism, base, from, count, made));
}
