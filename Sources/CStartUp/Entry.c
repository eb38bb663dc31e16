/* The program's first instructions, before it has been relocated: nothing here or in EarlyStart.c may
   need relocating, a thread pointer or the C library.

   A static program that may lie anywhere writes its own pages of pointers before it does anything
   else, and takes a page fault for each. They are fetched in two calls instead (madvise(2),
   MADV_POPULATE_WRITE, Linux 5.14; elsewhere they fail, and nothing is lost). */
#include "CStartUp.h"
#include "BeforeRelocation.h"

#include <elf.h>
#include <sys/syscall.h>

/* gap: pages without a pointer that are fetched all the same, rather than in a call more. */
enum { populate_write = 23, page = 4096, gap = 4 * page };

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));

static inline __attribute__((always_inline)) void fetch(unsigned long start, unsigned long length)
{
    raw_call(SYS_madvise, (long)start, (long)length, populate_write, 0, 0);
}

/* The places are in DT_RELR, in order: an even word is a place, and an odd one has a bit for each of
   the 63 words that follow it (generic ABI, "Relative Relocation Table"). */
static BEFORE_RELOCATION void fetch_pages(void)
{
    const unsigned long base = (unsigned long)&__ehdr_start;
    const unsigned long *word = 0;
    unsigned long count = 0, first = 0, end = 0, place = 0;
    for (const Elf64_Dyn *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_RELR)
            word = (const unsigned long *)(base + entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELRSZ)
            count = entry->d_un.d_val / sizeof *word;
    for (; word && count; word++, count--) {
        place = *word & 1 ? place + 63 * sizeof place : *word + sizeof place;
        if (place < end)
            continue;
        const unsigned long start = (*word & 1 ? end : *word) & -(unsigned long)page;
        if (start > end + gap) {
            if (end)
                fetch(base + first, end - first);
            first = start;
        }
        end = (place + page) & -(unsigned long)page;
    }
    if (end)
        fetch(base + first, end - first);
}

/* - Parameter stack: as the kernel starts a program: the argument count, the arguments, NULL, the
     environment, NULL. */
BEFORE_RELOCATION __attribute__((used)) void codetainer_before_relocation(unsigned long *stack)
{
    char **const words = (char **)(stack + 1);
    codetainer_start_early(words, words + stack[0] + 1);
    fetch_pages();
}

/* One register holds what the C library's start is to register. */
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl codetainer_entry\n"
        ".type codetainer_entry, @function\n"
        "codetainer_entry:\n"
        "    endbr64\n"
        "    mov %rsp, %rdi\n"
        "    push %rdx\n"
        "    sub $8, %rsp\n"
        "    call codetainer_before_relocation\n"
        "    add $8, %rsp\n"
        "    pop %rdx\n"
        "    xor %ebp, %ebp\n"
        "    jmp _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl codetainer_entry\n"
        ".type codetainer_entry, %function\n"
        "codetainer_entry:\n"
        "    mov x1, sp\n"
        "    stp x0, xzr, [sp, #-16]!\n"
        "    mov x0, x1\n"
        "    bl codetainer_before_relocation\n"
        "    ldp x0, xzr, [sp], #16\n"
        "    b _start\n");
#endif
