/* Starting one command and minding it, as an init does that is nothing else. Signals are numbers from
   1 to 64 and a mask has bit n-1 for n, as the kernel has them: libc's own sets leave out 32 and 33. */
#pragma once

#include <spawn.h>
#include <stdint.h>

/** Blocks every signal that can be and gives back the mask as it was. */
uint64_t codetainer_block_signals(void);
/** Takes the next signal, waiting so long for it (for ever when negative): its number, or -1. `sender`
    is the process that sent it, or 0 for the kernel and for a process that cannot be seen from here. */
int codetainer_take_signal(int64_t nanoseconds, int *sender);
/** Starts `path` in a process group of its own, with this mask and every signal that was ignored still
    ignored. With a terminal (not -1) the group comes to its foreground first, if it can. The result is
    0 or an error number. */
int codetainer_start_command(
    const char *path, char **words, char **environment, uint64_t mask, int terminal, int *process);
/** Has a started process bring its own group to the foreground of its standard input; an error number. */
int codetainer_add_foreground(posix_spawn_file_actions_t *actions);
/** Stops the calling process by a signal that is blocked otherwise: 1 once it was continued, 0 where
    the kernel does not let it stop. */
int codetainer_suspend(int signal);
/** waitpid(2) for any child that has ended or stopped, without waiting: 1 ended, 2 stopped. */
int codetainer_reap(int *process, int *status);

/** Whether the kernel keeps how a process ended for who holds its descriptor, when nobody waits for
    it: PIDFD_INFO_EXIT, Linux 6.15. */
int codetainer_keeps_ends(void);
/** From here on the kernel reaps every child itself (SA_NOCLDWAIT of sigaction(2)); SIGCHLD comes as
    before. */
int codetainer_leave_reaping(void);
/** waitpid(2) for this child, without waiting: 1 ended, 2 stopped, 0 neither, -1 it is not there. */
int codetainer_look_after(int process, int *status);
/** How the process of the descriptor ended, as waitpid(2) has it: 1, 0 before it is reaped, or -1. */
int codetainer_pidfd_end(int descriptor, int *status);
