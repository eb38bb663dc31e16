#define _GNU_SOURCE
#include "CLinuxAttempts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long make(const long *call)
{
    return syscall(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
}

/* Each result at once, so that those before a call that ends the process are known. A second child,
   which a call may make, has another number and says nothing. */
static void make_all(const long *calls, int count, int results)
{
    long self = syscall(SYS_getpid);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (int i = 0; i < count; i++) {
        int error = make(calls + i * CODETAINER_CALL_WORDS) < 0 ? errno : 0;
        if (syscall(SYS_getpid) != self || write(results, &error, sizeof error) != sizeof error)
            break;
    }
    _exit(0);
}

int codetainer_attempt(const long *calls, int count, int copies, int *errors, int *made)
{
    int pipe[2], status = 0;
    *made = 0;
    if (pipe2(pipe, O_CLOEXEC) != 0)
        return -1;
    pid_t child = copies ? fork() : vfork();
    if (child == 0)
        make_all(calls, count, pipe[1]);
    int cause = errno;
    close(pipe[1]);
    while (child > 0 && *made < count && read(pipe[0], errors + *made, sizeof *errors) == sizeof *errors)
        ++*made;
    close(pipe[0]);
    if (child < 0) {
        errno = cause;
        return -1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
