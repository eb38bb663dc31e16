/* Rows 24 and 25: the mount tree and namespaces. */
#include "escape.h"
#include <linux/mount.h>

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static int mount_new(void) { return CALL(SYS_mount, "tmpfs", "/tmp", "tmpfs", 0, 0); }
static int mount_proc(void) { return CALL(SYS_mount, "proc", "/tmp", "proc", 0, 0); }
static int mount_bind(void) { return CALL(SYS_mount, "/etc", "/tmp", 0, 4096, 0); }
static int mount_move(void) { return CALL(SYS_mount, "/proc/self", "/tmp", 0, 8192, 0); }
/* Of one mount only (MS_BIND), so that the control leaves the machine's file system as it is. */
static int remount(void) { return CALL(SYS_mount, 0, "/proc", 0, 32 | 4096, 0); }
static int propagate(void) { return CALL(SYS_mount, 0, "/", 0, 1 << 18, 0); }
static int unmount(void) { return CALL(SYS_umount2, "/proc", 2); }
static int unmount_lazily(void) { return CALL(SYS_umount2, "/dev/mqueue", 2); }
static int tree(void) { return CALL(SYS_open_tree, AT_FDCWD, "/", 0); }
static int tree_clone(void) { return CALL(SYS_open_tree, AT_FDCWD, "/tmp", 1); }
static int tree_attributes(void) { return CALL(SYS_open_tree_attr, AT_FDCWD, "/tmp", 1, 0, 0); }
static int context(void) { return CALL(SYS_fsopen, "tmpfs", 0); }
static int configure(void) { return CALL(SYS_fsconfig, -1, 0, 0, 0, 0); }
static int mount_context(void) { return CALL(SYS_fsmount, -1, 0, 0); }
static int pick(void) { return CALL(SYS_fspick, AT_FDCWD, "/tmp", 0); }
static int move(void) { return CALL(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/tmp", 0); }
static int attributes(void)
{
    uint64_t change[4] = { 0 };
    return CALL(SYS_mount_setattr, AT_FDCWD, "/proc", 0, change, sizeof change);
}
static int pivot(void) { return CALL(SYS_pivot_root, "/tmp", "/tmp"); }
static int new_root(void) { return FAILED(chroot("/tmp")); }
/* What chroot would be for: out by a directory that is open already. */
static int upwards(void)
{
    struct stat here, above;
    return stat("/", &here) || stat("/../..", &above) || here.st_ino != above.st_ino;
}

static int unshare_of(int flag) { return CALL(SYS_unshare, flag); }
static int unshare_user(void) { return unshare_of(CLONE_NEWUSER); }
static int unshare_mount(void) { return unshare_of(CLONE_NEWNS); }
static int unshare_network(void) { return unshare_of(CLONE_NEWNET); }
static int unshare_processes(void) { return unshare_of(CLONE_NEWPID); }
static int unshare_ipc(void) { return unshare_of(CLONE_NEWIPC); }
static int unshare_names(void) { return unshare_of(CLONE_NEWUTS); }
static int unshare_groups(void) { return unshare_of(CLONE_NEWCGROUP); }
static int unshare_time(void) { return unshare_of(0x80); }
static int unshare_files(void) { return unshare_of(CLONE_FILES); }

static int clone_with(unsigned long flags)
{
    long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    return FAILED(child);
}
static int clone_user(void) { return clone_with(CLONE_NEWUSER); }
static int clone_mount(void) { return clone_with(CLONE_NEWNS); }
static int clone_network(void) { return clone_with(CLONE_NEWNET); }
static int clone_processes(void) { return clone_with(CLONE_NEWPID); }
static int clone_ipc(void) { return clone_with(CLONE_NEWIPC); }
static int clone_names(void) { return clone_with(CLONE_NEWUTS); }
static int clone_groups(void) { return clone_with(CLONE_NEWCGROUP); }
/* The kernel looks at 32 bits of the flags; a filter that compares 64 would be fooled. */
static int clone_high_bits(void) { return clone_with(CLONE_NEWUSER | 1ul << 40); }
static int clone_plain(void) { return clone_with(0); }
static int clone_new(void)
{
    uint64_t arguments[11] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD };
    long child = syscall(SYS_clone3, arguments, 64);
    if (child == 0)
        _exit(0);
    return FAILED(child);
}
static int enter(void)
{
    int own = open("/proc/self/ns/net", O_RDONLY);
    return own < 0 ? errno : CALL(SYS_setns, own, 0);
}
static int enter_by_process(void)
{
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    return process < 0 ? errno : CALL(SYS_setns, process, CLONE_NEWNS);
}

const struct attempt mounts[] = {
    { 24, "mount-tmpfs", "EPERM", "done", mount_new },
    { 24, "mount-proc", "EPERM", "done", mount_proc },
    { 24, "mount-bind", "EPERM", "done", mount_bind },
    { 24, "mount-move", "EPERM", "EINVAL", mount_move },
    { 24, "remount-writable", "EPERM", "done", remount },
    { 24, "mount-propagation", "EPERM", "done", propagate },
    { 24, "umount-/proc", "EPERM", "done", unmount },
    { 24, "umount-lazy", "EPERM", "done", unmount_lazily },
    { 24, "open_tree", "EPERM", "done", tree },
    { 24, "open_tree-clone", "EPERM", "done", tree_clone },
    { 24, "open_tree_attr", "EPERM|ENOSYS", "done|EINVAL|ENOSYS", tree_attributes },
    { 24, "fsopen", "EPERM", "done", context },
    { 24, "fsconfig", "EPERM", "EINVAL", configure },
    { 24, "fsmount", "EPERM", "EBADF", mount_context },
    { 24, "fspick", "EPERM", "done|EINVAL", pick },
    { 24, "move_mount", "EPERM", "EINVAL|ELOOP", move },
    { 24, "mount_setattr", "EPERM", "done", attributes },
    { 24, "pivot_root", "EPERM", "done|EINVAL|EBUSY", pivot },
    { 24, "chroot", "EPERM", "done", new_root },
    { 24, "root-has-no-parent", "done", "done", upwards },
    { 25, "unshare-user", "EPERM", "done", unshare_user },
    { 25, "unshare-mount", "EPERM", "done", unshare_mount },
    { 25, "unshare-network", "EPERM", "done", unshare_network },
    { 25, "unshare-pid", "EPERM", "done", unshare_processes },
    { 25, "unshare-ipc", "EPERM", "done", unshare_ipc },
    { 25, "unshare-uts", "EPERM", "done", unshare_names },
    { 25, "unshare-cgroup", "EPERM", "done", unshare_groups },
    { 25, "unshare-time", "EPERM", "done", unshare_time },
    /* Docker's own filter forbids all of unshare to a container without CAP_SYS_ADMIN. */
    { 25, "unshare-files", "done|EPERM", "done", unshare_files },
    { 25, "clone-user", "EPERM", "done", clone_user },
    { 25, "clone-mount", "EPERM", "done", clone_mount },
    { 25, "clone-network", "EPERM", "done", clone_network },
    { 25, "clone-pid", "EPERM", "done", clone_processes },
    { 25, "clone-ipc", "EPERM", "done", clone_ipc },
    { 25, "clone-uts", "EPERM", "done", clone_names },
    { 25, "clone-cgroup", "EPERM", "done", clone_groups },
    { 25, "clone-high-bits", "EPERM", "done", clone_high_bits },
    { 25, "clone-plain", "done", "done", clone_plain },
    { 25, "clone3", "ENOSYS", "done", clone_new },
    { 25, "setns", "EPERM", "done", enter },
    { 25, "setns-by-pidfd", "EPERM", "done", enter_by_process },
    { 0 },
};
