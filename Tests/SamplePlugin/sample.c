/*
 * A complete key store backend in one C file, written against keystore_plugin.h alone: begin here if you write a backend
 * in C, or in another language that speaks C.
 *
 * It keeps EC P-256 keys in the memory of the process and signs with libcrypto. A reference to it is
 *
 *     sample:token=NAME;object=LABEL;id=%01%02
 *
 * with every attribute but `token` optional. It reads these attributes in PKCS#11 references (RFC 7512) too, as a backend does
 * that reaches a device by another path: pkcs11:token=NAME;object=LABEL?backend=sample names the same key. What a real backend has and this one does without: a device that waits,
 * vanishes or is full, a PIN, other types of keys, and the extension tables (certificates, delete, import).
 *
 * Build it as a shared library named libkeystore-sample.so that exports keystore_plugin_entry_v1 and nothing else.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "keystore_plugin.h"

#define ECDSA_P256_SHA256 0x0403 /* TLS SignatureScheme, RFC 8446 section 4.2.3 */
#define MAXIMUM_TEXT 256         /* of a token's name, a label or an id, in bytes */
#define MAXIMUM_URI 4096

/* ---- What is kept ---- */

typedef struct {
    size_t count;
    uint8_t data[MAXIMUM_TEXT];
    int given; /* whether the reference has this attribute at all */
} value;

/* A key, shared by the token and by everybody who found it; it goes with the last of them. */
typedef struct {
    int holders;
    value label, id;
    EVP_PKEY *pair;
} stored_key;

typedef struct token {
    struct token *next;
    value name;
    stored_key **keys;
    size_t count;
} token;

/* What the three kinds of opaque pointers point to. */
typedef struct {
    token *token;
} sample_store;
typedef struct {
    token *token;
    int writable;
} sample_session;
typedef struct {
    stored_key *key;
} sample_key;

/* Guards everything above: functions tagged [session] run on several threads at a time for several sessions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static token *tokens;

/* ---- Errors ---- */

/* Fills the caller's storage, if there is any of the size we know, and returns the code to return. */
static int32_t fail(keystore_error *error, int32_t code, const char *format, ...) {
    if (!error || error->size < sizeof *error) return code;
    error->code = code;
    error->tries_left = -1;
    if (error->message && error->message_capacity > 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->message, error->message_capacity, format, arguments);
        va_end(arguments);
    }
    return code;
}

static keystore_bytes text(const char *string) {
    return (keystore_bytes){(const uint8_t *)string, strlen(string)};
}

/* ---- References ---- */

typedef struct {
    value token, label, id;
    int has_unknown_query; /* beside `backend`, which is the host's */
} reference;

static int digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/* Decodes percent-encoding (RFC 3986 section 2.1), on bytes. Returns 0 if it is malformed or too long. */
static int decode(const uint8_t *from, size_t count, value *into) {
    into->count = 0;
    into->given = 1;
    for (size_t i = 0; i < count; i++) {
        if (into->count == MAXIMUM_TEXT) return 0;
        uint8_t byte = from[i];
        if (byte == '%') {
            if (i + 2 >= count || digit(from[i + 1]) < 0 || digit(from[i + 2]) < 0) return 0;
            byte = (uint8_t)(digit(from[i + 1]) << 4 | digit(from[i + 2]));
            i += 2;
        }
        into->data[into->count++] = byte;
    }
    return 1;
}

static size_t span(const uint8_t *from, size_t count, uint8_t end) {
    size_t i = 0;
    while (i < count && from[i] != end) i++;
    return i;
}

/* Reads a reference. What it asks for and this scheme does not have is an error and never ignored; only a query attribute
 * may be unknown, and that is a warning. */
static int32_t read_reference(keystore_bytes uri, reference *result, keystore_error *error) {
    static const char own[] = "sample:", read[] = "pkcs11:";
    _Static_assert(sizeof own == sizeof read, "one length for both");
    const size_t scheme = sizeof own - 1;
    memset(result, 0, sizeof *result);
    if (uri.count > MAXIMUM_URI || uri.count < scheme
        || (memcmp(uri.data, own, scheme) != 0 && memcmp(uri.data, read, scheme) != 0))
        return fail(error, KEYSTORE_E_INVALID_URI, "this is no reference of the sample backend");
    const uint8_t *rest = uri.data + scheme;
    size_t count = uri.count - scheme, path = span(rest, count, '?');
    for (size_t start = 0; start < path;) {
        size_t length = span(rest + start, path - start, ';'), name = span(rest + start, length, '=');
        value *target = NULL;
        if (name == 5 && memcmp(rest + start, "token", 5) == 0) target = &result->token;
        if (name == 6 && memcmp(rest + start, "object", 6) == 0) target = &result->label;
        if (name == 2 && memcmp(rest + start, "id", 2) == 0) target = &result->id;
        if (!target || target->given || name == length)
            return fail(error, KEYSTORE_E_INVALID_URI, "the attribute '%.*s' is not known, has no value or is given twice",
                        (int)(name < 64 ? name : 64), (const char *)rest + start);
        if (!decode(rest + start + name + 1, length - name - 1, target))
            return fail(error, KEYSTORE_E_INVALID_URI, "the attribute '%.*s' is too long or badly encoded", (int)name,
                        (const char *)rest + start);
        start += length + 1;
    }
    if (result->token.count == 0) return fail(error, KEYSTORE_E_INVALID_URI, "the attribute 'token' is missing");
    for (size_t start = path + 1; start < count;) {
        size_t length = span(rest + start, count - start, '&'), name = span(rest + start, length, '=');
        if (name != 7 || memcmp(rest + start, "backend", 7) != 0) result->has_unknown_query = 1;
        start += length + 1;
    }
    return KEYSTORE_OK;
}

/* Writes the normal form: every byte that is not unreserved (RFC 3986 section 2.3) is encoded, and every one of the id. */
static void write_reference(char into[MAXIMUM_URI], const value *name, const value *label, const value *id) {
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    const struct {
        const char *name;
        const value *value;
    } attributes[] = {{"token=", name}, {";id=", id}, {";object=", label}};
    size_t used = (size_t)sprintf(into, "sample:");
    for (size_t part = 0; part < 3; part++) {
        const value *value = attributes[part].value;
        if (!value || !value->given) continue;
        used += (size_t)sprintf(into + used, "%s", attributes[part].name);
        for (size_t i = 0; i < value->count; i++) {
            uint8_t byte = value->data[i];
            if (value != id && byte != 0 && strchr(unreserved, byte))
                into[used++] = (char)byte;
            else
                used += (size_t)sprintf(into + used, "%%%02X", byte);
        }
    }
    into[used] = 0;
}

static int same(const value *left, const value *right) {
    return left->count == right->count && memcmp(left->data, right->data, left->count) == 0;
}

/* Whether everything that the pattern asks for is so. */
static int matches(const reference *pattern, const value *label, const value *id) {
    return (!pattern->label.given || same(&pattern->label, label)) && (!pattern->id.given || same(&pattern->id, id));
}

static int32_t describe_uri(void *plugin, keystore_bytes uri, keystore_uri_sink sink, void *context,
                            keystore_error *error) {
    (void)plugin;
    reference reference;
    int32_t status = read_reference(uri, &reference, error);
    if (status != KEYSTORE_OK) return status;
    char normalised[MAXIMUM_URI];
    write_reference(normalised, &reference.token, &reference.label, &reference.id);
    /* What is emitted needs to live only until the sink returns. */
    keystore_attribute attributes[2] = {{text("token"), {reference.token.data, reference.token.count}},
                                        {text("object"), {reference.label.data, reference.label.count}}};
    keystore_bytes warning = text("query attributes but 'backend' are not known to the sample backend and are ignored");
    keystore_uri_info info = {.size = sizeof info, .normalised = text(normalised), .attributes = attributes};
    info.attribute_count = reference.label.given ? 2 : 1;
    info.warnings = &warning;
    info.warning_count = reference.has_unknown_query ? 1 : 0;
    sink(context, &info);
    return KEYSTORE_OK;
}

static int32_t match_uri(void *plugin, keystore_bytes pattern, keystore_bytes candidate, int32_t *result,
                         keystore_error *error) {
    (void)plugin;
    reference wanted, given;
    int32_t status = read_reference(pattern, &wanted, error);
    if (status == KEYSTORE_OK) status = read_reference(candidate, &given, error);
    if (status != KEYSTORE_OK) return status;
    *result = same(&wanted.token, &given.token) && matches(&wanted, &given.label, &given.id);
    return KEYSTORE_OK;
}

/* ---- Stores and tokens ---- */

/* The token of this name; it comes into being when it is first named, as nothing here is ever plugged in. */
static token *token_named(const value *name) {
    token *found = tokens;
    while (found && !same(&found->name, name)) found = found->next;
    if (!found && (found = calloc(1, sizeof *found))) {
        found->name = *name;
        found->next = tokens;
        tokens = found;
    }
    return found;
}

static int32_t open_store(void *plugin, const keystore_open_request *request, const keystore_host *host, void **result,
                          keystore_error *error) {
    (void)plugin;
    (void)host; /* Keep it, in the store, if there are PINs to ask for or libraries to load. */
    reference reference;
    int32_t status = read_reference(request->uri, &reference, error);
    if (status != KEYSTORE_OK) return status;
    sample_store *store = calloc(1, sizeof *store);
    pthread_mutex_lock(&lock);
    token *token = token_named(&reference.token);
    pthread_mutex_unlock(&lock);
    if (!store || !token) {
        free(store);
        return fail(error, KEYSTORE_E_BACKEND_FAILURE, "there is no memory left");
    }
    store->token = token;
    *result = store;
    return KEYSTORE_OK;
}

static void close_store(void *store) { free(store); }

static int32_t emit_token(const token *token, keystore_token_sink sink, void *context) {
    char uri[MAXIMUM_URI];
    write_reference(uri, &token->name, NULL, NULL);
    keystore_token_info info = {.size = sizeof info, .flags = KEYSTORE_TOKEN_INITIALISED, .tries_left = -1};
    info.uri = text(uri);
    info.label = (keystore_bytes){token->name.data, token->name.count};
    info.model = text("sample");
    info.location = text("this process");
    return sink(context, &info);
}

static int32_t list_tokens(void *object, int32_t all, keystore_token_sink sink, void *context, keystore_error *error) {
    (void)all;
    (void)error;
    sample_store *store = object;
    emit_token(store->token, sink, context);
    return KEYSTORE_OK;
}

/* ---- Sessions ---- */

static int32_t open_session(void *object, uint32_t flags, const keystore_host *host, void **result,
                            keystore_error *error) {
    (void)host;
    sample_store *store = object;
    sample_session *session = calloc(1, sizeof *session);
    if (!session) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "there is no memory left");
    session->token = store->token;
    session->writable = (flags & KEYSTORE_SESSION_READ_WRITE) != 0;
    *result = session;
    return KEYSTORE_OK;
}

static void close_session(void *session) { free(session); }

static int32_t session_token(void *object, keystore_token_sink sink, void *context, keystore_error *error) {
    (void)error;
    sample_session *session = object;
    emit_token(session->token, sink, context);
    return KEYSTORE_OK;
}

/* ---- Keys ---- */

static void let_go(stored_key *key) {
    pthread_mutex_lock(&lock);
    int holders = --key->holders;
    pthread_mutex_unlock(&lock);
    if (holders > 0) return;
    EVP_PKEY_free(key->pair);
    free(key);
}

static int32_t emit_key(const token *token, const stored_key *key, keystore_key_sink sink, void *context,
                        keystore_error *error, int32_t *answer) {
    static const uint16_t algorithms[] = {ECDSA_P256_SHA256};
    char uri[MAXIMUM_URI];
    write_reference(uri, &token->name, &key->label, &key->id);
    uint8_t *der = NULL;
    int count = i2d_PUBKEY(key->pair, &der);
    if (count <= 0) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "libcrypto cannot encode the public key");
    keystore_key_info info = {.size = sizeof info, .type = KEYSTORE_KEY_EC_P256, .flags = KEYSTORE_KEY_HAS_PRIVATE};
    info.uri = text(uri);
    info.label = (keystore_bytes){key->label.data, key->label.count};
    info.id = (keystore_bytes){key->id.data, key->id.count};
    info.public_key = (keystore_bytes){der, (size_t)count};
    info.algorithms = algorithms;
    info.algorithm_count = 1;
    *answer = sink(context, &info);
    OPENSSL_free(der);
    return KEYSTORE_OK;
}

/* The keys that match, each held once more: the lock is not kept while the host is called. NULL where there are none. */
static stored_key **matching(sample_session *session, const reference *pattern, size_t *count) {
    pthread_mutex_lock(&lock);
    token *token = session->token;
    stored_key **found = calloc(token->count + 1, sizeof *found);
    *count = 0;
    for (size_t i = 0; found && i < token->count; i++) {
        stored_key *key = token->keys[i];
        if (pattern && !matches(pattern, &key->label, &key->id)) continue;
        key->holders++;
        found[(*count)++] = key;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static int32_t list_keys(void *object, keystore_bytes uri, keystore_key_sink sink, void *context,
                         keystore_error *error) {
    sample_session *session = object;
    reference pattern;
    int32_t status = uri.count == 0 ? KEYSTORE_OK : read_reference(uri, &pattern, error);
    if (status != KEYSTORE_OK) return status;
    size_t count;
    stored_key **found = matching(session, uri.count == 0 ? NULL : &pattern, &count);
    int32_t answer = 0;
    for (size_t i = 0; i < count; i++) {
        /* Anything but 0 means that the host has seen enough. */
        if (answer == 0 && status == KEYSTORE_OK)
            status = emit_key(session->token, found[i], sink, context, error, &answer);
        let_go(found[i]);
    }
    free(found);
    return status;
}

/* Finds the one key that the reference matches, and holds it. Several are an error that lists them all, never a choice. */
static int32_t find_one(sample_session *session, keystore_bytes uri, stored_key **result, keystore_error *error) {
    reference pattern;
    int32_t status = read_reference(uri, &pattern, error);
    if (status != KEYSTORE_OK) return status;
    size_t count;
    stored_key **found = matching(session, &pattern, &count);
    if (count == 1) {
        *result = found[0];
        free(found);
        return KEYSTORE_OK;
    }
    if (count == 0) {
        status = fail(error, KEYSTORE_E_NO_SUCH_KEY, "no key matches this reference");
    } else {
        char list[4096];
        size_t used = (size_t)snprintf(list, sizeof list, "%zu keys match this reference; use one of these:", count);
        for (size_t i = 0; i < count; i++) {
            char candidate[MAXIMUM_URI];
            write_reference(candidate, &session->token->name, &found[i]->label, &found[i]->id);
            if (used + strlen(candidate) + 4 > sizeof list) break;
            used += (size_t)sprintf(list + used, "\n  %s", candidate);
        }
        status = fail(error, KEYSTORE_E_AMBIGUOUS_KEY, "%s", list);
    }
    for (size_t i = 0; i < count; i++) let_go(found[i]);
    free(found);
    return status;
}

/* Hands a key that is held to the host: the object first, then its description, which the host checks. */
static int32_t hand_over(sample_session *session, stored_key *key, void **result, keystore_key_sink sink, void *context,
                         keystore_error *error) {
    sample_key *object = calloc(1, sizeof *object);
    int32_t answer, status = object ? emit_key(session->token, key, sink, context, error, &answer)
                                    : fail(error, KEYSTORE_E_BACKEND_FAILURE, "there is no memory left");
    if (status != KEYSTORE_OK) {
        free(object);
        let_go(key);
        return status;
    }
    object->key = key;
    *result = object;
    return KEYSTORE_OK;
}

static int32_t find_key(void *session, keystore_bytes uri, void **result, keystore_key_sink sink, void *context,
                        keystore_error *error) {
    stored_key *key;
    int32_t status = find_one(session, uri, &key, error);
    return status == KEYSTORE_OK ? hand_over(session, key, result, sink, context, error) : status;
}

static int32_t emit_public_key(const stored_key *key, keystore_bytes_sink sink, void *context, keystore_error *error) {
    uint8_t *der = NULL;
    int count = i2d_PUBKEY(key->pair, &der);
    if (count <= 0) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "libcrypto cannot encode the public key");
    sink(context, (keystore_bytes){der, (size_t)count});
    OPENSSL_free(der);
    return KEYSTORE_OK;
}

static int32_t find_public_key(void *session, keystore_bytes uri, keystore_bytes_sink sink, void *context,
                               keystore_error *error) {
    stored_key *key;
    int32_t status = find_one(session, uri, &key, error);
    if (status != KEYSTORE_OK) return status;
    status = emit_public_key(key, sink, context, error);
    let_go(key);
    return status;
}

static int32_t generate_key(void *object, const keystore_generate_request *request, void **result,
                            keystore_key_sink sink, void *context, keystore_error *error) {
    sample_session *session = object;
    if (request->type != KEYSTORE_KEY_EC_P256)
        return fail(error, KEYSTORE_E_UNSUPPORTED_MECHANISM, "the sample backend makes EC P-256 keys only");
    if (!session->writable)
        return fail(error, KEYSTORE_E_UNSUPPORTED_OPERATION, "the session was opened for reading only");
    reference reference;
    int32_t status = read_reference(request->uri, &reference, error);
    if (status != KEYSTORE_OK) return status;

    stored_key *key = calloc(1, sizeof *key);
    if (!key) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "there is no memory left");
    key->holders = 2; /* the token and the host */
    key->label = reference.label;
    key->id = reference.id;
    if (!key->id.given) {
        key->id.given = 1;
        key->id.count = 8;
        RAND_bytes(key->id.data, 8);
    }
    key->pair = EVP_EC_gen("P-256");

    /* Looking and adding are one step: two sessions may make a key with one label at a time. */
    pthread_mutex_lock(&lock);
    token *token = session->token;
    for (size_t i = 0; i < token->count; i++)
        if ((key->label.count > 0 && same(&token->keys[i]->label, &key->label)) || same(&token->keys[i]->id, &key->id))
            status = KEYSTORE_E_KEY_EXISTS;
    stored_key **keys = NULL;
    if (status == KEYSTORE_OK && key->pair) keys = realloc(token->keys, (token->count + 1) * sizeof *keys);
    if (keys) {
        token->keys = keys;
        keys[token->count++] = key;
    }
    pthread_mutex_unlock(&lock);

    if (!keys) {
        EVP_PKEY_free(key->pair);
        free(key);
        return status == KEYSTORE_E_KEY_EXISTS
                   ? fail(error, status, "a key with this label or id exists already")
                   : fail(error, KEYSTORE_E_BACKEND_FAILURE, "libcrypto cannot make a key");
    }
    return hand_over(session, key, result, sink, context, error);
}

static void close_key(void *object) {
    sample_key *key = object;
    let_go(key->key);
    free(key);
}

static int32_t public_key(void *object, keystore_bytes_sink sink, void *context, keystore_error *error) {
    sample_key *key = object;
    return emit_public_key(key->key, sink, context, error);
}

static int32_t sign(void *object, uint16_t algorithm, uint32_t form, keystore_bytes input, keystore_bytes_sink sink,
                    void *context, keystore_error *error) {
    EVP_PKEY *pair = ((sample_key *)object)->key->pair;
    if (algorithm != ECDSA_P256_SHA256)
        return fail(error, KEYSTORE_E_UNSUPPORTED_MECHANISM, "this key does not sign with 0x%04x", algorithm);
    uint8_t digest[SHA256_DIGEST_LENGTH];
    if (form == KEYSTORE_FORM_MESSAGE) {
        /* data may be NULL for an empty message. */
        SHA256(input.count ? input.data : (const uint8_t *)"", input.count, digest);
    } else if (form == KEYSTORE_FORM_DIGEST && input.count == sizeof digest && input.data) {
        memcpy(digest, input.data, sizeof digest);
    } else {
        return fail(error, KEYSTORE_E_INVALID_DATA, "a digest for this algorithm has %zu bytes", sizeof digest);
    }
    /* libcrypto gives an ECDSA-Sig-Value in DER, as the table wants it. A device that gives r and s needs a conversion. */
    uint8_t signature[80];
    size_t count = sizeof signature;
    EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new(pair, NULL);
    int good = signing && EVP_PKEY_sign_init(signing) == 1
               && EVP_PKEY_sign(signing, signature, &count, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(signing);
    if (!good) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "libcrypto cannot sign");
    sink(context, (keystore_bytes){signature, count});
    return KEYSTORE_OK;
}

/* ---- The table ---- */

static const void *extension(void *plugin, const char *name, uint32_t version) {
    (void)plugin;
    (void)name;
    (void)version;
    return NULL; /* No abilities beside the table's own. */
}

static const keystore_plugin table = {
    .size = sizeof table,
    .abi_major = KEYSTORE_ABI_MAJOR,
    .abi_minor = KEYSTORE_ABI_MINOR,
    .name = "sample",
    .version = "1",
    .schemes = "sample",
    .reads = "pkcs11",
    .flags = KEYSTORE_PLUGIN_COMPUTES,
    .describe_uri = describe_uri,
    .match_uri = match_uri,
    .open_store = open_store,
    .close_store = close_store,
    .list_tokens = list_tokens,
    .open_session = open_session,
    .close_session = close_session,
    .session_token = session_token,
    .list_keys = list_keys,
    .find_key = find_key,
    .find_public_key = find_public_key,
    .generate_key = generate_key,
    .close_key = close_key,
    .public_key = public_key,
    .sign = sign,
    .extension = extension,
};

/* The one function that the library exports. NULL tells a host of another ABI that this plugin is not for it. */
__attribute__((visibility("default"))) const keystore_plugin *keystore_plugin_entry_v1(uint16_t host_major,
                                                                                       uint16_t host_minor) {
    (void)host_minor;
    return host_major == KEYSTORE_ABI_MAJOR ? &table : NULL;
}
