/* Rows 27 and 33: becoming somebody else, and what would outlive the process. */
#include "escape.h"
#include <grp.h>
#include <linux/capability.h>
#include <mqueue.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int user(void) { return CALL(SYS_setresuid, 0, 0, 0); }
static int other_user(void) { return CALL(SYS_setresuid, 900, 900, 900); }
static int group(void) { return CALL(SYS_setresgid, 0, 0, 0); }
static int file_user(void)
{
    syscall(SYS_setfsuid, 0);
    return syscall(SYS_setfsuid, -1) == 0 ? 0 : EPERM;
}
static int groups(void)
{
    gid_t root = 0;
    return CALL(SYS_setgroups, 1, &root);
}
static int capability(void)
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2] = { { 1u << CAP_NET_ADMIN, 1u << CAP_NET_ADMIN, 0 } };
    return CALL(SYS_capset, &header, data);
}
static int ambient(void) { return FAILED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0)); }
static int bounding(void)
{
    for (int number = 0; number < 64; number++)
        if (prctl(PR_CAPBSET_READ, number) > 0)
            return 0;
    return EPERM;
}
static int secure_bits(void) { return FAILED(prctl(PR_SET_SECUREBITS, 0)); }
static int new_privileges(void) { return FAILED(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)); }
static int gain_nothing(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0; }

/* A copy of this program in a directory of the agent's, set-id or with a capability. */
static int plant(const char *path)
{
    char chunk[65536];
    int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    for (ssize_t count; (count = read(from, chunk, sizeof chunk)) > 0;)
        if (write(to, chunk, count) != count)
            return -1;
    return to;
}
static int give_to_root(void) { return FAILED(fchown(plant("/tmp/escape.planted"), 0, 0)); }
static int file_capability(void)
{
    struct { uint32_t magic; uint32_t sets[4]; } data = { 0x02000001, { 1u << CAP_SYS_ADMIN } };
    return FAILED(fsetxattr(plant("/tmp/escape.planted"), "security.capability", &data, 20, 0));
}
static int trusted_attribute(void)
{
    return FAILED(fsetxattr(plant("/tmp/escape.planted"), "trusted.escape", "x", 1, 0));
}
static int device(void) { unlink("/tmp/escape.node"); return FAILED(mknod("/tmp/escape.node", S_IFBLK | 0666, makedev(254, 0))); }
static int character_device(void) { unlink("/tmp/escape.node"); return FAILED(mknod("/tmp/escape.node", S_IFCHR | 0666, makedev(1, 1))); }
static int fifo(void) { unlink("/tmp/escape.fifo"); return FAILED(mkfifo("/tmp/escape.fifo", 0600)); }

static int mounted_without(const char *path, unsigned long flag)
{
    struct statfs status;
    if (statfs(path, &status) < 0)
        return errno == ENOENT ? EPERM : errno;
    return status.f_flags & flag ? EPERM : 0;
}
/* ST_NOSUID and ST_NODEV of everything that the agent may write. */
static int set_id_files(void)
{
    const char *const places[] = { "/tmp", "/workspace", "/home/claude", "/run", "/dev/shm", "/dev/mqueue", "/dev/pts" };
    for (size_t place = 0; place < sizeof places / sizeof *places; place++)
        if (mounted_without(places[place], 2) != EPERM)
            return 0;
    return EPERM;
}
static int device_files(void)
{
    const char *const places[] = { "/tmp", "/workspace", "/home/claude", "/run", "/dev/shm", "/dev/mqueue" };
    for (size_t place = 0; place < sizeof places / sizeof *places; place++)
        if (mounted_without(places[place], 4) != EPERM)
            return 0;
    return EPERM;
}

static int core_limit(void)
{
    struct rlimit limit = { 1 << 20, 1 << 20 };
    return FAILED(setrlimit(RLIMIT_CORE, &limit));
}
static int core_dump(void)
{
    if (chdir("/tmp") < 0)
        return errno;
    pid_t child = fork();
    if (child == 0)
        abort();
    int status;
    waitpid(child, &status, 0);
    return WCOREDUMP(status) ? 0 : EPERM;
}
static int process_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NPROC, &limit);
    limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
    return FAILED(setrlimit(RLIMIT_NPROC, &limit));
}
static int nice_up(void) { return FAILED(setpriority(PRIO_PROCESS, 0, -5)); }
static int real_time(void)
{
    struct sched_param parameter = { 1 };
    return FAILED(sched_setscheduler(0, SCHED_FIFO, &parameter));
}
static int out_of_memory(void)
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    return file < 0 ? errno : FAILED(write(file, "-1000", 5));
}
/* Memory that outlives its maker lives in the container's own namespace, and is no cage's concern. */
static int shared_memory(void)
{
    int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    return memory < 0 ? errno : FAILED(shmctl(memory, IPC_RMID, 0));
}
static int message_queue(void)
{
    mqd_t queue = mq_open("/escape", O_CREAT | O_RDWR, 0600, NULL);
    return queue < 0 ? errno : FAILED(mq_unlink("/escape"));
}

const struct attempt identity[] = {
    { 27, "setresuid-0", "EPERM", "done", user },
    { 27, "setresuid-resolver", "EPERM", "done", other_user },
    { 27, "setresgid-0", "EPERM", "done", group },
    { 27, "setfsuid-0", "EPERM", "done", file_user },
    { 27, "setgroups", "EPERM", "done", groups },
    { 27, "capset", "EPERM", "done", capability },
    { 27, "ambient-capability", "EPERM", "EPERM", ambient },
    { 27, "bounding-set", "EPERM", "done", bounding },
    { 27, "securebits", "EPERM", "done", secure_bits },
    { 27, "no_new_privs-off", "EINVAL", "EINVAL", new_privileges },
    { 27, "no_new_privs", "EPERM", "done", gain_nothing },
    { 27, "chown-to-root", "EPERM", "done", give_to_root },
    { 27, "file-capability", "EPERM", "done", file_capability },
    { 27, "trusted-attribute", "EPERM", "done", trusted_attribute },
    { 27, "mknod-block", "EPERM|EACCES", "done", device },
    { 27, "mknod-character", "EPERM|EACCES", "done", character_device },
    { 27, "mkfifo", "done", "done", fifo },
    { 33, "set-id-files-in-a-writable-place", "EPERM", NULL, set_id_files },
    { 33, "device-files-in-a-writable-place", "EPERM", NULL, device_files },
    { 33, "core-limit", "EPERM", "done", core_limit },
    { 33, "core-dump", "EPERM", NULL, core_dump },
    { 31, "process-limit", "EPERM", NULL, process_limit },
    { 31, "nice-upwards", "EACCES|EPERM", "done", nice_up },
    { 31, "real-time", "EPERM", NULL, real_time },
    { 31, "oom-score", "EACCES", "done|EACCES", out_of_memory },
    { 33, "shared-memory", "done", "done", shared_memory },
    { 33, "message-queue", "done", "done", message_queue },
    { 0 },
};
