/*
 * Tells ThreadSanitizer what Swift's Mutex does where two threads meet at it. A program locks a free mutex with instructions
 * of its own, which are instrumented; for one that is taken it calls Swift's library, which is not, so that all that the
 * mutex guards would be reported as a race. The functions here take the place of those of the library, and call them.
 *
 * Linked into programs that are built with ThreadSanitizer and export their symbols; empty in any other. The symbols are
 * those of Linux, and part of the library's stable interface.
 */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void lock_function(uint32_t thread, SELF);
typedef SWIFT bool try_lock_function(SELF);
typedef SWIFT void unlock_function(SELF);

static lock_function *swift_lock;
static try_lock_function *swift_try_lock;
static unlock_function *swift_unlock;

static void *find(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        fprintf(stderr, "Swift's mutexes are made of other functions than %s now\n", name);
        abort();
    }
    return function;
}

__attribute__((constructor)) static void find_all(void) {
    swift_lock = (lock_function *)find(LOCK);
    swift_try_lock = (try_lock_function *)find(TRY_LOCK);
    swift_unlock = (unlock_function *)find(UNLOCK);
}

SWIFT void lock_slowly(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock_slowly(uint32_t thread, SELF) {
    swift_lock(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT bool try_lock_slowly(SELF) __asm__(TRY_LOCK);
SWIFT bool try_lock_slowly(SELF) {
    bool is_locked = swift_try_lock(mutex);
    if (is_locked) __tsan_acquire(mutex);
    return is_locked;
}

SWIFT void unlock_slowly(SELF) __asm__(UNLOCK);
SWIFT void unlock_slowly(SELF) {
    __tsan_release(mutex);
    swift_unlock(mutex);
}

#endif
#endif
