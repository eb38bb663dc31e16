/* `init [--] COMMAND` as PID 1, without an option: the command is started first, and this program
   gets itself ready while that starts, too.

   What is done is what Reaper does (CommandSearch, CommandVectors.start), and only where it works at
   the first attempt. Where anything is otherwise, everything is put back and nothing is said: Reaper
   then does it again, and knows what to say. Signals stay blocked once the command is there, so none
   is lost before somebody takes them (OwnSignals). */
#include "CStartUp.h"
#include "BeforeRelocation.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <stddef.h>
#include <sys/syscall.h>

/* Volatile: the child between vfork(2) and exec writes to it. */
static volatile int command;

int codetainer_early_command(void) { return command; }

/* Of the kernel's sigaction(2), whose form the C library's is not. */
struct action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static inline __attribute__((always_inline)) int has_prefix(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return 0;
    return 1;
}

static inline __attribute__((always_inline)) const char *last_part(const char *path)
{
    const char *part = path;
    for (; *path; path++)
        if (*path == '/')
            part = path + 1;
    return part;
}

/* The command's words; NULL when there is something to decide. A link's name is a command, too. */
static inline __attribute__((always_inline)) char **plain_command(char **words, char **environment)
{
    if (!words[0] || has_prefix(last_part(words[0]), "status") || has_prefix(last_part(words[0]), "attach"))
        return NULL;
    if (!words[1] || !has_prefix(words[1], "init") || words[1][4] || !words[2])
        return NULL;
    words += 2;
    if (words[0][0] == '-') {
        if (words[0][1] != '-' || words[0][2])
            return NULL;
        words++;
    }
    /* What InitOptions reads. */
    for (; *environment; environment++)
        if (has_prefix(*environment, "TINI_") || has_prefix(*environment, "DUMB_INIT_") ||
            has_prefix(*environment, "CODETAINER_"))
            return NULL;
    return words[0] && words[0][0] ? words : NULL;
}

/* The terminal that obeys this process's group; -1 for none. */
static inline __attribute__((always_inline)) int own_terminal(int group)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        int foreground = 0;
        if (raw_call(SYS_ioctl, descriptor, TIOCGPGRP, (long)&foreground, 0, 0) == 0)
            return foreground == group ? descriptor : -1;
    }
    return -1;
}

/* execvp(3), up to the first file that is there and is no program; in vfork(2)'s child. */
static inline __attribute__((always_inline)) void execute(char **words, char **environment)
{
    char file[PATH_MAX];
    const char *path = "/bin:/usr/bin";
    for (const char *letter = words[0]; *letter; letter++)
        if (*letter == '/') {
            raw_call(SYS_execve, (long)words[0], (long)words, (long)environment, 0, 0);
            return;
        }
    for (char **entry = environment; *entry; entry++)
        if (has_prefix(*entry, "PATH=")) {
            path = *entry + 5;
            break;
        }
    for (;; path++) {
        size_t length = 0;
        for (; *path && *path != ':'; path++)
            if (length < sizeof file)
                file[length++] = *path;
        if (length != 0 && length < sizeof file)
            file[length++] = '/';
        for (const char *letter = words[0]; length < sizeof file; letter++) {
            file[length++] = *letter;
            if (!*letter)
                break;
        }
        /* One that does not fit is too long for the kernel, too. */
        long result = -ENAMETOOLONG;
        if (file[length - 1] == 0)
            result = raw_call(SYS_execve, (long)file, (long)words, (long)environment, 0, 0);
        if ((result != -ENOENT && result != -ENOTDIR && result != -EACCES && result != -ENAMETOOLONG) || !*path)
            return;
    }
}

BEFORE_RELOCATION void codetainer_start_early(char **words, char **environment)
{
    words = plain_command(words, environment);
    if (!words || raw_call(SYS_getpid, 0, 0, 0, 0, 0) != 1)
        return;
    const struct action initial = { 0 };
    const unsigned long every = ~0UL;
    unsigned long mask = 0;
    /* For a parent that ignores its children's ends, as codetainer_block_signals has it. */
    raw_call(SYS_rt_sigaction, SIGCHLD, (long)&initial, 0, sizeof every, 0);
    raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&every, (long)&mask, sizeof mask, 0);
    const int group = (int)raw_call(SYS_getpgid, 0, 0, 0, 0, 0);
    const int terminal = own_terminal(group);
    const long child = raw_call(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        const int own = (int)raw_call(SYS_getpid, 0, 0, 0, 0, 0);
        raw_call(SYS_setpgid, 0, 0, 0, 0, 0);
        if (terminal >= 0)
            raw_call(SYS_ioctl, terminal, TIOCSPGRP, (long)&own, 0, 0);
        raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
        execute(words, environment);
        command = -1;
        raw_call(SYS_exit_group, 127, 0, 0, 0, 0);
    }
    if (child > 0 && command == 0) {
        command = (int)child;
        return;
    }
    command = 0;
    if (child > 0)
        while (raw_call(SYS_wait4, child, 0, 0, 0, 0) == -EINTR)
            ;
    if (terminal >= 0)
        raw_call(SYS_ioctl, terminal, TIOCSPGRP, (long)&group, 0, 0);
    raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
}
