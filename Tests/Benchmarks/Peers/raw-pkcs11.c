/*
 * What PKCS#11 costs without us: signatures by the module's own function list, with everything done once that can be.
 *
 *   raw-pkcs11 loop MODULE TOKEN KEY ecdsa|rsa digest|message THREADS MILLISECONDS
 *   raw-pkcs11 sign MODULE TOKEN KEY ecdsa|rsa INPUT OUTPUT
 *
 * KEY is a label, or an identifier in hexadecimal behind "id:". A key that asks for the PIN each time gets it.
 * `loop` opens one session for each thread and prints medians; `message` hashes with SHA-256 before each signature.
 * `sign` is the least that a process with one signature does. RSA signs a DigestInfo with CKM_RSA_PKCS, P-256 a digest
 * with CKM_ECDSA.
 */
#include <openssl/evp.h>

#include "measure.h"
#include "token.h"

static const unsigned char digest_info_prefix[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

typedef struct signer {
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    CK_MECHANISM mechanism;
    int hashes;
    int asks_always;
    unsigned char message[32];
    size_t message_count;
    unsigned char signature[1024];
    CK_ULONG signature_count;
} signer;

static void open_signer(signer *signer, CK_FUNCTION_LIST *functions, CK_SLOT_ID slot, const char *key, int rsa) {
    signer->functions = functions;
    signer->mechanism.mechanism = rsa ? CKM_RSA_PKCS : CKM_ECDSA;
    signer->session = open_session(functions, slot, 0);
    signer->key = find_key(functions, signer->session, key);
    signer->asks_always = asks_always(functions, signer->session, signer->key);
}

static int sign(void *context) {
    signer *signer = context;
    unsigned char info[sizeof digest_info_prefix + 32];
    unsigned char *digest = info + sizeof digest_info_prefix;
    if (signer->hashes) {
        unsigned count = 0;
        if (EVP_Digest(signer->message, signer->message_count, digest, &count, EVP_sha256(), NULL) != 1) return 1;
    } else {
        memcpy(digest, signer->message, 32);
    }
    CK_BYTE *input = digest;
    CK_ULONG input_count = 32;
    if (signer->mechanism.mechanism == CKM_RSA_PKCS) {
        memcpy(info, digest_info_prefix, sizeof digest_info_prefix);
        input = info;
        input_count = sizeof info;
    }
    signer->signature_count = sizeof signer->signature;
    if (signer->functions->C_SignInit(signer->session, &signer->mechanism, signer->key) != CKR_OK) return 1;
    if (signer->asks_always) {
        const char *pin = getenv(TOKEN_PIN_VARIABLE);
        if (signer->functions->C_Login(signer->session, CKU_CONTEXT_SPECIFIC, (CK_UTF8CHAR *)pin, strlen(pin)) != CKR_OK)
            return 1;
    }
    return signer->functions->C_Sign(signer->session, input, input_count, signer->signature,
                                     &signer->signature_count) != CKR_OK;
}

static int loop(char **arguments) {
    static signer signers[MEASURE_MAXIMUM_THREADS];
    void *contexts[MEASURE_MAXIMUM_THREADS];
    int threads = atoi(arguments[5]);
    if (threads < 1 || threads > MEASURE_MAXIMUM_THREADS) return 2;
    CK_FUNCTION_LIST *functions = load(arguments[0]);
    CK_SLOT_ID slot = find_slot(functions, arguments[1]);
    for (int i = 0; i < threads; i++) {
        open_signer(&signers[i], functions, slot, arguments[2], strcmp(arguments[3], "rsa") == 0);
        signers[i].hashes = strcmp(arguments[4], "message") == 0;
        memset(signers[i].message, 0x5a, sizeof signers[i].message);
        signers[i].message_count = sizeof signers[i].message;
        contexts[i] = &signers[i];
    }
    return measure(threads, (unsigned)atoi(arguments[6]), sign, contexts);
}

static int sign_once(char **arguments) {
    static signer signer;
    CK_FUNCTION_LIST *functions = load(arguments[0]);
    open_signer(&signer, functions, find_slot(functions, arguments[1]), arguments[2],
                strcmp(arguments[3], "rsa") == 0);
    signer.hashes = 1;
    FILE *input = fopen(arguments[4], "rb");
    if (input == NULL) return 1;
    signer.message_count = fread(signer.message, 1, sizeof signer.message, input);
    fclose(input);
    if (sign(&signer) != 0) return 1;
    FILE *output = fopen(arguments[5], "wb");
    if (output == NULL) return 1;
    fwrite(signer.signature, 1, signer.signature_count, output);
    if (fclose(output) != 0) return 1;
    functions->C_Finalize(NULL);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 9 && strcmp(arguments[1], "loop") == 0) return loop(arguments + 2);
    if (count == 8 && strcmp(arguments[1], "sign") == 0) return sign_once(arguments + 2);
    fprintf(stderr, "usage: raw-pkcs11 loop|sign ...\n");
    return 2;
}
