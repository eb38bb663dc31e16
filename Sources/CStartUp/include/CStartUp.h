/* The kernel's argument and environment vectors, kept before the Swift runtime starts. Linked into
   the executable only: a test runner needs its environment from the first moment. */
#pragma once

/** The argument vector as the kernel gave it; valid without /proc. */
char **codetainer_arguments(void);
/** The program's semantic version. */
const char *codetainer_version(void);
/** The environment as the kernel gave it; `environ` itself holds one entry until restored. */
char **codetainer_environment(void);
/** Makes `environ` the kernel's again. Call once, as main's first statement. */
void codetainer_restore_environment(void);
/** Overwrites every byte of the kernel's environment block, as /proc/PID/environ shows it. */
void codetainer_wipe_environment(void);
/** The process that runs the command of `init [--] COMMAND` since before main, with every signal
    blocked here; 0 when there is none. */
int codetainer_early_command(void);
