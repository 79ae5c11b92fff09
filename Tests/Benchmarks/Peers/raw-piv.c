/*
 * What a YubiKey's PIV applet costs without us: signatures by libykpiv, with everything done once that can be.
 *
 *   raw-piv loop READER SLOT ecdsa|rsa once|always MILLISECONDS
 *   raw-piv sign READER SLOT ecdsa|rsa INPUT OUTPUT
 *
 * READER is a part of the reader's name, SLOT the PIV slot in hexadecimal. `loop` prints medians; `always` verifies the PIN
 * before each signature, as a key wants whose PIN policy says so. `sign` is the least that a process with one signature
 * does. RSA-2048 signs a DigestInfo that is padded here (PKCS #1 v1.5), P-256 a digest. The PIN is RAW_PKCS11_PIN.
 */
#include <openssl/evp.h>
#include <string.h>
#include <ykpiv/ykpiv.h>

#include "measure.h"

static const unsigned char digest_info_prefix[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

typedef struct signer {
    ykpiv_state *state;
    const char *pin;
    int slot;
    int rsa;
    int always;
    unsigned char message[32];
    size_t message_count;
    unsigned char signature[512];
    size_t signature_count;
} signer;

static void check(ykpiv_rc status, const char *what) {
    if (status == YKPIV_OK) return;
    fprintf(stderr, "%s: %s\n", what, ykpiv_strerror_name(status));
    exit(1);
}

static void open_signer(signer *signer, char **arguments) {
    signer->slot = (int)strtol(arguments[1], NULL, 16);
    signer->rsa = strcmp(arguments[2], "rsa") == 0;
    signer->pin = getenv("RAW_PKCS11_PIN");
    check(ykpiv_init(&signer->state, 0), "ykpiv_init");
    check(ykpiv_connect(signer->state, arguments[0]), "ykpiv_connect");
    check(ykpiv_verify(signer->state, signer->pin, NULL), "ykpiv_verify");
}

static int sign(void *context) {
    signer *signer = context;
    unsigned char block[256];
    unsigned char *digest = block + sizeof block - 32;
    unsigned count = 0;
    if (EVP_Digest(signer->message, signer->message_count, digest, &count, EVP_sha256(), NULL) != 1) return 1;
    unsigned char *input = digest;
    size_t input_count = 32;
    if (signer->rsa) {
        /* EMSA-PKCS1-v1_5, RFC 8017 §9.2. */
        size_t start = sizeof block - 32 - sizeof digest_info_prefix;
        memset(block, 0xff, start);
        block[0] = 0x00;
        block[1] = 0x01;
        block[start - 1] = 0x00;
        memcpy(block + start, digest_info_prefix, sizeof digest_info_prefix);
        input = block;
        input_count = sizeof block;
    }
    if (signer->always && ykpiv_verify(signer->state, signer->pin, NULL) != YKPIV_OK) return 1;
    signer->signature_count = sizeof signer->signature;
    return ykpiv_sign_data(signer->state, input, input_count, signer->signature, &signer->signature_count,
                           signer->rsa ? YKPIV_ALGO_RSA2048 : YKPIV_ALGO_ECCP256, signer->slot) != YKPIV_OK;
}

static int loop(char **arguments) {
    static signer signer;
    void *contexts[1] = {&signer};
    open_signer(&signer, arguments);
    signer.always = strcmp(arguments[3], "always") == 0;
    memset(signer.message, 0x5a, sizeof signer.message);
    signer.message_count = sizeof signer.message;
    return measure(1, (unsigned)atoi(arguments[4]), sign, contexts);
}

static int sign_once(char **arguments) {
    static signer signer;
    FILE *input = fopen(arguments[3], "rb");
    if (input == NULL) return 1;
    signer.message_count = fread(signer.message, 1, sizeof signer.message, input);
    fclose(input);
    open_signer(&signer, arguments);
    if (sign(&signer) != 0) return 1;
    FILE *output = fopen(arguments[4], "wb");
    if (output == NULL) return 1;
    fwrite(signer.signature, 1, signer.signature_count, output);
    if (fclose(output) != 0) return 1;
    ykpiv_done(signer.state);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 7 && strcmp(arguments[1], "loop") == 0) return loop(arguments + 2);
    if (count == 7 && strcmp(arguments[1], "sign") == 0) return sign_once(arguments + 2);
    fprintf(stderr, "usage: raw-piv loop|sign ...\n");
    return 2;
}
