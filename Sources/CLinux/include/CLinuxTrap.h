/* What happens when PID 1 traps in its own code: it becomes itself again, from its last state.

   This is the one handler of signals in the program, and C because nothing of Swift's may run in
   one (signal-safety(7)). It reads memory that was prepared before, and makes the calls fcntl,
   clock_gettime, write, execveat and _exit; it allocates nothing and waits for nothing. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Most descriptors that a state has. */
enum { codetainer_most_descriptors = 512 };
/** Most earlier traps that are handed on. */
enum { codetainer_most_traps = 64 };

/** Catches the signals that a defect in this program causes, on a stack of their own, and keeps the
    program's file open for execveat(2). Without a state a trap ends the process with code 70. */
int codetainer_trap_catch(void);
/** Traps of the last minute, as moments of CLOCK_MONOTONIC in nanoseconds, with how many more there
    may be before the process ends at once. */
void codetainer_trap_remember(const int64_t *moments, size_t count, size_t limit);
/** Makes `state` what a trap comes back to, with `descriptors` open; at every instant the one before or
    this one is whole. Returns the file of the one before, which is the caller's to close, or -1. */
int codetainer_trap_keep(int state, const int *descriptors, size_t count);
/** From here on there is nothing to come back to: a trap ends the process. Returns the state's file, or -1. */
int codetainer_trap_forget(void);
/** Lets the state and its descriptors pass through the exec of `program` (-1: of the own one); comes
    back, with close-on-exec set again, only when that failed. */
int codetainer_trap_pass_on(int program);
/** Sets the calling thread's mask to what signalfd reads, and nothing more: an exec in the handler
    leaves all blocked. */
int codetainer_trap_unblock(const void *sigset);

/** memfd_secret(2): memory that the kernel itself has no mapping of. */
int codetainer_memfd_secret(void);
