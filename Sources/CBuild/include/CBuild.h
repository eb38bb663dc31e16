/* What the program was built of, as scripts/build-information found it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** A library that is linked into the program. */
struct codetainer_library {
    const char *name;
    const char *version;
    /** Where it came from, as a package URL (purl-spec). */
    const char *purl;
};

struct codetainer_build {
    /** The commit's full hash; "unknown" where neither git nor the caller could say. */
    const char *commit;
    /** Whether the tree held more than the commit. */
    bool modified;
    const char *toolchain;
    const char *target;
    const char *configuration;
    const struct codetainer_library *libraries;
    size_t library_count;
};

const struct codetainer_build *codetainer_build(void);
