/*
 * A plugin that is wrong in one way at a time, so that tests can show that the host survives it.
 *
 * Which way, it takes from the name of its own file where its table is to be wrong (the test copies it to
 * libkeystore-FAULT.so), and otherwise from the path of the reference: "broken:FAULT" or "broken:FAULT;NAME". Without a
 * fault it has one token with one EC P-256 key. It imitates no device: its signatures have the right form and are not
 * right. NAME keeps the counts apart that a token shows as its serial number: "STORES SESSIONS KEYS MISORDERED", how many
 * of each are open, and how often something was closed after what it belongs to.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keystore_plugin.h"

/* The SubjectPublicKeyInfo of a P-256 key: the curve's generator, whose private key is 1. */
static const uint8_t p256[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE,
    0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6,
    0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98,
    0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B,
    0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
static const uint8_t ed25519[] = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
                                  1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,
                                  13,   14,   15,   16,   17,   18,   19,   20,   21,   22,   23,   24,
                                  25,   26,   27,   28,   29,   30,   31,   32};
/* An ECDSA-Sig-Value with r = s = 1. */
static const uint8_t signature[] = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};
static const uint16_t algorithms[] = {0x0403};

struct counts {
    struct counts *next;
    char path[256];
    atomic_int stores, sessions, keys, misordered;
};
struct store {
    struct counts *counts;
    const keystore_host *host;
    char fault[64];
    char uri[300];
    atomic_int sessions;
};
struct session {
    struct store *store;
    const keystore_host *host;
    atomic_int keys;
};
struct key {
    struct session *session;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counts *all_counts;
static char own_name[64] = "broken";

static keystore_bytes text(const char *string) {
    return (keystore_bytes){(const uint8_t *)string, strlen(string)};
}

static int is(const struct store *store, const char *fault) { return strcmp(store->fault, fault) == 0; }

static int32_t fail(keystore_error *error, int32_t code, const char *message) {
    if (error) {
        error->code = code;
        if (message && error->message) snprintf(error->message, error->message_capacity, "%s", message);
    }
    return code;
}

static struct counts *counts_of(const char *path) {
    pthread_mutex_lock(&lock);
    struct counts *counts = all_counts;
    while (counts && strcmp(counts->path, path) != 0) counts = counts->next;
    if (!counts) {
        counts = calloc(1, sizeof *counts);
        snprintf(counts->path, sizeof counts->path, "%s", path);
        counts->next = all_counts;
        all_counts = counts;
    }
    pthread_mutex_unlock(&lock);
    return counts;
}

/* The path of a reference, and the fault that it begins with. */
static void read_uri(keystore_bytes uri, char path[256], char fault[64]) {
    const char *start = memchr(uri.data, ':', uri.count);
    size_t length = start ? uri.count - (size_t)(++start - (const char *)uri.data) : 0;
    snprintf(path, 256, "%.*s", (int)length, start ? start : "");
    path[strcspn(path, "?")] = 0;
    snprintf(fault, 64, "%.*s", (int)strcspn(path, ";"), path);
}

static int32_t describe_uri(void *plugin, keystore_bytes uri, keystore_uri_sink sink, void *context,
                            keystore_error *error) {
    (void)plugin;
    char path[256], fault[64];
    read_uri(uri, path, fault);
    keystore_uri_info info = {.size = sizeof info, .normalised = uri};
    keystore_attribute attribute = {text("fault"), text(fault)};
    info.attributes = &attribute;
    info.attribute_count = 1;
    if (strcmp(fault, "describe-nothing") == 0) return KEYSTORE_OK;
    if (strcmp(fault, "describe-silent-error") == 0) return KEYSTORE_E_INVALID_URI;
    if (strcmp(fault, "describe-unknown-code") == 0) return fail(error, 4711, "a reason");
    if (strcmp(fault, "describe-no-context") == 0) context = NULL;
    if (strcmp(fault, "describe-null") == 0) {
        sink(context, NULL);
        return KEYSTORE_OK;
    }
    if (strcmp(fault, "describe-small") == 0) info.size = 4;
    if (strcmp(fault, "describe-missing-attributes") == 0) info.attributes = NULL;
    if (strcmp(fault, "describe-huge-count") == 0) info.attribute_count = SIZE_MAX;
    if (strcmp(fault, "describe-no-uri") == 0) info.normalised = text("nothing with a scheme");
    if (strcmp(fault, "describe-not-utf8") == 0) attribute.value = text("\xFF\xFE");
    if (strcmp(fault, "describe-long-text") == 0) attribute.value.count = 1u << 20;
    if (strcmp(fault, "describe-twice") == 0) sink(context, &info);
    if (strcmp(fault, "describe-foreign-message") == 0) {
        if (error) error->message = (char *)"a string of the plugin's own";
        return KEYSTORE_E_INVALID_URI;
    }
    sink(context, &info);
    return KEYSTORE_OK;
}

static int32_t match_uri(void *plugin, keystore_bytes pattern, keystore_bytes candidate, int32_t *matches,
                         keystore_error *error) {
    (void)plugin;
    (void)error;
    *matches = pattern.count == candidate.count && memcmp(pattern.data, candidate.data, pattern.count) == 0;
    return KEYSTORE_OK;
}

static int32_t open_store(void *plugin, const keystore_open_request *request, const keystore_host *host, void **result,
                          keystore_error *error) {
    (void)plugin;
    struct store *store = calloc(1, sizeof *store);
    char path[256];
    read_uri(request->uri, path, store->fault);
    snprintf(store->uri, sizeof store->uri, "broken:%s", path);
    store->host = host;
    store->counts = counts_of(path);
    if (is(store, "open-no-store")) {
        free(store);
        return KEYSTORE_OK;
    }
    if (is(store, "open-refuses-library")) {
        char message[512] = "";
        keystore_error inner = {.size = sizeof inner, .message = message, .message_capacity = sizeof message};
        int32_t status = host->may_load(host->context, text("relative.so"), KEYSTORE_LIBRARY_FROM_OPTION, &inner);
        free(store);
        return status == KEYSTORE_OK ? KEYSTORE_OK : fail(error, status, message);
    }
    atomic_fetch_add(&store->counts->stores, 1);
    *result = store;
    return KEYSTORE_OK;
}

static void close_store(void *object) {
    struct store *store = object;
    if (atomic_load(&store->sessions) != 0) atomic_fetch_add(&store->counts->misordered, 1);
    atomic_fetch_sub(&store->counts->stores, 1);
    free(store);
}

static int32_t emit_token(struct store *store, keystore_token_sink sink, void *context) {
    char serial[64];
    snprintf(serial, sizeof serial, "%d %d %d %d", atomic_load(&store->counts->stores),
             atomic_load(&store->counts->sessions), atomic_load(&store->counts->keys),
             atomic_load(&store->counts->misordered));
    keystore_token_info info = {.size = sizeof info, .tries_left = -1, .flags = KEYSTORE_TOKEN_INITIALISED};
    info.uri = text(store->uri);
    info.label = text("broken");
    info.serial = text(serial);
    if (is(store, "token-small")) info.size = 8;
    if (is(store, "token-not-utf8")) info.label = text("\xC3\x28");
    if (is(store, "token-huge-label")) info.label.count = SIZE_MAX;
    if (is(store, "token-missing-label")) info.label = (keystore_bytes){NULL, 7};
    if (is(store, "token-no-uri")) info.uri = text("");
    if (is(store, "token-no-context")) return sink(NULL, &info);
    if (is(store, "token-null")) return sink(context, NULL);
    return sink(context, &info);
}

static int32_t list_tokens(void *object, int32_t all, keystore_token_sink sink, void *context, keystore_error *error) {
    (void)all;
    struct store *store = object;
    if (is(store, "tokens-without-end"))
        while (emit_token(store, sink, context) == 0) {}
    else
        emit_token(store, sink, context);
    /* Something that went wrong underneath, was dealt with, and left its traces. */
    if (is(store, "leftover-error")) fail(error, KEYSTORE_E_PIN_LOCKED, "left over from before");
    return KEYSTORE_OK;
}

static int32_t open_session(void *object, uint32_t flags, const keystore_host *host, void **result,
                            keystore_error *error) {
    (void)flags;
    struct store *store = object;
    if (is(store, "session-none")) return KEYSTORE_OK;
    if (is(store, "leftover-error")) return KEYSTORE_E_BUSY;
    if (is(store, "session-long-message")) {
        memset(error->message, 'x', error->message_capacity);
        memset(error->native_domain, 'y', sizeof error->native_domain);
        return error->code = KEYSTORE_E_BUSY;
    }
    struct session *session = calloc(1, sizeof *session);
    session->store = store;
    session->host = host;
    atomic_fetch_add(&store->sessions, 1);
    atomic_fetch_add(&store->counts->sessions, 1);
    *result = session;
    return KEYSTORE_OK;
}

static void close_session(void *object) {
    struct session *session = object;
    if (atomic_load(&session->keys) != 0) atomic_fetch_add(&session->store->counts->misordered, 1);
    atomic_fetch_sub(&session->store->counts->sessions, 1);
    atomic_fetch_sub(&session->store->sessions, 1);
    free(session);
}

static int32_t session_token(void *object, keystore_token_sink sink, void *context, keystore_error *error) {
    (void)error;
    struct session *session = object;
    if (is(session->store, "session-token-none")) return KEYSTORE_OK;
    if (is(session->store, "session-token-twice")) emit_token(session->store, sink, context);
    if (is(session->store, "session-token-error")) return fail(error, KEYSTORE_E_TOKEN_REMOVED, "it is gone");
    emit_token(session->store, sink, context);
    return KEYSTORE_OK;
}

static int32_t emit_key(struct session *session, keystore_key_sink sink, void *context) {
    const struct store *store = session->store;
    keystore_key_info info = {.size = sizeof info, .type = KEYSTORE_KEY_EC_P256, .flags = KEYSTORE_KEY_HAS_PRIVATE};
    info.uri = text(store->uri);
    info.label = text("key");
    info.public_key = (keystore_bytes){p256, sizeof p256};
    info.algorithms = algorithms;
    info.algorithm_count = 1;
    static char big[16384];
    if (is(store, "key-small")) info.size = 12;
    if (is(store, "key-long-label")) info.label = (keystore_bytes){(uint8_t *)memset(big, 'x', sizeof big), sizeof big};
    if (is(store, "key-long-uri")) {
        memcpy(memset(big, 'x', sizeof big), "broken:", 7);
        info.uri = (keystore_bytes){(uint8_t *)big, sizeof big};
    }
    if (is(store, "key-long-public-key")) info.public_key.count = 16384, info.public_key.data = (uint8_t *)big;
    if (is(store, "key-not-utf8")) info.label = text("\xED\xA0\x80");
    if (is(store, "key-uri-white-space")) info.uri = text("broken:a b");
    if (is(store, "key-unknown-type")) info.type = 77;
    if (is(store, "key-huge-rsa")) info.type = KEYSTORE_KEY_RSA, info.bits = 1u << 30;
    if (is(store, "key-other-type-of-public-key")) info.public_key = (keystore_bytes){ed25519, sizeof ed25519};
    if (is(store, "key-garbage-public-key")) info.public_key = text("no DER");
    if (is(store, "key-missing-algorithms")) info.algorithms = NULL;
    if (is(store, "key-huge-algorithm-count")) info.algorithm_count = SIZE_MAX;
    if (is(store, "key-too-many-algorithms")) info.algorithm_count = 65, info.algorithms = (uint16_t *)big;
    if (is(store, "key-missing-id")) info.id = (keystore_bytes){NULL, 1};
    if (is(store, "key-other")) {
        info.type = KEYSTORE_KEY_OTHER;
        info.public_key = text("of a kind that the host cannot read");
    }
    if (is(store, "key-null")) return sink(context, NULL);
    if (is(store, "key-no-context")) return sink(NULL, &info);
    if (strncmp(store->fault, "public-key-", 11) == 0) info.public_key.count = 0;
    return sink(context, &info);
}

static int32_t list_keys(void *object, keystore_bytes uri, keystore_key_sink sink, void *context,
                         keystore_error *error) {
    (void)uri;
    struct session *session = object;
    if (is(session->store, "keys-deaf"))
        for (int round = 0; round < 1000; round++) emit_key(session, sink, context);
    int32_t stop = emit_key(session, sink, context);
    if (is(session->store, "key-small") && stop) return fail(error, KEYSTORE_E_BACKEND_FAILURE, "the host said no");
    return KEYSTORE_OK;
}

static int32_t find_key(void *object, keystore_bytes uri, void **result, keystore_key_sink sink, void *context,
                        keystore_error *error) {
    (void)uri;
    struct session *session = object;
    if (is(session->store, "find-twice")) emit_key(session, sink, context);
    if (is(session->store, "find-unknown-code")) return fail(error, -5, NULL);
    if (!is(session->store, "find-no-key")) {
        struct key *key = calloc(1, sizeof *key);
        key->session = session;
        atomic_fetch_add(&session->keys, 1);
        atomic_fetch_add(&session->store->counts->keys, 1);
        *result = key;
    }
    if (!is(session->store, "find-no-info")) emit_key(session, sink, context);
    return KEYSTORE_OK;
}

static int32_t find_public_key(void *object, keystore_bytes uri, keystore_bytes_sink sink, void *context,
                               keystore_error *error) {
    (void)uri;
    (void)error;
    struct session *session = object;
    if (is(session->store, "public-key-none")) return KEYSTORE_OK;
    if (is(session->store, "public-key-cut"))
        sink(context, (keystore_bytes){p256, sizeof p256 - 1});
    else if (is(session->store, "public-key-huge"))
        sink(context, (keystore_bytes){p256, SIZE_MAX});
    else if (is(session->store, "public-key-other"))
        sink(context, (keystore_bytes){ed25519, sizeof ed25519});
    else
        sink(context, (keystore_bytes){p256, sizeof p256});
    return KEYSTORE_OK;
}

static int32_t generate_key(void *object, const keystore_generate_request *request, void **result,
                            keystore_key_sink sink, void *context, keystore_error *error) {
    /* As a plugin may be that is older than purposes, where this field was reserved. */
    if (is(((struct session *)object)->store, "generate-strict") && request->purpose != 0)
        return fail(error, KEYSTORE_E_INVALID_DATA, "a reserved field is not 0");
    return find_key(object, request->uri, result, sink, context, error);
}

static int32_t generate_with_policies(void *object, const keystore_new_key_request *request, void **result,
                                      keystore_key_sink sink, void *context, keystore_error *error) {
    if (is(((struct session *)object)->store, "policy-unknown-code")) return fail(error, 4711, "a reason");
    return find_key(object, request->uri, result, sink, context, error);
}

static int32_t attest(void *object, keystore_bytes uri, keystore_bytes_sink sink, void *context,
                      keystore_error *error) {
    (void)uri;
    const struct store *store = ((struct session *)object)->store;
    if (is(store, "attest-silent-error")) return fail(error, KEYSTORE_E_POLICY_REFUSED, NULL);
    if (is(store, "attest-none")) return KEYSTORE_OK;
    if (is(store, "attest-without-end"))
        for (int round = 0; round < 1000; round++) sink(context, text("a certificate"));
    sink(context, (keystore_bytes){p256, is(store, "attest-huge") ? SIZE_MAX : sizeof p256});
    return KEYSTORE_OK;
}

static int32_t move_key(void *object, keystore_bytes from, keystore_bytes to, keystore_key_sink sink, void *context,
                        keystore_error *error) {
    (void)from, (void)to;
    const struct store *store = ((struct session *)object)->store;
    if (is(store, "move-silent-error")) return fail(error, KEYSTORE_E_KEY_EXISTS, NULL);
    if (is(store, "move-none")) return KEYSTORE_OK;
    if (is(store, "move-twice")) emit_key(object, sink, context);
    emit_key(object, sink, context);
    return KEYSTORE_OK;
}

static int32_t change_pin(void *store, uint32_t user, const keystore_host *host, keystore_error *error) {
    (void)store, (void)user, (void)host, (void)error;
    return KEYSTORE_OK;
}

static int32_t reset_silently(void *store, const keystore_host *host, keystore_token_sink sink, void *context,
                              keystore_error *error) {
    (void)store, (void)host, (void)sink, (void)context, (void)error;
    return KEYSTORE_OK;
}

static void close_key(void *object) {
    struct key *key = object;
    atomic_fetch_sub(&key->session->keys, 1);
    atomic_fetch_sub(&key->session->store->counts->keys, 1);
    free(key);
}

static int32_t public_key(void *object, keystore_bytes_sink sink, void *context, keystore_error *error) {
    struct key *key = object;
    return find_public_key(key->session, (keystore_bytes){NULL, 0}, sink, context, error);
}

/* Waits until a byte can be read from the descriptor whose number the message is. */
static void wait_for_release(const struct session *session, keystore_bytes message) {
    char number[16] = "", byte;
    memcpy(number, message.data, message.count < 15 ? message.count : 15);
    session->host->notice(session->host->context, KEYSTORE_NOTICE_TOUCH, text(number));
    while (read(atoi(number), &byte, 1) < 0 && errno == EINTR) {}
}

static void receive_nothing(void *context, keystore_bytes bytes) {
    (void)context;
    (void)bytes;
}

/* Calls each function of the host with what it must not be called with. Returns how many calls were not refused. */
static int call_host_with_garbage(const keystore_host *host) {
    int wrong = 0;
    keystore_secret_request request = {.size = sizeof request, .kind = KEYSTORE_SECRET_PIN, .tries_left = -1};
    keystore_secret_request small = {.size = 4};
    keystore_secret_request unknown = {.size = sizeof unknown, .kind = 99};
    keystore_secret_request huge = {.size = sizeof huge, .kind = KEYSTORE_SECRET_PIN};
    huge.subject = (keystore_bytes){p256, SIZE_MAX};
    wrong += host->secret(NULL, &request, receive_nothing, NULL, NULL) == KEYSTORE_OK;
    wrong += host->secret(host->context, NULL, receive_nothing, NULL, NULL) == KEYSTORE_OK;
    wrong += host->secret(host->context, &request, NULL, NULL, NULL) == KEYSTORE_OK;
    wrong += host->secret(host->context, &small, receive_nothing, NULL, NULL) == KEYSTORE_OK;
    wrong += host->secret(host->context, &unknown, receive_nothing, NULL, NULL) == KEYSTORE_OK;
    wrong += host->secret(host->context, &huge, receive_nothing, NULL, NULL) == KEYSTORE_OK;
    wrong += host->may_load(NULL, text("/lib"), KEYSTORE_LIBRARY_FROM_OPTION, NULL) == KEYSTORE_OK;
    wrong += host->may_load(host->context, (keystore_bytes){NULL, 9}, KEYSTORE_LIBRARY_FROM_OPTION, NULL) == KEYSTORE_OK;
    wrong += host->may_load(host->context, text("\xFF"), KEYSTORE_LIBRARY_FROM_OPTION, NULL) == KEYSTORE_OK;
    wrong += host->may_load(host->context, text("/"), 0, NULL) == KEYSTORE_OK;
    host->notice(NULL, KEYSTORE_NOTICE_WARNING, text("nobody"));
    host->notice(host->context, 12345, (keystore_bytes){NULL, SIZE_MAX});
    host->notice(host->context, KEYSTORE_NOTICE_WARNING, (keystore_bytes){p256, SIZE_MAX});
    return wrong;
}

static int32_t sign(void *object, uint16_t algorithm, uint32_t form, keystore_bytes input, keystore_bytes_sink sink,
                    void *context, keystore_error *error) {
    (void)algorithm;
    (void)form;
    const struct session *session = ((struct key *)object)->session;
    const struct store *store = session->store;
    static const uint8_t big[4096];
    if (is(store, "sign-none")) return KEYSTORE_OK;
    if (is(store, "sign-twice")) sink(context, (keystore_bytes){signature, sizeof signature});
    if (is(store, "sign-silent-error")) return KEYSTORE_E_TOKEN_REMOVED;
    if (is(store, "sign-unknown-code")) return fail(error, 999, "of a later version");
    if (is(store, "sign-waits")) wait_for_release(session, input);
    if (is(store, "sign-host-garbage") && call_host_with_garbage(session->host) != 0)
        return fail(error, KEYSTORE_E_BACKEND_FAILURE, "the host took garbage");
    if (is(store, "sign-no-context"))
        sink(NULL, (keystore_bytes){signature, sizeof signature});
    else if (is(store, "sign-long"))
        sink(context, (keystore_bytes){big, sizeof big});
    else if (is(store, "sign-huge"))
        sink(context, (keystore_bytes){big, SIZE_MAX});
    else if (is(store, "sign-missing"))
        sink(context, (keystore_bytes){NULL, 64});
    else if (is(store, "sign-empty"))
        sink(context, (keystore_bytes){NULL, 0});
    else if (is(store, "sign-raw"))
        sink(context, (keystore_bytes){big, 64});
    else if (is(store, "sign-thread")) {
        /* Which thread this is, as the numbers of a signature that is none. */
        uint8_t answer[] = {0x30, 0x0D, 0x02, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x01, 0x01};
        pthread_t self = pthread_self();
        memcpy(answer + 4, &self, 8);
        sink(context, (keystore_bytes){answer, sizeof answer});
    } else
        sink(context, (keystore_bytes){signature, sizeof signature});
    return KEYSTORE_OK;
}

static int32_t open_watch(void *store, void **watch, keystore_error *error) {
    (void)error;
    *watch = store;
    return KEYSTORE_OK;
}

static int32_t wait_in_vain(void *watch, uint32_t timeout, keystore_token_event_sink sink, void *context,
                            keystore_error *error) {
    (void)watch, (void)timeout, (void)sink, (void)context;
    return fail(error, KEYSTORE_E_BACKEND_FAILURE, "nobody can be asked");
}

static void close_watch(void *watch) { (void)watch; }

static const void *extension(void *plugin, const char *name, uint32_t version) {
    (void)plugin;
    (void)version;
    static const keystore_delete_v1 empty = {.size = sizeof empty};
    static const keystore_import_v1 small = {.size = 4};
    static const keystore_watch_v1 vain = {
        .size = sizeof vain, .open = open_watch, .wait = wait_in_vain, .close = close_watch};
    static const keystore_key_policies_v1 policies = {.size = sizeof policies, .generate_key = generate_with_policies};
    static const keystore_attest_v1 attesting = {.size = sizeof attesting, .attest = attest};
    static const keystore_move_v1 moving = {.size = sizeof moving, .move_key = move_key};
    /* Ends where the table did before it grew; what stands behind that must not be looked at. */
    static const keystore_administration_v1 old = {.size = offsetof(keystore_administration_v1, set_retries),
                                                   .change_pin = change_pin,
                                                   .reset = reset_silently};
    static const keystore_administration_v1 silent = {
        .size = sizeof silent, .change_pin = change_pin, .reset = reset_silently};
    if (strcmp(name, KEYSTORE_EXTENSION_KEY_POLICIES) == 0) return &policies;
    if (strcmp(name, KEYSTORE_EXTENSION_ATTEST) == 0) return &attesting;
    if (strcmp(name, KEYSTORE_EXTENSION_MOVE) == 0) return &moving;
    if (strcmp(name, KEYSTORE_EXTENSION_ADMINISTRATION) == 0)
        return strcmp(own_name, "administers") == 0 ? &silent : &old;
    if (strcmp(name, KEYSTORE_EXTENSION_DELETE) == 0) return &empty;
    if (strcmp(name, KEYSTORE_EXTENSION_WATCH) == 0 && strcmp(own_name, "watch-fails") == 0) return &vain;
    if (strcmp(name, KEYSTORE_EXTENSION_IMPORT) == 0) return &small;
    return NULL;
}

static keystore_plugin table = {
    .size = sizeof table,
    .abi_major = KEYSTORE_ABI_MAJOR,
    .abi_minor = KEYSTORE_ABI_MINOR,
    .name = own_name,
    .version = "0",
    .schemes = "broken",
    .reads = "",
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

__attribute__((visibility("default"))) const keystore_plugin *keystore_plugin_entry_v1(uint16_t host_major,
                                                                                       uint16_t host_minor) {
    (void)host_major;
    (void)host_minor;
    Dl_info own;
    if (!dladdr((void *)keystore_plugin_entry_v1, &own) || !own.dli_fname) return NULL;
    const char *file = strrchr(own.dli_fname, '/');
    file = file ? file + 1 : own.dli_fname;
    if (sscanf(file, "libkeystore-%63[^.]", own_name) != 1) return NULL;
    if (strcmp(own_name, "entry-null") == 0) return NULL;
    if (strcmp(own_name, "wrong-major") == 0) table.abi_major = KEYSTORE_ABI_MAJOR + 1;
    if (strcmp(own_name, "small-table") == 0) table.size = offsetof(keystore_plugin, sign);
    if (strcmp(own_name, "no-function") == 0) table.sign = NULL;
    if (strcmp(own_name, "no-name") == 0) table.name = NULL;
    if (strcmp(own_name, "no-version") == 0) table.version = NULL;
    if (strcmp(own_name, "no-scheme") == 0) table.schemes = "";
    if (strcmp(own_name, "long-name") == 0) table.name = memset(calloc(1, 1024), 'n', 1023);
    if (strcmp(own_name, "name-not-utf8") == 0) table.name = "\xFFname";
    if (strcmp(own_name, "other-name") == 0) table.name = "somebody-else";
    if (strcmp(own_name, "computes") == 0) table.flags = KEYSTORE_PLUGIN_COMPUTES;
    return &table;
}
