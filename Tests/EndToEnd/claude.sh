# shellcheck shell=bash
# The profile claude-code, with a stand-in for the agent.
echo '-- claude'
echo '{"hooks": {}}' >"$scratch/settings.json"
cage --detach --name $label-claude --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
    --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --env CLAUDE_PROMPT='say "hello", $HOME' \
    --volume "$scratch/settings.json:/opt/claude/settings.json:ro" \
    --volume "$scratch/settings.json:/opt/claude/managed-settings.json:ro" \
    --volume "$PWD/claude:/usr/local/bin/claude:ro" >/dev/null
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
