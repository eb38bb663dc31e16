/* Row 26: kernel interfaces that exploits are built from, and the ways past a filter. */
#include "escape.h"
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/time.h>

/* Each is called so that root, too, gets an error that changes nothing: the filter answers first. */
static int ring(void) { return CALL(SYS_io_uring_setup, 1, 0); }
static int ring_enter(void) { return CALL(SYS_io_uring_enter, -1, 0, 0, 0, 0, 0); }
static int ring_register(void) { return CALL(SYS_io_uring_register, -1, 0, 0, 0); }
static int program(void) { return CALL(SYS_bpf, 5, 0, 0); }
static int counter(void) { return CALL(SYS_perf_event_open, 0, 0, -1, -1, 0); }
static int faults(void) { return CALL(SYS_userfaultfd, 0); }
static int key_add(void) { return CALL(SYS_add_key, "user", "escape", "x", 1, -2); }
static int key_request(void) { return CALL(SYS_request_key, "user", "escape", 0, 0); }
static int key_control(void) { return CALL(SYS_keyctl, 0, -3, 0); }
static int kernel(void) { return CALL(SYS_kexec_load, 0, 1000, 0, 0); }
static int kernel_file(void) { return CALL(SYS_kexec_file_load, -1, -1, 0, 0, 0); }
static int module(void) { return CALL(SYS_init_module, 0, 0, ""); }
static int module_file(void) { return CALL(SYS_finit_module, -1, "", 0); }
static int module_remove(void) { return CALL(SYS_delete_module, "no such module", O_NONBLOCK); }
static int restart(void) { return CALL(SYS_reboot, 0, 0, 0, 0); }
static int swap(void) { return CALL(SYS_swapon, 0, 0); }
static int swap_off(void) { return CALL(SYS_swapoff, 0); }
static int account(void) { return CALL(SYS_acct, "/nonexistent"); }
static int quota(void) { return CALL(SYS_quotactl, -1, 0, 0, 0); }
static int kernel_log(void) { return CALL(SYS_syslog, 10, 0, 0); }
static int clock_step(void)
{
    struct timespec time = { 0, -1 };
    return CALL(SYS_clock_settime, 0, &time);
}
static int clock_day(void)
{
    struct timeval time = { 0, -1 };
    return CALL(SYS_settimeofday, &time, 0);
}
static int clock_bend(void) { return CALL(SYS_adjtimex, 0); }
static int handle(void)
{
    struct { uint32_t bytes; int type; char data[8]; } file = { 8, 1, "" };
    return CALL(SYS_open_by_handle_at, -1, &file, O_RDONLY);
}
static int domain(void) { return FAILED(personality(ADDR_NO_RANDOMIZE)); }
static int domain_question(void) { return FAILED(personality(0xffffffff)); }
static int hang_up(void) { return CALL(SYS_vhangup, 0); }
static int seccomp_again(void) { return CALL(SYS_seccomp, 0, 1, 0); }
static int seccomp_off(void) { return FAILED(prctl(PR_SET_SECCOMP, 0, 0, 0, 0)); }

#ifdef __x86_64__
static int ports(void) { return CALL(SYS_iopl, 3); }
static int port(void) { return CALL(SYS_ioperm, 0x80, 1, 1); }
/* getpid(2), number 20, by way of the 32-bit entry: no call is as harmless. */
static int entry_32(void)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(20) : "memory");
    return result > 0 ? 0 : ENOSYS;
}
static int entry_32_mount(void)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(21), "b"(0), "c"(0), "d"(0) : "memory");
    return -result;
}
/* The same with the bit that says x32. */
static int entry_x32(void) { return CALL(0x40000000 + SYS_getpid, 0); }
static int entry_x32_ptrace(void) { return CALL(0x40000000 + 521, 0x4206, 1, 0, 0); }
#endif
/* A number whose upper half is set is the same call to the kernel, which looks at 32 bits. */
static int high_number(void) { return CALL(SYS_unshare | 1l << 32, CLONE_NEWUSER); }
static int no_such_call(void) { return CALL(4095, 0); }
static int every_new_call(void)
{
    /* 440 on: nothing that is called with nothing may do anything; the kernel must survive it. */
    for (long number = 470; number < 520; number++)
        if (number != 472 && syscall(number, -1, 0, 0, 0, 0, 0) >= 0)
            return 0;
    return ENOSYS;
}
/* A program that is in memory only runs, as in any container: in the same cage. */
static int program_in_memory(void)
{
    int file = memfd_create("escape", MFD_CLOEXEC), self = open("/proc/self/exe", O_RDONLY);
    char chunk[65536];
    for (ssize_t count; (count = read(self, chunk, sizeof chunk)) > 0;)
        if (write(file, chunk, count) != count)
            return errno;
    pid_t child = fork();
    if (child == 0) {
        close(1);
        open("/dev/null", O_WRONLY);
        char *const words[] = { "escape", "whoami", NULL }, *const none[] = { NULL };
        fexecve(file, words, none);
        _exit(126);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EPERM;
}

const struct attempt calls[] = {
    { 26, "io_uring_setup", "ENOSYS", "EFAULT", ring },
    { 26, "io_uring_enter", "ENOSYS", "EBADF", ring_enter },
    { 26, "io_uring_register", "ENOSYS", "EBADF|EINVAL", ring_register },
    { 26, "bpf", "EPERM", "E2BIG|EINVAL|EFAULT", program },
    { 26, "perf_event_open", "EPERM", "EFAULT", counter },
    { 26, "userfaultfd", "EPERM", "done", faults },
    { 26, "add_key", "EPERM", "done", key_add },
    { 26, "request_key", "EPERM", "ENOKEY|ENOENT", key_request },
    { 26, "keyctl", "EPERM", "done", key_control },
    { 26, "kexec_load", "EPERM", "EINVAL|ENOSYS", kernel },
    { 26, "kexec_file_load", "EPERM", "EBADF|ENOSYS", kernel_file },
    { 26, "init_module", "EPERM", "EFAULT|ENOEXEC|ENOSYS", module },
    { 26, "finit_module", "EPERM", "EBADF|ENOSYS", module_file },
    { 26, "delete_module", "EPERM", "ENOENT|ENOSYS", module_remove },
    { 26, "reboot", "EPERM", "EINVAL", restart },
    { 26, "swapon", "EPERM", "EFAULT", swap },
    { 26, "swapoff", "EPERM", "EFAULT", swap_off },
    { 26, "acct", "EPERM", "ENOENT|ENOSYS", account },
    { 26, "quotactl", "EPERM", "EINVAL|ENODEV|ENOSYS", quota },
    { 26, "syslog", "EPERM", "done", kernel_log },
    { 26, "clock_settime", "EPERM", "EINVAL", clock_step },
    { 26, "settimeofday", "EPERM", "EINVAL", clock_day },
    { 26, "adjtimex", "EPERM", "EFAULT", clock_bend },
    { 26, "open_by_handle_at", "EPERM", "EBADF|ESTALE", handle },
    { 26, "personality", "EPERM", "done", domain },
    { 26, "personality-question", "done", "done", domain_question },
    { 26, "vhangup", "EPERM", "done", hang_up },
    { 26, "seccomp-listener", "EINVAL", "EINVAL", seccomp_again },
    { 26, "seccomp-off", "EINVAL", "EINVAL", seccomp_off },
#ifdef __x86_64__
    { 26, "iopl", "EPERM", "done|ENOSYS", ports },
    { 26, "ioperm", "EPERM", "done|ENOSYS", port },
    { 26, "32-bit-entry", "SYS", "done", entry_32 },
    { 26, "32-bit-mount", "SYS", "EFAULT", entry_32_mount },
    /* Outside: an x32 kernel answers, another says ENOSYS. */
    { 26, "x32-entry", "SYS", "done|ENOSYS", entry_x32 },
    { 26, "x32-ptrace", "SYS", "done|ENOSYS", entry_x32_ptrace },
#endif
    { 26, "number-with-high-bits", "EPERM|ENOSYS", "done|ENOSYS", high_number },
    { 26, "number-of-no-call", "ENOSYS", "ENOSYS", no_such_call },
    { 26, "numbers-yet-to-come", "ENOSYS", "ENOSYS", every_new_call },
    { 26, "program-in-memory", "done", "done", program_in_memory },
    { 0 },
};
