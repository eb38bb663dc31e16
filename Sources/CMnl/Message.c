/* Netlink messages (netlink(7)): a header of 16 octets, a family header, attributes. */
#include "CMnl.h"

#include <errno.h>
#include <string.h>

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer)
{
    struct nlmsghdr *message = buffer;
    memset(message, 0, MNL_NLMSG_HDRLEN);
    message->nlmsg_len = MNL_NLMSG_HDRLEN;
    return message;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *message, size_t size)
{
    char *header = (char *)message + message->nlmsg_len;
    size_t length = MNL_ALIGN(size);
    memset(header, 0, length);
    message->nlmsg_len += length;
    return header;
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *message) { return (char *)message + MNL_NLMSG_HDRLEN; }

static bool message_fits(const struct nlmsghdr *message, long rest)
{
    return rest >= (long)sizeof *message && message->nlmsg_len >= sizeof *message
        && (long)message->nlmsg_len <= rest;
}

/* NLMSG_ERROR carries a negative error number; zero acknowledges (netlink(7)). */
static int verdict_of_error(const struct nlmsghdr *message)
{
    const struct nlmsgerr *report = mnl_nlmsg_get_payload(message);
    if (message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof *report) {
        errno = EBADMSG;
        return MNL_CB_ERROR;
    }
    errno = report->error < 0 ? -report->error : report->error;
    return report->error == 0 ? MNL_CB_STOP : MNL_CB_ERROR;
}

static int verdict_of_control(const struct nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case NLMSG_ERROR: return verdict_of_error(message);
    case NLMSG_DONE: return MNL_CB_STOP;
    default: return MNL_CB_OK; /* NLMSG_NOOP, NLMSG_OVERRUN and those without a meaning yet */
    }
}

int mnl_cb_run(const void *buffer, size_t size, unsigned int sequence, unsigned int port, mnl_cb_t callback, void *data)
{
    const char *position = buffer;
    long rest = (long)size;
    int verdict = MNL_CB_OK;

    /* A message that fits is at least a header long, so `rest` shrinks with every turn. */
    while (message_fits((const struct nlmsghdr *)position, rest)) {
        const struct nlmsghdr *message = (const struct nlmsghdr *)position;
        if (message->nlmsg_pid && port && message->nlmsg_pid != port) {
            errno = ESRCH;
            return MNL_CB_ERROR;
        }
        if (message->nlmsg_seq && sequence && message->nlmsg_seq != sequence) {
            errno = EPROTO;
            return MNL_CB_ERROR;
        }
        if (message->nlmsg_flags & NLM_F_DUMP_INTR) {
            errno = EINTR;
            return MNL_CB_ERROR;
        }
        if (message->nlmsg_type < NLMSG_MIN_TYPE)
            verdict = verdict_of_control(message);
        else if (callback)
            verdict = callback(message, data);
        if (verdict <= MNL_CB_STOP)
            return verdict;
        rest -= MNL_ALIGN((long)message->nlmsg_len);
        position += MNL_ALIGN((long)message->nlmsg_len);
    }
    return verdict;
}
