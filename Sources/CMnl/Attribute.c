/* Netlink attributes (netlink(7), linux/netlink.h): 16 bits of length with the header counted, 16
   of type of which two are flags, then the value, padded with zeros to four octets. */
#include "CMnl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------- */

uint16_t mnl_attr_get_type(const struct nlattr *attribute) { return attribute->nla_type & NLA_TYPE_MASK; }
uint16_t mnl_attr_get_payload_len(const struct nlattr *attribute) { return attribute->nla_len - MNL_ATTR_HDRLEN; }
void *mnl_attr_get_payload(const struct nlattr *attribute) { return (char *)attribute + MNL_ATTR_HDRLEN; }
const char *mnl_attr_get_str(const struct nlattr *attribute) { return mnl_attr_get_payload(attribute); }

uint8_t mnl_attr_get_u8(const struct nlattr *attribute) { return *(uint8_t *)mnl_attr_get_payload(attribute); }
uint16_t mnl_attr_get_u16(const struct nlattr *attribute) { return *(uint16_t *)mnl_attr_get_payload(attribute); }
uint32_t mnl_attr_get_u32(const struct nlattr *attribute) { return *(uint32_t *)mnl_attr_get_payload(attribute); }

uint64_t mnl_attr_get_u64(const struct nlattr *attribute)
{
    uint64_t value; /* attributes are aligned to four octets only */
    memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
    return value;
}

bool mnl_attr_ok(const struct nlattr *attribute, int rest)
{
    return rest >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute
        && (int)attribute->nla_len <= rest;
}

struct nlattr *mnl_attr_next(const struct nlattr *attribute)
{
    return (struct nlattr *)((char *)attribute + MNL_ALIGN(attribute->nla_len));
}

int mnl_attr_type_valid(const struct nlattr *attribute, uint16_t highest)
{
    if (mnl_attr_get_type(attribute) <= highest)
        return 1;
    errno = EOPNOTSUPP;
    return -1;
}

static int out_of_range(void)
{
    errno = ERANGE;
    return -1;
}

int mnl_attr_validate(const struct nlattr *attribute, enum mnl_attr_data_type type)
{
    static const uint8_t exact_length[MNL_TYPE_MAX] = {
        [MNL_TYPE_U8] = 1, [MNL_TYPE_U16] = 2, [MNL_TYPE_U32] = 4, [MNL_TYPE_U64] = 8, [MNL_TYPE_MSECS] = 8,
    };
    if ((unsigned)type >= MNL_TYPE_MAX) {
        errno = EINVAL;
        return -1;
    }
    uint16_t length = mnl_attr_get_payload_len(attribute);
    if (exact_length[type] && length != exact_length[type])
        return out_of_range();
    switch (type) {
    case MNL_TYPE_FLAG: return length == 0 ? 0 : out_of_range();
    case MNL_TYPE_STRING: return length > 0 ? 0 : out_of_range();
    case MNL_TYPE_NESTED: return length == 0 || length >= MNL_ATTR_HDRLEN ? 0 : out_of_range();
    case MNL_TYPE_NUL_STRING:
        if (length == 0)
            return out_of_range();
        if (mnl_attr_get_str(attribute)[length - 1] == '\0')
            return 0;
        errno = EINVAL;
        return -1;
    default: return 0;
    }
}

static int parse(const char *position, const char *end, mnl_attr_cb_t callback, void *data)
{
    int verdict = MNL_CB_OK;
    /* An attribute that is ok is at least a header long, so `position` moves with every turn. */
    while (mnl_attr_ok((const struct nlattr *)position, (int)(end - position))) {
        const struct nlattr *attribute = (const struct nlattr *)position;
        if ((verdict = callback(attribute, data)) <= MNL_CB_STOP)
            return verdict;
        position = (const char *)mnl_attr_next(attribute);
    }
    return verdict;
}

int mnl_attr_parse(const struct nlmsghdr *message, unsigned int offset, mnl_attr_cb_t callback, void *data)
{
    return parse((char *)message + MNL_NLMSG_HDRLEN + MNL_ALIGN(offset),
        (char *)message + MNL_ALIGN(message->nlmsg_len), callback, data);
}

int mnl_attr_parse_nested(const struct nlattr *nest, mnl_attr_cb_t callback, void *data)
{
    const char *first = mnl_attr_get_payload(nest);
    return parse(first, first + mnl_attr_get_payload_len(nest), callback, data);
}

/* ---- writing -------------------------------------------------------------------------------
   The caller owns the room behind the message. What no room can help, a value longer than the 16
   bits of its length, is a mistake in this program and ends it before a message that lies is sent. */

static struct nlattr *tail(struct nlmsghdr *message)
{
    return (struct nlattr *)((char *)message + MNL_ALIGN(message->nlmsg_len));
}

void mnl_attr_put(struct nlmsghdr *message, uint16_t type, size_t length, const void *value)
{
    if (length > UINT16_MAX - MNL_ATTR_HDRLEN)
        abort();
    struct nlattr *attribute = tail(message);
    attribute->nla_type = type;
    attribute->nla_len = MNL_ATTR_HDRLEN + length;
    if (length > 0)
        memcpy(mnl_attr_get_payload(attribute), value, length);
    memset((char *)mnl_attr_get_payload(attribute) + length, 0, MNL_ALIGN(length) - length);
    message->nlmsg_len += MNL_ALIGN(attribute->nla_len);
}

void mnl_attr_put_u8(struct nlmsghdr *message, uint16_t type, uint8_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u16(struct nlmsghdr *message, uint16_t type, uint16_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u32(struct nlmsghdr *message, uint16_t type, uint32_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u64(struct nlmsghdr *message, uint16_t type, uint64_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_str(struct nlmsghdr *message, uint16_t type, const char *text) { mnl_attr_put(message, type, strlen(text), text); }
void mnl_attr_put_strz(struct nlmsghdr *message, uint16_t type, const char *text) { mnl_attr_put(message, type, strlen(text) + 1, text); }

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *message, uint16_t type)
{
    struct nlattr *nest = tail(message);
    nest->nla_type = NLA_F_NESTED | type;
    message->nlmsg_len += MNL_ATTR_HDRLEN;
    return nest;
}

void mnl_attr_nest_end(struct nlmsghdr *message, struct nlattr *nest)
{
    size_t length = (size_t)((char *)tail(message) - (char *)nest);
    if (length > UINT16_MAX)
        abort();
    nest->nla_len = length;
}
