/* Internet sockets as the resolver needs them: datagrams in batches (recvmmsg(2), sendmmsg(2)) and
   single messages. Thin doors, no logic. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** A socket address as the kernel wrote it, IPv4 or IPv6; only ever handed back to the kernel. */
struct codetainer_peer {
    uint8_t octets[28];
    uint32_t length;
};

/** `slots` buffers of `size` octets with an address each, for one socket call. */
struct codetainer_batch;

struct codetainer_batch *codetainer_batch_create(unsigned int slots, unsigned int size);
void codetainer_batch_destroy(struct codetainer_batch *batch);
uint8_t *codetainer_batch_octets(struct codetainer_batch *batch, unsigned int slot);

/** Receives without waiting; the number of datagrams, or -1. */
int codetainer_batch_receive(struct codetainer_batch *batch, int descriptor);
/** The length of a received datagram; above `size` when it was cut. */
unsigned int codetainer_batch_length(struct codetainer_batch *batch, unsigned int slot);
void codetainer_batch_source(struct codetainer_batch *batch, unsigned int slot, struct codetainer_peer *peer);

/** Makes piece `piece` of what will be sent the first `length` octets of a slot. */
void codetainer_batch_piece(
    struct codetainer_batch *batch, unsigned int piece, unsigned int slot, unsigned int length);
/** Makes a message to `peer` of `count` pieces from `piece` on, each a datagram of its own; pieces of
    one message have one length (Linux 4.18, UDP_SEGMENT). */
void codetainer_batch_message(
    struct codetainer_batch *batch, unsigned int message, const struct codetainer_peer *peer,
    unsigned int piece, unsigned int count);
/** Sends messages `first` up to `count` without waiting; the number sent, or -1. */
int codetainer_batch_send(struct codetainer_batch *batch, int descriptor, unsigned int first, unsigned int count);

/** send(2) and recv(2) that neither wait nor raise SIGPIPE. */
long codetainer_send(int descriptor, const void *octets, size_t count);
long codetainer_receive(int descriptor, void *octets, size_t count);

/** The same with a descriptor beside the octets (unix(7), SCM_RIGHTS); what is received is
    close-on-exec, and -1 where there was none. */
long codetainer_send_descriptor(int socket, const void *octets, size_t count, int descriptor);
long codetainer_receive_descriptor(int socket, void *octets, size_t count, int *descriptor);

long codetainer_random(void *octets, size_t count);
