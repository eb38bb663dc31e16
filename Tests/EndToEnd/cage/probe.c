/* The only other program of a scratch image: static, and it says what it can do.

   usage: probe ACT…    an act each, one line of answer each; ends with 0
     id                 uid, gid and the confinement lines of /proc/self/status
     ask NAME           asks 127.0.0.53 (or /etc/resolv.conf's first server) for an A record
     connect ADDRESS PORT
     write PATH         makes a file
     environment, directory, arguments
     exit N | signal N | sleep SECONDS | trap N (ends with N on SIGTERM)
     hold               reads standard input to its end and repeats it */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;
static int code;

static void ended(int signal)
{
    (void)signal;
    _exit(code);
}

static void say(const char *act, const char *what, int result)
{
    printf("%s %s: %s\n", act, what, result == 0 ? "done" : strerror(errno));
}

static void identity(void)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    printf("uid %d gid %d groups %d\n", getuid(), getgid(), getgroups(0, NULL));
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10) || !strncmp(line, "Seccomp:", 8))
            fputs(line, stdout);
}

static struct in_addr server(void)
{
    char line[256], text[64];
    struct in_addr address = { htonl(0x7f000035) };
    FILE *file = fopen("/etc/resolv.conf", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "nameserver %63s", text) == 1 && inet_pton(AF_INET, text, &address) == 1)
            break;
    return address;
}

static void ask(const char *name)
{
    unsigned char packet[512] = { 0x63, 0x74, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
    size_t length = 12;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr = server() };
    for (const char *label = name; *label; ) {
        size_t count = strcspn(label, ".");
        packet[length++] = count;
        memcpy(packet + length, label, count);
        length += count;
        label += count + (label[count] == '.');
    }
    memcpy(packet + length, "\0\0\1\0\1", 5);
    length += 5;
    int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
    struct pollfd waiting = { .fd = socket_, .events = POLLIN };
    if (connect(socket_, (struct sockaddr *)&to, sizeof to) || send(socket_, packet, length, 0) < 0) {
        say("ask", name, -1);
    } else if (poll(&waiting, 1, 5000) == 1) {
        ssize_t count = recv(socket_, packet, sizeof packet, 0);
        char text[64] = "no address";
        if (count >= 16 && packet[7])
            inet_ntop(AF_INET, packet + count - 4, text, sizeof text);
        printf("ask %s: rcode %d, %s\n", name, packet[3] & 15, text);
    } else
        printf("ask %s: no answer\n", name);
    close(socket_);
}

static void reach(const char *address, const char *port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
    struct timeval patience = { 5, 0 };
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, address, &to.sin_addr);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    say("connect", address, connect(socket_, (struct sockaddr *)&to, sizeof to));
    close(socket_);
}

static void make(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    say("write", path, file < 0 ? -1 : 0);
    close(file);
}

int main(int count, char **words)
{
    char buffer[4096];
    ssize_t got;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < count; i++) {
        const char *act = words[i], *next = i + 1 < count ? words[i + 1] : "";
        if (!strcmp(act, "id")) identity();
        else if (!strcmp(act, "ask")) ask(next), i++;
        else if (!strcmp(act, "connect")) reach(next, i + 2 < count ? words[i + 2] : "443"), i += 2;
        else if (!strcmp(act, "write")) make(next), i++;
        else if (!strcmp(act, "environment")) for (char **e = environ; *e; e++) puts(*e);
        else if (!strcmp(act, "directory")) puts(getcwd(buffer, sizeof buffer) ? buffer : strerror(errno));
        else if (!strcmp(act, "exit")) return atoi(next);
        else if (!strcmp(act, "signal")) raise(atoi(next)), i++;
        else if (!strcmp(act, "sleep")) sleep(atoi(next)), i++;
        else if (!strcmp(act, "trap")) code = atoi(next), signal(SIGTERM, ended), i++;
        else if (!strcmp(act, "hold")) while ((got = read(0, buffer, sizeof buffer)) > 0) write(1, buffer, got);
        else return fprintf(stderr, "probe: %s?\n", act), 64;
    }
    return 0;
}
