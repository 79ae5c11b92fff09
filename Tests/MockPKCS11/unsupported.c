/* Functions that the mock has and does not imitate: they are counted, obey rules, and are not supported. */
#include "mock.h"

CK_RV C_GetOperationState(CK_SESSION_HANDLE session, unsigned char *operation_state, CK_ULONG *operation_state_len) {
    (void)operation_state, (void)operation_state_len;
    RUN(C_GetOperationState, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_SetOperationState(
    CK_SESSION_HANDLE session, unsigned char *operation_state, CK_ULONG operation_state_len,
    CK_OBJECT_HANDLE encryption_key, CK_OBJECT_HANDLE authentiation_key) {
    (void)operation_state, (void)operation_state_len, (void)encryption_key, (void)authentiation_key;
    RUN(C_SetOperationState, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size) {
    (void)object, (void)size;
    RUN(C_GetObjectSize, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    (void)mechanism, (void)key;
    RUN(C_EncryptInit, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_Encrypt(
    CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_len, unsigned char *encrypted_data,
    CK_ULONG *encrypted_data_len) {
    (void)data, (void)data_len, (void)encrypted_data, (void)encrypted_data_len;
    RUN(C_Encrypt, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_EncryptUpdate(
    CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part,
    CK_ULONG *encrypted_part_len) {
    (void)part, (void)part_len, (void)encrypted_part, (void)encrypted_part_len;
    RUN(C_EncryptUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE session, unsigned char *last_encrypted_part, CK_ULONG *last_encrypted_part_len) {
    (void)last_encrypted_part, (void)last_encrypted_part_len;
    RUN(C_EncryptFinal, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DecryptUpdate(
    CK_SESSION_HANDLE session, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part,
    CK_ULONG *part_len) {
    (void)encrypted_part, (void)encrypted_part_len, (void)part, (void)part_len;
    RUN(C_DecryptUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE session, unsigned char *last_part, CK_ULONG *last_part_len) {
    (void)last_part, (void)last_part_len;
    RUN(C_DecryptFinal, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism) {
    (void)mechanism;
    RUN(C_DigestInit, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_Digest(
    CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_len, unsigned char *digest, CK_ULONG *digest_len) {
    (void)data, (void)data_len, (void)digest, (void)digest_len;
    RUN(C_Digest, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG part_len) {
    (void)part, (void)part_len;
    RUN(C_DigestUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DigestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    (void)key;
    RUN(C_DigestKey, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE session, unsigned char *digest, CK_ULONG *digest_len) {
    (void)digest, (void)digest_len;
    RUN(C_DigestFinal, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    (void)mechanism, (void)key;
    RUN(C_SignRecoverInit, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_SignRecover(
    CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_len, unsigned char *signature,
    CK_ULONG *signature_len) {
    (void)data, (void)data_len, (void)signature, (void)signature_len;
    RUN(C_SignRecover, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    (void)mechanism, (void)key;
    RUN(C_VerifyInit, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_Verify(
    CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_len, unsigned char *signature,
    CK_ULONG signature_len) {
    (void)data, (void)data_len, (void)signature, (void)signature_len;
    RUN(C_Verify, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG part_len) {
    (void)part, (void)part_len;
    RUN(C_VerifyUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE session, unsigned char *signature, CK_ULONG signature_len) {
    (void)signature, (void)signature_len;
    RUN(C_VerifyFinal, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_VerifyRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    (void)mechanism, (void)key;
    RUN(C_VerifyRecoverInit, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_VerifyRecover(
    CK_SESSION_HANDLE session, unsigned char *signature, CK_ULONG signature_len, unsigned char *data,
    CK_ULONG *data_len) {
    (void)signature, (void)signature_len, (void)data, (void)data_len;
    RUN(C_VerifyRecover, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DigestEncryptUpdate(
    CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part,
    CK_ULONG *encrypted_part_len) {
    (void)part, (void)part_len, (void)encrypted_part, (void)encrypted_part_len;
    RUN(C_DigestEncryptUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DecryptDigestUpdate(
    CK_SESSION_HANDLE session, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part,
    CK_ULONG *part_len) {
    (void)encrypted_part, (void)encrypted_part_len, (void)part, (void)part_len;
    RUN(C_DecryptDigestUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_SignEncryptUpdate(
    CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG part_len, unsigned char *encrypted_part,
    CK_ULONG *encrypted_part_len) {
    (void)part, (void)part_len, (void)encrypted_part, (void)encrypted_part_len;
    RUN(C_SignEncryptUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_DecryptVerifyUpdate(
    CK_SESSION_HANDLE session, unsigned char *encrypted_part, CK_ULONG encrypted_part_len, unsigned char *part,
    CK_ULONG *part_len) {
    (void)encrypted_part, (void)encrypted_part_len, (void)part, (void)part_len;
    RUN(C_DecryptVerifyUpdate, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_GenerateKey(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key) {
    (void)mechanism, (void)templ, (void)count, (void)key;
    RUN(C_GenerateKey, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_WrapKey(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key,
    unsigned char *wrapped_key, CK_ULONG *wrapped_key_len) {
    (void)mechanism, (void)wrapping_key, (void)key, (void)wrapped_key, (void)wrapped_key_len;
    RUN(C_WrapKey, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_UnwrapKey(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped_key,
    CK_ULONG wrapped_key_len, CK_ATTRIBUTE *templ, CK_ULONG attribute_count, CK_OBJECT_HANDLE *key) {
    (void)mechanism, (void)unwrapping_key, (void)wrapped_key, (void)wrapped_key_len, (void)templ, (void)attribute_count, (void)key;
    RUN(C_UnwrapKey, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE session, unsigned char *seed, CK_ULONG seed_len) {
    (void)seed, (void)seed_len;
    RUN(C_SeedRandom, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE session) {
    RUN(C_GetFunctionStatus, session, CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_CancelFunction(CK_SESSION_HANDLE session) {
    RUN(C_CancelFunction, session, CKR_FUNCTION_NOT_SUPPORTED);
}
