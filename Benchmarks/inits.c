/* What an init costs, measured from outside and from below it. Every init is PID 1 of a process
   namespace of its own; run as root.

   usage: inits start ROUNDS NAME COMMAND... [--next NAME COMMAND...]...
              from just before init's exec to the first statement of its command, in turns: a line for
              each with its name, the median and the least, in microseconds
          inits idle SECONDS COMMAND...
              an init over a sleeping command: resident KiB, of these anonymous, and how often it was
              woken in that time
          inits orphans COUNT:MILLISECONDS COMMAND...
              so many orphans that end one after the other in that time, or at once with 0:
              milliseconds from the first end until the last is reaped, and the longest that one was
              a zombie, which is from when its descriptor says that it has ended (pidfd_open(2))
   COMMAND is the init's own, up to where the command under it begins. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16, WORDS = 64, STACK = 4096 };

static char self[4096];

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void fail(const char *what)
{
    fprintf(stderr, "inits: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Starts an init with this program under it; what that says comes out of the pipe. */
static pid_t launch(char **init, const char *mode, const char *argument, int *output, double *start)
{
    char *words[WORDS];
    int count = 0, ends[2];
    while (init[count] && count < WORDS - 4) {
        words[count] = init[count];
        count++;
    }
    words[count++] = self;
    words[count++] = (char *)mode;
    words[count++] = (char *)argument;
    words[count] = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe");
    *start = now();
    /* fork(2), with the child as PID 1 of a namespace. */
    pid_t process = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
    if (process == 0) {
        /* Across the exec, where it is the only one besides the standard three. */
        if (dup2(ends[1], 3) < 0 || (ends[1] == 3 && fcntl(3, F_SETFD, 0) < 0))
            _exit(125);
        *start = now();
        if (write(3, start, sizeof *start) != sizeof *start)
            _exit(125);
        execvp(words[0], words);
        _exit(127);
    }
    if (process < 0)
        fail("clone");
    close(ends[1]);
    *output = ends[0];
    if (read(*output, start, sizeof *start) != sizeof *start)
        fail("read");
    return process;
}

static int start(int rounds, char **word)
{
    char **inits[MOST];
    double *times[MOST];
    int count = 0;
    for (; *word && count < MOST; count++) {
        inits[count] = word;
        times[count] = calloc((size_t)rounds, sizeof(double));
        while (*word && strcmp(*word, "--next"))
            word++;
        if (*word)
            *word++ = NULL;
    }
    /* The first round warms the caches and is not counted. */
    for (int round = -1; round < rounds; round++)
        for (int i = 0; i < count; i++) {
            double begin, end;
            int output, status;
            pid_t process = launch(inits[i] + 1, "mark", "", &output, &begin);
            if (read(output, &end, sizeof end) != sizeof end)
                fail(inits[i][0]);
            close(output);
            if (waitpid(process, &status, 0) < 0 || status != 0)
                fail(inits[i][0]);
            if (round >= 0)
                times[i][round] = end - begin;
        }
    for (int i = 0; i < count; i++) {
        qsort(times[i], (size_t)rounds, sizeof(double), compare);
        printf("%s %.0f %.0f\n", inits[i][0], times[i][rounds / 2], times[i][0]);
    }
    return 0;
}

/* A number of /proc/PID/status. */
static long field(pid_t process, const char *name)
{
    char path[64], line[256];
    long value = -1;
    snprintf(path, sizeof path, "/proc/%d/status", process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
            value = atol(line + strlen(name) + 1);
    if (file)
        fclose(file);
    return value;
}

static long wakeups(pid_t process)
{
    return field(process, "voluntary_ctxt_switches") + field(process, "nonvoluntary_ctxt_switches");
}

static int idle(int seconds, char **init)
{
    double begin;
    int output;
    pid_t process = launch(init, "sleep", "", &output, &begin);
    usleep(300000);
    long before = wakeups(process);
    sleep((unsigned)seconds);
    printf("%ld %ld %ld\n", field(process, "VmRSS"), field(process, "RssAnon"),
        wakeups(process) - before);
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
    return 0;
}

/* Shared by the orphans with who watches them. */
struct orphan {
    volatile double end;
    volatile pid_t process;
};
static struct orphan *orphans;
static int gate[2];
static size_t orphan_count;
static long spread;

static int orphan(void *number)
{
    struct orphan *own = orphans + (size_t)number;
    char none;
    /* Until nobody can write any more, which comes to all of them at once. */
    while (read(gate[0], &none, 1) != 0)
        ;
    if (spread)
        usleep((unsigned)(spread * 1000 * (long)(size_t)number / (long)orphan_count));
    own->end = now();
    _exit(0);
}

/* Under the init: a parent that is gone before its children end. They share its memory, so that ten
   thousand cost no more than their stacks. */
static int bear(const char *how)
{
    char *rest;
    size_t count = orphan_count = strtoul(how, &rest, 10);
    spread = *rest == ':' ? atol(rest + 1) : 0;
    orphans = mmap(NULL, count * sizeof *orphans, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *stacks = mmap(NULL, count * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (orphans == MAP_FAILED || stacks == MAP_FAILED)
        fail("mmap");
    if (pipe2(gate, O_CLOEXEC) != 0)
        fail("pipe");
    pid_t parent = fork();
    if (parent == 0) {
        close(gate[1]);
        for (size_t i = 0; i < count; i++) {
            pid_t process = clone(orphan, stacks + (i + 1) * STACK, CLONE_VM | SIGCHLD, (void *)i);
            if (process < 0)
                fail("clone");
            orphans[i].process = process;
        }
        /* Not exit(3): it would end what they share. */
        kill(getpid(), SIGKILL);
    }
    waitpid(parent, NULL, 0);
    double *ended = calloc(count, sizeof *ended), *gone = calloc(count, sizeof *gone);
    size_t left = count;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.u64 = i };
        int process = (int)syscall(SYS_pidfd_open, orphans[i].process, 0);
        if (process < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, process, &event) != 0)
            fail("pidfd_open");
    }
    double begin = now();
    close(gate[1]);
    while (left && now() - begin < 30e6) {
        struct epoll_event events[1024];
        /* Who watches must not take the time of those who are watched. */
        usleep(1000);
        int arrived = epoll_wait(poll, events, 1024, 0);
        for (int i = 0; i < arrived; i++)
            ended[events[i].data.u64] = now();
        for (size_t i = 0; i < count; i++)
            if (ended[i] != 0 && gone[i] == 0 && kill(orphans[i].process, 0) != 0) {
                gone[i] = now();
                left--;
            }
    }
    double first = orphans[0].end, last = 0, oldest = 0;
    for (size_t i = 0; i < count; i++) {
        if (orphans[i].end < first)
            first = orphans[i].end;
        if (gone[i] > last)
            last = gone[i];
        if (gone[i] - ended[i] > oldest)
            oldest = gone[i] - ended[i];
    }
    if (left)
        printf("%zu were never reaped\n", left);
    else
        printf("%.0f %.1f\n", (last - first) / 1e3, oldest / 1e3);
    return 0;
}

int main(int count, char **words)
{
    const char *mode = count > 1 ? words[1] : "";
    if (!strcmp(mode, "mark")) {
        double time = now();
        return write(3, &time, sizeof time) != sizeof time;
    }
    if (!strcmp(mode, "sleep"))
        return pause();
    if (!strcmp(mode, "bear"))
        return bear(words[2]);

    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0 || count < 4)
        return fprintf(stderr, "usage: inits start|idle|orphans NUMBER COMMAND...\n"), 64;
    if (!strcmp(mode, "start"))
        return start(atoi(words[2]), words + 3);
    if (!strcmp(mode, "idle"))
        return idle(atoi(words[2]), words + 3);
    if (!strcmp(mode, "orphans")) {
        double begin;
        int output, status;
        pid_t process = launch(words + 3, "bear", words[2], &output, &begin);
        waitpid(process, &status, 0);
        return status != 0;
    }
    return 64;
}
