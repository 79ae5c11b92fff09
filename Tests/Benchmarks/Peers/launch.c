/*
 * Runs one program, and tells how long it took and how much memory it had at most.
 *
 *   launch SECONDS OUTPUT ERRORS PROGRAM [ARGUMENT...]
 *
 * The program's standard output and error go to the two files; after SECONDS it is killed. Prints its exit status (-1 if
 * a signal ended it), nanoseconds from spawn to wait and of processor time, and the peak resident size in kilobytes.
 *
 * A small program of its own, because Linux counts the memory of the process that spawned a program as the program's:
 * what a large benchmark spawns never looks smaller than the benchmark.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "usage: launch SECONDS OUTPUT ERRORS PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, arguments[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);

    // SIGCHLD is blocked here and waited for with a limit; the program starts with nothing blocked.
    sigset_t child, none;
    sigemptyset(&none);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

    pid_t process;
    long long before = now();
    int status = posix_spawnp(&process, arguments[4], &actions, &attributes, arguments + 4, environ);
    if (status != 0) {
        fprintf(stderr, "%s: %s\n", arguments[4], strerror(status));
        return 1;
    }
    long long end = before + atoi(arguments[1]) * 1000000000ll;
    struct rusage usage;
    for (;;) {
        pid_t ended = wait4(process, &status, WNOHANG, &usage);
        if (ended == process) break;
        if (ended < 0 && errno != EINTR) return 1;
        long long left = end - now();
        if (left <= 0) {
            kill(process, SIGKILL);
            while (wait4(process, &status, 0, &usage) < 0 && errno == EINTR) {}
            fprintf(stderr, "%s did not end within %s s\n", arguments[4], arguments[1]);
            return 124;
        }
        struct timespec limit = {left / 1000000000, left % 1000000000};
        sigtimedwait(&child, NULL, &limit);
    }
    long long wall = now() - before;
    long long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000ll + usage.ru_utime.tv_usec
                    + usage.ru_stime.tv_usec;
    printf("status=%d wall=%lld cpu=%lld peak=%ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, wall, cpu * 1000,
           usage.ru_maxrss);
    return 0;
}
