/* The function lists and interfaces, with what a script takes out of them. */
#include <string.h>

#include "mock.h"

static CK_FUNCTION_LIST list;
static mock_function_list_3 list_3;
static mock_interface interfaces[2];

/* What PKCS #11 3.0 has for messages: there, and not supported. The arguments are of no interest. */
#define MESSAGE_FUNCTIONS(X)                                                                                                   \
    X(C_MessageEncryptInit) X(C_EncryptMessage) X(C_EncryptMessageBegin) X(C_EncryptMessageNext) X(C_MessageEncryptFinal)      \
    X(C_MessageDecryptInit) X(C_DecryptMessage) X(C_DecryptMessageBegin) X(C_DecryptMessageNext) X(C_MessageDecryptFinal)      \
    X(C_MessageSignInit) X(C_SignMessage) X(C_SignMessageBegin) X(C_SignMessageNext) X(C_MessageSignFinal)                     \
    X(C_MessageVerifyInit) X(C_VerifyMessage) X(C_VerifyMessageBegin) X(C_VerifyMessageNext) X(C_MessageVerifyFinal)
#define X(name)                                                                                                                \
    static CK_RV name(CK_SESSION_HANDLE session) { RUN(name, session, CKR_FUNCTION_NOT_SUPPORTED); }
MESSAGE_FUNCTIONS(X)
#undef X

/* Written anew each time that somebody asks; those who have it already see the change too. */
static void fill(CK_FUNCTION_LIST *into) {
#define X(name) into->name = mock.lacks[F_##name] ? NULL : name;
    MOCK_FUNCTIONS_2(X)
#undef X
}

static void fill_3(void) {
    memset(&list_3, 0, sizeof list_3);
    fill(&list_3.base);
    list_3.base.version = mock.interface;
#define X(name) list_3.name = mock.lacks[F_##name] ? NULL : (void (*)(void))name;
    MOCK_FUNCTIONS_3(X)
#undef X
}

static CK_RV get_function_list(CK_FUNCTION_LIST **into) {
    /* Half a script is nothing to test with. */
    if (mock_script_file_is_wrong()) return CKR_GENERAL_ERROR;
    if (!into) return CKR_ARGUMENTS_BAD;
    fill(&list);
    list.version = mock.version;
    *into = mock.null_list ? NULL : &list;
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **into) { RUN(C_GetFunctionList, 0, get_function_list(into)); }

static unsigned char interface_name[] = "PKCS 11";

static CK_ULONG fill_interfaces(void) {
    fill(&list);
    fill_3();
    list.version = mock.version;
    interfaces[0] = (mock_interface){interface_name, &list_3, MOCK_INTERFACE_FORK_SAFE};
    interfaces[1] = (mock_interface){interface_name, &list, 0};
    return 2;
}

static CK_RV get_interface_list(mock_interface *into, CK_ULONG *count) {
    if (!mock.has_interface) return CKR_FUNCTION_NOT_SUPPORTED;
    if (!count) return CKR_ARGUMENTS_BAD;
    CK_ULONG room = *count;
    *count = fill_interfaces();
    if (!into) return CKR_OK;
    if (room < *count) return CKR_BUFFER_TOO_SMALL;
    memcpy(into, interfaces, sizeof interfaces);
    return CKR_OK;
}

CK_RV C_GetInterfaceList(mock_interface *into, CK_ULONG *count) {
    RUN(C_GetInterfaceList, 0, get_interface_list(into, count));
}

static CK_RV get_interface(const unsigned char *name, const CK_VERSION *version, mock_interface **into, CK_FLAGS flags) {
    if (!mock.has_interface) return CKR_FUNCTION_NOT_SUPPORTED;
    if (!into) return CKR_ARGUMENTS_BAD;
    if (name && strcmp((const char *)name, (const char *)interface_name) != 0) return CKR_FUNCTION_FAILED;
    CK_ULONG count = fill_interfaces();
    for (CK_ULONG i = 0; i < count; i++) {
        const CK_FUNCTION_LIST *functions = interfaces[i].pFunctionList;
        if (version && (functions->version.major != version->major || functions->version.minor != version->minor)) continue;
        if ((flags & interfaces[i].flags) != flags) continue;
        *into = &interfaces[i];
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}

CK_RV C_GetInterface(unsigned char *name, CK_VERSION *version, mock_interface **into, CK_FLAGS flags) {
    RUN(C_GetInterface, 0, get_interface(name, version, into, flags));
}
