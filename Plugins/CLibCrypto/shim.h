#ifndef KEYSTORE_CLIBCRYPTO_SHIM_H
#define KEYSTORE_CLIBCRYPTO_SHIM_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/proverr.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* What a memory BIO holds; the bytes stay the BIO's. A function, because Swift does not import the macro. */
static inline size_t keystore_bio_contents(BIO *bio, const char **data) {
    long count = BIO_get_mem_data(bio, data);
    return count > 0 ? (size_t)count : 0;
}

/* Whether an entry of the error queue is one that a wrong passphrase leaves behind. Padding that looks right by accident
 * (one wrong passphrase in 256) is found out when what was "decrypted" turns out to be no DER. PEM_R_BAD_DECRYPT is not
 * among them: it is also left behind where the cipher does not exist. */
static inline int keystore_error_is_wrong_passphrase(unsigned long code) {
    int reason = ERR_GET_REASON(code);
    switch (ERR_GET_LIB(code)) {
    case ERR_LIB_PROV: return reason == PROV_R_BAD_DECRYPT;
    case ERR_LIB_EVP: return reason == EVP_R_BAD_DECRYPT;
    case ERR_LIB_PEM: return reason == PEM_R_BAD_PASSWORD_READ;
    case ERR_LIB_PKCS12: return reason == PKCS12_R_DECODE_ERROR || reason == PKCS12_R_PKCS12_CIPHERFINAL_ERROR;
    default: return 0;
    }
}
#endif
