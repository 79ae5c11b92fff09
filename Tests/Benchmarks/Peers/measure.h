/*
 * What the peers have in common: a clock, a common start for all threads, and one line of figures.
 *
 * Every thread signs as a warm-up until all threads are ready, then measures until the common end, so that threads are
 * measured beside each other only. The figures of all threads are taken together; the rate is their sum.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MEASURE_MAXIMUM_THREADS 64
#define MEASURE_MAXIMUM_SAMPLES (1 << 20)
#define MEASURE_WARM_UP_NANOSECONDS 20000000ull

typedef struct measure_plan {
    int threads;
    uint64_t nanoseconds;
    atomic_int ready;
    atomic_ullong start; /* 0 until all threads are ready */
} measure_plan;

typedef struct measure_thread {
    measure_plan *plan;
    void *context;
    int (*sign)(void *context); /* 0 for a signature made */
    uint32_t *samples;          /* nanoseconds of each signature */
    size_t count;
    int failed;
} measure_thread;

static uint64_t measure_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void *measure_run(void *argument) {
    measure_thread *thread = argument;
    measure_plan *plan = thread->plan;
    if (thread->sign(thread->context) != 0) thread->failed = 1;
    if (atomic_fetch_add(&plan->ready, 1) + 1 == plan->threads)
        atomic_store(&plan->start, measure_now() + MEASURE_WARM_UP_NANOSECONDS);
    for (;;) {
        uint64_t start = atomic_load(&plan->start);
        uint64_t before = measure_now();
        /* A thread that had no turn at all in its time makes one more: other work may have held it up for longer. */
        if (start != 0 && before >= start + plan->nanoseconds && thread->count > 0) break;
        if (thread->failed || thread->sign(thread->context) != 0) thread->failed = 1;
        uint64_t taken = measure_now() - before;
        if (thread->failed && start != 0) break;
        if (start != 0 && before >= start && thread->count < MEASURE_MAXIMUM_SAMPLES)
            thread->samples[thread->count++] = taken > UINT32_MAX ? UINT32_MAX : (uint32_t)taken;
    }
    return NULL;
}

static int measure_compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Measures one loop for each context, prints the line, and returns the exit status. */
static int measure(int threads, unsigned milliseconds, int (*sign)(void *), void **contexts) {
    measure_plan plan = {.threads = threads, .nanoseconds = (uint64_t)milliseconds * 1000000ull};
    measure_thread work[MEASURE_MAXIMUM_THREADS] = {0};
    pthread_t handles[MEASURE_MAXIMUM_THREADS];
    for (int i = 0; i < threads; i++) {
        work[i] = (measure_thread){.plan = &plan, .context = contexts[i], .sign = sign};
        work[i].samples = malloc(MEASURE_MAXIMUM_SAMPLES * sizeof(uint32_t));
        if (work[i].samples == NULL) return 1;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&handles[i], NULL, measure_run, &work[i]) != 0) return 1;
    size_t total = 0;
    int failed = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        total += work[i].count;
        failed |= work[i].failed;
    }
    if (failed || total == 0) {
        fprintf(stderr, "signing failed\n");
        return 1;
    }
    uint32_t *all = malloc(total * sizeof(uint32_t));
    if (all == NULL) return 1;
    size_t filled = 0;
    for (int i = 0; i < threads; i++)
        for (size_t j = 0; j < work[i].count; j++) all[filled++] = work[i].samples[j];
    qsort(all, total, sizeof(uint32_t), measure_compare);
    printf("p50=%u p99=%u operations=%zu rate=%.1f\n", all[total / 2], all[total - 1 - total / 100], total,
           (double)total * 1e9 / (double)plan.nanoseconds);
    return 0;
}

#endif
