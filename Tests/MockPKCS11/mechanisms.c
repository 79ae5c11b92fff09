/* The mechanisms, and the digests that they use. */
#include "mock.h"

static const mechanism table[] = {
    {CKM_EC_KEY_PAIR_GEN, {MAKES_KEYS, MAKES_KEYS}, FAMILY_EC, NULL, false},
    {CKM_ECDSA, {SIGNS, SIGNS}, FAMILY_EC, NULL, false},
    {CKM_ECDSA_SHA1, {SIGNS, SIGNS}, FAMILY_EC, "SHA1", false},
    {CKM_ECDSA_SHA256, {SIGNS, SIGNS}, FAMILY_EC, "SHA256", false},
    {CKM_ECDSA_SHA384, {SIGNS, SIGNS}, FAMILY_EC, "SHA384", false},
    {CKM_ECDSA_SHA512, {SIGNS, SIGNS}, FAMILY_EC, "SHA512", false},
    {CKM_ECDH1_DERIVE, {DERIVES, DERIVES}, FAMILY_EC, NULL, false},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN, {MAKES_KEYS, MAKES_KEYS}, FAMILY_EDWARDS, NULL, false},
    {CKM_EDDSA, {SIGNS, SIGNS}, FAMILY_EDWARDS, NULL, false},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {MAKES_KEYS, MAKES_KEYS}, FAMILY_RSA, NULL, false},
    {CKM_RSA_PKCS, {SIGNS, DECRYPTS}, FAMILY_RSA, NULL, false},
    {CKM_SHA1_RSA_PKCS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA1", false},
    {CKM_SHA256_RSA_PKCS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA256", false},
    {CKM_SHA384_RSA_PKCS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA384", false},
    {CKM_SHA512_RSA_PKCS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA512", false},
    {CKM_RSA_PKCS_PSS, {SIGNS, SIGNS}, FAMILY_RSA, NULL, true},
    {CKM_SHA256_RSA_PKCS_PSS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA256", true},
    {CKM_SHA384_RSA_PKCS_PSS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA384", true},
    {CKM_SHA512_RSA_PKCS_PSS, {SIGNS, SIGNS}, FAMILY_RSA, "SHA512", true},
    {CKM_RSA_PKCS_OAEP, {DECRYPTS, DECRYPTS}, FAMILY_RSA, NULL, false},
};
#define COUNT (sizeof table / sizeof *table)

const mechanism *mock_mechanism(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < mock.alias_count; i++)
        if (mock.aliases[i].type == type) type = mock.aliases[i].means;
    for (size_t i = 0; i < COUNT; i++)
        if (table[i].type == type) return &table[i];
    return NULL;
}

size_t mock_all_mechanisms(CK_MECHANISM_TYPE *into, size_t capacity) {
    size_t count = 0;
    for (; count < COUNT && count < capacity; count++) into[count] = table[count].type;
    return count;
}

const EVP_MD *mock_digest(CK_MECHANISM_TYPE type) {
    switch (type) {
    case CKM_SHA_1: return EVP_sha1();
    case CKM_SHA256: return EVP_sha256();
    case CKM_SHA384: return EVP_sha384();
    case CKM_SHA512: return EVP_sha512();
    default: return NULL;
    }
}

const EVP_MD *mock_mask_digest(CK_RSA_PKCS_MGF_TYPE type) {
    switch (type) {
    case CKG_MGF1_SHA1: return EVP_sha1();
    case CKG_MGF1_SHA256: return EVP_sha256();
    case CKG_MGF1_SHA384: return EVP_sha384();
    case CKG_MGF1_SHA512: return EVP_sha512();
    default: return NULL;
    }
}
