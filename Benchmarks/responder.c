/* The stand-ins of scripts/bench dns: a bare recvmmsg/sendmmsg loop over one UDP socket.
 *
 * usage: responder echo PORT    each query comes back with QR set: what any server must do at least
 *        responder answer PORT  an upstream: an address of its own for every A question, for 3,600 s,
 *                               and none for a name that begins with "n0" */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, LONGEST = 1500, HEADER = 12 };

/* A public address that is the name's own, as far as a hash can tell (FNV-1a). */
static uint32_t address_of(const unsigned char *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (name[i] | 0x20)) * 16777619u;
    return (8u << 24) + 1 + hash % 0xfffffe;
}

/* Turns a query into its answer in place; the additional section goes. Returns the new length. */
static size_t answer(unsigned char *message, size_t length)
{
    size_t end = HEADER;
    while (end < length && message[end] != 0)
        end += message[end] + 1u;
    end += 5;
    if (end > length)
        return 0;
    int is_plain = (message[HEADER + 1] | 0x20) == 'n' && message[HEADER + 2] == '0';
    int has_address = !is_plain && message[end - 3] == 1;
    message[2] |= 0x80;
    message[3] = 0x80;
    memcpy(message + 4, (unsigned char[]){0, 1, 0, has_address, 0, 0, 0, 0}, 8);
    if (!has_address)
        return end;
    uint32_t address = htonl(address_of(message + HEADER, end - HEADER - 4));
    memcpy(message + end, "\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4", 12);
    memcpy(message + end + 12, &address, 4);
    return end + 16;
}

int main(int count, char **words)
{
    if (count != 3) {
        fputs("usage: responder echo|answer PORT\n", stderr);
        return 64;
    }
    int answers = strcmp(words[1], "answer") == 0;
    struct sockaddr_in local = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(words[2])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0) {
        perror("responder");
        return 71;
    }
    static unsigned char octets[BATCH][LONGEST];
    static struct sockaddr_in from[BATCH];
    struct iovec pieces[BATCH];
    struct mmsghdr batch[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            pieces[i] = (struct iovec){octets[i], LONGEST - 16};
            batch[i].msg_hdr = (struct msghdr){
                .msg_name = &from[i], .msg_namelen = sizeof from[i],
                .msg_iov = &pieces[i], .msg_iovlen = 1,
            };
        }
        int received = recvmmsg(descriptor, batch, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++) {
            octets[i][2] |= 0x80;
            pieces[i].iov_len =
                answers ? answer(octets[i], batch[i].msg_len) : batch[i].msg_len;
        }
        for (int sent = 0; sent < received;) {
            int now = sendmmsg(descriptor, batch + sent, (unsigned)(received - sent), 0);
            sent += now > 0 ? now : 1;
        }
    }
}
