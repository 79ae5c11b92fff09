/*
 * Drives the mock directly, linked with it, so that a build with sanitizers tells whether the mock itself is sound: what a
 * module that misbehaves on command does must never be a mistake of its own. Says "sound" and exits with 0, or says what is
 * wrong.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "../mock.h"

/* random.c */
void check_random_scripts(unsigned rounds);

static CK_FUNCTION_LIST *p11;
static CK_SESSION_HANDLE opened;

#define EXPECT(condition)                                                                                                      \
    do {                                                                                                                       \
        if (!(condition)) {                                                                                                    \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                                            \
            exit(1);                                                                                                           \
        }                                                                                                                      \
    } while (0)

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...) {
    char lines[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lines, sizeof lines, format, arguments);
    va_end(arguments);
    const char *trouble = mock_pkcs11_script(lines);
    if (!trouble) return;
    fprintf(stderr, "%s: %s\n", lines, trouble);
    exit(1);
}

static CK_RV log_in(const char *pin, CK_USER_TYPE user) {
    return p11->C_Login(opened, user, (unsigned char *)pin, strlen(pin));
}

/* The module as after `reset` and these lines, initialised, with a session; logged in if there is a PIN. */
static void open_module(const char *lines, const char *pin) {
    run("reset\n%s", lines);
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    EXPECT(C_GetFunctionList(&p11) == CKR_OK);
    EXPECT(p11->C_Initialize(&arguments) == CKR_OK);
    EXPECT(p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &opened) == CKR_OK);
    if (pin) EXPECT(log_in(pin, CKU_USER) == CKR_OK);
}

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class) {
    CK_ATTRIBUTE pattern = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE found[4];
    CK_ULONG count = 0;
    EXPECT(p11->C_FindObjectsInit(opened, &pattern, 1) == CKR_OK);
    EXPECT(p11->C_FindObjects(opened, found, 4, &count) == CKR_OK);
    EXPECT(p11->C_FindObjectsFinal(opened) == CKR_OK);
    return count > 0 ? found[0] : 0;
}

/* ---- Signatures ---- */

static void check_signature(const char *type, CK_MECHANISM mechanism, const char *digest) {
    static unsigned char data[] = "0123456789abcdef0123456789abcdef";
    unsigned char signature[1024], der[200];
    CK_ULONG length = sizeof signature;
    size_t count = 32;
    char lines[128];
    key_kind kind;
    snprintf(lines, sizeof lines, "remove any\nkey %s seed=7", type);
    open_module(lines, "123456");
    EXPECT(p11->C_SignInit(opened, &mechanism, find(CKO_PRIVATE_KEY)) == CKR_OK);
    EXPECT(p11->C_Sign(opened, data, 32, NULL, &length) == CKR_OK);
    CK_ULONG needed = length;
    length = 1;
    EXPECT(p11->C_Sign(opened, data, 32, signature, &length) == CKR_BUFFER_TOO_SMALL);
    length = sizeof signature;
    EXPECT(p11->C_Sign(opened, data, 32, signature, &length) == CKR_OK && length == needed);
    EXPECT(mock_kind_named(type, &kind));
    EVP_PKEY *key = mock_key(kind, 7);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *raw = EVP_PKEY_CTX_new(key, NULL);
    const unsigned char *made = signature;
    EXPECT(key && context && raw);
    if (!mock_is_rsa(kind) && kind != KEY_ED25519) {
        ECDSA_SIG *parts = ECDSA_SIG_new();
        unsigned char *next = der;
        ECDSA_SIG_set0(
            parts, BN_bin2bn(signature, (int)length / 2, NULL), BN_bin2bn(signature + length / 2, (int)length / 2, NULL));
        length = (CK_ULONG)i2d_ECDSA_SIG(parts, &next);
        ECDSA_SIG_free(parts);
        made = der;
    }
    if (digest || kind == KEY_ED25519) {
        EVP_PKEY_CTX *inner = NULL;
        EXPECT(EVP_DigestVerifyInit(context, &inner, digest ? EVP_get_digestbyname(digest) : NULL, NULL, key) == 1);
        if (mechanism.pParameter) EXPECT(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1);
        EXPECT(EVP_DigestVerify(context, made, length, data, count) == 1);
    } else {
        EXPECT(EVP_PKEY_verify_init(raw) == 1);
        if (mechanism.pParameter) {
            EXPECT(EVP_PKEY_CTX_set_rsa_padding(raw, RSA_PKCS1_PSS_PADDING) == 1);
            EXPECT(EVP_PKEY_CTX_set_signature_md(raw, EVP_sha256()) == 1);
        }
        EXPECT(EVP_PKEY_verify(raw, made, length, data, count) == 1);
    }
    EVP_PKEY_CTX_free(raw);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

static void check_signatures(void) {
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    const char *const curves[] = {"P-256", "P-384", "P-521"};
    for (int i = 0; i < 3; i++) {
        check_signature(curves[i], (CK_MECHANISM){CKM_ECDSA, NULL, 0}, NULL);
        check_signature(curves[i], (CK_MECHANISM){CKM_ECDSA_SHA256, NULL, 0}, "SHA256");
    }
    check_signature("Ed25519", (CK_MECHANISM){CKM_EDDSA, NULL, 0}, NULL);
    check_signature("RSA-2048", (CK_MECHANISM){CKM_RSA_PKCS, NULL, 0}, NULL);
    check_signature("RSA-2048", (CK_MECHANISM){CKM_SHA512_RSA_PKCS, NULL, 0}, "SHA512");
    check_signature("RSA-2048", (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss}, NULL);
    check_signature("RSA-2048", (CK_MECHANISM){CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof pss}, "SHA256");
    /* What was not made is not given when the operation goes on. */
    open_module("keep-operations on\nremove any\nkey RSA-2048 seed=7", "123456");
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_PSS, &pss, sizeof pss};
    unsigned char data[32] = {0}, signature[256];
    CK_ULONG length = sizeof signature;
    EXPECT(p11->C_SignInit(opened, &mechanism, find(CKO_PRIVATE_KEY)) == CKR_OK);
    for (int i = 0; i < 2; i++) EXPECT(p11->C_Sign(opened, data, 31, signature, &length) == CKR_DATA_LEN_RANGE);
    EXPECT(p11->C_Sign(opened, data, 32, signature, &length) == CKR_OK && length == 256);
}

/* ---- Decrypting and deriving ---- */

static void check_decryption(void) {
    CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
    unsigned char sealed[512], plain[512];
    for (int is_oaep = 0; is_oaep < 2; is_oaep++) {
        CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
        if (is_oaep) mechanism = (CK_MECHANISM){CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
        open_module("remove any\nkey RSA-2048 seed=3", "123456");
        EVP_PKEY *key = mock_key(KEY_RSA_2048, 3);
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        size_t length = sizeof sealed;
        CK_ULONG plain_length = sizeof plain;
        EXPECT(context && EVP_PKEY_encrypt_init(context) == 1);
        EXPECT(EVP_PKEY_CTX_set_rsa_padding(context, is_oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) == 1);
        if (is_oaep) EXPECT(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1);
        EXPECT(EVP_PKEY_encrypt(context, sealed, &length, (const unsigned char *)"secret", 6) == 1);
        EXPECT(p11->C_DecryptInit(opened, &mechanism, find(CKO_PRIVATE_KEY)) == CKR_OK);
        EXPECT(p11->C_Decrypt(opened, sealed, length, plain, &plain_length) == CKR_OK);
        EXPECT(plain_length == 6 && memcmp(plain, "secret", 6) == 0);
        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(key);
    }
}

static void check_agreement(void) {
    open_module("", "123456");
    EVP_PKEY *peer = mock_key(KEY_P256, 99), *own = mock_key(KEY_P256, 1);
    unsigned char point[100], shared[64], value[64];
    size_t point_length = 0, shared_length = sizeof shared;
    EXPECT(EVP_PKEY_get_octet_string_param(peer, "pub", point, sizeof point, &point_length) == 1);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(peer, NULL);
    EXPECT(EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, own) == 1);
    EXPECT(EVP_PKEY_derive(context, shared, &shared_length) == 1);
    CK_ECDH1_DERIVE_PARAMS parameters = {CKD_NULL, 0, NULL, point_length, point};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_HANDLE made = 0;
    EXPECT(p11->C_DeriveKey(opened, &mechanism, find(CKO_PRIVATE_KEY), NULL, 0, &made) == CKR_OK);
    CK_ATTRIBUTE wanted = {CKA_VALUE, value, sizeof value};
    EXPECT(p11->C_GetAttributeValue(opened, made, &wanted, 1) == CKR_OK);
    EXPECT(wanted.ulValueLen == shared_length && memcmp(value, shared, shared_length) == 0);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
}

/* ---- Objects ---- */

static void check_objects(void) {
    open_module("", "123456");
    unsigned char p384[] = {6, 5, 0x2B, 0x81, 4, 0, 0x22}, yes = 1, label[] = "made", changed[] = "changed", buffer[64];
    CK_ATTRIBUTE public_template[] = {{CKA_EC_PARAMS, p384, sizeof p384}, {CKA_TOKEN, &yes, 1}, {CKA_LABEL, label, 4}};
    CK_ATTRIBUTE private_template[] = {{CKA_TOKEN, &yes, 1}, {CKA_LABEL, label, 4}};
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;
    EXPECT(p11->C_GenerateKeyPair(opened, &mechanism, public_template, 3, private_template, 2, &public_key, &private_key) == CKR_OK);
    CK_ATTRIBUTE change = {CKA_LABEL, changed, 7}, wanted = {CKA_LABEL, buffer, sizeof buffer};
    EXPECT(p11->C_SetAttributeValue(opened, private_key, &change, 1) == CKR_OK);
    EXPECT(p11->C_GetAttributeValue(opened, private_key, &wanted, 1) == CKR_OK);
    EXPECT(wanted.ulValueLen == 7 && memcmp(buffer, changed, 7) == 0);
    CK_OBJECT_HANDLE copy = 0;
    EXPECT(p11->C_CopyObject(opened, public_key, &change, 1, &copy) == CKR_OK);
    EXPECT(p11->C_DestroyObject(opened, private_key) == CKR_OK);
    EXPECT(p11->C_DestroyObject(opened, private_key) == CKR_OBJECT_HANDLE_INVALID);
    EXPECT(p11->C_DestroyObject(opened, copy) == CKR_OK);
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE data[] = {{CKA_CLASS, &class, sizeof class}, {CKA_VALUE, label, 4}};
    EXPECT(p11->C_CreateObject(opened, data, 2, &copy) == CKR_OK);
    /* Every quirk, with every size of buffer. */
    static const char *const quirks[] = {"unavailable", "sensitive", "unavailable-ok", "empty", "short 1", "length 5000",
                                         "query 5000",  "grow 9",    "length max",     "hex 0102"};
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++) {
        run("plain-attributes\nattribute any CKA_LABEL %s", quirks[i]);
        for (CK_ULONG size = 0; size < sizeof buffer; size++) {
            wanted = (CK_ATTRIBUTE){CKA_LABEL, buffer, size};
            p11->C_GetAttributeValue(opened, public_key, &wanted, 1);
        }
        wanted = (CK_ATTRIBUTE){CKA_LABEL, NULL, 0};
        p11->C_GetAttributeValue(opened, public_key, &wanted, 1);
    }
}

/* ---- PINs ---- */

static void check_pins(void) {
    open_module("", NULL);
    CK_TOKEN_INFO info;
    const CK_FLAGS expected[] = {CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED};
    for (int i = 0; i < 3; i++) {
        EXPECT(log_in("000000", CKU_USER) == CKR_PIN_INCORRECT);
        EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK && (info.flags & expected[i]));
    }
    EXPECT(log_in("123456", CKU_USER) == CKR_PIN_LOCKED);
    EXPECT(mock_pkcs11_value("wrong-pins") == 3 && mock_pkcs11_value("repeated-wrong-pins") == 2);
    EXPECT(log_in("87654321", CKU_SO) == CKR_OK);
    EXPECT(p11->C_InitPIN(opened, (unsigned char *)"4321", 4) == CKR_OK);
    EXPECT(p11->C_Logout(opened) == CKR_OK && log_in("4321", CKU_USER) == CKR_OK);
    EXPECT(p11->C_SetPIN(opened, (unsigned char *)"4321", 4, (unsigned char *)"98765", 5) == CKR_OK);
    EXPECT(p11->C_InitToken(1, (unsigned char *)"87654321", 8, (unsigned char *)"another                         ") == CKR_SESSION_EXISTS);
    EXPECT(p11->C_CloseAllSessions(1) == CKR_OK);
    EXPECT(p11->C_InitToken(1, (unsigned char *)"87654321", 8, (unsigned char *)"another                         ") == CKR_OK);
    EXPECT(mock_pkcs11_value("objects") == 0);
    open_module("pin-to-be-changed on", "123456");
    EXPECT(p11->C_SetPIN(opened, (unsigned char *)"123456", 6, (unsigned char *)"1", 1) == CKR_PIN_LEN_RANGE);
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK && (info.flags & CKF_USER_PIN_TO_BE_CHANGED));
    open_module("pin none\npin-pad on CKR_FUNCTION_CANCELED\nlogin officer", NULL);
    EXPECT(p11->C_InitPIN(opened, NULL, 0) == CKR_FUNCTION_CANCELED);
    EXPECT(p11->C_InitPIN(opened, (unsigned char *)"4321", 4) == CKR_ARGUMENTS_BAD);
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK && !(info.flags & CKF_USER_PIN_INITIALIZED));
    EXPECT(p11->C_SetPIN(opened, (unsigned char *)"4321", 4, NULL, 0) == CKR_ARGUMENTS_BAD);
    EXPECT(mock_pkcs11_value("violations") == 2);
    open_module("key P-256 label=always seed=4 always-authenticate=yes\nremove private key", "123456");
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    unsigned char data[32] = {0}, signature[64];
    CK_ULONG length = sizeof signature;
    EXPECT(p11->C_SignInit(opened, &mechanism, find(CKO_PRIVATE_KEY)) == CKR_OK);
    EXPECT(p11->C_Sign(opened, data, 32, signature, &length) == CKR_USER_NOT_LOGGED_IN);
    EXPECT(p11->C_SignInit(opened, &mechanism, find(CKO_PRIVATE_KEY)) == CKR_OK);
    EXPECT(log_in("123456", CKU_CONTEXT_SPECIFIC) == CKR_OK);
    EXPECT(p11->C_Sign(opened, data, 32, signature, &length) == CKR_OK);
}

/* ---- Comings and goings ---- */

static void *hang(void *unused) {
    CK_INFO info;
    (void)unused;
    return (void *)p11->C_GetInfo(&info);
}

static void *await(void *unused) {
    CK_SLOT_ID slot = 0;
    (void)unused;
    CK_RV result = p11->C_WaitForSlotEvent(0, &slot, NULL);
    return (void *)(result == CKR_OK ? slot : 1000 + result);
}

static void check_comings_and_goings(void) {
    open_module("", "123456");
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
    pthread_t thread;
    void *result;
    EXPECT(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL) == CKR_NO_EVENT);
    pthread_create(&thread, NULL, await, NULL);
    EXPECT(mock_pkcs11_wait("waiting", 1, 10000));
    run("vanish CKR_DEVICE_REMOVED");
    pthread_join(thread, &result);
    EXPECT(result == (void *)1);
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_DEVICE_REMOVED);
    EXPECT(p11->C_FindObjectsInit(opened, NULL, 0) == CKR_DEVICE_REMOVED);
    run("serial 0000000000000002\nappear CKR_SESSION_CLOSED");
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK && info.serialNumber[15] == '2');
    EXPECT(p11->C_FindObjectsInit(opened, NULL, 0) == CKR_SESSION_CLOSED);
    run("on C_GetInfo 1 hang");
    pthread_create(&thread, NULL, hang, NULL);
    EXPECT(mock_pkcs11_wait("hanging", 1, 10000));
    EXPECT(!mock_pkcs11_wait("C_Sign", 1, 1));
    run("release CKR_DEVICE_ERROR");
    pthread_join(thread, &result);
    EXPECT(result == (void *)CKR_DEVICE_ERROR);
    run("on C_GetTokenInfo 2+ return CKR_GENERAL_ERROR\nafter C_GetTokenInfo 1 vanish");
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK && p11->C_GetTokenInfo(1, &info) == CKR_GENERAL_ERROR);
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_GENERAL_ERROR);
    run("on C_GetInfo 1 clear\non C_GetInfo 1 return CKR_DEVICE_ERROR\nafter C_GetInfo 2+ return CKR_HOST_MEMORY");
    EXPECT(hang(NULL) == (void *)CKR_DEVICE_ERROR && hang(NULL) == (void *)CKR_OK);
    pthread_create(&thread, NULL, await, NULL);
    pthread_join(thread, &result);
    pthread_create(&thread, NULL, await, NULL);
    EXPECT(mock_pkcs11_wait("waiting", 1, 10000));
    EXPECT(p11->C_Finalize(NULL) == CKR_OK);
    pthread_join(thread, &result);
    EXPECT(result == (void *)(1000 + CKR_CRYPTOKI_NOT_INITIALIZED));
    open_module("", "123456");
    pid_t child = fork();
    if (child == 0) _exit(p11->C_GetTokenInfo(1, &info) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1);
    int status = 1;
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    EXPECT(p11->C_GetTokenInfo(1, &info) == CKR_OK);
    run("interface 3.0\nlack C_LoginUser");
    mock_interface *interface = NULL;
    CK_VERSION version = {3, 0};
    EXPECT(C_GetInterface((unsigned char *)"PKCS 11", &version, &interface, 0) == CKR_OK);
    mock_function_list_3 *list = interface->pFunctionList;
    EXPECT(!list->C_LoginUser && list->C_SessionCancel && list->base.C_Sign);
}

static void *overlap(void *unused) {
    CK_SESSION_INFO info;
    (void)unused;
    return (void *)p11->C_GetSessionInfo(opened, &info);
}

static void check_violations(void) {
    char text[512];
    pthread_t thread;
    open_module("on C_GetSessionInfo 1 hang", NULL);
    pthread_create(&thread, NULL, overlap, NULL);
    EXPECT(mock_pkcs11_wait("hanging", 1, 10000));
    overlap(NULL);
    run("release");
    pthread_join(thread, NULL);
    EXPECT(mock_pkcs11_violations(text, sizeof text) > 0 && strstr(text, "two threads in one session"));
    EXPECT(mock_pkcs11_log(text, sizeof text) > 0 && strstr(text, "C_Initialize CKR_OK"));
    run("reset\ncant-lock on");
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    EXPECT(p11->C_Initialize(&arguments) == CKR_CANT_LOCK && p11->C_Initialize(NULL) == CKR_OK);
}

int main(void) {
    alarm(120);
    check_signatures();
    check_decryption();
    check_agreement();
    check_objects();
    check_pins();
    check_comings_and_goings();
    check_violations();
    check_random_scripts(5000);
    run("reset");
    puts("sound");
    return 0;
}
