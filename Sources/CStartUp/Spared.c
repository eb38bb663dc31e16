/* What libraries do before main, and this program has no use for.

   Their archives have a file for each of these; a symbol that is defined here keeps that file out of
   the program. One that came to be needed would not be left out silently: its file would be linked
   for something else that it defines, and the linker would find the symbol twice. */
#ifdef CODETAINER_STATIC
#include "CStartUp.h"

#include <stddef.h>

/* The Swift runtime looks for the arguments in /proc/self/maps; here they are (CommandLine.cpp). */
char **_swift_stdlib_getUnsafeArgvArgc(int *count);
char **_swift_stdlib_getUnsafeArgvArgc(int *count)
{
    char **const arguments = codetainer_arguments();
    for (*count = 0; arguments[*count]; ++*count)
        ;
    return arguments;
}

/* No code of this program is asynchronous. The executor that Swift's tasks would have is built on
   libdispatch, which makes its queues at start, and a table of 64 KiB of pointers to relocate. */
#define NEVER(name) \
    void name(void); \
    void name(void) { __builtin_trap(); }
NEVER(dispatch_activate)
NEVER(dispatch_after_f)
NEVER(dispatch_assert_queue)
NEVER(dispatch_async_f)
NEVER(dispatch_main)
NEVER(dispatch_queue_attr_make_with_qos_class)
NEVER(dispatch_queue_create)
NEVER(dispatch_queue_set_width)
NEVER(dispatch_release)
NEVER(dispatch_set_context)
NEVER(dispatch_source_create)
NEVER(dispatch_source_set_event_handler_f)
NEVER(dispatch_source_set_timer)
NEVER(dispatch_walltime)
const char _dispatch_main_q, _dispatch_queue_attr_concurrent, _dispatch_source_type_timer;
#endif
