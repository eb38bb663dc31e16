/* Attempts to leave the cage: each is one act, whose errno says what stopped it. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The result of an act: 0, or the errno that it ended with. */
typedef int act(void);

struct attempt {
    int row;             /* of the catalogue, shared/design/threats.md */
    const char *name;
    const char *caged;   /* what it must come to in the cage: `done`, or errnos with `|` between */
    const char *control; /* the same as root, outside of it */
    act *run;
};

/* An errno for an act that succeeds where it must not, or the other way round. */
#define FAILED(expression) ((expression) < 0 ? errno : 0)
#define CALL(number, ...) FAILED(syscall(number, __VA_ARGS__))

/* Whom the attack is about: PID 1 of the cage, and a child of our own in the control. */
extern pid_t target;
/* The same: the resolver. */
extern pid_t second_target;

extern const struct attempt processes[], mounts[], calls[], identity[], terminals[], files[];
