/*
 * What libcrypto costs without us: signatures with a key from a PEM file.
 *
 *   raw-evp loop PEM digest|message THREADS MILLISECONDS
 *
 * `message` is EVP_DigestSign with SHA-256 on one context for each thread, prepared for each message as OpenSSL asks.
 * `digest` is EVP_PKEY_sign of 32 bytes with a context that is prepared once.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "measure.h"

typedef struct signer {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    EVP_PKEY_CTX *prepared;
    int hashes;
    unsigned char message[32];
    unsigned char signature[1024];
} signer;

static int sign_message(signer *signer) {
    size_t count = sizeof signer->signature;
    return EVP_DigestSignInit(signer->context, NULL, EVP_sha256(), NULL, signer->key) != 1
           || EVP_DigestSign(signer->context, signer->signature, &count, signer->message, sizeof signer->message) != 1;
}

static int sign_digest(signer *signer) {
    size_t count = sizeof signer->signature;
    return EVP_PKEY_sign(signer->prepared, signer->signature, &count, signer->message, sizeof signer->message) != 1;
}

static int prepare(signer *signer) {
    signer->context = EVP_MD_CTX_new();
    signer->prepared = EVP_PKEY_CTX_new(signer->key, NULL);
    return signer->context == NULL || signer->prepared == NULL || EVP_PKEY_sign_init(signer->prepared) != 1
           || EVP_PKEY_CTX_set_signature_md(signer->prepared, EVP_sha256()) != 1;
}

static int sign(void *context) {
    signer *signer = context;
    return signer->hashes ? sign_message(signer) : sign_digest(signer);
}

int main(int count, char **arguments) {
    static signer signers[MEASURE_MAXIMUM_THREADS];
    void *contexts[MEASURE_MAXIMUM_THREADS];
    int threads = count == 6 ? atoi(arguments[4]) : 0;
    if (threads < 1 || threads > MEASURE_MAXIMUM_THREADS) {
        fprintf(stderr, "usage: raw-evp loop PEM digest|message THREADS MILLISECONDS\n");
        return 2;
    }
    for (int i = 0; i < threads; i++) {
        // A key of its own for each thread, as separate sessions have.
        FILE *file = fopen(arguments[2], "rb");
        if (file == NULL) return 1;
        signers[i].key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        if (signers[i].key == NULL || prepare(&signers[i]) != 0) return 1;
        signers[i].hashes = strcmp(arguments[3], "message") == 0;
        memset(signers[i].message, 0x5a, sizeof signers[i].message);
        contexts[i] = &signers[i];
    }
    return measure(threads, (unsigned)atoi(arguments[5]), sign, contexts);
}
