/* Key pairs as objects, in every shape that modules give them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>

#include "mock.h"

typedef struct {
    const uint8_t *bytes;
    size_t length;
} spelling;
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
static const spelling parameters[][4] = {
    [PARAMETERS_OID] =
        {S("\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"), S("\x06\x05\x2B\x81\x04\x00\x22"), S("\x06\x05\x2B\x81\x04\x00\x23"),
         S("\x06\x03\x2B\x65\x70")},
    [PARAMETERS_NAME] =
        {S("\x13\x09secp256r1"), S("\x13\x09secp384r1"), S("\x13\x09secp521r1"), S("\x13\x0C" "edwards25519")},
    /* The numbers and names from before the present ones. */
    [PARAMETERS_OLD] =
        {S("\x13\x0Aprime256v1"), S("\x06\x05\x2B\x81\x04\x00\x22"), S("\x06\x05\x2B\x81\x04\x00\x23"),
         S("\x06\x09\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01")},
};
#undef S

bool mock_kind_of_parameters(const void *value, size_t length, key_kind *kind) {
    for (int form = PARAMETERS_OID; form <= PARAMETERS_OLD; form++) {
        for (int i = KEY_P256; i <= KEY_ED25519; i++) {
            const spelling *known = &parameters[form][i];
            if (known->length != length || memcmp(known->bytes, value, length) != 0) continue;
            *kind = (key_kind)i;
            return true;
        }
    }
    return false;
}

bool mock_is_named_curve(const void *value, size_t length) { return length > 0 && *(const uint8_t *)value == 0x13; }

static void set_parameters(object *object, key_kind kind, parameter_form form) {
    mock_set(object, CKA_EC_PARAMS, parameters[form][kind].bytes, parameters[form][kind].length);
}

static void set_point(object *object, EVP_PKEY *key, key_kind kind, point_form form) {
    uint8_t buffer[160];
    uint8_t *point = buffer + 8;
    size_t length = sizeof buffer - 8;
    if (kind == KEY_ED25519 ? EVP_PKEY_get_raw_public_key(key, point, &length) != 1
                            : EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, length, &length) != 1)
        return;
    if (form == POINT_BITS) *--point = 0;
    if (form != POINT_RAW) {
        size_t contents = length + (form == POINT_BITS ? 1 : 0);
        *--point = (uint8_t)contents;
        if (contents >= 0x80) *--point = 0x81;
        *--point = form == POINT_BITS ? 0x03 : 0x04;
    }
    mock_set(object, CKA_EC_POINT, point, (size_t)(buffer + 8 - point) + length);
}

static void set_rsa_number(object *object, CK_ATTRIBUTE_TYPE type, EVP_PKEY *key, const char *name) {
    BIGNUM *number = NULL;
    uint8_t bytes[1024];
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return;
    if (BN_num_bytes(number) <= (int)sizeof bytes) mock_set(object, type, bytes, (size_t)BN_bn2bin(number, bytes));
    BN_free(number);
}

static void set_public_key_info(object *object, EVP_PKEY *key, bool is_empty) {
    uint8_t *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    if (length > 0) mock_set(object, CKA_PUBLIC_KEY_INFO, der, is_empty ? 0 : (size_t)length);
    OPENSSL_free(der);
}

/* What private and public key have in common. */
static object *new_key(CK_OBJECT_CLASS class, key_kind kind, EVP_PKEY *key) {
    object *made = mock_object_new();
    if (!made || EVP_PKEY_up_ref(key) != 1) {
        free(made);
        return NULL;
    }
    made->key = key;
    mock_set_number(made, CKA_CLASS, class);
    mock_set_number(made, CKA_KEY_TYPE, mock_is_rsa(kind) ? CKK_RSA : kind == KEY_ED25519 ? CKK_EC_EDWARDS : CKK_EC);
    mock_set_flag(made, CKA_TOKEN, true);
    mock_set_flag(made, CKA_LOCAL, true);
    mock_set_flag(made, CKA_MODIFIABLE, true);
    mock_set(made, CKA_LABEL, "", 0);
    mock_set(made, CKA_ID, "", 0);
    mock_set(made, CKA_SUBJECT, "", 0);
    mock_set_number(
        made, CKA_KEY_GEN_MECHANISM,
        mock_is_rsa(kind) ? CKM_RSA_PKCS_KEY_PAIR_GEN : kind == KEY_ED25519 ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN);
    if (mock_is_rsa(kind)) {
        set_rsa_number(made, CKA_MODULUS, key, OSSL_PKEY_PARAM_RSA_N);
        set_rsa_number(made, CKA_PUBLIC_EXPONENT, key, OSSL_PKEY_PARAM_RSA_E);
    } else {
        set_parameters(made, kind, PARAMETERS_OID);
    }
    return made;
}

bool mock_make_pair(key_kind kind, unsigned long seed, key_pair *pair) {
    *pair = (key_pair){NULL, NULL, NULL};
    EVP_PKEY *key = mock_key(kind, seed);
    if (!key) return false;
    object *private_key = pair->private_key = new_key(CKO_PRIVATE_KEY, kind, key);
    object *public_key = pair->public_key = new_key(CKO_PUBLIC_KEY, kind, key);
    if (!private_key || !public_key) {
        mock_object_free(private_key);
        mock_object_free(public_key);
        EVP_PKEY_free(key);
        return false;
    }
    mock_set_flag(private_key, CKA_PRIVATE, true);
    mock_set_flag(private_key, CKA_SENSITIVE, true);
    mock_set_flag(private_key, CKA_ALWAYS_SENSITIVE, true);
    mock_set_flag(private_key, CKA_EXTRACTABLE, false);
    mock_set_flag(private_key, CKA_NEVER_EXTRACTABLE, true);
    mock_set_flag(private_key, CKA_SIGN, true);
    mock_set_flag(private_key, CKA_DECRYPT, mock_is_rsa(kind));
    mock_set_flag(private_key, CKA_DERIVE, !mock_is_rsa(kind) && kind != KEY_ED25519);
    mock_set_flag(private_key, CKA_UNWRAP, false);
    mock_set_flag(private_key, CKA_ALWAYS_AUTHENTICATE, false);
    mock_set_flag(public_key, CKA_PRIVATE, false);
    mock_set_flag(public_key, CKA_VERIFY, true);
    mock_set_flag(public_key, CKA_ENCRYPT, mock_is_rsa(kind));
    mock_set_flag(public_key, CKA_WRAP, false);
    if (mock_is_rsa(kind))
        mock_set_number(public_key, CKA_MODULUS_BITS, (CK_ULONG)EVP_PKEY_get_bits(key));
    else
        set_point(public_key, key, kind, POINT_DER);
    EVP_PKEY_free(key);
    return true;
}

/* ---- Options ---- */

void mock_no_options(key_options *options) {
    memset(options, 0, sizeof *options);
    options->kind = options->has_public = options->has_certificate = options->public_key_info = UNSET;
    options->point_in_private = options->point = options->parameters = options->always_authenticate = UNSET;
    options->extractable = options->sensitive = options->is_private = options->sign = options->decrypt = UNSET;
    options->derive = options->public_is_private = options->token = options->modifiable = UNSET;
    options->key_type = UNSET;
}

static bool read_choice(const char *value, const char *const *choices, int *into) {
    for (int i = 0; choices[i]; i++) {
        if (strcmp(value, choices[i]) != 0) continue;
        *into = i;
        return true;
    }
    return false;
}

static bool read_mechanisms(key_options *options, const char *value) {
    char copy[512];
    if (snprintf(copy, sizeof copy, "%s", value) >= (int)sizeof copy) return false;
    options->allowed_count = 0;
    char *rest = copy;
    for (char *name; (name = strsep(&rest, ","));) {
        if (options->allowed_count == 8 || !mock_constant(name, &options->allowed[options->allowed_count++])) return false;
    }
    return true;
}

bool mock_read_option(key_options *options, const char *word) {
    static const char *const truth[] = {"no", "yes", NULL}, *const information[] = {"no", "yes", "empty", NULL};
    static const char *const points[] = {"der", "raw", "bits", NULL}, *const forms[] = {"oid", "name", "old", NULL};
    const char *value = strchr(word, '=');
    if (!value) return false;
    size_t length = (size_t)(value++ - word);
    unsigned long number;
    key_kind kind;
    const struct {
        const char *name;
        const char *const *choices;
        int *into;
    } choices[] = {
        {"public", truth, &options->has_public},
        {"certificate", truth, &options->has_certificate},
        {"public-key-info", information, &options->public_key_info},
        {"point-in-private", truth, &options->point_in_private},
        {"ec-point", points, &options->point},
        {"ec-params", forms, &options->parameters},
        {"always-authenticate", truth, &options->always_authenticate},
        {"extractable", truth, &options->extractable},
        {"sensitive", truth, &options->sensitive},
        {"private", truth, &options->is_private},
        {"public-private", truth, &options->public_is_private},
        {"sign", truth, &options->sign},
        {"decrypt", truth, &options->decrypt},
        {"derive", truth, &options->derive},
        {"token", truth, &options->token},
        {"modifiable", truth, &options->modifiable},
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strlen(choices[i].name) == length && memcmp(choices[i].name, word, length) == 0)
            return read_choice(value, choices[i].choices, choices[i].into);
    if (length == 4 && memcmp(word, "type", 4) == 0) {
        if (!mock_kind_named(value, &kind)) return false;
        options->kind = (int)kind;
        return true;
    }
    if (length == 4 && memcmp(word, "seed", 4) == 0) return options->has_seed = mock_constant(value, &options->seed);
    if (length == 5 && memcmp(word, "label", 5) == 0)
        return options->has_label = mock_decode(value, options->label, sizeof options->label, &options->label_length);
    if (length == 2 && memcmp(word, "id", 2) == 0)
        return options->has_id = mock_decode_hex(value, options->id, sizeof options->id, &options->id_length);
    if (length == 8 && memcmp(word, "key-type", 8) == 0) {
        if (!mock_constant(value, &number)) return false;
        options->key_type = (long)number;
        return true;
    }
    return length == 10 && memcmp(word, "mechanisms", 10) == 0 && read_mechanisms(options, value);
}

static object *make_certificate(EVP_PKEY *key, key_kind kind, const object *owner) {
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    object *made = NULL;
    uint8_t *der = NULL, *subject = NULL;
    if (certificate && name && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"mock", -1, -1, 0)
        && X509_set_version(certificate, 2) && ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        && X509_set_subject_name(certificate, name) && X509_set_issuer_name(certificate, name)
        && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "200101000000Z")
        && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20500101000000Z") && X509_set_pubkey(certificate, key)
        && X509_sign(certificate, key, kind == KEY_ED25519 ? NULL : EVP_sha256()) > 0) {
        int length = i2d_X509(certificate, &der), subject_length = i2d_X509_NAME(name, &subject);
        if (length > 0 && subject_length > 0 && (made = mock_object_new())) {
            const attribute *label = mock_attribute(owner, CKA_LABEL), *id = mock_attribute(owner, CKA_ID);
            mock_set_number(made, CKA_CLASS, CKO_CERTIFICATE);
            mock_set_number(made, CKA_CERTIFICATE_TYPE, CKC_X_509);
            mock_set_flag(made, CKA_TOKEN, true);
            mock_set_flag(made, CKA_PRIVATE, false);
            mock_set_flag(made, CKA_MODIFIABLE, true);
            mock_set(made, CKA_VALUE, der, (size_t)length);
            mock_set(made, CKA_SUBJECT, subject, (size_t)subject_length);
            mock_set(made, CKA_ISSUER, subject, (size_t)subject_length);
            mock_set(made, CKA_SERIAL_NUMBER, "\x02\x01\x01", 3);
            if (label) mock_set(made, CKA_LABEL, label->value, label->length);
            if (id) mock_set(made, CKA_ID, id->value, id->length);
        }
    }
    OPENSSL_free(der);
    OPENSSL_free(subject);
    X509_NAME_free(name);
    X509_free(certificate);
    return made;
}

void mock_apply_options(const key_options *options, key_pair *pair) {
    object *objects[2] = {pair->private_key, pair->public_key};
    key_kind kind;
    if (!mock_kind_of(pair->private_key->key, &kind)) return;
    for (int i = 0; i < 2; i++) {
        object *object = objects[i];
        if (options->has_label) mock_set(object, CKA_LABEL, options->label, options->label_length);
        if (options->has_id) mock_set(object, CKA_ID, options->id, options->id_length);
        if (options->key_type != UNSET) mock_set_number(object, CKA_KEY_TYPE, (CK_ULONG)options->key_type);
        if (options->parameters != UNSET && !mock_is_rsa(kind))
            set_parameters(object, kind, (parameter_form)options->parameters);
        if (options->public_key_info > 0) set_public_key_info(object, object->key, options->public_key_info == 2);
        if (options->token != UNSET) mock_set_flag(object, CKA_TOKEN, options->token);
        if (options->modifiable != UNSET) mock_set_flag(object, CKA_MODIFIABLE, options->modifiable);
    }
    if (!mock_is_rsa(kind)) {
        point_form form = options->point == UNSET ? POINT_DER : (point_form)options->point;
        set_point(pair->public_key, pair->public_key->key, kind, form);
        if (options->point_in_private > 0) set_point(pair->private_key, pair->private_key->key, kind, form);
    }
    const struct {
        int value;
        CK_ATTRIBUTE_TYPE type;
    } flags[] = {
        {options->always_authenticate, CKA_ALWAYS_AUTHENTICATE}, {options->extractable, CKA_EXTRACTABLE},
        {options->sensitive, CKA_SENSITIVE}, {options->is_private, CKA_PRIVATE}, {options->sign, CKA_SIGN},
        {options->decrypt, CKA_DECRYPT}, {options->derive, CKA_DERIVE},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].value != UNSET) mock_set_flag(pair->private_key, flags[i].type, flags[i].value);
    if (options->public_is_private != UNSET) mock_set_flag(pair->public_key, CKA_PRIVATE, options->public_is_private);
    if (options->allowed_count > 0)
        mock_set(
            pair->private_key, CKA_ALLOWED_MECHANISMS, options->allowed,
            options->allowed_count * sizeof *options->allowed);
    if (options->has_certificate > 0) pair->certificate = make_certificate(pair->private_key->key, kind, pair->private_key);
    if (options->has_public == 0) {
        mock_object_free(pair->public_key);
        pair->public_key = NULL;
    }
}
