/* landlock(7), which has no libc wrapper. The structures are written here in their newest form,
   because headers of a build machine may be older than the kernel that the program meets. */
#pragma once

#include <stdint.h>

/** The version of the interface (ABI) that the kernel speaks, or -1. */
int codetainer_landlock_version(void);
/** The descriptor of a ruleset that governs these rights, or -1. A kernel that does not know one of
    them answers EINVAL. */
int codetainer_landlock_create(uint64_t files, uint64_t network, uint64_t scopes);
int codetainer_landlock_allow_beneath(int ruleset, int file, uint64_t rights);
int codetainer_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights);
/** Puts the ruleset on the calling thread, for good. */
int codetainer_landlock_enforce(int ruleset);
