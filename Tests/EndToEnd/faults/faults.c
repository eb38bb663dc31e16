/* What the fault topic does to PID 1, from inside its process namespace.

   usage: faults orphans COUNT            prints the milliseconds until all of them are reaped
          faults signals COUNT            to PID 1, every one that asks for no end
          faults sockets SECONDS          connections and half requests, as many as go; prints how many */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int fail(const char *what)
{
    perror(what);
    return 1;
}

/* All are forked and wait; their parent ends, so that PID 1 is their parent; then all end at once. */
static int orphans(int count)
{
    pid_t *pids = mmap(NULL, sizeof *pids * count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int gate[2];
    if (pids == MAP_FAILED || pipe(gate) != 0)
        return fail("setting up");
    pid_t parent = fork();
    if (parent == 0) {
        close(gate[1]);
        for (int i = 0; i < count; i++) {
            pid_t child = fork();
            if (child < 0)
                _exit(errno);
            if (child == 0) {
                char octet;
                ssize_t end = read(gate[0], &octet, 1);
                _exit(end != 0);
            }
            pids[i] = child;
        }
        _exit(0);
    }
    int status;
    if (parent < 0 || waitpid(parent, &status, 0) < 0 || status != 0) {
        fprintf(stderr, "fork: %s\n", strerror(WEXITSTATUS(status)));
        return 1;
    }
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/stat", pids[count - 1]);
    FILE *stat = fopen(path, "r");
    int adopter = 0;
    if (!stat || !fgets(line, sizeof line, stat) || sscanf(line, "%*d (%*[^)]) %*c %d", &adopter) != 1 || adopter != 1) {
        fprintf(stderr, "PID 1 is not their parent\n");
        return 1;
    }
    double start = now();
    close(gate[1]);
    for (int i = 0; i < count; i++)
        while (kill(pids[i], 0) == 0) {
            if (now() - start > 30000) {
                fprintf(stderr, "%d is still there\n", pids[i]);
                return 1;
            }
            usleep(500);
        }
    printf("%.1f\n", now() - start);
    return 0;
}

static int signals(int count)
{
    static const int ends[] = { SIGTERM, SIGINT, SIGQUIT, SIGKILL, SIGSTOP, SIGHUP };
    /* Not the ones that a handler of traps is for; SIGHUP reads the policy again. */
    static const int traps[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS };
    int sent[64], kinds = 0;
    for (int number = 1; number <= 64; number++) {
        int isSent = number < 32 || number > 33;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            isSent &= number != ends[i];
        for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
            isSent &= number != traps[i];
        if (isSent)
            sent[kinds++] = number;
    }
    double start = now();
    for (int i = 0; i < count; i++)
        if (kill(1, sent[i % kinds]) != 0)
            return fail("kill");
    printf("%.1f\n", now() - start);
    return 0;
}

/* Half of them say a part of a request, a tenth is closed again at once. */
static int sockets(int seconds)
{
    enum { most = 900 };
    int open[most], used = 0, made = 0;
    double end = now() + seconds * 1000;
    struct sockaddr_un address = { AF_UNIX, "/run/codetainer/control.sock" };
    memset(open, -1, sizeof open);
    signal(SIGPIPE, SIG_IGN);
    while (now() < end) {
        int place = used++ % most;
        if (open[place] >= 0)
            close(open[place]);
        open[place] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (open[place] < 0)
            return fail("socket");
        if (connect(open[place], (struct sockaddr *)&address, sizeof address) != 0) {
            if (errno != EAGAIN)
                return fail("connect");
            continue;
        }
        made++;
        if (made % 2)
            (void)!write(open[place], "status status status", made % 20);
        if (made % 10 == 0) {
            close(open[place]);
            open[place] = -1;
        }
    }
    printf("%d\n", made);
    return 0;
}

int main(int count, char **words)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count == 3 && strcmp(words[1], "orphans") == 0)
        return orphans(atoi(words[2]));
    if (count == 3 && strcmp(words[1], "signals") == 0)
        return signals(atoi(words[2]));
    if (count == 3 && strcmp(words[1], "sockets") == 0)
        return sockets(atoi(words[2]));
    fprintf(stderr, "usage: faults orphans|signals|sockets NUMBER\n");
    return 64;
}
