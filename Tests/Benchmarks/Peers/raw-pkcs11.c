/*
 * What PKCS#11 costs without us: signatures by the module's own function list, with everything done once that can be.
 *
 *   raw-pkcs11 loop MODULE TOKEN KEY ecdsa|rsa digest|message THREADS MILLISECONDS
 *   raw-pkcs11 sign MODULE TOKEN KEY ecdsa|rsa INPUT OUTPUT
 *
 * The PIN is the environment variable RAW_PKCS11_PIN. `loop` opens one session for each thread and prints medians;
 * `message` hashes with SHA-256 before each signature. `sign` is the least that a process with one signature does.
 * RSA signs a DigestInfo with CKM_RSA_PKCS, P-256 a digest with CKM_ECDSA.
 */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <string.h>

#include "measure.h"

static const unsigned char digest_info_prefix[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

typedef struct signer {
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    CK_MECHANISM mechanism;
    int hashes;
    unsigned char message[32];
    size_t message_count;
    unsigned char signature[1024];
    CK_ULONG signature_count;
} signer;

static void check(CK_RV status, const char *what) {
    if (status == CKR_OK) return;
    fprintf(stderr, "%s: 0x%lx\n", what, status);
    exit(1);
}

static CK_FUNCTION_LIST *load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *functions = NULL;
    if (library != NULL) *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL) {
        fprintf(stderr, "%s: %s\n", path, dlerror());
        exit(1);
    }
    check(get(&functions), "C_GetFunctionList");
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    check(functions->C_Initialize(&arguments), "C_Initialize");
    return functions;
}

static CK_SLOT_ID find_slot(CK_FUNCTION_LIST *functions, const char *label) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    char padded[32];
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strlen(label) < 32 ? strlen(label) : 32);
    check(functions->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        check(functions->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        if (memcmp(info.label, padded, 32) == 0) return slots[i];
    }
    fprintf(stderr, "no token has the label %s\n", label);
    exit(1);
}

static void open_signer(signer *signer, CK_FUNCTION_LIST *functions, CK_SLOT_ID slot, const char *key, int rsa) {
    signer->functions = functions;
    signer->mechanism.mechanism = rsa ? CKM_RSA_PKCS : CKM_ECDSA;
    check(functions->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &signer->session), "C_OpenSession");
    const char *pin = getenv("RAW_PKCS11_PIN");
    CK_RV status = functions->C_Login(signer->session, CKU_USER, (CK_UTF8CHAR *)pin, pin == NULL ? 0 : strlen(pin));
    if (status != CKR_USER_ALREADY_LOGGED_IN) check(status, "C_Login");
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[2] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)key, strlen(key)}};
    CK_ULONG count = 0;
    check(functions->C_FindObjectsInit(signer->session, template, 2), "C_FindObjectsInit");
    check(functions->C_FindObjects(signer->session, &signer->key, 1, &count), "C_FindObjects");
    check(functions->C_FindObjectsFinal(signer->session), "C_FindObjectsFinal");
    if (count != 1) {
        fprintf(stderr, "no key has the label %s\n", key);
        exit(1);
    }
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
