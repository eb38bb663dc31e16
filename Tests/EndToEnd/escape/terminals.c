/* Row 28: terminals; and row 30, the control socket, where a whole line is not what is sent. */
#include "escape.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int terminal(void)
{
    int master, slave;
    if (openpty(&master, &slave, 0, 0, 0) < 0)
        exit(errno);
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    return slave;
}
static int type(void) { return FAILED(ioctl(terminal(), TIOCSTI, "x")); }
/* The kernel looks at 32 bits of the request. */
static int type_high_bits(void) { return CALL(SYS_ioctl, terminal(), TIOCSTI | 1ul << 32, "x"); }
static int select_text(void) { return FAILED(ioctl(terminal(), TIOCLINUX, "\x02")); }
static int select_text_high_bits(void) { return CALL(SYS_ioctl, terminal(), TIOCLINUX | 1ul << 40, "\x02"); }
static int console(void) { return FAILED(ioctl(terminal(), TIOCCONS, 0)); }
static int size(void)
{
    struct winsize size;
    return FAILED(ioctl(terminal(), TIOCGWINSZ, &size));
}
static int console_device(void) { return FAILED(open("/dev/console", O_RDWR | O_NOCTTY)); }
static int controlling(void)
{
    setsid();
    return FAILED(open("/dev/tty", O_RDWR));
}
/* The control has no other owner's terminal to try: it opens its own. */
static int anothers(void)
{
    char path[32];
    for (int number = 0; number < 32; number++) {
        struct stat status;
        snprintf(path, sizeof path, "/dev/pts/%d", number);
        if (stat(path, &status) == 0 && status.st_uid != getuid() && open(path, O_RDWR | O_NOCTTY) >= 0)
            return 0;
    }
    return EACCES;
}
/* Descriptors that nobody meant to hand over; 3 is the next one in a clean process. */
static int inherited(void)
{
    int next = open("/dev/null", O_RDONLY);
    return next == 3 ? ENOENT : 0;
}

static int connected(void)
{
    struct sockaddr_un address = { AF_UNIX, "/run/codetainer/control.sock" };
    int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) < 0)
        exit(errno);
    return socket_;
}
/* What the answer says: EPERM, EBUSY, or another error; 0 is an answer in the matter. */
static int ask(const void *line, size_t length)
{
    char answer[65536] = "";
    int socket_ = connected();
    ssize_t count = 0;
    if (write(socket_, line, length) < 0)
        return errno;
    for (ssize_t more; (more = read(socket_, answer + count, sizeof answer - 1 - count)) > 0;)
        count += more;
    answer[count] = 0;
    if (strstr(answer, "not permitted"))
        return EPERM;
    if (strstr(answer, "longer than"))
        return EMSGSIZE;
    if (strstr(answer, "not a line of ASCII") || strstr(answer, "unknown request"))
        return EINVAL;
    if (strstr(answer, "no credential") || strstr(answer, "another runner"))
        return ENOENT;
    return count > 0 && strncmp(answer, "{\"error\"", 8) != 0 ? 0 : EPROTO;
}
static int say(const char *line) { return ask(line, strlen(line)); }
static int health(void) { return say("health\n"); }
static int allow(void) { return say("allow evil.test 0\n"); }
static int deny(void) { return say("deny allowed.test\n"); }
static int reload(void) { return say("reload\n"); }
static int runner(void) { return say("agent-started\n"); }
static int another_host(void) { return say("credential evil.test\n"); }
static int nul(void) { return ask("status\0\n", 8); }
static int folded(void) { return say("status\r\nallow evil.test 0\n"); }
static int nonsense(void) { return ask("\xff\xfe\n", 3); }
static int oversize(void)
{
    static char line[4096];
    memset(line, 'a', sizeof line);
    return ask(line, sizeof line);
}
/* Two questions in one packet: the second is never looked at, and nobody may ask it. */
static int second(void) { return say("health\nallow evil.test 0\n"); }
/* A descriptor that is handed over is not kept: more than there is room for change nothing. */
static int descriptors(void)
{
    struct { struct cmsghdr header; int numbers[100]; } control = { { 0, SOL_SOCKET, SCM_RIGHTS } };
    control.header.cmsg_len = CMSG_LEN(sizeof control.numbers);
    for (int number = 0; number < 100; number++)
        control.numbers[number] = 0;
    struct iovec line = { "health\n", 7 };
    for (int turn = 0; turn < 50; turn++) {
        struct msghdr message = { 0, 0, &line, 1, &control, sizeof control, 0 };
        if (sendmsg(connected(), &message, 0) < 0)
            return errno;
        usleep(1000);
    }
    return 0;
}
/* Half-open connections take the agent's places; then each is told so, and hung up on. */
static int half_open(void)
{
    int last = 0;
    for (int turn = 0; turn < 200; turn++) {
        last = connected();
        if (turn < 8 && write(last, "stat", 4) != 4)
            return errno;
    }
    char answer[256] = "";
    return read(last, answer, sizeof answer - 1) > 0 && strstr(answer, "busy") ? EBUSY : 0;
}
/* A name that outlives its file system: abstract sockets belong to the network, ours alone. */
static int abstract(void)
{
    char line[512];
    FILE *sockets = fopen("/proc/net/unix", "r");
    while (fgets(line, sizeof line, sockets))
        if (strstr(line, "containerd") || strstr(line, "docker"))
            return 0;
    return ENOENT;
}

const struct attempt terminals[] = {
    { 28, "TIOCSTI", "EPERM", "done|EIO", type },
    { 28, "TIOCSTI-high-bits", "EPERM", "done|EIO", type_high_bits },
    { 28, "TIOCLINUX", "EPERM", "ENOTTY", select_text },
    { 28, "TIOCLINUX-high-bits", "EPERM", "ENOTTY", select_text_high_bits },
    { 28, "TIOCCONS", "EPERM", NULL, console },
    { 28, "window-size", "done", "done", size },
    { 28, "console", "ENOENT|EACCES|EPERM", NULL, console_device },
    { 28, "controlling-terminal", "ENXIO", "ENXIO", controlling },
    { 28, "terminal-of-somebody-else", "EACCES", NULL, anothers },
    { 28, "descriptor-inherited", "ENOENT", NULL, inherited },
    { 30, "health", "done", NULL, health },
    { 30, "allow", "EPERM", NULL, allow },
    { 30, "deny", "EPERM", NULL, deny },
    { 30, "reload", "EPERM", NULL, reload },
    { 30, "second-runner", "ENOENT", NULL, runner },
    { 30, "credential-of-another-host", "ENOENT", NULL, another_host },
    { 30, "octet-0", "EINVAL", NULL, nul },
    { 30, "carriage-return", "EINVAL", NULL, folded },
    { 30, "not-ascii", "EINVAL", NULL, nonsense },
    { 30, "oversize", "EMSGSIZE|EPIPE|ECONNRESET", NULL, oversize },
    { 30, "second-line", "done", NULL, second },
    { 30, "descriptors", "done", NULL, descriptors },
    { 30, "half-open", "EBUSY", NULL, half_open },
    { 30, "abstract-sockets-of-the-host", "ENOENT", NULL, abstract },
    { 0 },
};
