/* Keys that a seed makes, always the same ones, with libcrypto. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "mock.h"

typedef struct {
    const char *name, *group;
    int curve, bits;
} kind_facts;

static const kind_facts kinds[KEY_KINDS] = {
    [KEY_P256] = {"P-256", "prime256v1", NID_X9_62_prime256v1, 256}, [KEY_P384] = {"P-384", "secp384r1", NID_secp384r1, 384},
    [KEY_P521] = {"P-521", "secp521r1", NID_secp521r1, 521},         [KEY_ED25519] = {"Ed25519", NULL, 0, 256},
    [KEY_RSA_2048] = {"RSA-2048", NULL, 0, 2048},                    [KEY_RSA_3072] = {"RSA-3072", NULL, 0, 3072},
    [KEY_RSA_4096] = {"RSA-4096", NULL, 0, 4096},
};

bool mock_kind_named(const char *name, key_kind *kind) {
    for (int i = 0; i < KEY_KINDS; i++) {
        if (strcmp(name, kinds[i].name) != 0) continue;
        *kind = (key_kind)i;
        return true;
    }
    return false;
}

bool mock_is_rsa(key_kind kind) { return kind >= KEY_RSA_2048; }

size_t mock_coordinate_length(key_kind kind) { return kind == KEY_P384 ? 48 : kind == KEY_P521 ? 66 : 32; }

bool mock_kind_of(EVP_PKEY *key, key_kind *kind) {
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "ED25519")) {
        *kind = KEY_ED25519;
        return true;
    }
    char group[64] = "";
    bool is_ec = EVP_PKEY_is_a(key, "EC");
    if (is_ec && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1) return false;
    if (!is_ec && !EVP_PKEY_is_a(key, "RSA")) return false;
    for (int i = 0; i < KEY_KINDS; i++) {
        if (is_ec ? !kinds[i].group || strcmp(group, kinds[i].group) != 0 : !mock_is_rsa((key_kind)i) || kinds[i].bits != bits)
            continue;
        *kind = (key_kind)i;
        return true;
    }
    return false;
}

/* Bytes that kind, seed and part make. */
static bool stream(key_kind kind, unsigned long seed, unsigned part, uint8_t *into, size_t length) {
    for (unsigned block = 0; length > 0; block++) {
        unsigned long input[4] = {kind, seed, part, block};
        uint8_t digest[32];
        if (EVP_Digest(input, sizeof input, digest, NULL, EVP_sha256(), NULL) != 1) return false;
        size_t copied = length < sizeof digest ? length : sizeof digest;
        memcpy(into, digest, copied);
        into += copied;
        length -= copied;
    }
    return true;
}

static EVP_PKEY *from_parameters(const char *type, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *make_ec(key_kind kind, unsigned long seed) {
    uint8_t bytes[80], point[140];
    EVP_PKEY *key = NULL;
    BN_CTX *context = BN_CTX_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(kinds[kind].curve);
    EC_POINT *public_point = group ? EC_POINT_new(group) : NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *scalar = NULL, *order = BN_new();
    size_t length = 0;
    if (context && public_point && builder && order && stream(kind, seed, 0, bytes, sizeof bytes)
        && (scalar = BN_bin2bn(bytes, sizeof bytes, NULL)) && BN_copy(order, EC_GROUP_get0_order(group))
        && BN_sub_word(order, 1) && BN_mod(scalar, scalar, order, context) && BN_add_word(scalar, 1)
        && EC_POINT_mul(group, public_point, scalar, NULL, NULL, context)
        && (length = EC_POINT_point2oct(
                group, public_point, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, context))
        && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, kinds[kind].group, 0)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar)
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length))
        key = from_parameters("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(scalar);
    BN_free(order);
    EC_POINT_free(public_point);
    EC_GROUP_free(group);
    BN_CTX_free(context);
    return key;
}

/* A prime of so many bits, the first that fits behind a number which the seed makes. */
static bool find_prime(BIGNUM *prime, key_kind kind, unsigned long seed, unsigned part, BN_CTX *context) {
    uint8_t bytes[256];
    int bits = kinds[kind].bits / 2;
    if (!stream(kind, seed, part, bytes, (size_t)bits / 8) || !BN_bin2bn(bytes, bits / 8, prime) || !BN_set_bit(prime, bits - 1)
        || !BN_set_bit(prime, bits - 2) || !BN_set_bit(prime, 0))
        return false;
    for (int tries = 0; tries < 100000; tries++) {
        if (BN_mod_word(prime, 65537) != 1 && BN_check_prime(prime, context, NULL) == 1) return true;
        if (!BN_add_word(prime, 2)) return false;
    }
    return false;
}

static EVP_PKEY *make_rsa(key_kind kind, unsigned long seed) {
    static const char *const names[] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,         OSSL_PKEY_PARAM_RSA_D,
        OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    enum { MODULUS, E, D, P, Q, DP, DQ, COEFFICIENT, NUMBERS };
    BIGNUM *n[NUMBERS], *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();
    BN_CTX *context = BN_CTX_new();
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    bool is_made = context && builder && p1 && q1 && phi;
    for (int i = 0; i < NUMBERS; i++) is_made = (n[i] = BN_new()) && is_made;
    is_made = is_made && BN_set_word(n[E], 65537) && find_prime(n[P], kind, seed, 0, context)
              && find_prime(n[Q], kind, seed, 1, context);
    if (is_made && BN_cmp(n[P], n[Q]) < 0) BN_swap(n[P], n[Q]);
    is_made = is_made && BN_mul(n[MODULUS], n[P], n[Q], context) && BN_copy(p1, n[P]) && BN_sub_word(p1, 1)
              && BN_copy(q1, n[Q]) && BN_sub_word(q1, 1) && BN_mul(phi, p1, q1, context)
              && BN_mod_inverse(n[D], n[E], phi, context) && BN_mod(n[DP], n[D], p1, context)
              && BN_mod(n[DQ], n[D], q1, context) && BN_mod_inverse(n[COEFFICIENT], n[Q], n[P], context);
    for (int i = 0; i < NUMBERS; i++) is_made = is_made && OSSL_PARAM_BLD_push_BN(builder, names[i], n[i]);
    if (is_made) key = from_parameters("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    for (int i = 0; i < NUMBERS; i++) BN_free(n[i]);
    BN_free(p1);
    BN_free(q1);
    BN_free(phi);
    BN_CTX_free(context);
    return key;
}

static EVP_PKEY *make(key_kind kind, unsigned long seed) {
    uint8_t bytes[32];
    if (mock_is_rsa(kind)) return make_rsa(kind, seed);
    if (kind != KEY_ED25519) return make_ec(kind, seed);
    return stream(kind, seed, 0, bytes, sizeof bytes) ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, 32)
                                                      : NULL;
}

/* RSA keys take a tenth of a second, so that keys are kept, also over `reset`. */
#define MAXIMUM_KEPT 64
static struct {
    key_kind kind;
    unsigned long seed;
    EVP_PKEY *key;
} kept[MAXIMUM_KEPT];
static size_t next_kept;

EVP_PKEY *mock_key(key_kind kind, unsigned long seed) {
    for (size_t i = 0; i < MAXIMUM_KEPT; i++) {
        if (!kept[i].key || kept[i].kind != kind || kept[i].seed != seed) continue;
        return EVP_PKEY_up_ref(kept[i].key) == 1 ? kept[i].key : NULL;
    }
    EVP_PKEY *key = make(kind, seed);
    if (!key || EVP_PKEY_up_ref(key) != 1) return key;
    size_t place = next_kept++ % MAXIMUM_KEPT;
    EVP_PKEY_free(kept[place].key);
    kept[place].kind = kind;
    kept[place].seed = seed;
    kept[place].key = key;
    return key;
}
