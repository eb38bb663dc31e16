# shellcheck shell=bash
# What the agent can reach, and what it cannot. Each denial stands beside the same act outside.
echo '-- egress'
agent_v4=$(address agent IPAddress) agent_v6=$(address agent GlobalIPv6Address)
ask() { "$1" dig +tries=1 +time=2 "${@:2}"; }

# Names.
check "an allowed name resolves" says "^${v4}10$" ask inside @127.0.0.53 +short allowed.test
check "an allowed name resolves over TCP" says "^${v4}10$" ask inside @127.0.0.53 +tcp +short allowed.test
check "an allowed name has its IPv6 address" says "^${v6}10$" ask inside @127.0.0.53 +short allowed.test AAAA
check "the query went upstream" queried allowed.test "$agent_v4"
check "a denied name is NXDOMAIN" says 'status: NXDOMAIN' ask inside @127.0.0.53 denied.test
check "which exists outside" says "^${v4}66$" ask outside +short denied.test
check "the query for it stayed inside" not_queried denied.test "$agent_v4"

# Connections.
check "allowed https works" says 'reached allowed.test' agent 'curl -4 -sS https://allowed.test'
check "allowed https works over IPv6" says 'reached allowed.test' agent 'curl -6 -sS https://allowed.test'
check "an address in the list works" says 'reached' agent "curl -sSk https://${v4}13"
check "an address is closed before its name is asked" refused try_as_agent "${v4}12" 443
check "and open after" says 'reached late.test' agent 'curl -sS https://late.test'
check "a denied address is refused" refused try_as_agent "${v4}66" 443
check "which is open outside" try "${v4}66" 443
check "a denied IPv6 address is refused" refused try_as_agent "${v6}66" 443
check "which is open outside" try "${v6}66" 443
check "a denied name does not connect" fails 6 'resolve host' agent 'curl -sS https://denied.test'
agent "for port in 1 123 443 4500; do echo >/dev/udp/${v4}66/\$port; done" >/dev/null 2>&1
agent "for port in 1 22 80 853 8443; do : >/dev/tcp/${v4}66/\$port; done" >/dev/null 2>&1
check "a shell beside the session has no other network" fails 1 'refused' \
    docker exec --user claude $label-agent bash -c ": >/dev/tcp/${v4}66/80"
check "nothing of all that arrived" nothing_arrived "$agent_v4" "${v4}66."
check "nor over IPv6" nothing_arrived "$agent_v6" "${v6}66."
check "though the recorder sees what the agent may send" arrived "$agent_v4" "${v4}10.443"

# The default bridge, where a private address is open because the list names it.
bare() { docker exec --user claude $label-bare "$@"; }
check "on the default bridge a listed private address works" says 'reached allowed.test' \
    bare curl -sS --connect-to "::$bridge:" https://allowed.test
check "but not its other ports" fails 1 'refused' bare bash -c ": >/dev/tcp/$bridge/8443"
check "a denied name is NXDOMAIN there" fails 2 '^' bare getent hosts denied.test

# The report.
check "status lists the grants" json agent ".egress.grants | any(.name == \"allowed.test\" and
    .address == \"${v4}10\" and .protocol == \"tcp\" and .port == 443 and .seconds > 0)"
check "status lists the refused connections" json agent ".egress.refused | tostring | contains(\"${v4}66\")"
check "status counts answers and denials" json agent '.resolver | .answered > 0 and .denied > 0'
