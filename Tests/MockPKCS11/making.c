/* C_GenerateKeyPair and C_CreateObject. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "mock.h"

static const CK_ATTRIBUTE *in_template(const CK_ATTRIBUTE *from, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
    for (CK_ULONG i = 0; i < count; i++)
        if (from[i].type == type) return &from[i];
    return NULL;
}

static CK_RV check_template(const CK_ATTRIBUTE *from, CK_ULONG count) {
    if (count > MAXIMUM_TEMPLATE || (count > 0 && !from)) return CKR_ARGUMENTS_BAD;
    for (CK_ULONG i = 0; i < count; i++)
        if (from[i].ulValueLen > MAXIMUM_VALUE || (from[i].ulValueLen > 0 && !from[i].pValue))
            return CKR_ATTRIBUTE_VALUE_INVALID;
    return CKR_OK;
}

static CK_RV check_place(const session *session, const slot *slot, const CK_ATTRIBUTE *from, CK_ULONG count, bool *is_kept) {
    const CK_ATTRIBUTE *token = in_template(from, count, CKA_TOKEN);
    *is_kept = token && token->ulValueLen == 1 && *(const CK_BBOOL *)token->pValue;
    if (slot->login != USER && slot->login_required) return CKR_USER_NOT_LOGGED_IN;
    if (!*is_kept) return CKR_OK;
    if (slot->write_protected) return CKR_TOKEN_WRITE_PROTECTED;
    return session->is_writable ? CKR_OK : CKR_SESSION_READ_ONLY;
}

static void apply_template(object *object, const CK_ATTRIBUTE *from, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++) {
        CK_ATTRIBUTE_TYPE type = from[i].type;
        if (type == CKA_CLASS || type == CKA_KEY_TYPE || type == CKA_MODULUS_BITS || type == CKA_PUBLIC_EXPONENT) continue;
        mock_set(object, type, from[i].pValue, from[i].ulValueLen);
    }
}

/* ---- Generating ---- */

static CK_RV kind_wanted(const mechanism *mechanism, const CK_ATTRIBUTE *from, CK_ULONG count, key_kind *kind) {
    if (mechanism->family == FAMILY_RSA) {
        const CK_ATTRIBUTE *bits = in_template(from, count, CKA_MODULUS_BITS);
        CK_ULONG number = 0;
        if (!bits || bits->ulValueLen != sizeof number) return CKR_TEMPLATE_INCOMPLETE;
        memcpy(&number, bits->pValue, sizeof number);
        if (number != 2048 && number != 3072 && number != 4096) return CKR_KEY_SIZE_RANGE;
        *kind = number == 2048 ? KEY_RSA_2048 : number == 3072 ? KEY_RSA_3072 : KEY_RSA_4096;
        return CKR_OK;
    }
    const CK_ATTRIBUTE *curve = in_template(from, count, CKA_EC_PARAMS);
    if (!curve) return CKR_TEMPLATE_INCOMPLETE;
    bool is_name = mock_is_named_curve(curve->pValue, curve->ulValueLen);
    if (mock.accepted_parameters != UNSET && is_name != (mock.accepted_parameters == PARAMETERS_NAME))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    if (!mock_kind_of_parameters(curve->pValue, curve->ulValueLen, kind)) return CKR_CURVE_NOT_SUPPORTED;
    bool is_edwards = *kind == KEY_ED25519;
    return is_edwards == (mechanism->family == FAMILY_EDWARDS) ? CKR_OK : CKR_CURVE_NOT_SUPPORTED;
}

static CK_RV refusal(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < mock.refusal_count; i++)
        if (mock.refusals[i].type == type) return mock.refusals[i].refusal;
    return CKR_OK;
}

static CK_RV generate(
    CK_SESSION_HANDLE handle, const CK_MECHANISM *used, const CK_ATTRIBUTE *public_template, CK_ULONG public_count,
    const CK_ATTRIBUTE *private_template, CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
    CK_OBJECT_HANDLE *private_key) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    if (!used || !public_key || !private_key) return CKR_ARGUMENTS_BAD;
    const mechanism *mechanism = mock_mechanism(used->mechanism);
    if (!mechanism || mechanism->uses[0] != MAKES_KEYS || !mock_has_mechanism(slot, used->mechanism))
        return CKR_MECHANISM_INVALID;
    if ((result = refusal(used->mechanism)) != CKR_OK) return result;
    if ((result = check_template(public_template, public_count)) != CKR_OK
        || (result = check_template(private_template, private_count)) != CKR_OK)
        return result;
    bool is_kept;
    key_kind kind;
    key_pair pair;
    if ((result = check_place(session, slot, private_template, private_count, &is_kept)) != CKR_OK) return result;
    if ((result = kind_wanted(mechanism, public_template, public_count, &kind)) != CKR_OK) return result;
    if (slot->generated.kind != UNSET) kind = (key_kind)slot->generated.kind;
    unsigned long seed = slot->generated.has_seed ? slot->generated.seed : mock.generated_seed++;
    if (!mock_make_pair(kind, seed, &pair)) return CKR_FUNCTION_FAILED;
    mock_set_flag(pair.private_key, CKA_TOKEN, false);
    mock_set_flag(pair.public_key, CKA_TOKEN, false);
    apply_template(pair.private_key, private_template, private_count);
    if (slot->generated.kind == UNSET) apply_template(pair.public_key, public_template, public_count);
    mock_apply_options(&slot->generated, &pair);
    if (!mock_flag(pair.private_key, CKA_TOKEN, false)) pair.private_key->owner = handle;
    if (pair.public_key && !mock_flag(pair.public_key, CKA_TOKEN, false)) pair.public_key->owner = handle;
    size_t first = slot->object_count;
    if (!mock_add_pair(slot, &pair)) return CKR_DEVICE_MEMORY;
    *private_key = mock_handle(slot, session, first);
    *public_key = pair.public_key ? mock_handle(slot, session, first + 1) : 0;
    return CKR_OK;
}

CK_RV C_GenerateKeyPair(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_template, CK_ULONG public_count,
    CK_ATTRIBUTE *private_template, CK_ULONG private_count, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key) {
    RUN(C_GenerateKeyPair, session,
        generate(
            session, mechanism, public_template, public_count, private_template, private_count, public_key, private_key));
}

/* ---- Storing ---- */

static bool push_number(OSSL_PARAM_BLD *builder, const char *name, const CK_ATTRIBUTE *from, BIGNUM **kept) {
    if (!from || from->ulValueLen == 0 || from->ulValueLen > 1024) return false;
    *kept = BN_bin2bn(from->pValue, (int)from->ulValueLen, NULL);
    return *kept && OSSL_PARAM_BLD_push_BN(builder, name, *kept);
}

static EVP_PKEY *import_parameters(const char *type, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *import_rsa(const CK_ATTRIBUTE *from, CK_ULONG count) {
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } numbers[] = {
        {CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N},           {CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E},
        {CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},  {CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1},
        {CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2},     {CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2}, {CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    enum { COUNT = sizeof numbers / sizeof *numbers };
    BIGNUM *kept[COUNT] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool is_whole = builder != NULL;
    for (int i = 0; i < COUNT; i++)
        is_whole = is_whole && push_number(builder, numbers[i].name, in_template(from, count, numbers[i].type), &kept[i]);
    EVP_PKEY *key = is_whole ? import_parameters("RSA", builder) : NULL;
    OSSL_PARAM_BLD_free(builder);
    for (int i = 0; i < COUNT; i++) BN_clear_free(kept[i]);
    return key;
}

static EVP_PKEY *import_ec(const CK_ATTRIBUTE *value, key_kind kind) {
    static const char *const groups[] = {"prime256v1", "secp384r1", "secp521r1"};
    EVP_PKEY *key = NULL;
    uint8_t point[140];
    size_t length = 0;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(
        kind == KEY_P256 ? NID_X9_62_prime256v1 : kind == KEY_P384 ? NID_secp384r1 : NID_secp521r1);
    EC_POINT *public_point = group ? EC_POINT_new(group) : NULL;
    BIGNUM *scalar = value->ulValueLen <= 66 ? BN_bin2bn(value->pValue, (int)value->ulValueLen, NULL) : NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (public_point && scalar && builder && EC_POINT_mul(group, public_point, scalar, NULL, NULL, NULL)
        && (length = EC_POINT_point2oct(group, public_point, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, NULL))
        && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, groups[kind], 0)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar)
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length))
        key = import_parameters("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(scalar);
    EC_POINT_free(public_point);
    EC_GROUP_free(group);
    return key;
}

static EVP_PKEY *import_private(const CK_ATTRIBUTE *from, CK_ULONG count, CK_KEY_TYPE type) {
    key_kind kind;
    if (type == CKK_RSA) return import_rsa(from, count);
    const CK_ATTRIBUTE *curve = in_template(from, count, CKA_EC_PARAMS), *value = in_template(from, count, CKA_VALUE);
    if (!curve || !value || !mock_kind_of_parameters(curve->pValue, curve->ulValueLen, &kind)) return NULL;
    if (kind != KEY_ED25519) return import_ec(value, kind);
    return value->ulValueLen == 32 ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, value->pValue, 32) : NULL;
}

static CK_RV create(CK_SESSION_HANDLE handle, const CK_ATTRIBUTE *from, CK_ULONG count, CK_OBJECT_HANDLE *made) {
    CK_RV result = CKR_OK;
    session *session = mock_session(handle, &result);
    if (!session) return result;
    slot *slot = mock_slot_of(session);
    if ((result = check_template(from, count)) != CKR_OK) return result;
    const CK_ATTRIBUTE *class = in_template(from, count, CKA_CLASS);
    if (!made) return CKR_ARGUMENTS_BAD;
    if (!class || class->ulValueLen != sizeof(CK_OBJECT_CLASS)) return CKR_TEMPLATE_INCOMPLETE;
    bool is_kept;
    if ((result = check_place(session, slot, from, count, &is_kept)) != CKR_OK) return result;
    object *object = mock_object_new();
    if (!object) return CKR_HOST_MEMORY;
    CK_OBJECT_CLASS wanted;
    memcpy(&wanted, class->pValue, sizeof wanted);
    for (CK_ULONG i = 0; i < count; i++) {
        bool is_private_part = from[i].type == CKA_VALUE || (from[i].type >= CKA_PRIVATE_EXPONENT && from[i].type <= CKA_COEFFICIENT);
        if (wanted != CKO_PRIVATE_KEY || !is_private_part)
            mock_set(object, from[i].type, from[i].pValue, from[i].ulValueLen);
    }
    if (mock_class(object) == CKO_PRIVATE_KEY) {
        result = slot->import;
        if (result == CKR_OK) object->key = import_private(from, count, mock_number(object, CKA_KEY_TYPE, CKK_RSA));
        if (result == CKR_OK && !object->key) result = CKR_ATTRIBUTE_VALUE_INVALID;
        if (result != CKR_OK) {
            mock_object_free(object);
            return result;
        }
    }
    if (!is_kept) object->owner = handle;
    if (!mock_add(slot, object)) return CKR_DEVICE_MEMORY;
    *made = mock_handle(slot, session, slot->object_count - 1);
    return CKR_OK;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *from, CK_ULONG count, CK_OBJECT_HANDLE *made) {
    RUN(C_CreateObject, session, create(session, from, count, made));
}
