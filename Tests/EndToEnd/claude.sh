# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# The profile claude-code, with stand-ins for the agent: one says how it was started, the other is a
# recorded terminal program, as those of the topic profiles are.
echo '-- claude'
echo '{"hooks": {}}' >"$scratch/settings.json"
mkdir "$scratch/skills"
echo 'a skill' >"$scratch/skills/SKILL.md"
cage --detach --name $label-claude --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
    --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --env CLAUDE_PROMPT='say "hello", $HOME' \
    --volume "$scratch/settings.json:/opt/claude/settings.json:ro" \
    --volume "$scratch/settings.json:/opt/claude/managed-settings.json:ro" \
    --volume "$scratch/skills:/opt/claude/skills:ro" --volume "$PWD/claude:/usr/local/bin/bun:ro" \
    --volume "$PWD/claude:/usr/local/bin/bunx:ro" --volume "$PWD/claude:/usr/local/bin/claude:ro" >/dev/null
cage --detach --name $label-drawn --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e \
    --volume "$PWD/profiles/agent:/usr/local/bin/claude:ro" --volume "$PWD/profiles/claude.cast:/usr/local/share/session.cast:ro" >/dev/null
# Forks whose parents lead elsewhere, and one about which nobody answers.
fork() { # NAME OPTION…
    cage --detach --name "$label-$1" --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
        --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --volume "$PWD/claude:/usr/local/bin/claude:ro" \
        --env GIT_USER_NAME='Ada Lovelace' --env GIT_USER_EMAIL=ada@git.test "${@:2}"
}
fork lured --env CODETAINER_ALLOW=api.github.com --env REPO_URL=https://github.com/you/lured >/dev/null
fork tricked --env CODETAINER_ALLOW=api.github.com --env REPO_URL=https://github.com/you/tricked >/dev/null
fork unanswered --env "CODETAINER_ALLOW=${v4}20:443" --add-host "api.github.com:${v4}20" \
    --env REPO_URL=https://github.com/you/fork >/dev/null
claude() { docker exec --user claude $label-claude "$@"; }
claude_shows() { claude tmux -S $tmux_socket capture-pane -p -t claude:0.0 | grep -F -- "$1"; }
environment() { claude sh -c 'cat "/proc/$(pgrep -u claude -o -x sleep)/environ"' | tr '\0' '\n'; }
exposed() { environment | grep -cxE "(GH_PAT|GH_TOKEN|CODETAINER_NPM_TOKEN)=$token|CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e"; }
prompt_logged() { docker logs $label-claude 2>&1 | grep -F hello; }

check "claude-code boots" within 20 ready claude
check "it is LOCKED" json claude '.verdict == "LOCKED"'
check "the agent has its option" within 5 claude_shows 'argument: --dangerously-skip-permissions'
check "the agent has its prompt, as it was given" claude_shows 'argument: say "hello", $HOME'
check "it works in /workspace without a repository" claude_shows 'directory: /workspace'
check "its secrets are exposed under their four names" says '^4$' exposed
check "the prompt is not in the log" fails 1 '^$' prompt_logged
check "onboarding is done" claude jq -e .hasCompletedOnboarding /home/claude/.claude.json
check "the link in its home works" says '/usr/local/bin/claude' claude readlink /home/claude/.local/bin/claude
check "git knows who commits" says '^codetainer codetainer@noreply.github.com$' \
    claude sh -c 'echo $(git config user.name) $(git config user.email)'
check "git asks the broker for the token" says "^password=$token$" \
    claude sh -c 'printf "protocol=https\nhost=github.com\n\n" | git credential fill'
check "and gets none for another host" fails 128 'could not read|terminal prompts disabled' \
    claude sh -c 'printf "protocol=https\nhost=git.test\n\n" | GIT_TERMINAL_PROMPT=0 git credential fill'
check "gh has the token without the environment" says "^$token$" \
    claude env -i /usr/local/bin/gh auth token
check "another uid gets no token" fails 1 'no credential' \
    docker exec --user nobody $label-claude codetainer credential token github.com
check "npm reads its token by reference" says '=\$\{CODETAINER_NPM_TOKEN\}$' claude cat /home/claude/.npmrc
check "the user policy is root's" says '^root 444$' \
    claude stat -c '%U %a' /home/claude/.claude/CLAUDE.md
check "so are its hooks and permissions" says '^root 444$' \
    claude stat -c '%U %a' /home/claude/.claude/settings.json
check "and the operator's own, above all others" says '^."hooks": ' \
    claude cat /etc/claude-code/managed-settings.json
check "the agent cannot remove them" fails 1 'Operation not permitted' \
    claude rm -f /home/claude/.claude/settings.json
check "nor rename their directory" fails 1 'Operation not permitted' \
    claude mv /home/claude/.claude /home/claude/.old
check "it adds its own beside them" claude sh -c \
    'cd ~/.claude && mkdir projects && echo {} >settings.local.json && rm -r projects settings.local.json'
check "the agent cannot write it" fails 2 'Permission denied' \
    claude sh -c 'echo x >>/home/claude/.claude/CLAUDE.md'

agents_variables() { environment | grep -E '^(LANG|COLORTERM|GH_CONFIG_DIR|GOPATH|GOPROXY|GOTELEMETRY|DISABLE_AUTOUPDATER)=' | LC_ALL=C sort; }
check "the terminal, gh and Go are set as documented" diff <(agents_variables) <(printf '%s\n' COLORTERM=truecolor \
    DISABLE_AUTOUPDATER=1 GH_CONFIG_DIR=/opt/gh-config GOPATH=/home/claude/go GOPROXY=https://proxy.golang.org,off \
    GOTELEMETRY=off LANG=C.UTF-8)
check "both work directories are trusted" claude jq -e '[.projects["/workspace", "/workspace/repo"].hasTrustDialogAccepted] == [true, true]' \
    /home/claude/.claude.json
check "no file of npm's has the token" fails 1 '^$' claude grep -r "$token" /home/claude/.npmrc
linked() { claude sh -c 'for name in bun bunx; do readlink "/home/claude/.bun/bin/$name" && test -x "/home/claude/.bun/bin/$name"; done'; }
check "bun and bunx are where the home has them" all 2 '^/usr/local/bin/bunx?$' linked
check "skills are the operator's" says '^a skill$' claude cat /home/claude/.claude/skills/SKILL.md
check "and the agent changes none" fails 2 'Read-only|Permission denied' claude sh -c 'echo x >>/home/claude/.claude/skills/SKILL.md'
file_systems() { claude awk '$5 == "/workspace" || $5 == "/home/claude" || $5 == "/tmp" { print $5, $NF }' /proc/self/mountinfo; }
check "the three file systems have their sizes" all 3 '^(/workspace|/tmp) .*size=524288k|^/home/claude .*size=1048576k' file_systems
check "and /tmp its mode" says '^1777 root$' claude stat -c '%a %U' /tmp
panes_of_claude() { claude tmux -S $tmux_socket list-panes -t claude -F '#{pane_index} #{pane_height} #{window_height} #{pane_start_command}'; }
check "the agent has four fifths of its session" says '^(78|79|80|81|82)$' eval "panes_of_claude | awk '\$1 == 0 { print int(100 * \$2 / \$3 + 0.5) }'"
claude tmux -S $tmux_socket send-keys -t claude:0.1 'shopt login_shell' Enter
below_claude() { claude tmux -S $tmux_socket capture-pane -p -t claude:0.1 | grep -E -- "$1"; }
check "a login shell the fifth below" within 5 below_claude '^login_shell +on'
seen_by() { # COMMAND…: an operator's terminal shows the session while the command runs on it
    local client status=0
    sleep 20 2>/dev/null | TERM=xterm-256color script --quiet --command "$docker exec -it $label-claude $*" /dev/null >/dev/null 2>&1 &
    client=$!
    within 10 says '^claude$' claude tmux -S $tmux_socket list-clients -F '#S' || status=1
    claude tmux -S $tmux_socket detach-client -s claude || status=1
    kill $client 2>/dev/null
    wait $client 2>/dev/null
    return $status
}
check "attach-claude attaches" seen_by attach-claude
check "so does root's login shell" seen_by bash -l
always_closed() { # neither by name nor by an address that the image names nowhere
    for address in 169.254.169.254/80 172.16.1.1/443; do
        refused agent_of claude "$attempt ${address/\// }" || { echo "with $address"; return 1; }
    done
}
check "link-local and Fly's private network are refused at once" always_closed
check "what is allowed is not" agent_of claude "$attempt ${v4}13 443"
check "UDP is refused, but for DNS" fails 1 'Operation not permitted|Permission denied|refused|host is down' \
    agent_of claude "exec 3<>/dev/udp/${v4}66/4433; echo x >&3; echo y >&3"

drawn() { docker exec --user claude $label-drawn tmux -S $tmux_socket "$1" -t claude:0.0 "${@:2}"; }
screen() { drawn capture-pane -p "${@:2}" | grep -E -- "$1"; }
check "a recorded Claude Code boots" within 20 ready drawn
check "its prompt is on its screen" within 10 screen '^│ > Try "how does <filepath> work\?" +│$'
check "once, however often it was drawn anew" says '^2$' eval 'drawn capture-pane -p | grep -c ╰'
check "with its status line below" screen '^  ⏵⏵ bypass permissions on \(shift\+tab to cycle\)$'
check "what it waited with is gone" fails 1 '^$' screen 'Connecting|interrupt'
check "its frame is in true colour" screen '38;2;215;119;87m╭─{51}╮' -e
check "the pane has its title" says '^✳ Claude Code$' drawn display-message -p '#{pane_title}'
drawn send-keys 'are you there' Enter
check "it hears what is typed" within 5 screen '^claude heard: are you there$'
upstream() { docker exec --user claude "$label-$1" git -C /workspace/repo remote; }
snapshot_of() { docker exec --user claude "$label-$1" cat /run/codetainer/remotes; }
check "a fork whose parent would be elsewhere boots" within 20 ready lured
check "without that parent" diff <(upstream lured) <(echo origin)
check "and the snapshot has none" diff <(snapshot_of lured) <(echo origin https://github.com/you/lured)
check "one whose parent is an option boots" within 20 ready tricked
check "without it" diff <(upstream tricked) <(echo origin)
check "and does not do what it says" fails 2 'No such file' docker exec $label-tricked ls /tmp/owned
check "it commits as whom the operator says" says '^Ada Lovelace ada@git.test$' \
    docker exec --user claude $label-lured sh -c 'echo $(git config user.name) $(git config user.email)'
check "where nobody answers boot goes on" within 25 ready unanswered
waited() { json unanswered '.boot.stages[] | select(.name == "workspace") | .milliseconds > 9500 and .milliseconds < 13000'; }
check "after ten seconds" waited
check "with the clone, and no parent" diff <(upstream unanswered) <(echo origin)
check "it works in the clone" says '^/workspace/repo$' docker exec --user claude $label-unanswered \
    sh -c 'readlink "/proc/$(pgrep -u claude -o -x sleep)/cwd"'
docker rm --force $label-drawn $label-lured $label-tricked $label-unanswered >/dev/null
