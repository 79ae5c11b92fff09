/*
 * Signatures by GnuTLS with a key on a PKCS#11 token.
 *
 *   gnutls-loop MODULE TOKEN KEY MILLISECONDS
 *
 * The PIN is the environment variable RAW_PKCS11_PIN. SHA-256 is within `gnutls_privkey_sign_data`.
 */
#include <gnutls/abstract.h>
#include <gnutls/pkcs11.h>
#include <string.h>

#include "measure.h"

static int give_pin(void *context, int attempt, const char *url, const char *label, unsigned flags, char *pin,
                    size_t capacity) {
    (void)context, (void)url, (void)label, (void)flags;
    const char *value = getenv("RAW_PKCS11_PIN");
    if (attempt > 0 || value == NULL || strlen(value) >= capacity) return -1;
    strcpy(pin, value);
    return 0;
}

static void check(int status, const char *what) {
    if (status >= 0) return;
    fprintf(stderr, "%s: %s\n", what, gnutls_strerror(status));
    exit(1);
}

static int sign(void *context) {
    unsigned char message[32];
    memset(message, 0x5a, sizeof message);
    gnutls_datum_t input = {message, sizeof message}, signature;
    if (gnutls_privkey_sign_data(context, GNUTLS_DIG_SHA256, 0, &input, &signature) < 0) return 1;
    gnutls_free(signature.data);
    return 0;
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: gnutls-loop MODULE TOKEN KEY MILLISECONDS\n");
        return 2;
    }
    check(gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL), "gnutls_pkcs11_init");
    check(gnutls_pkcs11_add_provider(arguments[1], NULL), "gnutls_pkcs11_add_provider");
    gnutls_pkcs11_set_pin_function(give_pin, NULL);
    char url[256];
    snprintf(url, sizeof url, "pkcs11:token=%s;object=%s;type=private", arguments[2], arguments[3]);
    gnutls_privkey_t key;
    check(gnutls_privkey_init(&key), "gnutls_privkey_init");
    check(gnutls_privkey_import_url(key, url, 0), "gnutls_privkey_import_url");
    void *context = key;
    return measure(1, (unsigned)atoi(arguments[4]), sign, &context);
}
