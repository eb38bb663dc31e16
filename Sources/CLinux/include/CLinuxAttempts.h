/* System calls that are made to see them fail. */
#pragma once

/** A call's number and its six arguments. */
#define CODETAINER_CALL_WORDS 7

/** Makes `count` calls one after the other in a child, so that the caller stays as it is whatever
    they do; the child runs nothing but this. Unless `copies`, it shares the caller's memory
    (vfork(2), a fifth of the cost), and so whether that may be looked at. errors[i] is the error number of call i, or 0; `made`
    says how many came back. The result is the child's wait status, or -1 where there is no child. */
int codetainer_attempt(const long *calls, int count, int copies, int *errors, int *made);
