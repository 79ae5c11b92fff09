/* Names of functions and constants, both ways. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock.h"

const char *const mock_function_names[FUNCTION_COUNT] = {
#define X(name) #name,
    MOCK_FUNCTIONS(X)
#undef X
};

bool mock_function_named(const char *name, function_id *function) {
    if (strcmp(name, "*") == 0) {
        *function = ANY_FUNCTION;
        return true;
    }
    for (int i = 0; i < FUNCTION_COUNT; i++) {
        if (strcmp(name, mock_function_names[i]) != 0) continue;
        *function = (function_id)i;
        return true;
    }
    return false;
}

typedef struct {
    const char *name;
    unsigned long value;
} constant;

#define N(name) {#name, name}
static const constant return_values[] = {
    N(CKR_OK), N(CKR_CANCEL), N(CKR_HOST_MEMORY), N(CKR_SLOT_ID_INVALID), N(CKR_GENERAL_ERROR), N(CKR_FUNCTION_FAILED),
    N(CKR_ARGUMENTS_BAD), N(CKR_NO_EVENT), N(CKR_NEED_TO_CREATE_THREADS), N(CKR_CANT_LOCK), N(CKR_ATTRIBUTE_READ_ONLY),
    N(CKR_ATTRIBUTE_SENSITIVE), N(CKR_ATTRIBUTE_TYPE_INVALID), N(CKR_ATTRIBUTE_VALUE_INVALID), N(CKR_ACTION_PROHIBITED),
    N(CKR_DATA_INVALID), N(CKR_DATA_LEN_RANGE), N(CKR_DEVICE_ERROR), N(CKR_DEVICE_MEMORY), N(CKR_DEVICE_REMOVED),
    N(CKR_ENCRYPTED_DATA_INVALID), N(CKR_ENCRYPTED_DATA_LEN_RANGE), N(CKR_FUNCTION_CANCELED), N(CKR_FUNCTION_NOT_PARALLEL),
    N(CKR_FUNCTION_NOT_SUPPORTED), N(CKR_KEY_HANDLE_INVALID), N(CKR_KEY_SIZE_RANGE), N(CKR_KEY_TYPE_INCONSISTENT),
    N(CKR_KEY_NOT_NEEDED), N(CKR_KEY_CHANGED), N(CKR_KEY_NEEDED), N(CKR_KEY_INDIGESTIBLE),
    N(CKR_KEY_FUNCTION_NOT_PERMITTED), N(CKR_KEY_NOT_WRAPPABLE), N(CKR_KEY_UNEXTRACTABLE), N(CKR_MECHANISM_INVALID),
    N(CKR_MECHANISM_PARAM_INVALID), N(CKR_OBJECT_HANDLE_INVALID), N(CKR_OPERATION_ACTIVE),
    N(CKR_OPERATION_NOT_INITIALIZED), N(CKR_PIN_INCORRECT), N(CKR_PIN_INVALID), N(CKR_PIN_LEN_RANGE), N(CKR_PIN_EXPIRED),
    N(CKR_PIN_LOCKED), N(CKR_SESSION_CLOSED), N(CKR_SESSION_COUNT), N(CKR_SESSION_HANDLE_INVALID),
    N(CKR_SESSION_PARALLEL_NOT_SUPPORTED), N(CKR_SESSION_READ_ONLY), N(CKR_SESSION_EXISTS),
    N(CKR_SESSION_READ_ONLY_EXISTS), N(CKR_SESSION_READ_WRITE_SO_EXISTS), N(CKR_SIGNATURE_INVALID),
    N(CKR_SIGNATURE_LEN_RANGE), N(CKR_TEMPLATE_INCOMPLETE), N(CKR_TEMPLATE_INCONSISTENT), N(CKR_TOKEN_NOT_PRESENT),
    N(CKR_TOKEN_NOT_RECOGNIZED), N(CKR_TOKEN_WRITE_PROTECTED), N(CKR_USER_ALREADY_LOGGED_IN), N(CKR_USER_NOT_LOGGED_IN),
    N(CKR_USER_PIN_NOT_INITIALIZED), N(CKR_USER_TYPE_INVALID), N(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
    N(CKR_USER_TOO_MANY_TYPES), N(CKR_RANDOM_SEED_NOT_SUPPORTED), N(CKR_RANDOM_NO_RNG), N(CKR_DOMAIN_PARAMS_INVALID),
    N(CKR_CURVE_NOT_SUPPORTED), N(CKR_BUFFER_TOO_SMALL), N(CKR_SAVED_STATE_INVALID), N(CKR_INFORMATION_SENSITIVE),
    N(CKR_STATE_UNSAVEABLE), N(CKR_CRYPTOKI_NOT_INITIALIZED), N(CKR_CRYPTOKI_ALREADY_INITIALIZED), N(CKR_MUTEX_BAD),
    N(CKR_MUTEX_NOT_LOCKED), N(CKR_NEW_PIN_MODE), N(CKR_NEXT_OTP), N(CKR_EXCEEDED_MAX_ITERATIONS),
    N(CKR_FIPS_SELF_TEST_FAILED), N(CKR_LIBRARY_LOAD_FAILED), N(CKR_PIN_TOO_WEAK), N(CKR_PUBLIC_KEY_INVALID),
    N(CKR_FUNCTION_REJECTED), N(CKR_TOKEN_RESOURCE_EXCEEDED), N(CKR_OPERATION_CANCEL_FAILED), N(CKR_VENDOR_DEFINED),
};

static const constant others[] = {
    N(CKA_CLASS), N(CKA_TOKEN), N(CKA_PRIVATE), N(CKA_LABEL), N(CKA_APPLICATION), N(CKA_VALUE), N(CKA_CERTIFICATE_TYPE),
    N(CKA_ISSUER), N(CKA_SERIAL_NUMBER), N(CKA_TRUSTED), N(CKA_KEY_TYPE), N(CKA_SUBJECT), N(CKA_ID), N(CKA_SENSITIVE),
    N(CKA_ENCRYPT), N(CKA_DECRYPT), N(CKA_WRAP), N(CKA_UNWRAP), N(CKA_SIGN), N(CKA_VERIFY), N(CKA_DERIVE), N(CKA_MODULUS),
    N(CKA_MODULUS_BITS), N(CKA_PUBLIC_EXPONENT), N(CKA_PRIVATE_EXPONENT), N(CKA_PUBLIC_KEY_INFO), N(CKA_VALUE_LEN),
    N(CKA_EXTRACTABLE), N(CKA_LOCAL), N(CKA_NEVER_EXTRACTABLE), N(CKA_ALWAYS_SENSITIVE), N(CKA_KEY_GEN_MECHANISM),
    N(CKA_MODIFIABLE), N(CKA_COPYABLE), N(CKA_DESTROYABLE), N(CKA_EC_PARAMS), N(CKA_EC_POINT), N(CKA_ALWAYS_AUTHENTICATE),
    N(CKA_ALLOWED_MECHANISMS), N(CKM_RSA_PKCS_KEY_PAIR_GEN), N(CKM_RSA_PKCS), N(CKM_RSA_PKCS_OAEP), N(CKM_RSA_PKCS_PSS),
    N(CKM_SHA1_RSA_PKCS), N(CKM_SHA256_RSA_PKCS), N(CKM_SHA384_RSA_PKCS), N(CKM_SHA512_RSA_PKCS),
    N(CKM_SHA256_RSA_PKCS_PSS), N(CKM_SHA384_RSA_PKCS_PSS), N(CKM_SHA512_RSA_PKCS_PSS), N(CKM_EC_KEY_PAIR_GEN),
    N(CKM_ECDSA), N(CKM_ECDSA_SHA1), N(CKM_ECDSA_SHA256), N(CKM_ECDSA_SHA384), N(CKM_ECDSA_SHA512), N(CKM_ECDH1_DERIVE),
    N(CKM_EC_EDWARDS_KEY_PAIR_GEN), N(CKM_EDDSA), N(CKM_SHA256), N(CKK_RSA), N(CKK_EC), N(CKK_EC_EDWARDS),
    N(CKK_GENERIC_SECRET), N(CKK_VENDOR_DEFINED), N(CKF_RNG), N(CKF_WRITE_PROTECTED), N(CKF_LOGIN_REQUIRED),
    N(CKF_USER_PIN_INITIALIZED), N(CKF_RESTORE_KEY_NOT_NEEDED), N(CKF_PROTECTED_AUTHENTICATION_PATH),
    N(CKF_TOKEN_INITIALIZED), N(CKF_USER_PIN_COUNT_LOW), N(CKF_USER_PIN_FINAL_TRY), N(CKF_USER_PIN_LOCKED),
    N(CKF_USER_PIN_TO_BE_CHANGED), N(CKF_SO_PIN_COUNT_LOW), N(CKF_SO_PIN_FINAL_TRY), N(CKF_SO_PIN_LOCKED),
    N(CKF_SO_PIN_TO_BE_CHANGED), {"max", (unsigned long)-2}, {"unavailable", (unsigned long)-1},
};
#undef N

static bool look_up(const constant *table, size_t count, const char *name, unsigned long *value) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) != 0) continue;
        *value = table[i].value;
        return true;
    }
    return false;
}

bool mock_constant(const char *text, unsigned long *value) {
    if (*text >= '0' && *text <= '9') {
        char *end = NULL;
        errno = 0;
        *value = strtoul(text, &end, 0);
        return errno == 0 && *end == 0;
    }
    return look_up(return_values, sizeof return_values / sizeof *return_values, text, value)
           || look_up(others, sizeof others / sizeof *others, text, value);
}

const char *mock_return_name(CK_RV value) {
    static _Thread_local char number[32];
    for (size_t i = 0; i < sizeof return_values / sizeof *return_values; i++)
        if (return_values[i].value == value) return return_values[i].name;
    snprintf(number, sizeof number, "0x%lx", value);
    return number;
}
