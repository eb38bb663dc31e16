/* The part of libmnl that libnftnl.a and Egress call, for the static binary: Debian ships libmnl
   without an archive. The declarations are the system's; LibmnlTests holds the definitions against
   libmnl.so.0 (1.0.4). Ours differ where that one is careless: they clear an attribute's padding,
   and take a message length of 2^31 or more for too long. */
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
