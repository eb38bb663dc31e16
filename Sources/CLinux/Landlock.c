#define _GNU_SOURCE
#include "CLinuxLandlock.h"

#include <stddef.h>
#include <unistd.h>

/* The same numbers on every architecture (include/uapi/asm-generic/unistd.h). */
enum { create_ruleset = 444, add_rule = 445, restrict_self = 446 };
enum { rule_path_beneath = 1, rule_net_port = 2 };

struct ruleset {
    uint64_t files, network, scopes;
};

struct __attribute__((packed)) path_beneath {
    uint64_t rights;
    int32_t file;
};

struct net_port {
    uint64_t rights, port;
};

int codetainer_landlock_version(void) { return (int)syscall(create_ruleset, NULL, 0, 1); }

int codetainer_landlock_create(uint64_t files, uint64_t network, uint64_t scopes)
{
    struct ruleset ruleset = { files, network, scopes };
    /* A kernel that knows fewer fields takes a longer structure when the rest is zero. */
    return (int)syscall(create_ruleset, &ruleset, sizeof ruleset, 0);
}

int codetainer_landlock_allow_beneath(int ruleset, int file, uint64_t rights)
{
    struct path_beneath rule = { rights, file };
    return (int)syscall(add_rule, ruleset, rule_path_beneath, &rule, 0);
}

int codetainer_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights)
{
    struct net_port rule = { rights, port };
    return (int)syscall(add_rule, ruleset, rule_net_port, &rule, 0);
}

int codetainer_landlock_enforce(int ruleset) { return (int)syscall(restrict_self, ruleset, 0); }
