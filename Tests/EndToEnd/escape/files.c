/* Rows 29 and 33: files of root's, devices, and what the kernel has as files. */
#include "escape.h"
#include <sys/socket.h>
#include <sys/un.h>

static int write_to(const char *path) { return FAILED(open(path, O_WRONLY)); }
static int make(const char *path) { return FAILED(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)); }

static int state_new(void) { return make("/run/codetainer/escape"); }
static int state_log(void) { return write_to("/run/codetainer/boot.log"); }
static int state_ready(void) { return FAILED(unlink("/run/codetainer/ready")); }
static int state_git(void) { return write_to("/run/codetainer/gitconfig"); }
static int state_socket(void) { return FAILED(unlink("/run/codetainer/control.sock")); }
static int state_move(void) { return FAILED(rename("/run/codetainer", "/run/user/1000/codetainer")); }
static int state_link(void) { return FAILED(symlink("/tmp", "/run/codetainer/escape")); }
static int state_replace(void)
{
    symlink("/tmp", "/run/user/1000/escape");
    return FAILED(rename("/run/user/1000/escape", "/run/codetainer/ready"));
}
static int state_exchange(void)
{
    return CALL(SYS_renameat2, AT_FDCWD, "/run/user", AT_FDCWD, "/run/codetainer", 2 /* RENAME_EXCHANGE */);
}
static int state_mode(void) { return FAILED(chmod("/run/codetainer", 0777)); }
static int state_time(void) { return FAILED(utimensat(AT_FDCWD, "/run/codetainer/ready", NULL, 0)); }
static int socket_mode(void) { return FAILED(chmod("/run/codetainer/control.sock", 0700)); }
static int bind_over(void)
{
    struct sockaddr_un address = { AF_UNIX, "/run/codetainer/control.sock" };
    return FAILED(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address));
}
static int users(void) { return make("/run/user/escape"); }
static int run(void) { return make("/run/escape"); }
static int sticky(void) { return FAILED(rename("/tmp/.escape-of-root", "/tmp/escape-mine")); }
static int hard_link(void) { return FAILED(link("/run/codetainer/boot.log", "/run/user/1000/escape-link")); }
static int hard_link_program(void) { return FAILED(link("/usr/local/bin/codetainer", "/tmp/escape-link")); }
static int own(void)
{
    unlink("/tmp/escape-own");
    return make("/tmp/escape-own");
}
static int policy(void) { return write_to("/opt/network/domains.conf"); }
static int profile(void) { return write_to("/etc/codetainer/profiles/shell.toml"); }
static int binary(void) { return write_to("/usr/local/bin/codetainer"); }
static int names(void) { return write_to("/etc/resolv.conf"); }
static int accounts(void) { return write_to("/etc/passwd"); }
static int shadow(void) { return FAILED(open("/etc/shadow", O_RDONLY)); }
static int new_program(void) { return make("/usr/local/bin/escape"); }

static int device(const char *path) { return FAILED(open(path, O_RDWR)); }
static int disk(void) { return device("/dev/vda"); }
static int kernel_log(void) { return device("/dev/kmsg"); }
static int memory(void) { return device("/dev/mem"); }
static int tunnel(void) { return device("/dev/net/tun"); }
static int fuse(void) { return device("/dev/fuse"); }
static int virtual(void) { return device("/dev/kvm"); }
static int loop(void) { return device("/dev/loop-control"); }
static int zero(void) { return device("/dev/zero"); }
static int dev_new(void) { return make("/dev/escape"); }

static int core_pattern(void) { return write_to("/proc/sys/kernel/core_pattern"); }
static int module_path(void) { return write_to("/proc/sys/kernel/modprobe"); }
static int forwarding(void) { return write_to("/proc/sys/net/ipv4/ip_forward"); }
static int ping_group(void) { return write_to("/proc/sys/net/ipv4/ping_group_range"); }
static int low_ports(void) { return write_to("/proc/sys/net/ipv4/ip_unprivileged_port_start"); }
static int magic_key(void) { return write_to("/proc/sysrq-trigger"); }
static int kernel_memory(void) { return FAILED(open("/proc/kcore", O_RDONLY)); }
static int kernel_pages(void) { return FAILED(open("/proc/kpageflags", O_RDONLY)); }
static int key_list(void)
{
    char line[256];
    FILE *keys = fopen("/proc/keys", "r");
    return keys ? (fgets(line, sizeof line, keys) ? 0 : ENOENT) : errno;
}
static int binary_formats(void) { return write_to("/proc/sys/fs/binfmt_misc/register"); }
static int uevent(void) { return write_to("/sys/kernel/uevent_helper"); }
static int power(void) { return write_to("/sys/power/state"); }
static int release_agent(void)
{
    /* The first hierarchy of version 1, or the one of version 2, where the file is another. */
    int result = write_to("/sys/fs/cgroup/memory/release_agent");
    return result == ENOENT ? write_to("/sys/fs/cgroup/cgroup.procs") : result;
}
static int new_group(void)
{
    int result = FAILED(mkdir("/sys/fs/cgroup/memory/escape", 0700));
    return result == ENOENT ? FAILED(mkdir("/sys/fs/cgroup/escape", 0700)) : result;
}
static int group_limit(void)
{
    int result = write_to("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    return result == ENOENT ? write_to("/sys/fs/cgroup/memory.max") : result;
}
static int tracing(void) { return FAILED(open("/sys/kernel/debug/tracing/trace_pipe", O_RDONLY)); }
static int sockets(void) { return write_to("/var/run/docker.sock"); }

#define REFUSED "EROFS|EACCES"
#define ABSENT "ENOENT|EROFS|EACCES|EPERM"
const struct attempt files[] = {
    { 29, "new-file-in-/run/codetainer", "EACCES", NULL, state_new },
    { 29, "boot-log", "EACCES", NULL, state_log },
    { 29, "unlink-ready", "EACCES", NULL, state_ready },
    { 29, "gitconfig", "EACCES", NULL, state_git },
    { 29, "unlink-control-socket", "EACCES", NULL, state_socket },
    { 29, "rename-/run/codetainer", "EACCES|EXDEV", NULL, state_move },
    { 29, "link-in-/run/codetainer", "EACCES", NULL, state_link },
    { 29, "rename-into-/run/codetainer", "EACCES|EXDEV", NULL, state_replace },
    { 29, "exchange-of-directories", "EACCES|EXDEV", NULL, state_exchange },
    { 29, "chmod-/run/codetainer", "EPERM", NULL, state_mode },
    { 29, "touch-ready", "EACCES", NULL, state_time },
    { 29, "chmod-control-socket", "EPERM", NULL, socket_mode },
    { 29, "bind-over-control-socket", "EADDRINUSE|EACCES", NULL, bind_over },
    { 29, "new-file-in-/run/user", "EACCES", NULL, users },
    { 29, "new-file-in-/run", "EACCES", NULL, run },
    { 29, "rename-of-root's-file-in-/tmp", "EPERM|EACCES", NULL, sticky },
    { 29, "link-to-boot-log", "EPERM|EACCES|EXDEV", NULL, hard_link },
    { 29, "link-to-the-program", "EXDEV|EPERM|EACCES", "EXDEV|ENOENT", hard_link_program },
    { 29, "own-file-in-/tmp", "done", "done", own },
    { 33, "policy", REFUSED, NULL, policy },
    { 33, "profile", REFUSED, NULL, profile },
    { 33, "binary", REFUSED, NULL, binary },
    { 33, "resolv.conf", REFUSED, "done", names },
    { 33, "passwd", REFUSED, "done", accounts },
    { 33, "shadow", "EACCES", "done", shadow },
    { 33, "new-program", REFUSED, "done", new_program },
    { 33, "disk", ABSENT, NULL, disk },
    { 33, "kmsg", ABSENT, NULL, kernel_log },
    { 33, "mem", ABSENT, NULL, memory },
    { 33, "tun", ABSENT, NULL, tunnel },
    { 33, "fuse", ABSENT, NULL, fuse },
    { 33, "kvm", ABSENT, NULL, virtual },
    { 33, "loop", ABSENT, NULL, loop },
    { 33, "zero", "done", "done", zero },
    { 33, "new-file-in-/dev", "EACCES|EROFS", NULL, dev_new },
    { 33, "core_pattern", REFUSED, "done", core_pattern },
    { 33, "modprobe", ABSENT, "done|ENOENT", module_path },
    { 33, "ip_forward", REFUSED, "done", forwarding },
    { 33, "ping_group_range", REFUSED, "done", ping_group },
    { 33, "unprivileged-ports", REFUSED, "done", low_ports },
    { 33, "sysrq", ABSENT, NULL, magic_key },
    { 33, "kcore", ABSENT, NULL, kernel_memory },
    { 33, "kpageflags", ABSENT, NULL, kernel_pages },
    { 33, "keys", ABSENT, NULL, key_list },
    { 33, "binfmt_misc", ABSENT, NULL, binary_formats },
    { 33, "uevent_helper", ABSENT, NULL, uevent },
    { 33, "power", ABSENT, NULL, power },
    { 33, "release_agent", ABSENT, NULL, release_agent },
    { 33, "new-cgroup", ABSENT, NULL, new_group },
    { 33, "cgroup-limit", ABSENT, NULL, group_limit },
    { 33, "tracing", ABSENT, NULL, tracing },
    { 33, "docker-socket", ABSENT, NULL, sockets },
    { 0 },
};
