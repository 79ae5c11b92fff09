/*
 * Signatures by OpenSSL with a key on a PKCS#11 token, through libp11's engine.
 *
 *   engine-loop MODULE TOKEN KEY MILLISECONDS
 *
 * The PIN is the environment variable RAW_PKCS11_PIN. SHA-256 is within `EVP_DigestSign`.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "measure.h"

typedef struct signer {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
} signer;

static void check(int succeeded, const char *what) {
    if (succeeded) return;
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static int sign(void *context) {
    signer *signer = context;
    unsigned char message[32], signature[1024];
    size_t count = sizeof signature;
    memset(message, 0x5a, sizeof message);
    return EVP_DigestSignInit(signer->context, NULL, EVP_sha256(), NULL, signer->key) != 1
           || EVP_DigestSign(signer->context, signature, &count, message, sizeof message) != 1;
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: engine-loop MODULE TOKEN KEY MILLISECONDS\n");
        return 2;
    }
    ENGINE_load_dynamic();
    ENGINE *engine = ENGINE_by_id("pkcs11");
    check(engine != NULL, "ENGINE_by_id: apt-get install libengine-pkcs11-openssl");
    check(ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", arguments[1], 0), "MODULE_PATH");
    check(ENGINE_ctrl_cmd_string(engine, "PIN", getenv("RAW_PKCS11_PIN"), 0), "PIN");
    check(ENGINE_init(engine), "ENGINE_init");
    char url[256];
    snprintf(url, sizeof url, "pkcs11:token=%s;object=%s;type=private", arguments[2], arguments[3]);
    signer signer = {ENGINE_load_private_key(engine, url, NULL, NULL), EVP_MD_CTX_new()};
    check(signer.key != NULL && signer.context != NULL, "ENGINE_load_private_key");
    void *context = &signer;
    return measure(1, (unsigned)atoi(arguments[4]), sign, &context);
}
