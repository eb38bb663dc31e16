#define _GNU_SOURCE
#include "CLinuxCommands.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
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
       for. What else is ignored stays so: a blocked signal arrives all the same. To set what is set
       already would lose the end of a child that was started early. */
    struct sigaction before;
    if (sigaction(SIGCHLD, NULL, &before) == 0 &&
        (before.sa_handler != SIG_DFL || before.sa_flags & SA_NOCLDWAIT))
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

int codetainer_add_foreground(posix_spawn_file_actions_t *actions)
{
    return posix_spawn_file_actions_addtcsetpgrp_np(actions, 0);
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

/* 1 ended, 2 stopped, 0 neither, -1 there is no such child. */
static int look(int which, int *process, int *status)
{
    do
        *process = waitpid(which, status, WNOHANG | WUNTRACED);
    while (*process < 0 && errno == EINTR);
    return *process <= 0 ? *process : WIFSTOPPED(*status) ? 2 : 1;
}

int codetainer_reap(int *process, int *status)
{
    const int found = look(-1, process, status);
    return found < 0 ? 0 : found;
}

int codetainer_look_after(int process, int *status)
{
    return look(process, &process, status);
}

int codetainer_keeps_ends(void)
{
    struct utsname system;
    unsigned major = 0, minor = 0;
    if (uname(&system) != 0 || sscanf(system.release, "%u.%u", &major, &minor) != 2)
        return 0;
    return major > 6 || (major == 6 && minor >= 15);
}

static void nothing(int signal) { (void)signal; }

/* A handler, though the signal is blocked: to set SIG_DFL would lose one that is pending. */
int codetainer_leave_reaping(void)
{
    const struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_NOCLDWAIT };
    return sigaction(SIGCHLD, &action, NULL);
}

/* linux/pidfd.h, whose form on the machine that builds may be older: struct pidfd_info up to what
   came with PIDFD_INFO_EXIT. */
struct pidfd_end {
    uint64_t mask;
    uint64_t control_group;
    uint32_t numbers[3], identities[8];
    int32_t exit_code;
};

int codetainer_pidfd_end(int descriptor, int *status)
{
    const uint64_t wanted = 1 << 3;
    struct pidfd_end end = { .mask = wanted };
    if (ioctl(descriptor, _IOWR(0xFF, 11, struct pidfd_end), &end) != 0)
        return -1;
    if (!(end.mask & wanted))
        return 0;
    *status = end.exit_code;
    return 1;
}
