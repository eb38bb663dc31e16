#define _GNU_SOURCE
#include "CLinuxTrap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

static const int caught[] = { SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS };

/* EX_SOFTWARE (sysexits.h). */
enum { software = 70 };
static const int64_t minute = 60000000000;

/* Two states, of which one is in force: the other may be half-written. */
static struct state {
    int file;
    size_t count;
    int descriptors[codetainer_most_descriptors];
} states[2];
static _Atomic int current = -1;

static int own_program = -1;
static int64_t moments[codetainer_most_traps];
static size_t moment_count, moment_limit = codetainer_most_traps;
static volatile sig_atomic_t is_handling;

static char alternate_stack[64 << 10] __attribute__((aligned(16)));
static char *const no_environment[] = { NULL };

/* Set by the linker: where the program begins, and where its code ends. */
extern const char __executable_start[], etext[];

static void say(const char *text) { (void)!write(2, text, strlen(text)); }

/* A word of an argument vector; the buffer has room for 64 bits in hexadecimal with a sign. */
static char *number(char buffer[24], uint64_t value, unsigned int base)
{
    char *place = buffer + 23;
    *place = 0;
    do
        *--place = "0123456789abcdef"[value % base];
    while (value /= base);
    return place;
}

static int become(int program, char *const arguments[])
{
    const struct state *state = &states[atomic_load(&current)];
    fcntl(state->file, F_SETFD, 0);
    for (size_t i = 0; i < state->count; i++)
        fcntl(state->descriptors[i], F_SETFD, 0);
    syscall(SYS_execveat, program, "", arguments, no_environment, AT_EMPTY_PATH);
    if (program == own_program)
        execve("/proc/self/exe", arguments, no_environment);
    int cause = errno;
    fcntl(state->file, F_SETFD, FD_CLOEXEC);
    for (size_t i = 0; i < state->count; i++)
        fcntl(state->descriptors[i], F_SETFD, FD_CLOEXEC);
    errno = cause;
    return -1;
}

int codetainer_trap_pass_on(int program)
{
    char buffer[24];
    if (atomic_load(&current) < 0) {
        errno = ENOENT;
        return -1;
    }
    char *arguments[] = {
        "codetainer", "supervise", number(buffer, (uint64_t)states[atomic_load(&current)].file, 10), NULL
    };
    return become(program < 0 ? own_program : program, arguments);
}

static uint64_t program_counter(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return context->uc_mcontext.pc;
#else
#error "where this architecture keeps the program counter is not known here"
#endif
}

/* Arguments: supervise STATE SIGNAL CODE SUBJECT COUNTER MOMENT... SUBJECT is the address, or who sent
   the signal; COUNTER is relative to the program's start, 0 outside of it. */
static void trapped(int signal, siginfo_t *information, void *context)
{
    static char buffers[codetainer_most_traps + 5][24];
    static char *arguments[codetainer_most_traps + 8];

    if (is_handling++)
        _exit(software);
    int place = atomic_load(&current);
    if (place < 0) {
        say("codetainer: PID 1 trapped without a state to come back to: the container ends: report this\n");
        _exit(software);
    }
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    int64_t now = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    size_t recent = 0;
    while (recent < moment_count && now - moments[recent] >= minute)
        recent++;
    if (moment_count - recent >= moment_limit) {
        say("codetainer: PID 1 trapped again while it ended the container: report this\n");
        _exit(software);
    }
    uint64_t counter = program_counter(context), start = (uint64_t)(uintptr_t)__executable_start;
    counter = counter >= start && counter < (uint64_t)(uintptr_t)etext ? counter - start : 0;
    int is_sent = information->si_code <= 0;
    uint64_t subject = is_sent ? (uint64_t)information->si_pid : (uint64_t)(uintptr_t)information->si_addr;

    size_t count = 0;
    arguments[count++] = "codetainer";
    arguments[count++] = "supervise";
    arguments[count++] = number(buffers[0], (uint64_t)states[place].file, 10);
    arguments[count++] = number(buffers[1], (uint64_t)signal, 10);
    arguments[count++] = is_sent ? "sent" : number(buffers[2], (uint64_t)information->si_code, 10);
    arguments[count++] = number(buffers[3], subject, is_sent ? 10 : 16);
    arguments[count++] = number(buffers[4], counter, 16);
    for (size_t i = recent; i < moment_count; i++)
        arguments[count++] = number(buffers[5 + i - recent], (uint64_t)moments[i], 10);
    /* At most one fewer than there is room for are remembered. */
    arguments[count++] = number(buffers[5 + moment_count - recent], (uint64_t)now, 10);
    arguments[count] = NULL;
    become(own_program, arguments);
    say("codetainer: PID 1 trapped and cannot execute itself: the container ends: report this\n");
    _exit(software);
}

int codetainer_trap_catch(void)
{
    stack_t stack = { .ss_sp = alternate_stack, .ss_size = sizeof alternate_stack };
    struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    /* Nothing else is handled meanwhile, and all of it stays pending through the exec. */
    sigfillset(&action.sa_mask);
    if (own_program < 0)
        own_program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    if (sigaltstack(&stack, NULL) != 0)
        return -1;
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        if (sigaction(caught[i], &action, NULL) != 0)
            return -1;
    return 0;
}

void codetainer_trap_remember(const int64_t *earlier, size_t count, size_t limit)
{
    size_t skipped = count < codetainer_most_traps ? 0 : count - (codetainer_most_traps - 1);
    moment_count = count - skipped;
    memcpy(moments, earlier + skipped, moment_count * sizeof *moments);
    moment_limit = limit < codetainer_most_traps - 1 ? limit : codetainer_most_traps - 1;
}

int codetainer_trap_keep(int file, const int *descriptors, size_t count)
{
    if (count > codetainer_most_descriptors) {
        errno = E2BIG;
        return -2;
    }
    int place = atomic_load(&current), next = place == 0;
    int before = place < 0 ? -1 : states[place].file;
    states[next].file = file;
    states[next].count = count;
    memcpy(states[next].descriptors, descriptors, count * sizeof *descriptors);
    atomic_store(&current, next);
    return before;
}

int codetainer_trap_forget(void)
{
    int place = atomic_exchange(&current, -1);
    return place < 0 ? -1 : states[place].file;
}

int codetainer_trap_unblock(const void *sigset) { return sigprocmask(SIG_SETMASK, sigset, NULL); }

int codetainer_memfd_secret(void) { return (int)syscall(SYS_memfd_secret, O_CLOEXEC); }
