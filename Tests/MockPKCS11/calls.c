/* What happens around every call: counting, rules, sleeping and hanging, the log, and watching who is in the module. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

thread_form mock_threads;
_Thread_local char mock_remark[128];

/* Who is in the module now, whether running or waiting for the mutex. Guarded by a lock of its own, so that those who wait
 * are seen. */
typedef struct {
    bool is_used;
    function_id function;
    CK_SESSION_HANDLE session;
} presence;
#define MAXIMUM_PRESENCES 256
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static presence present[MAXIMUM_PRESENCES];

static void before_fork(void) {
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&door);
}

static void after_fork_in_parent(void) {
    pthread_mutex_unlock(&door);
    pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void) {
    memset(present, 0, sizeof present);
    pthread_mutex_unlock(&door);
    pthread_mutex_unlock(&lock);
}

static void set_up(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    mock_reset();
}

void mock_lock(void) {
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
}

void mock_unlock(void) { pthread_mutex_unlock(&lock); }

void mock_changed(void) { pthread_cond_broadcast(&changed); }

uint64_t mock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool mock_wait_for_change(uint64_t deadline) {
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000), .tv_nsec = (long)(deadline % 1000) * 1000000};
    return pthread_cond_timedwait(&changed, &lock, &until) != ETIMEDOUT;
}

static void sleep_for(unsigned long milliseconds) {
    if (milliseconds > MAXIMUM_WAIT_MILLISECONDS) milliseconds = MAXIMUM_WAIT_MILLISECONDS;
    struct timespec left = {.tv_sec = (time_t)(milliseconds / 1000), .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    mock_unlock();
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
    mock_lock();
}

/* Waits until `release`, or `reset`. Returns what the call is to return then, or CKR_OK for what it would have. */
static CK_RV hang(void) {
    unsigned long epoch = mock.release_epoch;
    uint64_t deadline = mock_now() + MAXIMUM_WAIT_MILLISECONDS;
    mock.hanging++;
    mock_changed();
    while (epoch == mock.release_epoch && mock_wait_for_change(deadline)) continue;
    if (mock.hanging > 0) mock.hanging--;
    return mock.release_result;
}

/* ---- Who is in ---- */

static bool opens_or_closes(function_id function) {
    return function == F_C_OpenSession || function == F_C_CloseSession || function == F_C_CloseAllSessions;
}

static bool changes_objects(function_id function) {
    return function == F_C_GenerateKeyPair || function == F_C_CreateObject || function == F_C_DestroyObject
           || function == F_C_SetAttributeValue;
}

static bool minds_objects(function_id function) { return changes_objects(function) || function == F_C_FindObjectsInit; }

/* The mutex is not held. Returns the place to leave, or -1. Writes down what must not be, to be told under the mutex. */
static int come_in(function_id function, CK_SESSION_HANDLE session, char *offence, size_t capacity) {
    int place = -1;
    thread_form threads = __atomic_load_n(&mock_threads, __ATOMIC_RELAXED);
    pthread_mutex_lock(&door);
    for (int i = 0; i < MAXIMUM_PRESENCES; i++) {
        const presence *other = &present[i];
        if (!other->is_used) {
            if (place < 0) place = i;
            continue;
        }
        const char *names[2] = {mock_function_names[function], mock_function_names[other->function]};
        if (session != 0 && session == other->session)
            snprintf(offence, capacity, "two threads in one session: %s during %s", names[0], names[1]);
        else if (threads == THREADS_NONE)
            snprintf(offence, capacity, "two threads in a module that cannot lock: %s during %s", names[0], names[1]);
        else if (threads == THREADS_OPENING && opens_or_closes(function) && opens_or_closes(other->function))
            snprintf(offence, capacity, "two threads open sessions at once: %s during %s", names[0], names[1]);
        else if (
            threads == THREADS_OBJECTS && minds_objects(function) && minds_objects(other->function)
            && (changes_objects(function) || changes_objects(other->function)))
            snprintf(offence, capacity, "objects change while others look: %s during %s", names[0], names[1]);
    }
    if (place >= 0) present[place] = (presence){true, function, session};
    pthread_mutex_unlock(&door);
    return place;
}

static void go_out(int place) {
    if (place < 0) return;
    pthread_mutex_lock(&door);
    present[place].is_used = false;
    pthread_mutex_unlock(&door);
}

/* ---- Rules ---- */

/* Does what rules say of this call. Returns true if one decides its result. */
static bool apply_rules(function_id function, bool is_after, CK_RV *result) {
    /* Rules may change rules, and others may while this call sleeps, so that those which apply are copied first. */
    rule chosen[MAXIMUM_RULES];
    size_t count = 0;
    for (size_t i = 0; i < mock.rule_count; i++) {
        rule *rule = &mock.rules[i];
        if (rule->is_after != is_after || (rule->function != function && rule->function != ANY_FUNCTION)) continue;
        rule->seen++;
        if (rule->seen == rule->number || (rule->goes_on && rule->seen > rule->number)) chosen[count++] = *rule;
    }
    bool is_decided = false;
    for (size_t i = 0; i < count; i++) {
        const rule *rule = &chosen[i];
        const char *trouble;
        switch (rule->kind) {
        case RULE_RETURN:
            *result = rule->value;
            is_decided = true;
            break;
        case RULE_DELAY: sleep_for(rule->value); break;
        case RULE_HANG: {
            CK_RV released = hang();
            if (released == CKR_OK) break;
            *result = released;
            is_decided = true;
            break;
        }
        case RULE_COMMAND:
            trouble = mock_run_line(rule->command);
            if (trouble) mock_violation("script: %s", trouble);
            break;
        }
    }
    return is_decided;
}

/* ---- Calls ---- */

static bool works_uninitialised(function_id function) {
    return function == F_C_Initialize || function == F_C_GetFunctionList || function == F_C_GetInterface
           || function == F_C_GetInterfaceList;
}

static bool works_dead(function_id function) {
    return works_uninitialised(function) || function == F_C_Finalize || function == F_C_GetInfo;
}

CK_RV mock_begin(call *call, function_id function, CK_SESSION_HANDLE handle) {
    char offence[160] = "";
    CK_RV result = CKR_OK;
    *call = (struct call){.function = function, .session = handle};
    *mock_remark = 0;
    pthread_once(&once, set_up);
    call->place = come_in(function, handle, offence, sizeof offence);
    mock_lock();
    if (*offence) mock_violation("%s", offence);
    const char *trouble = mock_read_script_file();
    if (trouble) mock_violation("script file: %s", trouble);
    mock.calls[function]++;
    mock.all_calls++;
    mock_changed();
    if (mock.is_initialised && mock.process != getpid()) {
        mock.process = getpid();
        mock.is_initialised = false;
        for (size_t i = 0; i < mock.slot_count; i++) mock_end_sessions(i, 0);
    }
    if (apply_rules(function, false, &result)) {
        call->is_decided = true;
    } else if (!mock.is_initialised && !works_uninitialised(function)) {
        result = CKR_CRYPTOKI_NOT_INITIALIZED;
        call->is_decided = true;
    } else if (mock.dead != CKR_OK && !works_dead(function)) {
        result = mock.dead;
        call->is_decided = true;
    }
    return result;
}

static bool ends_operation(function_id function) {
    return function == F_C_Sign || function == F_C_SignUpdate || function == F_C_SignFinal || function == F_C_Decrypt;
}

CK_RV mock_end(call *call, CK_RV result) {
    CK_RV other;
    if (apply_rules(call->function, true, &other)) result = other;
    if (result != CKR_OK && result != CKR_BUFFER_TOO_SMALL && ends_operation(call->function) && !mock.keeps_operations) {
        for (size_t i = 0; i < mock.session_top; i++)
            if (mock.sessions[i].handle == call->session && call->session != 0) mock_end_operation(&mock.sessions[i]);
    }
    mock_note_call(call->function, result);
    mock_changed();
    mock_unlock();
    go_out(call->place);
    return result;
}
