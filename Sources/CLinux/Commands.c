#define _GNU_SOURCE
#include "CLinuxCommands.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t change_mask(int how, uint64_t mask)
{
    uint64_t before = 0;
    syscall(SYS_rt_sigprocmask, how, &mask, &before, sizeof mask);
    return before;
}

uint64_t codetainer_block_signals(void)
{
    /* A parent that ignores its children's ends hands that down, and then there is nothing to wait
       for. What else is ignored stays so: a blocked signal arrives all the same. */
    signal(SIGCHLD, SIG_DFL);
    return change_mask(SIG_SETMASK, ~(uint64_t)0);
}

int codetainer_take_signal(int64_t nanoseconds, int *sender)
{
    const uint64_t every = ~(uint64_t)0;
    const struct timespec time = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
    siginfo_t information = { 0 };
    long number = syscall(
        SYS_rt_sigtimedwait, &every, &information, nanoseconds < 0 ? NULL : &time, sizeof every);
    *sender = number > 0 ? information.si_pid : 0;
    return (int)number;
}

/* By hand, not posix_spawn(3): that leaves signals 32 and 33 ignored, and fails where a terminal has
   just gone. Every signal is blocked until the exec, so nothing of the caller's runs in its memory. */
int codetainer_start_command(
    const char *path, char **words, char **environment, uint64_t mask, int terminal, int *process)
{
    volatile int error = 0;
    pid_t child = vfork();
    if (child == 0) {
        setpgid(0, 0);
        if (terminal >= 0)
            tcsetpgrp(terminal, getpid());
        change_mask(SIG_SETMASK, mask);
        execve(path, words, environment);
        error = errno;
        _exit(127);
    }
    if (child < 0)
        return errno;
    if (error != 0)
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    *process = child;
    return error;
}

int codetainer_suspend(int signal)
{
    const uint64_t bit = (uint64_t)1 << (signal - 1);
    uint64_t pending = 0;
    kill(getpid(), signal);
    change_mask(SIG_UNBLOCK, bit);
    change_mask(SIG_BLOCK, bit);
    /* What continued it is blocked, and so waits to be taken. */
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    return pending >> (SIGCONT - 1) & 1;
}

int codetainer_reap(int *process, int *status)
{
    do
        *process = waitpid(-1, status, WNOHANG | WUNTRACED);
    while (*process < 0 && errno == EINTR);
    return *process <= 0 ? 0 : WIFSTOPPED(*status) ? 2 : 1;
}
