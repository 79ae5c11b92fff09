/*
 * The boundary between a program and a key store backend in a shared library.
 *
 * A plugin is a shared library that exports one function, keystore_plugin_entry_v1. What it returns is a table of
 * functions; nothing else crosses the boundary, so a plugin may be written in C, in Rust, or in another Swift.
 *
 * Rules, for both sides:
 *   - A struct begins with its size in bytes as the side that filled it was compiled. It grows at its end, and a reader
 *     looks at no field that lies beyond that size.
 *   - Fields named reserved are 0, and are not looked at.
 *   - A function takes the object it works on first. Objects are opaque to the host.
 *   - What one side allocates that side frees. Results are emitted: the plugin calls a function of the host's, and what
 *     it passes is valid during that call only.
 *   - The caller owns the error storage, and sets its size before the call. The callee fills it when it returns anything
 *     but KEYSTORE_OK, and leaves it alone otherwise. A function may be given no error storage (NULL).
 *   - Text is UTF-8 with a length. In keystore_error it ends with a NUL byte.
 *   - The host checks everything before it believes it: sizes, lengths, UTF-8, numbers, and which key came back.
 *   - Libraries are never unloaded.
 *
 * Thread tags:
 *   [any]      any thread, also several at once.
 *   [store]    any thread, one call at a time on one store.
 *   [session]  any thread, one call at a time on one session and everything that was found through it.
 *   [watch]    any thread, one call at a time on one watch, beside calls on its store and that one's sessions.
 *   [callback] called by the plugin, on the thread that called the plugin, during that call only.
 *
 * After each function the codes are listed that it reports beside KEYSTORE_E_BACKEND_FAILURE, which all may report.
 */
#ifndef KEYSTORE_PLUGIN_H
#define KEYSTORE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A change of the major number breaks plugins. The minor number counts additions: at the end of structs, and of numbers. */
#define KEYSTORE_ABI_MAJOR 1
#define KEYSTORE_ABI_MINOR 3

/* What a call came to. A code stands for what the caller does next; the numbers never change. */
#define KEYSTORE_OK 0
#define KEYSTORE_E_INVALID_URI 1           /* user: the reference is malformed or asks for what its scheme does not have */
#define KEYSTORE_E_NO_SUCH_BACKEND 2       /* administrator: no plugin for the scheme, or no module where one was named */
#define KEYSTORE_E_INCOMPATIBLE_BACKEND 3  /* administrator: a library that is no plugin or module, or of another ABI */
#define KEYSTORE_E_UNTRUSTED_LIBRARY 4     /* administrator: a library that others than its owner could have changed */
#define KEYSTORE_E_NO_SUCH_TOKEN 10        /* user: nothing matches the token attributes */
#define KEYSTORE_E_AMBIGUOUS_TOKEN 11      /* user: several tokens match; the message lists them as URIs */
#define KEYSTORE_E_TOKEN_REMOVED 12        /* user: the token was there and is gone */
#define KEYSTORE_E_IDENTITY_CHANGED 13     /* user: another token or key stands where the known one was */
#define KEYSTORE_E_NO_SUCH_KEY 20          /* user */
#define KEYSTORE_E_AMBIGUOUS_KEY 21        /* user: several keys match; the message lists them as URIs */
#define KEYSTORE_E_KEY_EXISTS 22           /* user: making this key would overwrite or shadow another */
#define KEYSTORE_E_NO_SUCH_CERTIFICATE 23  /* user: the key is there, a certificate is not */
#define KEYSTORE_E_PIN_REQUIRED 30         /* user: no source gave a PIN */
#define KEYSTORE_E_PIN_INCORRECT 31        /* user: the token has counted the attempt; see tries_left */
#define KEYSTORE_E_PIN_LOCKED 32           /* administrator: no PIN is accepted any more */
#define KEYSTORE_E_PIN_LAST_TRY 33         /* user: a wrong PIN now would lock the token, and nobody allowed that risk */
#define KEYSTORE_E_TOUCH_TIMEOUT 34        /* user: the device waited for a touch in vain */
#define KEYSTORE_E_CANCELLED 35            /* nobody */
#define KEYSTORE_E_TIMED_OUT 36            /* user: trying again may help */
#define KEYSTORE_E_UNSUPPORTED_MECHANISM 40 /* program: this key or token cannot do what was asked */
#define KEYSTORE_E_UNSUPPORTED_OPERATION 41 /* program: this backend cannot do what was asked */
#define KEYSTORE_E_POLICY_REFUSED 42       /* administrator: the device, the file's mode or a rule forbids it */
#define KEYSTORE_E_BUSY 50                 /* user: somebody else holds the device */
#define KEYSTORE_E_INVALID_REPLY 60        /* program: the device or library answered with what cannot be right */
#define KEYSTORE_E_BACKEND_FAILURE 61      /* administrator: the device or library failed; see native_* */
#define KEYSTORE_E_INVALID_DATA 62         /* user: a file or argument does not hold what it should */
#define KEYSTORE_E_WRITE_FAILED 63         /* user: a file could not be written */

/* Bytes owned by somebody else. data may be NULL when count is 0. */
typedef struct keystore_bytes {
    const uint8_t *data;
    size_t count;
} keystore_bytes;

/* Why a call failed. No field may hold a secret. */
typedef struct keystore_error {
    uint32_t size;
    int32_t code;            /* KEYSTORE_E_..., the same as the function returned */
    int32_t tries_left;      /* PIN tries left, or -1 where the device does not tell */
    uint32_t reserved;
    int64_t native_number;   /* the number the native function returned */
    char native_domain[32];  /* whose numbers these are ("PKCS#11", "errno"), or "" if nothing native failed */
    char native_name[64];    /* the number's name ("CKR_PIN_INCORRECT"), or "" */
    char native_function[48]; /* the function that failed ("C_Login"), or "" */
    char operation[64];      /* what was being done, in words ("find key") */
    char *message;           /* the caller's buffer, for one sentence to a person; where several things match, their URIs
                              * follow on lines of their own. May be NULL. */
    size_t message_capacity; /* its size in bytes, the closing NUL included; 16384 hold every message */
} keystore_error;

/* Receives bytes; called at most once by functions that return one value. [callback] */
typedef void (*keystore_bytes_sink)(void *context, keystore_bytes bytes);

/* ---- What a plugin may ask of its host ---- */

#define KEYSTORE_SECRET_PIN 1            /* the user PIN of a token */
#define KEYSTORE_SECRET_PASSPHRASE 2     /* opens a key file */
#define KEYSTORE_SECRET_NEW_PASSPHRASE 3 /* is to protect a new key file; an empty answer means no protection */
#define KEYSTORE_SECRET_CONTEXT_PIN 4    /* the user PIN again, for one operation of one key */
#define KEYSTORE_SECRET_SO_PIN 5         /* the security officer's PIN of a token (minor version 1) */
#define KEYSTORE_SECRET_NEW_PIN 6        /* a user PIN that is to be set (1) */
#define KEYSTORE_SECRET_NEW_SO_PIN 7     /* a security officer's PIN that is to be set (1) */
#define KEYSTORE_SECRET_PUK 8            /* the code that unblocks a token's PIN (minor version 2) */
#define KEYSTORE_SECRET_NEW_PUK 9        /* such a code that is to be set (2) */
#define KEYSTORE_SECRET_MANAGEMENT_KEY 10 /* the key that allows changes to a token, as hexadecimal text (2) */
#define KEYSTORE_SECRET_NEW_MANAGEMENT_KEY 11 /* such a key that is to be set, as hexadecimal text (2) */

/* Which secret is wanted, and for what, so that a person can be asked in words. */
typedef struct keystore_secret_request {
    uint32_t size;
    uint32_t kind;          /* KEYSTORE_SECRET_... */
    int32_t tries_left;     /* -1 where the device does not tell */
    uint32_t flags;         /* KEYSTORE_SECRET_... flags below */
    keystore_bytes subject; /* the token's label or the file's path */
    keystore_bytes uri;     /* the same as a URI without secrets */
} keystore_secret_request;

#define KEYSTORE_SECRET_COUNT_LOW 1u /* a PIN was wrong since the last right one */

#define KEYSTORE_NOTICE_WARNING 1 /* something the person should know; the operation goes on */
#define KEYSTORE_NOTICE_TOUCH 2   /* the device waits for a touch */
#define KEYSTORE_NOTICE_PIN_PAD 3 /* the device waits for a PIN on its own pad */
#define KEYSTORE_NOTICE_DONE 4    /* what was awaited has happened, or never will */

#define KEYSTORE_LIBRARY_FROM_REFERENCE 1 /* the key reference named the library */
#define KEYSTORE_LIBRARY_FROM_OPTION 2    /* the open request's `module` named it */
#define KEYSTORE_LIBRARY_FROM_SYSTEM 3    /* the system's configuration (p11-kit) named it */

/* The host's side. It outlives the store or session that it was given to; one that was given to a function of the
 * administration table, that call. */
typedef struct keystore_host {
    uint32_t size;
    uint32_t reserved;
    void *context;

    /* Asks for a secret and passes it to `receive`, once; the host wipes it afterwards, and so must the plugin with its
     * copies. May block for as long as a person takes: hold no lock. [callback]
     * PIN_REQUIRED, CANCELLED, TIMED_OUT, POLICY_REFUSED, INVALID_DATA */
    int32_t (*secret)(void *context, const keystore_secret_request *request, keystore_bytes_sink receive,
                      void *receive_context, keystore_error *error);

    /* Asks whether the code in the library at this path may be loaded. `origin` is KEYSTORE_LIBRARY_FROM_... [callback]
     * UNTRUSTED_LIBRARY, NO_SUCH_BACKEND */
    int32_t (*may_load)(void *context, keystore_bytes path, uint32_t origin, keystore_error *error);

    /* Tells the person something. `kind` is KEYSTORE_NOTICE_... [callback] */
    void (*notice)(void *context, uint32_t kind, keystore_bytes text);

    /* Since minor version 1: takes one line about a native call and what it returned, without secrets and without a line
     * break at its end; NULL where nobody reads them. Called on whichever thread makes the native call, also on several at
     * once, until the store that was opened with this host is closed. [any] */
    void (*trace)(void *context, keystore_bytes line);
} keystore_host;

/* ---- What a plugin says about URIs, tokens and keys ---- */

typedef struct keystore_attribute {
    keystore_bytes name;
    keystore_bytes value; /* as a person reads it, secrets masked */
} keystore_attribute;

/* A URI as its plugin reads it. */
typedef struct keystore_uri_info {
    uint32_t size;
    uint32_t reserved;
    keystore_bytes normalised; /* the same reference in the scheme's normal form, without secrets */
    const keystore_attribute *attributes;
    size_t attribute_count;
    const keystore_bytes *warnings; /* sentences */
    size_t warning_count;
} keystore_uri_info;

typedef void (*keystore_uri_sink)(void *context, const keystore_uri_info *info); /* [callback] */

#define KEYSTORE_TOKEN_INITIALISED 1u
#define KEYSTORE_TOKEN_LOGIN_REQUIRED 2u
#define KEYSTORE_TOKEN_PIN_INITIALISED 4u
#define KEYSTORE_TOKEN_PIN_COUNT_LOW 8u
#define KEYSTORE_TOKEN_PIN_FINAL_TRY 16u
#define KEYSTORE_TOKEN_PIN_LOCKED 32u
#define KEYSTORE_TOKEN_PIN_TO_BE_CHANGED 64u
#define KEYSTORE_TOKEN_PIN_PAD 128u /* the PIN is entered on the device */
#define KEYSTORE_TOKEN_WRITE_PROTECTED 256u
#define KEYSTORE_TOKEN_PIN_DEFAULT 512u /* since minor version 2: the PIN is still the one that everybody knows */
#define KEYSTORE_TOKEN_PUK_DEFAULT 1024u /* (2) so is the PUK */
#define KEYSTORE_TOKEN_MANAGEMENT_KEY_DEFAULT 2048u /* (2) so is the management key */
#define KEYSTORE_TOKEN_PUK_LOCKED 4096u /* (2) no PUK is accepted any more */

typedef struct keystore_token_info {
    uint32_t size;
    uint32_t flags;     /* KEYSTORE_TOKEN_... */
    int32_t tries_left; /* PIN tries left, -1 where the device does not tell */
    uint32_t reserved;
    keystore_bytes uri; /* selects this token */
    keystore_bytes label;
    keystore_bytes manufacturer;
    keystore_bytes model;
    keystore_bytes serial;
    keystore_bytes location; /* the slot, reader or folder, for a person */
    const keystore_attribute *properties; /* since minor version 1: what else is known of it and its driver, by name */
    size_t property_count;
} keystore_token_info;

/* Receives one token. Anything but 0 ends the listing. [callback] */
typedef int32_t (*keystore_token_sink)(void *context, const keystore_token_info *info);

#define KEYSTORE_KEY_EC_P256 1
#define KEYSTORE_KEY_EC_P384 2
#define KEYSTORE_KEY_EC_P521 3
#define KEYSTORE_KEY_RSA 4
#define KEYSTORE_KEY_ED25519 5
#define KEYSTORE_KEY_X25519 6  /* since minor version 3: derives shared secrets, signs nothing. To an older host such a key
                                * is KEYSTORE_KEY_OTHER. */
#define KEYSTORE_KEY_OTHER 255 /* there, listed, and not usable through this table */

#define KEYSTORE_PROTECTION_LOGIN 1u       /* needs the token's PIN once in a session */
#define KEYSTORE_PROTECTION_PIN_ALWAYS 2u  /* needs the PIN for each signature */
#define KEYSTORE_PROTECTION_TOUCH 4u       /* needs a touch for each signature, or one in a while */
#define KEYSTORE_PROTECTION_PASSPHRASE 8u  /* stands in a file that a passphrase opens */

#define KEYSTORE_KEY_HAS_PRIVATE 1u        /* the private key was seen (a listing without login sees public parts only) */
#define KEYSTORE_KEY_HAS_CERTIFICATE 2u
#define KEYSTORE_KEY_EXTRACTABLE 4u        /* the private key can be copied out of where it is */
#define KEYSTORE_KEY_AGREES 8u             /* since minor version 1: the key derives shared secrets (ECDH) */

/* How a key decrypts (RFC 8017). OAEP has an empty label, and the same hash in MGF1. */
#define KEYSTORE_DECRYPTION_RSA_PKCS1 1
#define KEYSTORE_DECRYPTION_RSA_OAEP_SHA1 2
#define KEYSTORE_DECRYPTION_RSA_OAEP_SHA256 3
#define KEYSTORE_DECRYPTION_RSA_OAEP_SHA384 4
#define KEYSTORE_DECRYPTION_RSA_OAEP_SHA512 5

typedef struct keystore_key_info {
    uint32_t size;
    uint32_t type;       /* KEYSTORE_KEY_... type */
    uint32_t bits;       /* modulus bits of an RSA key, else 0 */
    uint32_t flags;      /* KEYSTORE_KEY_... flags */
    uint32_t protection; /* KEYSTORE_PROTECTION_... */
    uint32_t reserved;
    keystore_bytes uri;        /* names exactly this key; what is listed here can be given to find_key */
    keystore_bytes label;
    keystore_bytes id;
    keystore_bytes public_key; /* SubjectPublicKeyInfo, DER; empty where public_key() must be asked */
    const uint16_t *algorithms; /* TLS SignatureScheme code points (RFC 8446 §4.2.3) the key can sign with */
    size_t algorithm_count;
    const uint16_t *decryptions; /* since minor version 1: KEYSTORE_DECRYPTION_... the key can decrypt with */
    size_t decryption_count;
    const keystore_attribute *properties; /* since minor version 2: what else is known of it (its policies, where it came
                                           * from), by name */
    size_t property_count;
} keystore_key_info;

/* Receives one key. Anything but 0 ends the listing. [callback] */
typedef int32_t (*keystore_key_sink)(void *context, const keystore_key_info *info);

/* ---- Requests ---- */

#define KEYSTORE_OPEN_REFERENCE_IS_REQUEST 1u /* the URI stood in a file: its module path is a wish, not an order */
#define KEYSTORE_OPEN_ALLOW_LAST_TRY 2u       /* a PIN may be sent though a wrong one would lock the token */

typedef struct keystore_open_request {
    uint32_t size;
    uint32_t flags;          /* KEYSTORE_OPEN_... */
    keystore_bytes uri;      /* selects the token; may name a key in it too */
    keystore_bytes module;   /* path of the native library to use, or empty */
    uint32_t timeout_ms;     /* for one native call that can be given up; 0 for the backend's own limit */
    uint32_t reserved;
    keystore_bytes module_arguments; /* since minor version 1: what the native library gets when it is initialised */
} keystore_open_request;

#define KEYSTORE_SESSION_READ_WRITE 1u
#define KEYSTORE_SESSION_LOGIN 2u    /* log in at once */
#define KEYSTORE_SESSION_NO_LOGIN 4u /* never log in: only what is public is seen */

/* What a new key is for. A key for one thing is not good for another. */
#define KEYSTORE_PURPOSE_SIGN 1u
#define KEYSTORE_PURPOSE_DECRYPT 2u
#define KEYSTORE_PURPOSE_AGREE 4u

typedef struct keystore_generate_request {
    uint32_t size;
    uint32_t type;      /* KEYSTORE_KEY_... type */
    uint32_t bits;      /* modulus bits of an RSA key, else 0 */
    uint32_t purpose;   /* since minor version 1: KEYSTORE_PURPOSE_...; 0 for signing, as before */
    keystore_bytes uri; /* where, and under which label and id */
} keystore_generate_request;

#define KEYSTORE_FORM_MESSAGE 1 /* the backend hashes */
#define KEYSTORE_FORM_DIGEST 2  /* already hashed with the algorithm's hash; its length is checked */

/* ---- The table ---- */

#define KEYSTORE_PLUGIN_COMPUTES 1u /* sign never waits for a device or a person once the key was found */

typedef struct keystore_plugin {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    void *plugin;         /* first argument of the functions tagged [any] */
    const char *name;     /* "pkcs11" */
    const char *version;
    const char *schemes;  /* URI schemes that are this plugin's own, separated by spaces */
    const char *reads;    /* schemes of others whose URIs it also understands, separated by spaces */
    uint32_t flags;       /* KEYSTORE_PLUGIN_... */
    uint32_t reserved;

    /* Parses and normalises a URI; touches no device and no file. [any] INVALID_URI */
    int32_t (*describe_uri)(void *plugin, keystore_bytes uri, keystore_uri_sink sink, void *context,
                            keystore_error *error);

    /* Sets *matches to 1 if everything the pattern asks for is so in the candidate, else 0. [any] INVALID_URI */
    int32_t (*match_uri)(void *plugin, keystore_bytes pattern, keystore_bytes candidate, int32_t *matches,
                         keystore_error *error);

    /* Opens what the URI names, without logging in. [any]
     * INVALID_URI, NO_SUCH_BACKEND, INCOMPATIBLE_BACKEND, UNTRUSTED_LIBRARY, TIMED_OUT */
    int32_t (*open_store)(void *plugin, const keystore_open_request *request, const keystore_host *host, void **store,
                          keystore_error *error);
    void (*close_store)(void *store); /* After all its sessions. [store] */

    /* Emits the tokens that the store's URI matches; uninitialised ones only with `all` not 0. [store] */
    int32_t (*list_tokens)(void *store, int32_t all, keystore_token_sink sink, void *context, keystore_error *error);

    /* Opens a session on the one token that the store's URI matches. Flags: KEYSTORE_SESSION_... [store]
     * NO_SUCH_TOKEN, AMBIGUOUS_TOKEN, BUSY, and with LOGIN what a login reports:
     * PIN_REQUIRED, PIN_INCORRECT, PIN_LOCKED, PIN_LAST_TRY, CANCELLED */
    int32_t (*open_session)(void *store, uint32_t flags, const keystore_host *host, void **session,
                            keystore_error *error);
    void (*close_session)(void *session); /* After all its keys. [session] */

    /* Emits the token that the session is on; for a backend without tokens one that stands for all of it. [session] */
    int32_t (*session_token)(void *session, keystore_token_sink sink, void *context, keystore_error *error);

    /* Emits every key that the URI matches, or every key for an empty URI. [session] INVALID_URI */
    int32_t (*list_keys)(void *session, keystore_bytes uri, keystore_key_sink sink, void *context,
                         keystore_error *error);

    /* Finds the one private key that the URI matches, logging in if that is needed, and emits it once. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, and what a login reports */
    int32_t (*find_key)(void *session, keystore_bytes uri, void **key, keystore_key_sink sink, void *context,
                        keystore_error *error);

    /* Emits the SubjectPublicKeyInfo (DER) of the one key that the URI matches, without a login where the public part can
     * be seen without. [session] INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, and what a login reports */
    int32_t (*find_public_key)(void *session, keystore_bytes uri, keystore_bytes_sink sink, void *context,
                               keystore_error *error);

    /* Makes a key and emits it once. Never overwrites. Needs READ_WRITE. [session]
     * INVALID_URI, KEY_EXISTS, UNSUPPORTED_MECHANISM, POLICY_REFUSED, WRITE_FAILED, and what a login reports */
    int32_t (*generate_key)(void *session, const keystore_generate_request *request, void **key, keystore_key_sink sink,
                            void *context, keystore_error *error);
    void (*close_key)(void *key); /* [session] */

    /* Emits the key's SubjectPublicKeyInfo, DER. [session] NO_SUCH_KEY */
    int32_t (*public_key)(void *key, keystore_bytes_sink sink, void *context, keystore_error *error);

    /* Signs, and emits the signature once: DER for ECDSA, as long as the modulus for RSA, 64 bytes for Ed25519. [session]
     * `algorithm` is a TLS SignatureScheme code point, `form` a KEYSTORE_FORM_... May block for a touch.
     * UNSUPPORTED_MECHANISM, INVALID_DATA, PIN_REQUIRED, PIN_INCORRECT, PIN_LOCKED, TOUCH_TIMEOUT, TOKEN_REMOVED,
     * IDENTITY_CHANGED, BUSY, TIMED_OUT, CANCELLED */
    int32_t (*sign)(void *key, uint16_t algorithm, uint32_t form, keystore_bytes input, keystore_bytes_sink sink,
                    void *context, keystore_error *error);

    /* A table for an ability that not every backend has, or NULL. It lives as long as the process. [any] */
    const void *(*extension)(void *plugin, const char *name, uint32_t version);
} keystore_plugin;

/* Returns the plugin's table, which lives as long as the process, or NULL if it cannot serve this host's ABI. [any] */
typedef const keystore_plugin *(*keystore_plugin_entry)(uint16_t host_major, uint16_t host_minor);
#define KEYSTORE_PLUGIN_ENTRY "keystore_plugin_entry_v1"

/* ---- Extensions ---- */

#define KEYSTORE_EXTENSION_CERTIFICATES "certificates"
typedef struct keystore_certificates_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Emits the certificates that stand beside the key, DER, the key's own first, then its issuers. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, NO_SUCH_CERTIFICATE */
    int32_t (*get)(void *session, keystore_bytes uri, keystore_bytes_sink sink, void *context, keystore_error *error);
    /* Stores certificates (DER, the key's own first) beside the key in place of those that are there. Refuses a
     * certificate for another public key. Needs READ_WRITE. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, INVALID_DATA, WRITE_FAILED, and what a login reports */
    int32_t (*put)(void *session, keystore_bytes uri, const keystore_bytes *certificates, size_t count,
                   keystore_error *error);
    /* Removes the certificates that stand beside the key. [session] NO_SUCH_KEY, NO_SUCH_CERTIFICATE, WRITE_FAILED */
    int32_t (*remove)(void *session, keystore_bytes uri, keystore_error *error);
} keystore_certificates_v1;

#define KEYSTORE_EXTENSION_DELETE "delete"
typedef struct keystore_delete_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Destroys the one key that the URI matches: private and public part, and its certificates. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, POLICY_REFUSED, WRITE_FAILED, and what a login reports */
    int32_t (*delete_key)(void *session, keystore_bytes uri, keystore_error *error);
} keystore_delete_v1;

#define KEYSTORE_EXTENSION_IMPORT "import"
typedef struct keystore_import_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Stores a private key that exists outside and emits it. `pem` is PEM text as OpenSSL writes it; the host is asked for
     * the passphrase if it is encrypted. Never overwrites. Needs READ_WRITE. [session]
     * INVALID_URI, INVALID_DATA, KEY_EXISTS, UNSUPPORTED_MECHANISM, POLICY_REFUSED, and what a login reports */
    int32_t (*import_key)(void *session, keystore_bytes uri, keystore_bytes pem, void **key, keystore_key_sink sink,
                          void *context, keystore_error *error);
    /* Since minor version 1: the same for a key that is to do what KEYSTORE_PURPOSE_... says. May be NULL. [session] */
    int32_t (*import_key_for)(void *session, uint32_t purpose, keystore_bytes uri, keystore_bytes pem, void **key,
                              keystore_key_sink sink, void *context, keystore_error *error);
} keystore_import_v1;

#define KEYSTORE_EXTENSION_SDK_REFERENCE "sdk-reference"
typedef struct keystore_sdk_reference_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Emits the text that the OpenZiti C and Go SDKs take as `id.key` for this key. It may hold a secret that those SDKs
     * cannot ask for; the host is warned by a notice then. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, UNSUPPORTED_OPERATION, POLICY_REFUSED, PIN_REQUIRED */
    int32_t (*make)(void *session, keystore_bytes uri, keystore_bytes_sink sink, void *context, keystore_error *error);
} keystore_sdk_reference_v1;

#define KEYSTORE_EXTENSION_DECRYPT "decrypt"
typedef struct keystore_decrypt_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Decrypts, and emits the plaintext once; the host wipes its copy. `algorithm` is one of the key's decryptions. Every
     * way in which a ciphertext can be wrong is the same INVALID_DATA. [session]
     * UNSUPPORTED_MECHANISM, INVALID_DATA, and what sign reports */
    int32_t (*decrypt)(void *key, uint16_t algorithm, keystore_bytes input, keystore_bytes_sink sink, void *context,
                       keystore_error *error);
} keystore_decrypt_v1;

#define KEYSTORE_EXTENSION_AGREE "agree"
typedef struct keystore_agree_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Derives the secret that the key shares with the owner of another public key (SubjectPublicKeyInfo, DER, of the same
     * curve), and emits it once: the x-coordinate at full length (SEC 1 §3.3.1), for X25519 what RFC 7748 §5 makes, not
     * hashed. [session]
     * UNSUPPORTED_MECHANISM, INVALID_DATA, and what sign reports */
    int32_t (*derive)(void *key, keystore_bytes peer, keystore_bytes_sink sink, void *context, keystore_error *error);
} keystore_agree_v1;

#define KEYSTORE_EXTENSION_RELABEL "relabel"
typedef struct keystore_relabel_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Gives the one key that the URI matches, with its public part and its own certificate, another label, another id or
     * both (NULL: as it is), and emits it under its new name. A name that another key has is refused. Needs READ_WRITE.
     * [session] INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, KEY_EXISTS, POLICY_REFUSED, and what a login reports */
    int32_t (*relabel)(void *session, keystore_bytes uri, const keystore_bytes *label, const keystore_bytes *id,
                       keystore_key_sink sink, void *context, keystore_error *error);
} keystore_relabel_v1;

#define KEYSTORE_EXTENSION_ADMINISTRATION "administration"
#define KEYSTORE_USER 1
#define KEYSTORE_SECURITY_OFFICER 2
#define KEYSTORE_PUK 3 /* since minor version 2: the code that unblocks the user's PIN */
/* All of them work on the one token that the store's URI matches, ask the host for the PINs they need, and send each PIN
 * once. Sessions that are open on the token may be in the way: BUSY. [store]
 * NO_SUCH_TOKEN, AMBIGUOUS_TOKEN, BUSY, POLICY_REFUSED, INVALID_DATA, and what a login reports */
typedef struct keystore_administration_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Initialises the token, which destroys what is on it, and emits it. The security officer's PIN is that of the token,
     * or the one that a token without gets. The URI may select an uninitialised token by its slot. */
    int32_t (*init_token)(void *store, keystore_bytes label, const keystore_host *host, keystore_token_sink sink,
                          void *context, keystore_error *error);
    /* As the security officer, sets the user PIN of a token that has none, or another one in place of it. */
    int32_t (*set_pin)(void *store, const keystore_host *host, keystore_error *error);
    /* Changes the PIN of KEYSTORE_USER or KEYSTORE_SECURITY_OFFICER, or the KEYSTORE_PUK, given the old one. */
    int32_t (*change_pin)(void *store, uint32_t user, const keystore_host *host, keystore_error *error);
    /* As the security officer, or with the PUK where the token has one, sets a new user PIN in place of a locked one. */
    int32_t (*unblock_pin)(void *store, const keystore_host *host, keystore_error *error);

    /* Since minor version 2; each may be NULL where the backend cannot. */
    /* Sets how many wrong PINs and PUKs in a row lock them. A token may set both to the ones everybody knows by it. */
    int32_t (*set_retries)(void *store, uint32_t pin_tries, uint32_t puk_tries, const keystore_host *host,
                           keystore_error *error);
    /* Brings the token back to the state it was sold in, which destroys what is on it, and emits it. */
    int32_t (*reset)(void *store, const keystore_host *host, keystore_token_sink sink, void *context,
                     keystore_error *error);
    /* Changes the management key. `algorithm` is the new one's cipher by name ("AES192"), or empty for the present one.
     * UNSUPPORTED_MECHANISM */
    int32_t (*change_management_key)(void *store, keystore_bytes algorithm, const keystore_host *host,
                                     keystore_error *error);
} keystore_administration_v1;

#define KEYSTORE_EXTENSION_WATCH "watch"
#define KEYSTORE_TOKEN_INSERTED 1
#define KEYSTORE_TOKEN_REMOVED 2
typedef void (*keystore_token_event_sink)(void *context, uint32_t event, const keystore_token_info *info); /* [callback] */
typedef struct keystore_watch_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Begins to watch for tokens that the store's URI matches. The watch ends with close(), before the store. [store] */
    int32_t (*open)(void *store, void **watch, keystore_error *error);
    /* Waits for a change, `timeout_ms` at most, and emits each: none when the time is over. The first call emits the tokens
     * that are there, as inserted, and returns. [watch] */
    int32_t (*wait)(void *watch, uint32_t timeout_ms, keystore_token_event_sink sink, void *context,
                    keystore_error *error);
    void (*close)(void *watch); /* Not during a wait, and before the store is closed. [watch] */
} keystore_watch_v1;

#define KEYSTORE_EXTENSION_KEY_POLICIES "key-policies"
#define KEYSTORE_PIN_POLICY_NEVER 1  /* the key asks for no PIN */
#define KEYSTORE_PIN_POLICY_ONCE 2   /* once in a session */
#define KEYSTORE_PIN_POLICY_ALWAYS 3 /* for each use */
#define KEYSTORE_TOUCH_POLICY_NEVER 1
#define KEYSTORE_TOUCH_POLICY_ALWAYS 2 /* for each use */
#define KEYSTORE_TOUCH_POLICY_CACHED 3 /* one touch is good for a while */
#define KEYSTORE_NEW_KEY_REPLACE 1u    /* a key that is there under this name is destroyed */
/* What a new key is to be like. */
typedef struct keystore_new_key_request {
    uint32_t size;
    uint32_t type;         /* KEYSTORE_KEY_... type; not looked at for an import, as are bits */
    uint32_t bits;         /* modulus bits of an RSA key, else 0 */
    uint32_t purpose;      /* KEYSTORE_PURPOSE_...; 0 for signing */
    uint32_t pin_policy;   /* KEYSTORE_PIN_POLICY_..., or 0 for what the token does unasked */
    uint32_t touch_policy; /* KEYSTORE_TOUCH_POLICY_..., or 0 for what the token does unasked */
    uint32_t flags;        /* KEYSTORE_NEW_KEY_... */
    uint32_t reserved;
    keystore_bytes uri; /* where, and under which label and id */
} keystore_new_key_request;
typedef struct keystore_key_policies_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Makes a key as the table's generate_key does, and overwrites only where the request says so. A policy that the token
     * does not have is refused, never left out. Needs READ_WRITE. [session]
     * INVALID_URI, KEY_EXISTS, UNSUPPORTED_MECHANISM, POLICY_REFUSED, WRITE_FAILED, and what a login reports */
    int32_t (*generate_key)(void *session, const keystore_new_key_request *request, void **key, keystore_key_sink sink,
                            void *context, keystore_error *error);
    /* The same for a key that exists outside, as the import extension takes it. NULL where the backend imports none.
     * [session] What generate_key reports, and INVALID_DATA */
    int32_t (*import_key)(void *session, const keystore_new_key_request *request, keystore_bytes pem, void **key,
                          keystore_key_sink sink, void *context, keystore_error *error);
} keystore_key_policies_v1;

#define KEYSTORE_EXTENSION_ATTEST "attest"
typedef struct keystore_attest_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Emits certificates (DER) by which the token states that it made the key itself: the one for the key first, then its
     * issuers as far as the token has them. A key that came from outside is POLICY_REFUSED. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, POLICY_REFUSED, UNSUPPORTED_MECHANISM */
    int32_t (*attest)(void *session, keystore_bytes uri, keystore_bytes_sink sink, void *context, keystore_error *error);
} keystore_attest_v1;

#define KEYSTORE_EXTENSION_MOVE "move"
typedef struct keystore_move_v1 {
    uint32_t size;
    uint32_t reserved;
    /* Moves the one key that `from` matches, with what stands beside it, to the place on the same token that `to` names, and
     * emits it as it is named there. A place that is taken is refused. Needs READ_WRITE. [session]
     * INVALID_URI, NO_SUCH_KEY, AMBIGUOUS_KEY, KEY_EXISTS, UNSUPPORTED_OPERATION, POLICY_REFUSED, and what a login reports */
    int32_t (*move_key)(void *session, keystore_bytes from, keystore_bytes to, keystore_key_sink sink, void *context,
                        keystore_error *error);
} keystore_move_v1;

#ifdef __cplusplus
}
#endif
#endif
