#ifndef KEYSTORE_CLIBCRYPTO_SHIM_H
#define KEYSTORE_CLIBCRYPTO_SHIM_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#endif
