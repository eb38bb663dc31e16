/* What Swift cannot import by itself: variadic calls, function-like macros, GNU extensions and
   system calls without a libc wrapper. Everything here is a thin, nameable door; no logic. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

/* ---- waiting for children ------------------------------------------------------------------ */

static inline int codetainer_exited(int status) { return (status & 0x7f) == 0; }
static inline int codetainer_exit_code(int status) { return (status >> 8) & 0xff; }
static inline int codetainer_term_signal(int status) { return status & 0x7f; }

/* ---- prctl(2), capabilities(7) ------------------------------------------------------------- */

int codetainer_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
/** capset(2) on the calling thread with the three sets as 64-bit masks. */
int codetainer_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int codetainer_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);

/** A seccomp(2) filter on the calling thread: ENOSYS for calls of this architecture above `last`, EPERM
    for personality(2) with anything but 0 and 0xffffffff. */
int codetainer_deny_ranges(uint32_t last);

/* ---- descriptors --------------------------------------------------------------------------- */

int codetainer_fcntl(int descriptor, int command, long argument);
int codetainer_ioctl(int descriptor, unsigned long request, void *argument);
int codetainer_close_range(unsigned int first, unsigned int last, unsigned int flags);
int codetainer_open(const char *path, int flags, unsigned int mode);
int codetainer_openat(int directory, const char *path, int flags, unsigned int mode);
/** openat2(2) with RESOLVE_NO_SYMLINKS: a link anywhere in the path is ELOOP. */
int codetainer_open_without_links(int directory, const char *path, int flags);
/** open_tree(2) with OPEN_TREE_CLONE: a copy of the mount at `path`, attached nowhere. */
int codetainer_copy_mount(const char *path);
/** move_mount(2) of such a copy to `path`. */
int codetainer_attach_mount(int mount, const char *path);
// malloc_trim(3).
void codetainer_give_memory_back(void);
int codetainer_memfd(const char *name, unsigned int flags);
int codetainer_syncfs(int descriptor);
int codetainer_pipe(int descriptors[2]);
/** In packet mode, without waiting (pipe2(2)), and with room for so many octets. */
int codetainer_packet_pipe(int descriptors[2], int size);
/** posix_openpt(3), non-blocking, then grantpt(3) and unlockpt(3): the master's descriptor; the path
    of the slave goes into `path`. */
int codetainer_open_pseudo_terminal(char *path, size_t size);

extern const int CODETAINER_O_PATH;
extern const int CODETAINER_MFD_CLOEXEC, CODETAINER_MFD_ALLOW_SEALING;
extern const int CODETAINER_F_ADD_SEALS, CODETAINER_F_GET_SEALS;
extern const int CODETAINER_ALL_SEALS, CODETAINER_SIZE_SEALS;

/* ---- memory -------------------------------------------------------------------------------- */

/** madvise(2) with MADV_DONTNEED on the program's own code, which is read again from its file. */
void codetainer_release_code(void);

/* ---- events -------------------------------------------------------------------------------- */

struct codetainer_event {
    uint32_t events;
    uint64_t token;
};
int codetainer_epoll_create(void);
/** operation: 1 add, 2 delete, 3 modify (EPOLL_CTL_*). */
int codetainer_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);
int codetainer_epoll_wait(int epoll, struct codetainer_event *events, int count, int milliseconds);
/** A non-blocking, close-on-exec signalfd for the set; the caller blocks the signals itself. */
int codetainer_signalfd(int descriptor, const void *sigset);
int codetainer_timerfd(void);
/** Arms (relative, monotonic) or, with 0, disarms the timer. */
int codetainer_timerfd_set(int timer, int64_t nanoseconds);

/* ---- processes ----------------------------------------------------------------------------- */

int codetainer_pidfd_open(int pid);
int codetainer_pidfd_send_signal(int pidfd, int signal);
int codetainer_setresuid(unsigned int uid);
int codetainer_setresgid(unsigned int gid);
/** setfsuid(2) and setfsgid(2): whose permissions file access is judged by. They report no error,
    so the ids in force are asked for and compared: -1 when they are not the wanted ones. */
int codetainer_set_file_identity(unsigned int user, unsigned int group);
int codetainer_unshare(int flags);
long codetainer_syscall(long number, long a, long b, long c, long d, long e, long f);

/* ---- sockets ------------------------------------------------------------------------------- */

/** An IPv4 (family 2) or IPv6 (family 10) address with its port, both in network byte order. */
struct codetainer_endpoint {
    uint16_t family;
    uint16_t port;
    uint8_t address[16];
    uint32_t scope;
};
int codetainer_socket(int family, int type, int protocol);
int codetainer_bind(int descriptor, const struct codetainer_endpoint *endpoint);
int codetainer_connect(int descriptor, const struct codetainer_endpoint *endpoint);
int codetainer_accept(int descriptor, struct codetainer_endpoint *peer);
int codetainer_local_endpoint(int descriptor, struct codetainer_endpoint *endpoint);
int codetainer_bind_unix(int descriptor, const char *path);
int codetainer_connect_unix(int descriptor, const char *path);
int codetainer_peer_credentials(int descriptor, int *pid, unsigned int *uid, unsigned int *gid);
int codetainer_set_option(int descriptor, int level, int name, int value);
int codetainer_get_option(int descriptor, int level, int name, int *value);
int codetainer_socketpair(int type, int descriptors[2]);

/* The module's umbrella is this header alone, so every other one is named here. */
#include "CLinuxAttempts.h"
#include "CLinuxCommands.h"
#include "CLinuxSockets.h"
#include "CLinuxLandlock.h"
#include "CLinuxTrap.h"
