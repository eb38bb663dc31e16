/* Keeps the kernel's argument and environment vectors before the Swift runtime looks for them.

   The runtime aborts in a root without /proc unless SWIFT_BACKTRACE is in the environment before it
   starts, and `CommandLine.arguments` is empty there. So the environment is swapped for one entry
   until main's first statement puts it back. */
#define _GNU_SOURCE
#include "CStartUp.h"

#include <string.h>
#include <unistd.h>

/* After a word that finds it in the binary: strings codetainer | grep codetainer-version */
static const volatile char version[] = "codetainer-version:0.1.0";

const char *codetainer_version(void) { return (const char *)version + sizeof "codetainer-version:" - 1; }

static char **arguments;
static char **environment;

static char *runtime_environment[] = { "SWIFT_BACKTRACE=enable=no,swift-backtrace=/", NULL };

__attribute__((constructor(101))) static void keep_vectors(int argc, char **argv, char **envp)
{
    (void)argc;
    arguments = argv;
    environment = envp;
    environ = runtime_environment;
}

char **codetainer_arguments(void) { return arguments; }
char **codetainer_environment(void) { return environment; }

void codetainer_restore_environment(void)
{
    environ = environment;
}

void codetainer_wipe_environment(void)
{
    for (char **entry = environment; entry && *entry; entry++)
        explicit_bzero(*entry, strlen(*entry));
    if (environment)
        environment[0] = NULL;
}
