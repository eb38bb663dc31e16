/* Rows 22, 23 and 32: other processes. */
#include "escape.h"
#include <linux/kcmp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static char octets[16];

static int attach_to(pid_t process)
{
    if (ptrace(PTRACE_SEIZE, process, 0, 0) < 0)
        return errno;
    ptrace(PTRACE_DETACH, process, 0, 0);
    return 0;
}
static int attach(void) { return attach_to(target); }
static int attach_resolver(void) { return attach_to(second_target); }

/* What a debugger does, which must go on. */
static int attach_to_own_child(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int result = attach_to(child);
    kill(child, SIGKILL);
    return result;
}

static int transfer(long call, pid_t process)
{
    struct iovec here = { octets, sizeof octets };
    return CALL(call, process, &here, 1, &here, 1, 0);
}
static int read_memory(void) { return transfer(SYS_process_vm_readv, target); }
static int read_memory_resolver(void) { return transfer(SYS_process_vm_readv, second_target); }
static int write_memory(void) { return transfer(SYS_process_vm_writev, target); }

static int take_descriptor(void)
{
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    if (process < 0)
        return errno;
    return CALL(SYS_pidfd_getfd, process, 0, 0);
}
static int compare(void) { return CALL(SYS_kcmp, getpid(), target, KCMP_FILES, 0, 0); }
static int move_pages_of(void) { return CALL(SYS_move_pages, target, 0, 0, 0, 0, 0); }
static int advise(void)
{
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    struct iovec here = { 0 };
    return CALL(SYS_process_madvise, process, &here, 0, MADV_COLD, 0);
}
static int limits_of(void)
{
    struct { uint64_t soft, hard; } limit = { 0, 0 };
    return CALL(SYS_prlimit64, target, 4 /* RLIMIT_CORE */, &limit, NULL);
}
static int priority(void) { return CALL(SYS_setpriority, 0, target, 10); }
static int schedule(void)
{
    unsigned long cpus = 1;
    return CALL(SYS_sched_setaffinity, target, sizeof cpus, &cpus);
}
static int robust_list(void)
{
    void *head;
    size_t length;
    return CALL(SYS_get_robust_list, target, &head, &length);
}

static int in_proc(pid_t process, const char *file, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", process, file);
    return FAILED(open(path, flags));
}
static int environment(void) { return in_proc(target, "environ", O_RDONLY); }
static int environment_resolver(void) { return in_proc(second_target, "environ", O_RDONLY); }
static int environment_own(void) { return in_proc(getpid(), "environ", O_RDONLY); }
static int environment_thread(void)
{
    char path[64];
    snprintf(path, sizeof path, "task/%d/environ", target);
    return in_proc(target, path, O_RDONLY);
}
static int memory(void) { return in_proc(target, "mem", O_RDWR); }
static int memory_resolver(void) { return in_proc(second_target, "mem", O_RDWR); }
static int maps(void) { return in_proc(target, "maps", O_RDONLY); }
static int root(void) { return in_proc(target, "root", O_PATH | O_DIRECTORY); }
static int directory(void) { return in_proc(target, "cwd", O_PATH | O_DIRECTORY); }
static int program(void) { return in_proc(target, "exe", O_RDONLY); }
static int descriptors(void) { return in_proc(target, "fd", O_RDONLY | O_DIRECTORY); }
static int network(void) { return in_proc(target, "ns/net", O_RDONLY); }
static int stack(void) { return in_proc(target, "syscall", O_RDONLY); }
static int autogroup(void) { return in_proc(target, "oom_score_adj", O_WRONLY); }

/* Every process that is not ours: none shows its environment. */
static int anybody(void)
{
    for (pid_t process = 1; process < 400; process++) {
        char path[64], octet;
        struct stat status;
        snprintf(path, sizeof path, "/proc/%d", process);
        if (stat(path, &status) < 0 || status.st_uid == getuid())
            continue;
        strcat(path, "/environ");
        int file = open(path, O_RDONLY);
        if (file >= 0 && read(file, &octet, 1) >= 0)
            return 0;
    }
    return EACCES;
}

static int end(void) { return FAILED(kill(target, 0)); }
static int kill_it(void) { return FAILED(kill(1, SIGKILL)); }
static int stop_it(void) { return FAILED(kill(1, SIGSTOP)); }
static int crash_it(void) { return FAILED(kill(1, SIGSEGV)); }
static int hang_up(void) { return FAILED(kill(1, SIGHUP)); }
static int kill_resolver(void) { return FAILED(kill(second_target, SIGKILL)); }
static int stop_resolver(void) { return FAILED(kill(second_target, SIGSTOP)); }
static int crash_resolver(void) { return FAILED(kill(second_target, SIGSEGV)); }
static int signal_by_descriptor(void)
{
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    if (process < 0)
        return errno;
    return CALL(SYS_pidfd_send_signal, process, 0, NULL, 0);
}
/* The kernel's own way: a descriptor of somebody else's that sends us, or whoever we name, SIGIO. */
static int owner_signal(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        return errno;
    fcntl(ends[0], F_SETOWN, 1);
    fcntl(ends[0], F_SETFL, O_ASYNC);
    /* The signal is checked when it is sent, so nothing is refused and nothing may arrive. */
    return FAILED(write(ends[1], "x", 1));
}
static int namesake(void) { return FAILED(prctl(PR_SET_NAME, "codetainer")); }

const struct attempt processes[] = {
    { 22, "ptrace-init", "EPERM", "done", attach },
    { 22, "ptrace-resolver", "EPERM", "done", attach_resolver },
    { 22, "ptrace-own-child", "done", "done", attach_to_own_child },
    { 22, "process_vm_readv-init", "EPERM", "done", read_memory },
    { 22, "process_vm_readv-resolver", "EPERM", "done", read_memory_resolver },
    { 22, "process_vm_writev-init", "EPERM", "done", write_memory },
    { 22, "pidfd_getfd-init", "EPERM", "done", take_descriptor },
    { 22, "kcmp-init", "EPERM", "done", compare },
    { 22, "move_pages-init", "EPERM", "done", move_pages_of },
    { 22, "process_madvise-init", "EPERM|EACCES", "done", advise },
    { 22, "prlimit-init", "EPERM", "done", limits_of },
    { 22, "setpriority-init", "EPERM", "done", priority },
    { 22, "sched_setaffinity-init", "EPERM", "done", schedule },
    { 22, "get_robust_list-init", "EPERM", "done", robust_list },
    /* ENOENT where hidepid works, EACCES and EPERM where the container could not mount. */
    { 23, "environ-init", "ENOENT|EACCES", "done", environment },
    { 23, "environ-thread", "ENOENT|EACCES", "done", environment_thread },
    { 23, "environ-resolver", "ENOENT|EACCES", "done", environment_resolver },
    { 23, "environ-own", "done", "done", environment_own },
    { 23, "environ-of-anybody-else", "EACCES", NULL, anybody },
    { 23, "mem-init", "ENOENT|EACCES", "done", memory },
    { 23, "mem-resolver", "ENOENT|EACCES", "done", memory_resolver },
    { 23, "maps-init", "ENOENT|EACCES", "done", maps },
    { 23, "root-init", "ENOENT|EACCES", "done", root },
    { 23, "cwd-init", "ENOENT|EACCES", "done", directory },
    { 23, "exe-init", "ENOENT|EACCES", "done", program },
    { 23, "fd-init", "ENOENT|EACCES", "done", descriptors },
    { 23, "namespace-init", "ENOENT|EACCES", "done", network },
    { 23, "syscall-init", "ENOENT|EACCES", "done", stack },
    { 23, "oom-score-init", "ENOENT|EACCES", "done", autogroup },
    { 32, "signal-0-init", "EPERM", "done", end },
    { 32, "kill-init", "EPERM", NULL, kill_it },
    { 32, "stop-init", "EPERM", NULL, stop_it },
    { 32, "crash-init", "EPERM", NULL, crash_it },
    { 32, "hang-up-init", "EPERM", NULL, hang_up },
    { 32, "kill-resolver", "EPERM", NULL, kill_resolver },
    { 32, "stop-resolver", "EPERM", NULL, stop_resolver },
    { 32, "crash-resolver", "EPERM", NULL, crash_resolver },
    { 32, "pidfd_send_signal-init", "EPERM", "done", signal_by_descriptor },
    { 32, "owner-signal-init", "done", NULL, owner_signal },
    { 32, "own-name", "done", "done", namesake },
    { 0 },
};
