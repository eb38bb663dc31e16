/* Where a program has been: runs it one instruction at a time (ptrace(2), PTRACE_SINGLESTEP) and
   prints each address once, in the order in which it was first there, as an offset in its file.

   usage: steps PROGRAM ARGUMENTS... */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <elf.h>
#include <unistd.h>

/* Where the program lies: its first and its last mapping. */
static int range(pid_t process, const char *program, unsigned long *first, unsigned long *end)
{
    char path[64], line[4096], real[4096];
    if (!realpath(program, real))
        return 0;
    snprintf(path, sizeof path, "/proc/%d/maps", process);
    FILE *maps = fopen(path, "re");
    *first = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, stop;
        if (strstr(line, real) && sscanf(line, "%lx-%lx", &start, &stop) == 2) {
            if (!*first)
                *first = start;
            *end = stop;
        }
    }
    if (maps)
        fclose(maps);
    return *first != 0;
}

static unsigned long place(pid_t process)
{
    struct user_regs_struct registers;
    struct iovec all = { &registers, sizeof registers };
    if (ptrace(PTRACE_GETREGSET, process, NT_PRSTATUS, &all) != 0)
        return 0;
#if defined(__x86_64__)
    return registers.rip;
#else
    return registers.pc;
#endif
}

int main(int count, char **words)
{
    int status;
    unsigned long first, end;
    if (count < 2)
        return fprintf(stderr, "usage: steps PROGRAM ARGUMENTS...\n"), 64;
    pid_t process = fork();
    if (process == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(words[1], words + 1);
        _exit(127);
    }
    if (waitpid(process, &status, 0) < 0 || !WIFSTOPPED(status) || !range(process, words[1], &first, &end))
        return fprintf(stderr, "steps: %s does not start\n", words[1]), 1;
    unsigned char *seen = calloc(end - first, 1);
    while (WIFSTOPPED(status)) {
        unsigned long now = place(process);
        if (now >= first && now < end && !seen[now - first]) {
            seen[now - first] = 1;
            printf("%lx\n", now - first);
        }
        if (ptrace(PTRACE_SINGLESTEP, process, NULL, NULL) != 0 || waitpid(process, &status, 0) < 0)
            break;
    }
    return 0;
}
