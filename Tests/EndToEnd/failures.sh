# shellcheck shell=bash
# What stops a boot, with its code and its message.
echo '-- failures'
says_nothing_of() { # WORD COMMAND…
    local output
    output=$("${@:2}" 2>&1)
    printf '%s\n' "$output"
    ! grep -qF -- "$1" <<<"$output"
}
claude=(--env CODETAINER_PROFILE=claude-code)
printf 'allowed.test\nexa mple.com\n' >"$scratch/broken.conf"
printf 'name = "lost"\nextends = "shell"\n[workspace]\npath = "/workspce"\n' >"$scratch/lost.toml"
printf 'name = "typo"\nextends = "shell"\n[agent]\ncommand = ["claudee"]\non-exit = "end"\n' \
    >"$scratch/typo.toml"
sed 's/^name = .*/&\ncolour = "red"/' ../../profiles/shell.toml >"$scratch/odd.toml"

check "a missing secret stops boot" refuses 78 'secret GH_PAT is not set' \
    "${claude[@]}" --env CLAUDE_CODE_OAUTH_TOKEN=x
check "every wrong secret is named" refuses 78 'CLAUDE_CODE_OAUTH_TOKEN' "${claude[@]}"
check "an empty secret stops boot" refuses 78 'GH_PAT' \
    "${claude[@]}" --env GH_PAT= --env CLAUDE_CODE_OAUTH_TOKEN=x
check "a damaged secret stops boot" refuses 78 'GH_PAT' \
    "${claude[@]}" --env 'GH_PAT=visible value ' --env CLAUDE_CODE_OAUTH_TOKEN=x
check "and is not shown" says_nothing_of visible refuses 78 GH_PAT \
    "${claude[@]}" --env 'GH_PAT=visible value ' --env CLAUDE_CODE_OAUTH_TOKEN=x
without_net_admin() {
    local capabilities=(--cap-add SYS_ADMIN)
    refuses 77 'CAP_NET_ADMIN.*--cap-add NET_ADMIN'
}
check "a missing capability stops boot" without_net_admin
check "the host's network is not locked down" refuses 78 'network host' --network host
check "a writable root without SYS_ADMIN stops boot" fails 71 'cap-add SYS_ADMIN' \
    timeout 20 "$docker" run --rm --label $label --cap-add NET_ADMIN \
    --env CODETAINER_PROFILE=shell "$image"
check "a broken allowlist line stops boot" refuses 78 'broken.conf:2:[0-9]+: ' \
    --volume "$scratch/broken.conf:/opt/network/broken.conf:ro" \
    --env CODETAINER_ALLOWLIST=/opt/network/broken.conf
check "an unknown profile key stops boot" refuses 78 'odd.toml:3.*colour' \
    --volume "$scratch/odd.toml:/etc/codetainer/odd.toml:ro" \
    --env CODETAINER_PROFILE=/etc/codetainer/odd.toml
check "an unknown profile stops boot" refuses 78 'nonesuch' --env CODETAINER_PROFILE=nonesuch
check "a workspace that is not there stops boot" refuses 78 'workspace.path /workspce is no directory' \
    --volume "$scratch/lost.toml:/etc/codetainer/lost.toml:ro" --env CODETAINER_PROFILE=/etc/codetainer/lost.toml
check "an agent that is not there ends a container that goes with it" \
    refuses 127 'was not found: see agent.command, claudee' \
    --volume "$scratch/typo.toml:/etc/codetainer/typo.toml:ro" --env CODETAINER_PROFILE=/etc/codetainer/typo.toml
check "a repository that is not https stops boot" refuses 78 'REPO_URL' \
    --env REPO_URL=http://git.test/project.git
check "status without a cage exits 2" fails 2 '' \
    docker run --rm --entrypoint status "$image"
policy_check() { docker run --rm --entrypoint codetainer "$image" policy check "$@"; }
check "the allowlists of the image are well-formed" policy_check /opt/network/domains.conf
