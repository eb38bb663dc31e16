#define _GNU_SOURCE
#include "CLinuxSockets.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

_Static_assert(sizeof(struct sockaddr_in6) == 28, "a peer holds either kind of address");

/* The control message that has the kernel cut a message into datagrams (udp(7), UDP_SEGMENT). */
union segment_size {
    struct cmsghdr header;
    uint8_t octets[CMSG_SPACE(sizeof(uint16_t))];
};

struct codetainer_batch {
    unsigned int slots, size;
    uint8_t *octets;
    struct mmsghdr *messages;
    struct iovec *vectors;
    struct codetainer_peer *peers;
    union segment_size *controls;
};

struct codetainer_batch *codetainer_batch_create(unsigned int slots, unsigned int size)
{
    struct codetainer_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->slots = slots;
    batch->size = size;
    batch->octets = calloc(slots, size);
    batch->messages = calloc(slots, sizeof *batch->messages);
    batch->vectors = calloc(slots, sizeof *batch->vectors);
    batch->peers = calloc(slots, sizeof *batch->peers);
    batch->controls = calloc(slots, sizeof *batch->controls);
    if (!batch->octets || !batch->messages || !batch->vectors || !batch->peers || !batch->controls) {
        codetainer_batch_destroy(batch);
        return NULL;
    }
    for (unsigned int i = 0; i < slots; i++) {
        batch->vectors[i] = (struct iovec) { batch->octets + (size_t)i * size, size };
        batch->messages[i].msg_hdr = (struct msghdr) {
            .msg_name = batch->peers[i].octets, .msg_iov = &batch->vectors[i], .msg_iovlen = 1
        };
    }
    return batch;
}

void codetainer_batch_destroy(struct codetainer_batch *batch)
{
    free(batch->octets);
    free(batch->messages);
    free(batch->vectors);
    free(batch->peers);
    free(batch->controls);
    free(batch);
}

uint8_t *codetainer_batch_octets(struct codetainer_batch *batch, unsigned int slot)
{
    return batch->octets + (size_t)slot * batch->size;
}

int codetainer_batch_receive(struct codetainer_batch *batch, int descriptor)
{
    for (unsigned int i = 0; i < batch->slots; i++)
        batch->messages[i].msg_hdr.msg_namelen = sizeof batch->peers[i].octets;
    return recvmmsg(descriptor, batch->messages, batch->slots, MSG_DONTWAIT | MSG_TRUNC, NULL);
}

unsigned int codetainer_batch_length(struct codetainer_batch *batch, unsigned int slot)
{
    return batch->messages[slot].msg_len;
}

void codetainer_batch_source(struct codetainer_batch *batch, unsigned int slot, struct codetainer_peer *peer)
{
    *peer = batch->peers[slot];
    peer->length = batch->messages[slot].msg_hdr.msg_namelen;
}

void codetainer_batch_piece(
    struct codetainer_batch *batch, unsigned int piece, unsigned int slot, unsigned int length)
{
    batch->vectors[piece] = (struct iovec) { codetainer_batch_octets(batch, slot), length };
}

void codetainer_batch_message(
    struct codetainer_batch *batch, unsigned int message, const struct codetainer_peer *peer,
    unsigned int piece, unsigned int count)
{
    struct msghdr *header = &batch->messages[message].msg_hdr;
    union segment_size *control = &batch->controls[message];
    batch->peers[message] = *peer;
    *header = (struct msghdr) {
        .msg_name = batch->peers[message].octets, .msg_namelen = peer->length,
        .msg_iov = &batch->vectors[piece], .msg_iovlen = count,
    };
    if (count < 2)
        return;
    header->msg_control = control;
    header->msg_controllen = sizeof *control;
    control->header = (struct cmsghdr) {
        .cmsg_len = CMSG_LEN(sizeof(uint16_t)), .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT
    };
    uint16_t length = (uint16_t)batch->vectors[piece].iov_len;
    memcpy(CMSG_DATA(&control->header), &length, sizeof length);
}

int codetainer_batch_send(struct codetainer_batch *batch, int descriptor, unsigned int first, unsigned int count)
{
    return sendmmsg(descriptor, batch->messages + first, count - first, MSG_DONTWAIT | MSG_NOSIGNAL);
}

long codetainer_send(int descriptor, const void *octets, size_t count)
{
    return send(descriptor, octets, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

long codetainer_receive(int descriptor, void *octets, size_t count)
{
    return recv(descriptor, octets, count, MSG_DONTWAIT);
}

union passed_descriptor {
    struct cmsghdr header;
    uint8_t octets[CMSG_SPACE(sizeof(int))];
};

long codetainer_send_descriptor(int socket, const void *octets, size_t count, int descriptor)
{
    struct iovec vector = { (void *)octets, count };
    union passed_descriptor control = { .header = {
        .cmsg_len = CMSG_LEN(sizeof descriptor), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

long codetainer_receive_descriptor(int socket, void *octets, size_t count, int *descriptor)
{
    struct iovec vector = { octets, count };
    union passed_descriptor control;
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    long received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = received < 0 ? NULL : CMSG_FIRSTHDR(&message);
    *descriptor = -1;
    /* There is room for one; the kernel closes what does not fit. */
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return received;
}

long codetainer_random(void *octets, size_t count) { return getrandom(octets, count, 0); }
