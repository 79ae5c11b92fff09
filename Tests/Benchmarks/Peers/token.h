/*
 * What the programs on a PKCS#11 module have in common: the module's own function list, and a session on one token.
 *
 * The PIN is the environment variable RAW_PKCS11_PIN. Whatever fails ends the program with the function's name and result.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_PIN_VARIABLE "RAW_PKCS11_PIN"

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

/* A session that is logged in. `flags` are added to CKF_SERIAL_SESSION. */
static inline CK_SESSION_HANDLE open_session(CK_FUNCTION_LIST *functions, CK_SLOT_ID slot, CK_FLAGS flags) {
    CK_SESSION_HANDLE session;
    check(functions->C_OpenSession(slot, CKF_SERIAL_SESSION | flags, NULL, NULL, &session), "C_OpenSession");
    const char *pin = getenv(TOKEN_PIN_VARIABLE);
    CK_RV status = functions->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, pin == NULL ? 0 : strlen(pin));
    if (status != CKR_USER_ALREADY_LOGGED_IN) check(status, "C_Login");
    return session;
}

/* The one private key with the label, or behind "id:" with the identifier in hexadecimal, by one search. */
static inline CK_OBJECT_HANDLE find_key(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session, const char *name) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[2] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)name, strlen(name)}};
    CK_BYTE id = 0;
    if (strncmp(name, "id:", 3) == 0) {
        id = (CK_BYTE)strtol(name + 3, NULL, 16);
        template[1] = (CK_ATTRIBUTE){CKA_ID, &id, 1};
    }
    CK_OBJECT_HANDLE key;
    CK_ULONG count = 0;
    check(functions->C_FindObjectsInit(session, template, 2), "C_FindObjectsInit");
    check(functions->C_FindObjects(session, &key, 1, &count), "C_FindObjects");
    check(functions->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    if (count != 1) {
        fprintf(stderr, "no key is called %s\n", name);
        exit(1);
    }
    return key;
}

/* Whether each use of the key wants the PIN. */
static inline int asks_always(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_BBOOL always = CK_FALSE;
    CK_ATTRIBUTE template = {CKA_ALWAYS_AUTHENTICATE, &always, sizeof always};
    return functions->C_GetAttributeValue(session, key, &template, 1) == CKR_OK && always == CK_TRUE;
}

#endif
