#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

int codetainer_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    return prctl(option, a, b, c, d);
}

int codetainer_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2] = {
        { (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
        { (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
    };
    return (int)syscall(SYS_capset, &header, data);
}

int codetainer_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable)
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2] = { 0 };
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    *effective = data[0].effective | (uint64_t)data[1].effective << 32;
    *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    *inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    return 0;
}

int codetainer_deny_ranges(uint32_t last)
{
#if defined(__x86_64__)
    const uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    const uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "the number of this architecture (linux/audit.h) is not named here"
#endif
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 9),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* x32, or the -1 of a call that a tracer cancelled. */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40000000, 7, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 0, 5),
        /* The low half: the kernel takes an unsigned int. */
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 2, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { sizeof program / sizeof *program, program };
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

int codetainer_fcntl(int descriptor, int command, long argument) { return fcntl(descriptor, command, argument); }
int codetainer_ioctl(int descriptor, unsigned long request, void *argument) { return ioctl(descriptor, request, argument); }

int codetainer_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}

int codetainer_open(const char *path, int flags, unsigned int mode) { return open(path, flags | O_CLOEXEC, mode); }

int codetainer_openat(int directory, const char *path, int flags, unsigned int mode)
{
    return openat(directory, path, flags | O_CLOEXEC, mode);
}

int codetainer_open_without_links(int directory, const char *path, int flags)
{
    struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_NO_SYMLINKS };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

/* OPEN_TREE_CLONE and MOVE_MOUNT_F_EMPTY_PATH, of headers that clash with libc's. */
int codetainer_copy_mount(const char *path)
{
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, 1 | O_CLOEXEC);
}

int codetainer_attach_mount(int mount, const char *path)
{
    return (int)syscall(SYS_move_mount, mount, "", AT_FDCWD, path, 4);
}

void codetainer_give_memory_back(void) { malloc_trim(0); }

int codetainer_memfd(const char *name, unsigned int flags) { return memfd_create(name, flags); }
int codetainer_syncfs(int descriptor) { return syncfs(descriptor); }
int codetainer_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }
int codetainer_packet_pipe(int descriptors[2], int size)
{
    if (pipe2(descriptors, O_CLOEXEC | O_NONBLOCK | O_DIRECT) != 0)
        return -1;
    /* Where that is not granted it has the usual size. */
    fcntl(descriptors[0], F_SETPIPE_SZ, size);
    return 0;
}

int codetainer_open_pseudo_terminal(char *path, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (master < 0)
        return -1;
    if (grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, path, size) == 0)
        return master;
    int cause = errno;
    close(master);
    errno = cause;
    return -1;
}

const int CODETAINER_O_PATH = O_PATH;
const int CODETAINER_MFD_CLOEXEC = MFD_CLOEXEC;
const int CODETAINER_MFD_ALLOW_SEALING = MFD_ALLOW_SEALING;
const int CODETAINER_F_ADD_SEALS = F_ADD_SEALS;
const int CODETAINER_F_GET_SEALS = F_GET_SEALS;
const int CODETAINER_SIZE_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
const int CODETAINER_ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int codetainer_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int codetainer_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token)
{
    struct epoll_event event = { .events = events, .data.u64 = token };
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int codetainer_epoll_wait(int epoll, struct codetainer_event *events, int count, int milliseconds)
{
    struct epoll_event ready[64];
    int limit = count < 64 ? count : 64;
    int found = epoll_wait(epoll, ready, limit, milliseconds);
    for (int i = 0; i < found; i++)
        events[i] = (struct codetainer_event) { ready[i].events, ready[i].data.u64 };
    return found;
}

int codetainer_signalfd(int descriptor, const void *sigset)
{
    return signalfd(descriptor, sigset, SFD_CLOEXEC | SFD_NONBLOCK);
}
int codetainer_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

int codetainer_timerfd_set(int timer, int64_t nanoseconds)
{
    struct itimerspec when = { .it_value = { nanoseconds / 1000000000, nanoseconds % 1000000000 } };
    return timerfd_settime(timer, 0, &when, NULL);
}

int codetainer_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int codetainer_pidfd_send_signal(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int codetainer_setresuid(unsigned int uid) { return setresuid(uid, uid, uid); }
int codetainer_setresgid(unsigned int gid) { return setresgid(gid, gid, gid); }
int codetainer_set_file_identity(unsigned int user, unsigned int group)
{
    /* The group first: giving the user id away takes the capability to change groups with it. */
    setfsgid(group);
    setfsuid(user);
    if ((unsigned int)setfsuid(-1) == user && (unsigned int)setfsgid(-1) == group)
        return 0;
    errno = EPERM;
    return -1;
}

int codetainer_unshare(int flags) { return unshare(flags); }

long codetainer_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    return syscall(number, a, b, c, d, e, f);
}

/* Fills `storage` from an endpoint; the length that the kernel wants comes back. */
static socklen_t to_socket_address(const struct codetainer_endpoint *endpoint, struct sockaddr_storage *storage)
{
    memset(storage, 0, sizeof *storage);
    if (endpoint->family == AF_INET) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
        v4->sin_family = AF_INET;
        v4->sin_port = endpoint->port;
        memcpy(&v4->sin_addr, endpoint->address, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = endpoint->port;
    v6->sin6_scope_id = endpoint->scope;
    memcpy(&v6->sin6_addr, endpoint->address, 16);
    return sizeof *v6;
}

static void from_socket_address(const struct sockaddr_storage *storage, struct codetainer_endpoint *endpoint)
{
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->family = storage->ss_family;
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)storage;
        endpoint->port = v4->sin_port;
        memcpy(endpoint->address, &v4->sin_addr, 4);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)storage;
        endpoint->port = v6->sin6_port;
        endpoint->scope = v6->sin6_scope_id;
        memcpy(endpoint->address, &v6->sin6_addr, 16);
    }
}

int codetainer_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

int codetainer_bind(int descriptor, const struct codetainer_endpoint *endpoint)
{
    struct sockaddr_storage storage;
    socklen_t length = to_socket_address(endpoint, &storage);
    return bind(descriptor, (struct sockaddr *)&storage, length);
}

int codetainer_connect(int descriptor, const struct codetainer_endpoint *endpoint)
{
    struct sockaddr_storage storage;
    socklen_t length = to_socket_address(endpoint, &storage);
    return connect(descriptor, (struct sockaddr *)&storage, length);
}

int codetainer_accept(int descriptor, struct codetainer_endpoint *peer)
{
    struct sockaddr_storage storage = { 0 };
    socklen_t length = sizeof storage;
    int accepted = accept4(descriptor, (struct sockaddr *)&storage, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0 && peer)
        from_socket_address(&storage, peer);
    return accepted;
}

int codetainer_local_endpoint(int descriptor, struct codetainer_endpoint *endpoint)
{
    struct sockaddr_storage storage = { 0 };
    socklen_t length = sizeof storage;
    int result = getsockname(descriptor, (struct sockaddr *)&storage, &length);
    if (result == 0)
        from_socket_address(&storage, endpoint);
    return result;
}

static int unix_address(const char *path, struct sockaddr_un *address)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int codetainer_bind_unix(int descriptor, const char *path)
{
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0)
        return -1;
    return bind(descriptor, (struct sockaddr *)&address, sizeof address);
}

int codetainer_connect_unix(int descriptor, const char *path)
{
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0)
        return -1;
    return connect(descriptor, (struct sockaddr *)&address, sizeof address);
}

int codetainer_peer_credentials(int descriptor, int *pid, unsigned int *uid, unsigned int *gid)
{
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

int codetainer_set_option(int descriptor, int level, int name, int value)
{
    return setsockopt(descriptor, level, name, &value, sizeof value);
}

int codetainer_get_option(int descriptor, int level, int name, int *value)
{
    socklen_t length = sizeof *value;
    return getsockopt(descriptor, level, name, value, &length);
}

int codetainer_socketpair(int type, int descriptors[2])
{
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, descriptors);
}

/* Set by the linker: where the program begins, and where its code ends. */
extern const char __executable_start[], etext[];

void codetainer_release_code(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)__executable_start & ~(page - 1), end = (uintptr_t)etext & ~(page - 1);
    madvise((void *)start, end - start, MADV_DONTNEED);
}
