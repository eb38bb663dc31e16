/* The only file that a new commit compiles again: what differs from build to build is in one header,
   which scripts/swift-release has written anew. Without it, as in `swift build`, nothing is known. */
#include "CBuild.h"

#if __has_include("codetainer-build.h")
#include "codetainer-build.h"
#else
#define CODETAINER_COMMIT "unknown"
#define CODETAINER_MODIFIED false
#define CODETAINER_TOOLCHAIN "unknown"
#define CODETAINER_TARGET "unknown"
#define CODETAINER_LIBRARIES
#endif

#ifdef DEBUG
#define CONFIGURATION "debug"
#else
#define CONFIGURATION "release"
#endif

/* The last entry ends the list, which may hold nothing else. */
static const struct codetainer_library libraries[] = { CODETAINER_LIBRARIES { NULL, NULL, NULL } };

static const struct codetainer_build build = {
    .commit = CODETAINER_COMMIT,
    .modified = CODETAINER_MODIFIED,
    .toolchain = CODETAINER_TOOLCHAIN,
    .target = CODETAINER_TARGET,
    .configuration = CONFIGURATION,
    .libraries = libraries,
    .library_count = sizeof libraries / sizeof *libraries - 1,
};

const struct codetainer_build *codetainer_build(void) { return &build; }
