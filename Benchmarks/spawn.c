/* How long commands take from start to end, in turns, so that what the machine does meanwhile is
   shared by all.

   usage: spawn ROUNDS NAME COMMAND [ARGUMENTS] [--next NAME COMMAND [ARGUMENTS]]...
   Prints a line for each: its name, the median and the least of its times, in microseconds. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST = 16 };
extern char **environ;

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

int main(int count, char **words)
{
    int rounds = count > 3 ? atoi(words[1]) : 0, commands = 0;
    char **starts[MOST];
    double *times[MOST];
    for (char **word = words + 2; rounds > 0 && *word && commands < MOST; commands++) {
        starts[commands] = word;
        times[commands] = calloc((size_t)rounds, sizeof(double));
        while (*word && strcmp(*word, "--next"))
            word++;
        if (*word)
            *word++ = NULL;
    }
    if (!commands)
        return fprintf(stderr, "usage: spawn ROUNDS NAME COMMAND... [--next NAME COMMAND...]\n"), 64;
    /* The first round warms the caches and is not counted. */
    for (int round = -1; round < rounds; round++)
        for (int i = 0; i < commands; i++) {
            double start = now();
            pid_t process;
            int status;
            if (posix_spawnp(&process, starts[i][1], NULL, NULL, starts[i] + 1, environ) != 0 ||
                waitpid(process, &status, 0) < 0 || status != 0)
                return fprintf(stderr, "spawn: %s failed\n", starts[i][0]), 1;
            if (round >= 0)
                times[i][round] = now() - start;
        }
    for (int i = 0; i < commands; i++) {
        qsort(times[i], (size_t)rounds, sizeof(double), compare);
        printf("%s %.0f %.0f\n", starts[i][0], times[i][rounds / 2], times[i][0]);
    }
}
