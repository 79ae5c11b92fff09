/* What the mock's parts share. One mutex guards it, which is released while a call sleeps, hangs or waits for an event. */
#ifndef MOCK_H
#define MOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>

#include "include/mock_pkcs11.h"
#include "pkcs11_v3.h"

/* Nothing grows beyond these. */
#define MAXIMUM_SLOTS 64
#define MAXIMUM_SESSIONS 4096
#define MAXIMUM_OBJECTS 65536
#define MAXIMUM_ATTRIBUTES 64
#define MAXIMUM_VALUE 65536
#define MAXIMUM_TEMPLATE 64
#define MAXIMUM_RULES 64
#define MAXIMUM_QUIRKS 32
#define MAXIMUM_MECHANISMS 256
#define MAXIMUM_ALIASES 16
#define MAXIMUM_EVENTS 64
#define MAXIMUM_PIN 64
#define MAXIMUM_LINE 1024
#define MAXIMUM_WORDS 64
#define MAXIMUM_DATA (1UL << 20)
#define MAXIMUM_WAIT_MILLISECONDS 300000UL

typedef enum {
#define X(name) F_##name,
    MOCK_FUNCTIONS(X)
#undef X
        FUNCTION_COUNT,
    ANY_FUNCTION = FUNCTION_COUNT
} function_id;

/* ---- Keys (keys.c) ---- */

typedef enum { KEY_P256, KEY_P384, KEY_P521, KEY_ED25519, KEY_RSA_2048, KEY_RSA_3072, KEY_RSA_4096, KEY_KINDS } key_kind;

/* The key of a kind that a seed makes, always the same. The caller frees it. NULL if libcrypto fails. */
EVP_PKEY *mock_key(key_kind kind, unsigned long seed);
/* Of a key made from what a caller stored. False for a kind that the mock does not have. */
bool mock_kind_of(EVP_PKEY *key, key_kind *kind);
bool mock_kind_named(const char *name, key_kind *kind);
bool mock_is_rsa(key_kind kind);
/* 32, 48 or 66. */
size_t mock_coordinate_length(key_kind kind);

/* ---- Objects (objects.c) ---- */

typedef struct {
    CK_ATTRIBUTE_TYPE type;
    uint8_t *value;
    size_t length;
} attribute;

typedef struct {
    attribute *attributes;
    size_t count;
    EVP_PKEY *key;           /* of a private or public key */
    CK_SESSION_HANDLE owner; /* of a session object; 0 for one on the token */
} object;

object *mock_object_new(void);
void mock_object_free(object *);
const attribute *mock_attribute(const object *, CK_ATTRIBUTE_TYPE);
void mock_set(object *, CK_ATTRIBUTE_TYPE, const void *value, size_t length);
void mock_set_number(object *, CK_ATTRIBUTE_TYPE, CK_ULONG);
void mock_set_flag(object *, CK_ATTRIBUTE_TYPE, bool);
void mock_unset(object *, CK_ATTRIBUTE_TYPE);
bool mock_flag(const object *, CK_ATTRIBUTE_TYPE, bool otherwise);
CK_ULONG mock_number(const object *, CK_ATTRIBUTE_TYPE, CK_ULONG otherwise);
CK_OBJECT_CLASS mock_class(const object *);

/* ---- Making keys (pairs.c) ---- */

enum { UNSET = -1 };
typedef enum { POINT_DER, POINT_RAW, POINT_BITS } point_form;
typedef enum { PARAMETERS_OID, PARAMETERS_NAME, PARAMETERS_OLD } parameter_form;

/* What a script says of a key; UNSET is as usual. */
typedef struct {
    int kind;
    bool has_seed, has_label, has_id;
    unsigned long seed;
    uint8_t label[256], id[256];
    size_t label_length, id_length;
    int has_public, has_certificate, public_key_info, point_in_private, point, parameters;
    int always_authenticate, extractable, sensitive, is_private, sign, decrypt, derive, public_is_private, token, modifiable;
    long key_type;
    CK_MECHANISM_TYPE allowed[8];
    size_t allowed_count;
} key_options;

typedef struct {
    object *private_key, *public_key, *certificate;
} key_pair;

void mock_no_options(key_options *);
/* One word `name=value`. False if it is not understood. */
bool mock_read_option(key_options *, const char *word);
/* A pair with the usual attributes. False if libcrypto fails or memory is short. */
bool mock_make_pair(key_kind kind, unsigned long seed, key_pair *);
void mock_apply_options(const key_options *, key_pair *);
/* The kind of key that EC parameters ask for. */
bool mock_kind_of_parameters(const void *value, size_t length, key_kind *);
/* Whether EC parameters are spelled as a name (PrintableString). */
bool mock_is_named_curve(const void *value, size_t length);

/* ---- Tokens ---- */

typedef enum { NOBODY, USER, OFFICER } login_state;

typedef struct {
    bool is_set;
    uint8_t text[MAXIMUM_PIN];
    size_t length;
    unsigned long tries, tries_left;
} secret;

typedef enum {
    QUIRK_UNAVAILABLE,    /* no such attribute */
    QUIRK_SENSITIVE,      /* not shown */
    QUIRK_UNAVAILABLE_OK, /* the length says so, the result does not */
    QUIRK_EMPTY,
    QUIRK_SHORT,  /* only the first bytes */
    QUIRK_LENGTH, /* this length, whatever was copied */
    QUIRK_QUERY,  /* this length when asked for it, the right one afterwards */
    QUIRK_GROW    /* longer by so much at every read */
} quirk_kind;

typedef struct {
    CK_OBJECT_CLASS class; /* ULONG_MAX for all */
    CK_ATTRIBUTE_TYPE type;
    quirk_kind kind;
    unsigned long number, reads;
} attribute_quirk;

typedef enum { HANDLES_STANDARD, HANDLES_STABLE, HANDLES_PER_SESSION } handle_form;
typedef enum { FIND_PLAIN, FIND_ENDLESS, FIND_OVERCOUNT, FIND_TWICE, FIND_FOREIGN } find_form;
typedef enum { SIGNATURE_PLAIN, SIGNATURE_LENGTH, SIGNATURE_CLAIM, SIGNATURE_CORRUPT, SIGNATURE_DER, SIGNATURE_SEED } signature_form;

typedef struct {
    CK_SLOT_ID id;
    bool is_present;  /* whether a token is in the slot */
    CK_RV absence;    /* what calls return while it is not */
    bool is_initialised;
    uint8_t label[32], serial[16];
    secret user, officer;
    bool shows_tries, pin_pad, must_change, write_protected, login_required, is_removable;
    CK_RV pad_result;
    CK_FLAGS flags_on, flags_off;
    login_state login;
    bool login_ends_with_sessions;
    unsigned long sessions; /* CKR_SESSION_COUNT beyond */
    CK_ULONG maximum_sessions, maximum_rw_sessions; /* as claimed */
    object **objects;
    size_t object_count;
    unsigned long epoch; /* counts the ends of logins, which end handles of private objects */
    handle_form handles;
    find_form find;
    CK_MECHANISM_TYPE mechanisms[MAXIMUM_MECHANISMS];
    size_t mechanism_count;
    attribute_quirk quirks[MAXIMUM_QUIRKS];
    size_t quirk_count;
    key_options generated; /* what generated keys get whatever was asked for */
    signature_form signature;
    unsigned long signature_number;
    CK_RV import; /* what storing a private key returns */
} slot;

slot *mock_slot_make(size_t index); /* a slot with an initialised token without keys */
void mock_slot_clear(slot *);
bool mock_add(slot *, object *); /* takes the object, also on failure */
bool mock_add_pair(slot *, key_pair *);
/* Whether the token lists a mechanism. */
bool mock_has_mechanism(const slot *, CK_MECHANISM_TYPE);
CK_FLAGS mock_token_flags(const slot *);
CK_RV mock_check_pin(slot *, secret *, const uint8_t *pin, CK_ULONG length, CK_RV unset);
bool mock_set_pin(secret *, const void *pin, size_t length);
void mock_log_out(slot *);

/* ---- Sessions and operations ---- */

typedef enum { NO_OPERATION, SIGNING, DECRYPTING } operation_kind;

typedef struct {
    operation_kind kind;
    CK_MECHANISM_TYPE mechanism;
    EVP_PKEY *key;
    key_kind key_kind;
    CK_RSA_PKCS_PSS_PARAMS pss;
    CK_RSA_PKCS_OAEP_PARAMS oaep;
    bool needs_pin, has_pin, is_private;
    uint8_t *data; /* of parts */
    size_t length;
    uint8_t *result; /* made once, for who asks for its length first */
    size_t result_length;
} operation;

typedef struct {
    CK_SESSION_HANDLE handle; /* 0 where there is none */
    size_t slot;
    bool is_writable;
    CK_RV ended; /* what its functions return, once it was ended behind the caller's back */
    operation operation;
    bool is_searching;
    CK_ATTRIBUTE *pattern;
    CK_ULONG pattern_count;
    size_t position;
} session;

session *mock_session(CK_SESSION_HANDLE, CK_RV *);
void mock_session_clear(session *);
void mock_end_sessions(size_t slot, CK_RV code);
void mock_end_operation(session *);
slot *mock_slot_of(session *);
slot *mock_slot(CK_SLOT_ID);
/* The slot with its token; NULL, and why there is none. */
slot *mock_token(CK_SLOT_ID, CK_RV *);
CK_OBJECT_HANDLE mock_handle(const slot *, const session *, size_t index);
/* The object behind a handle, as far as the session may see it. */
object *mock_object(slot *, session *, CK_OBJECT_HANDLE, CK_RV otherwise, CK_RV *);
void mock_free_template(CK_ATTRIBUTE *, CK_ULONG);
bool mock_copy_template(const CK_ATTRIBUTE *, CK_ULONG, CK_ATTRIBUTE **);

/* ---- Mechanisms (mechanisms.c) ---- */

typedef enum { MAKES_KEYS, SIGNS, DECRYPTS, DERIVES } mechanism_use;
typedef struct {
    CK_MECHANISM_TYPE type;
    mechanism_use uses[2];
    enum { FAMILY_EC, FAMILY_RSA, FAMILY_EDWARDS } family;
    const char *digest; /* of mechanisms that hash; NULL */
    bool is_pss;
} mechanism;

/* The mechanism behind a number, through aliases; NULL for an unknown one. */
const mechanism *mock_mechanism(CK_MECHANISM_TYPE);
size_t mock_all_mechanisms(CK_MECHANISM_TYPE *, size_t capacity);
const EVP_MD *mock_digest(CK_MECHANISM_TYPE);
const EVP_MD *mock_mask_digest(CK_RSA_PKCS_MGF_TYPE);

/* ---- The module ---- */

typedef enum { RULE_RETURN, RULE_DELAY, RULE_HANG, RULE_COMMAND } rule_kind;

typedef struct {
    function_id function;
    bool is_after, goes_on;
    unsigned long number, seen;
    rule_kind kind;
    unsigned long value;
    char command[MAXIMUM_LINE];
} rule;

typedef struct {
    CK_MECHANISM_TYPE type, means;
    CK_RV refusal; /* of entries that refuse */
} mechanism_note;

typedef enum { THREADS_SAFE, THREADS_OPENING, THREADS_OBJECTS, THREADS_NONE } thread_form;
/* Read without the mutex, by who comes in: only by atomic operations. */
extern thread_form mock_threads;
/* What the log says of the thread's running call. */
extern _Thread_local char mock_remark[128];

struct mock {
    bool is_initialised, by_somebody_else;
    pid_t process;
    CK_RV dead;
    slot *slots[MAXIMUM_SLOTS];
    size_t slot_count, current; /* the slot that commands speak of */
    session sessions[MAXIMUM_SESSIONS];
    size_t session_top; /* none in use from here on */
    CK_SESSION_HANDLE last_session;
    bool reuses_sessions;
    CK_SLOT_ID events[MAXIMUM_EVENTS];
    size_t event_count;
    rule rules[MAXIMUM_RULES];
    size_t rule_count;
    unsigned long release_epoch, hanging, waiting;
    CK_RV release_result;
    unsigned long calls[FUNCTION_COUNT], all_calls;
    unsigned long wrong_pins, repeated_wrong_pins;
    uint64_t wrong_pin_hashes[64];
    unsigned long generated_seed;

    /* Settings. */
    CK_VERSION version, interface;
    bool has_interface, null_list, lacks[FUNCTION_COUNT];
    bool cant_lock, takes_reserved, keeps_operations, last_error_wins, stops_at_error;
    int accepted_parameters; /* UNSET, or a parameter_form */
    mechanism_note aliases[MAXIMUM_ALIASES], refusals[MAXIMUM_ALIASES];
    size_t alias_count, refusal_count;
    unsigned long slot_query, slot_fetch, mechanism_query, mechanism_fetch; /* counts claimed; ULONG_MAX for the truth */
};

extern struct mock mock;

void mock_reset(void);
void mock_event(CK_SLOT_ID);
/* Lets everybody who waits look again. */
void mock_changed(void);

/* ---- Calls (calls.c) ---- */

typedef struct call {
    function_id function;
    CK_SESSION_HANDLE session;
    int place;
    bool is_decided;
} call;

CK_RV mock_begin(call *, function_id, CK_SESSION_HANDLE);
CK_RV mock_end(call *, CK_RV);
void mock_lock(void);
void mock_unlock(void);
/* Waits for a change, at most so long; false when the time is over. The mutex is released meanwhile. */
bool mock_wait_for_change(uint64_t deadline);
uint64_t mock_now(void);

/* The body of every function of the module. */
#define RUN(name, session, expression)                                                                                         \
    do {                                                                                                                       \
        call running;                                                                                                          \
        CK_RV outcome = mock_begin(&running, F_##name, session);                                                               \
        if (!running.is_decided) outcome = (expression);                                                                       \
        return mock_end(&running, outcome);                                                                                    \
    } while (0)

/* ---- Words (names.c, script.c, log.c) ---- */

extern const char *const mock_function_names[FUNCTION_COUNT];
bool mock_function_named(const char *, function_id *);
/* A constant's name or a number. */
bool mock_constant(const char *, unsigned long *);
const char *mock_return_name(CK_RV);
/* Runs one line; NULL, or what is wrong with it. */
const char *mock_run_line(const char *);
const char *mock_run_lines(const char *);
/* Percent-decodes; false for what is malformed or too long. */
bool mock_decode(const char *, uint8_t *into, size_t capacity, size_t *length);
bool mock_decode_hex(const char *, uint8_t *into, size_t capacity, size_t *length);

void mock_note_call(function_id, CK_RV);
void mock_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mock_clear_log(void);
unsigned long mock_violation_count(void);
/* Reads the script file again if it has changed. NULL, or what is wrong with it. */
const char *mock_read_script_file(void);
/* Whether something was wrong with the file when it was last read. */
bool mock_script_file_is_wrong(void);

#endif
