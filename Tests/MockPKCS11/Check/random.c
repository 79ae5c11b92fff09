/* Words in any order: the part of the mock's own check that knows nothing of what they mean. */
#include <string.h>

#include "../mock.h"

void check_random_scripts(unsigned rounds);

static unsigned next_number(void) {
    static unsigned state = 20240901;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

/* Scripts of random words, and calls between them, so that no order of commands breaks the mock. */
void check_random_scripts(unsigned rounds) {
    static const char *const words[] = {
        "on", "after", "clear", "release", "die", "revive", "version", "lack", "have", "slots", "slot", "vanish", "appear",
        "end-sessions", "logout", "login", "label", "serial", "pin", "tries", "flags", "sessions", "handles", "find", "import",
        "signature", "mechanisms", "key", "generated", "remove", "attribute", "counts", "more-slots", "C_Sign", "C_GetInfo",
        "C_OpenSession", "1", "2+", "3", "0", "return", "CKR_DEVICE_ERROR", "P-256", "Ed25519", "private", "any", "CKA_LABEL",
        "CKA_ID", "hex", "fill", "grow", "length", "max", "on", "off", "user", "endless", "twice", "per-session", "stable", "=",
        "+", "-", "seed=2", "label=%41", "id=0102", "ec-point=raw", "public=no", "%", "65536", "appear", "reset", "slot-id",
        "token-initialised", "write-protected", "none", "keeping", "CKM_ECDSA", "event", "corrupt", "claim", "der", "overcount",
    };
    enum { COUNT = sizeof words / sizeof *words };
    CK_SESSION_HANDLE opened = 0;
    mock_pkcs11_script("reset");
    for (unsigned i = 0; i < rounds; i++) {
        char line[256] = "";
        unsigned count = 1 + next_number() % 5;
        for (unsigned j = 0; j < count; j++) {
            strcat(line, words[next_number() % COUNT]);
            strcat(line, " ");
        }
        mock_pkcs11_script(line);
        CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
        CK_SLOT_ID slots[MAXIMUM_SLOTS];
        CK_ULONG slot_count = MAXIMUM_SLOTS, found_count = 0;
        CK_OBJECT_HANDLE found[8] = {0};
        unsigned char buffer[64], signature[200];
        CK_ULONG length = sizeof signature;
        CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
        C_Initialize(&arguments);
        C_GetSlotList(1, slots, &slot_count);
        C_OpenSession(1 + next_number() % 3, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &opened);
        C_Login(opened, CKU_USER, (unsigned char *)"123456", 6);
        C_FindObjectsInit(opened, NULL, 0);
        C_FindObjects(opened, found, 8, &found_count);
        C_FindObjectsFinal(opened);
        CK_ATTRIBUTE wanted[2] = {{CKA_LABEL, buffer, sizeof buffer}, {CKA_ID, NULL, 0}};
        C_GetAttributeValue(opened, found[next_number() % 8], wanted, 2);
        C_SignInit(opened, &mechanism, found[next_number() % 8]);
        C_Sign(opened, buffer, 32, signature, &length);
        if (next_number() % 4 == 0) C_CloseSession(opened);
        if (next_number() % 64 == 0) C_Finalize(NULL);
    }
}
