/* For code that runs before the program has been relocated: system calls without the C library. */
#pragma once

/* Clang makes calls to the C library out of loops and copies where it may, and those go by a table
   that is not there yet. */
#define BEFORE_RELOCATION __attribute__((visibility("hidden"), no_stack_protector, no_builtin))

/* Starts the command of a plain init, where that is all there is to do (EarlyStart.c). */
void codetainer_start_early(char **words, char **environment);

/* The kernel's result: -errno for a failure. Inlined, so that vfork(2)'s child leaves no frame. */
static inline __attribute__((always_inline)) long raw_call(
    long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
        : "=a"(result)
        : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
        : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x8 __asm__("x8") = number;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8) : "memory");
    return x0;
#endif
}
