/* The part of libmnl that libnftnl.a and Egress call, for the static binary: Debian ships libmnl
   without an archive. The declarations are the system's; CMnlTests holds the definitions against
   libmnl.so.0. */
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
