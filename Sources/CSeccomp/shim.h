#pragma once
#include <errno.h>
#include <seccomp.h>

/* SCMP_ACT_ERRNO(x) and SCMP_CMPn(...) are function-like macros, which Swift cannot import. */
static inline uint32_t codetainer_act_errno(uint16_t code) { return SCMP_ACT_ERRNO(code); }
