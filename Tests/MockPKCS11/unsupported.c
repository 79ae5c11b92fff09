/* Functions that the mock has and does not imitate: they are counted, obey rules, and are not supported. */
#include "mock.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
#define UNSUPPORTED(name, ...)                                                                                                 \
    CK_RV name(CK_SESSION_HANDLE session, ##__VA_ARGS__) { RUN(name, session, CKR_FUNCTION_NOT_SUPPORTED); }

UNSUPPORTED(C_GetOperationState, unsigned char *operation_state, CK_ULONG *operation_state_len)
UNSUPPORTED(
    C_SetOperationState, unsigned char *operation_state, CK_ULONG operation_state_len, CK_OBJECT_HANDLE encryption_key,
    CK_OBJECT_HANDLE authentiation_key)
UNSUPPORTED(C_GetObjectSize, CK_OBJECT_HANDLE object, CK_ULONG *size)
UNSUPPORTED(C_EncryptInit, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
UNSUPPORTED(C_Encrypt, unsigned char *data, CK_ULONG data_len, unsigned char *encrypted_data, CK_ULONG *encrypted_data_len)
UNSUPPORTED(
    C_EncryptUpdate, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part, CK_ULONG *encrypted_part_len)
UNSUPPORTED(C_EncryptFinal, unsigned char *last_encrypted_part, CK_ULONG *last_encrypted_part_len)
UNSUPPORTED(
    C_DecryptUpdate, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part, CK_ULONG *part_len)
UNSUPPORTED(C_DecryptFinal, unsigned char *last_part, CK_ULONG *last_part_len)
UNSUPPORTED(C_DigestInit, CK_MECHANISM *mechanism)
UNSUPPORTED(C_Digest, unsigned char *data, CK_ULONG data_len, unsigned char *digest, CK_ULONG *digest_len)
UNSUPPORTED(C_DigestUpdate, unsigned char *part, CK_ULONG part_len)
UNSUPPORTED(C_DigestKey, CK_OBJECT_HANDLE key)
UNSUPPORTED(C_DigestFinal, unsigned char *digest, CK_ULONG *digest_len)
UNSUPPORTED(C_SignRecoverInit, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
UNSUPPORTED(C_SignRecover, unsigned char *data, CK_ULONG data_len, unsigned char *signature, CK_ULONG *signature_len)
UNSUPPORTED(C_VerifyInit, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
UNSUPPORTED(C_Verify, unsigned char *data, CK_ULONG data_len, unsigned char *signature, CK_ULONG signature_len)
UNSUPPORTED(C_VerifyUpdate, unsigned char *part, CK_ULONG part_len)
UNSUPPORTED(C_VerifyFinal, unsigned char *signature, CK_ULONG signature_len)
UNSUPPORTED(C_VerifyRecoverInit, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
UNSUPPORTED(C_VerifyRecover, unsigned char *signature, CK_ULONG signature_len, unsigned char *data, CK_ULONG *data_len)
UNSUPPORTED(
    C_DigestEncryptUpdate, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part,
    CK_ULONG *encrypted_part_len)
UNSUPPORTED(
    C_DecryptDigestUpdate, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part,
    CK_ULONG *part_len)
UNSUPPORTED(
    C_SignEncryptUpdate, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part,
    CK_ULONG *encrypted_part_len)
UNSUPPORTED(
    C_DecryptVerifyUpdate, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part,
    CK_ULONG *part_len)
UNSUPPORTED(C_GenerateKey, CK_MECHANISM *mechanism, CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
UNSUPPORTED(
    C_WrapKey, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, unsigned char *wrapped_key,
    CK_ULONG *wrapped_key_len)
UNSUPPORTED(
    C_UnwrapKey, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped_key,
    CK_ULONG wrapped_key_len, CK_ATTRIBUTE *templ, CK_ULONG attribute_count, CK_OBJECT_HANDLE *key)
UNSUPPORTED(C_SeedRandom, unsigned char *seed, CK_ULONG seed_len)
UNSUPPORTED(C_GetFunctionStatus)
UNSUPPORTED(C_CancelFunction)
