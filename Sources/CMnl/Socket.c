/* Sockets and batches. Egress has sockets of its own; nftnl_batch_is_supported(), which shares an
   object file of libnftnl.a with functions that Egress needs, refers to these. */
#include "CMnl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mnl_socket {
    int descriptor;
    struct sockaddr_nl address;
};

struct mnl_socket *mnl_socket_open(int bus)
{
    struct mnl_socket *netlink = calloc(1, sizeof *netlink);
    if (!netlink)
        return NULL;
    netlink->descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
    if (netlink->descriptor >= 0)
        return netlink;
    free(netlink);
    return NULL;
}

int mnl_socket_bind(struct mnl_socket *netlink, unsigned int groups, pid_t port)
{
    struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = port };
    socklen_t length = sizeof netlink->address;
    if (bind(netlink->descriptor, (struct sockaddr *)&address, sizeof address) < 0
        || getsockname(netlink->descriptor, (struct sockaddr *)&netlink->address, &length) < 0)
        return -1;
    if (length == sizeof netlink->address && netlink->address.nl_family == AF_NETLINK)
        return 0;
    errno = EINVAL;
    return -1;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *netlink) { return netlink->address.nl_pid; }

ssize_t mnl_socket_sendto(const struct mnl_socket *netlink, const void *message, size_t size)
{
    static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    return sendto(netlink->descriptor, message, size, 0, (const struct sockaddr *)&kernel, sizeof kernel);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *netlink, void *buffer, size_t size)
{
    struct sockaddr_nl sender;
    struct iovec room = { .iov_base = buffer, .iov_len = size };
    struct msghdr header = { .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &room, .msg_iovlen = 1 };
    ssize_t length = recvmsg(netlink->descriptor, &header, 0);
    if (length < 0)
        return -1;
    if (header.msg_flags & MSG_TRUNC) {
        errno = ENOSPC;
        return -1;
    }
    if (header.msg_namelen != sizeof sender) {
        errno = EINVAL;
        return -1;
    }
    return length;
}

int mnl_socket_close(struct mnl_socket *netlink)
{
    int result = close(netlink->descriptor);
    free(netlink);
    return result;
}

struct mnl_nlmsg_batch {
    char *buffer;
    size_t limit, used;
};

struct mnl_nlmsg_batch *mnl_nlmsg_batch_start(void *buffer, size_t limit)
{
    struct mnl_nlmsg_batch *batch = malloc(sizeof *batch);
    if (batch)
        *batch = (struct mnl_nlmsg_batch) { .buffer = buffer, .limit = limit };
    return batch;
}

bool mnl_nlmsg_batch_next(struct mnl_nlmsg_batch *batch)
{
    size_t length = ((struct nlmsghdr *)(batch->buffer + batch->used))->nlmsg_len;
    if (length > batch->limit - batch->used)
        return false;
    batch->used += length;
    return true;
}

void mnl_nlmsg_batch_stop(struct mnl_nlmsg_batch *batch) { free(batch); }
size_t mnl_nlmsg_batch_size(struct mnl_nlmsg_batch *batch) { return batch->used; }
void *mnl_nlmsg_batch_head(struct mnl_nlmsg_batch *batch) { return batch->buffer; }
void *mnl_nlmsg_batch_current(struct mnl_nlmsg_batch *batch) { return batch->buffer + batch->used; }
bool mnl_nlmsg_batch_is_empty(struct mnl_nlmsg_batch *batch) { return batch->used == 0; }
