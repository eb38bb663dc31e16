/* usage: escape caged RESOLVER | escape control        one line for each attempt; fails if any differs
 *
 *   escape list caged | escape list control            row and name of each, one a line
 *   escape flood SECONDS                               as many processes as there may be, for so long
 *   escape whoami                                      the effective uid, and the capabilities */
#include "escape.h"
#include <time.h>

pid_t target = 1, second_target;

static const char *name_of(int error) { return error ? strerrorname_np(error) : "done"; }

static int is_one_of(const char *result, const char *expected)
{
    size_t length = strlen(result);
    for (const char *word = expected; word; word = strchr(word, '|')) {
        word += *word == '|';
        if (strncmp(word, result, length) == 0 && (word[length] == '|' || word[length] == 0))
            return 1;
    }
    return 0;
}

/* In a process of its own, as an attempt may end it or change it. */
static const char *outcome(const struct attempt *attempt, int is_control)
{
    pid_t child = fork();
    if (child < 0)
        return "cannot-fork";
    if (child == 0) {
        alarm(5);
        /* What works on the mount tree must not spoil it for the next. */
        if (is_control && unshare(CLONE_NEWNS) < 0)
            _exit(ENOTSUP);
        _exit(attempt->run());
    }
    int status;
    while (waitpid(child, &status, 0) != child)
        ;
    return WIFEXITED(status) ? name_of(WEXITSTATUS(status)) : sigabbrev_np(WTERMSIG(status));
}

static int try_all(const struct attempt *table, int is_control, int only_list)
{
    int differ = 0;
    for (const struct attempt *attempt = table; attempt->name; attempt++) {
        const char *expected = is_control ? attempt->control : attempt->caged;
        if (!expected)
            continue;
        if (only_list) {
            printf("%d %s\n", attempt->row, attempt->name);
            continue;
        }
        const char *result = outcome(attempt, is_control);
        int holds = is_one_of(result, expected);
        differ += !holds;
        printf("%d %s %s %s%s\n", attempt->row, attempt->name, result, holds ? "as-expected" : "DIFFERS ",
               holds ? "" : expected);
        fflush(stdout);
    }
    return differ;
}

/* The error that stops it is printed while the processes are there. */
static int flood(int seconds)
{
    int made = 0, stopped_by = 0;
    time_t end = time(NULL) + seconds;
    setpgid(0, 0);
    /* Whatever place becomes free is taken again. */
    while (time(NULL) < end) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child > 0) {
            made++;
            continue;
        }
        if (!stopped_by) {
            stopped_by = errno;
            printf("%d processes, then %s\n", made, name_of(stopped_by));
            fflush(stdout);
        }
    }
    kill(0, SIGKILL);
    return 1;
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "flood") == 0)
        return flood(atoi(words[2]));
    if (count == 2 && strcmp(words[1], "whoami") == 0) {
        char line[128];
        FILE *status = fopen("/proc/self/status", "r");
        printf("euid %d egid %d\n", geteuid(), getegid());
        while (fgets(line, sizeof line, status))
            if (strncmp(line, "CapEff", 6) == 0)
                fputs(line, stdout);
        return 0;
    }
    int only_list = count == 3 && strcmp(words[1], "list") == 0;
    int is_control = strcmp(words[count - 1], "control") == 0;
    if (!only_list && !is_control && !(count == 3 && strcmp(words[1], "caged") == 0))
        return 64;
    pid_t child = 0;
    if (only_list) {
    } else if (is_control) {
        child = target = second_target = fork();
        if (child == 0) {
            for (;;)
                pause();
        }
    } else {
        second_target = atoi(words[2]);
    }
    const struct attempt *tables[] = { processes, mounts, calls, identity, terminals, files };
    int differ = 0;
    for (size_t table = 0; table < sizeof tables / sizeof *tables; table++)
        differ += try_all(tables[table], is_control, only_list);
    if (child > 0)
        kill(child, SIGKILL);
    return differ != 0;
}
