/*
 * Fills a token with keys: no peer, but what the others are measured on.
 *
 *   make-keys MODULE TOKEN COUNT
 *
 * Makes an RSA-2048 pair `rsa` with the id 02, and COUNT P-256 pairs with ids of four bytes and labels like k0000000. The
 * one in the middle has the label `ec` and the id 01, so that a search passes half of the others before it.
 */
#include "token.h"

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static void make_pair(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session, const char *label, const void *id,
                      size_t id_count, int rsa) {
    static CK_BYTE p256[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}, exponent[] = {1, 0, 1};
    CK_ULONG bits = 2048;
    CK_MECHANISM mechanism = {rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public[] = {
        {CKA_TOKEN, &yes, 1},
        {CKA_PRIVATE, &no, 1},
        {CKA_VERIFY, &yes, 1},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, id_count},
        {CKA_EC_PARAMS, p256, sizeof p256},
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
    };
    if (rsa) public[5] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof bits};
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &yes, 1},     {CKA_PRIVATE, &yes, 1},
        {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &no, 1},
        {CKA_SIGN, &yes, 1},      {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, id_count},
    };
    CK_OBJECT_HANDLE handles[2];
    check(functions->C_GenerateKeyPair(session, &mechanism, public, rsa ? 7 : 6, private, 7, &handles[0], &handles[1]),
          "C_GenerateKeyPair");
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: make-keys MODULE TOKEN COUNT\n");
        return 2;
    }
    CK_FUNCTION_LIST *functions = load(arguments[1]);
    CK_SESSION_HANDLE session = open_session(functions, find_slot(functions, arguments[2]), CKF_RW_SESSION);
    int keys = atoi(arguments[3]);
    make_pair(functions, session, "rsa", "\2", 1, 1);
    for (int i = 0; i < keys; i++) {
        char label[16];
        unsigned char id[4] = {0x10, (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i};
        snprintf(label, sizeof label, "k%07d", i);
        if (i == keys / 2)
            make_pair(functions, session, "ec", "\1", 1, 0);
        else
            make_pair(functions, session, label, id, sizeof id, 0);
    }
    functions->C_Finalize(NULL);
    return 0;
}
