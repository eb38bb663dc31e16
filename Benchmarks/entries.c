/* Which functions of a program run: puts a breakpoint (ptrace(2)) at the start of each, takes it away
   when it is met, and adds the function's name to a file then.

   usage: entries PROGRAM FILE COMMAND [ARGUMENTS...] <FUNCTIONS

   FUNCTIONS has a line for each: its address in the file, in hexadecimal, and its name, in the order
   of addresses. COMMAND may be PROGRAM, or start it; PROGRAM may start itself again. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
static const unsigned char breakpoint[] = { 0xcc };
enum { passed = 1 }; /* The instruction is over when the signal comes. */
#define PLACE rip
#else
static const unsigned char breakpoint[] = { 0x00, 0x00, 0x20, 0xd4 };
enum { passed = 0 };
#define PLACE pc
#endif

struct function {
    unsigned long address;
    char *name;
    unsigned char code[sizeof breakpoint];
    int isPrinted;
};
static struct function *functions;
static size_t count;
static FILE *names;

/* Where a process has the program, by its number: what it executes next lies elsewhere. */
static unsigned long bases[1 << 22];

static unsigned long base(pid_t process, const char *program)
{
    char path[64], line[4096];
    unsigned long start, found = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", process);
    FILE *maps = fopen(path, "re");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        char *name = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        if (name && strcmp(name, program) == 0 && sscanf(line, "%lx-", &start) == 1)
            found = start;
    }
    if (maps)
        fclose(maps);
    return found;
}

static int memory(pid_t process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", process);
    return open(path, O_RDWR | O_CLOEXEC);
}

static void arm(pid_t process)
{
    int file = memory(process);
    for (size_t i = 0; i < count; i++) {
        off_t place = (off_t)(bases[process] + functions[i].address);
        if (pread(file, functions[i].code, sizeof breakpoint, place) != sizeof breakpoint ||
            pwrite(file, breakpoint, sizeof breakpoint, place) != sizeof breakpoint)
            fprintf(stderr, "entries: %s: %s\n", functions[i].name, strerror(errno));
    }
    close(file);
}

/* Whether the process has met a breakpoint of ours; it goes on as if there had been none. */
static int meet(pid_t process)
{
    struct user_regs_struct registers;
    struct iovec all = { &registers, sizeof registers };
    if (!bases[process] || ptrace(PTRACE_GETREGSET, process, NT_PRSTATUS, &all) != 0)
        return 0;
    unsigned long address = (unsigned long)registers.PLACE - passed - bases[process];
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (functions[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || functions[low].address != address)
        return 0;
    int file = memory(process);
    if (pwrite(file, functions[low].code, sizeof breakpoint, (off_t)(bases[process] + address)) < 0)
        perror("entries: pwrite");
    close(file);
    registers.PLACE -= passed;
    ptrace(PTRACE_SETREGSET, process, NT_PRSTATUS, &all);
    if (!functions[low].isPrinted) {
        fprintf(names, "%s\n", functions[low].name);
        fflush(names);
    }
    functions[low].isPrinted = 1;
    return 1;
}

static void read_functions(void)
{
    char line[1 << 16], name[1 << 15];
    unsigned long address;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%lx %32767s", &address, name) != 2 || (count && functions[count - 1].address == address))
            continue;
        functions = realloc(functions, (count + 1) * sizeof *functions);
        functions[count++] = (struct function){ .address = address, .name = strdup(name) };
    }
}

int main(int words, char **word)
{
    char program[4096];
    if (words < 4 || !realpath(word[1], program) || !(names = fopen(word[2], "ae")))
        return fprintf(stderr, "usage: entries PROGRAM FILE COMMAND [ARGUMENTS...] <FUNCTIONS\n"), 64;
    read_functions();
    pid_t first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execv(word[3], word + 3);
        _exit(127);
    }
    int status;
    if (waitpid(first, &status, 0) < 0 || !WIFSTOPPED(status))
        return fprintf(stderr, "entries: %s does not start\n", word[3]), 1;
    ptrace(PTRACE_SETOPTIONS, first, NULL,
        PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, first, NULL, NULL);
    for (pid_t process; (process = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (process == first)
                return 0;
            continue;
        }
        int signal = WSTOPSIG(status);
        unsigned long child;
        switch (status >> 16) {
        case PTRACE_EVENT_EXEC:
            bases[process] = base(process, program);
            if (bases[process])
                arm(process);
            signal = 0;
            break;
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
        case PTRACE_EVENT_CLONE:
            if (ptrace(PTRACE_GETEVENTMSG, process, NULL, &child) == 0)
                bases[child] = bases[process];
            signal = 0;
            break;
        default:
            /* A child's first stop is no signal of anybody's. */
            if (signal == SIGSTOP || (signal == SIGTRAP && meet(process)))
                signal = 0;
        }
        ptrace(PTRACE_CONT, process, NULL, signal);
    }
    return 0;
}
