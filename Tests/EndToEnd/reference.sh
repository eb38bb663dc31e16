# shellcheck shell=bash
# Manual pages and completions as they are in the image, tried with the programs that read them.
echo '-- reference'
mkdir -p "$scratch/reference/bin"
docker run --rm --label $label --entrypoint tar "$image" -C /usr/local -cf - share bin/codetainer |
    tar -C "$scratch/reference" -xf -
share=$scratch/reference/share program=$scratch/reference/bin/codetainer
for link in status attach attach-claude; do ln -s codetainer "$scratch/reference/bin/$link"; done

# Every command that is shown, with those below it: codetainer, codetainer-status, …
commands() {
    "$program" --experimental-dump-help | jq -r '
        def names($path): ($path + [.commandName]) as $path | ($path | join("-")),
            (.subcommands[]? | select(.shouldDisplay and .commandName != "help") | names($path));
        .command | names([])'
}
has_pages() {
    local name missing=0
    [ "$(commands | wc -l)" -gt 10 ] || return
    for name in $(commands) status attach attach-claude; do
        [ -s "$share/man/man1/$name.1" ] || { echo "no page for $name"; missing=1; }
    done
    [ -s "$share/man/man5/codetainer-profile.5" ] && [ "$missing" = 0 ]
}
# A reference to another page is looked for on this machine, where it is not.
lint() { mandoc -T lint -W style "$@" | grep -v 'referenced manual not found'; }
lints() { fails 1 '^$' lint "$share"/man/man?/*; }
broken_page() {
    sed 's/^\.Sh NAME/.Sh NAMES/' "$share/man/man1/codetainer.1" >"$scratch/reference/broken.1"
    says WARNING lint "$scratch/reference/broken.1"
}
page() { MANPATH=$share/man man "$@" 2>&1 | col -b; }
check "every command has a manual page" has_pages
check "no page has a mistake" lints
check "one with a mistake would be found" broken_page
check "man shows a command's page" says '--expect-exit code' page 1 codetainer-init
check "a link's as well" says 'codetainer-attach' page 1 attach
check "and what a profile may say" says 'allow-user-namespaces = true' page 5 codetainer-profile
check "commands of PID 1's own have none" fails 2 '^ls: ' ls "$share"/man/man1/codetainer-{supervise,resolver,relay,probe,report}.1

# `init` and `confine` read their options themselves; what is described is what they know.
described() { # COMMAND
    "$program" --experimental-dump-help | jq -r --arg name "$1" '.command.subcommands[] |
        select(.commandName == $name).arguments[].names[] |
        if .kind == "long" then "--" + .name else "-" + .name end' | sort
}
known() { # SOURCE: options in the cases of a switch
    grep -E '^ *case "-' "../../Sources/$1" | grep -oE '"--?[a-zA-Z-]+"' | tr -d '"' | sort
}
agree() { # COMMAND SOURCE WHAT-THE-PARSER-OF-ARGUMENTS-ADDS…
    local command=$1 source=$2
    [ "$(known "$source" | wc -l)" -gt 8 ] || return
    diff <(described "$command") <({ known "$source"; printf '%s\n' "${@:3}"; } | sort -u)
}
check "init's help has its options, and no other" agree init Reaper/InitOptions.swift --help
check "so has confine's" agree confine Confinement/Cage+CommandLine.swift --help -h --version
narrow_help() { "$program" help "$1" | awk 'length > 80 { print; wide = 1 } END { exit wide }'; }
check "help fits a terminal" silent narrow_help init
check "and a topic that is no command is explained" says 'CODETAINER_EGRESS=audit' "$program" help variables
explains() { says "^USAGE: codetainer $*" "$program" "$@" --help && says "^USAGE: codetainer $*" "$program" help "$@"; }
check "each command is explained, with those below it" explains policy check
check "a word that is none is not" fails 64 'there is no command or topic "nosuch"' "$program" policy nosuch --help
check "another word with it is a mistake" fails 64 'takes nothing more' "$program" help profile x

cat >"$scratch/reference/try.bash" <<'END'
# What bash would offer for a line, the cursor at its end.
. "$1"
COMP_LINE=$2 COMP_POINT=${#2}
read -ra COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=$(complete -p "${COMP_WORDS[0]}" | sed 's/.*-F \([^ ]*\).*/\1/')
"$function" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[*]}"
END
in_bash() { # LINE
    bash --norc "$scratch/reference/try.bash" "$share/bash-completion/completions/codetainer" "$1"
}
in_fish() { # LINE
    PATH=$scratch/reference/bin:$PATH HOME=$scratch fish --no-config --command \
        "source $share/fish/vendor_completions.d/codetainer.fish; complete -C '$1'"
}
cat >"$scratch/reference/try.zsh" <<'END'
# Types a line and TAB into an interactive zsh, and prints what is on its screen then.
zmodload zsh/zpty
zpty typist "env PATH=$1/bin:$PATH TERM=dumb zsh -f -i"
zpty -w typist "fpath=($1/share/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w typist 'unset zle_bracketed_paste; echo loa""ded'
zpty -r -m typist seen '*loaded*'
zpty -w -n typist "$2"$'\t'
zpty -r -m typist seen "*$3*" && print -r -- "$seen"
END
in_zsh() { # LINE EXPECTED
    timeout 20 zsh -f "$scratch/reference/try.zsh" "$scratch/reference" "$1" "$2"
}
check "bash completes a command" says '^status$' in_bash 'codetainer st'
check "and no command of PID 1's own" says '^$' in_bash 'codetainer sup'
check "and an option" says '^--json$' in_bash 'codetainer status --j'
check "and a value" says '^agent agent-userns$' in_bash 'codetainer confine --seccomp ag'
check "and a topic of help" says '^profile$' in_bash 'codetainer help pr'
check "and what is behind a link" says '^--json$' in_bash 'status --j'
check "attach-claude like attach" says '^--help$' in_bash 'attach-claude --he'
check "fish completes a command" says '^status' in_fish 'codetainer st'
check "and what is behind a link, too" says '^--help' in_fish 'attach --he'
check "zsh completes a command" says 'codetainer status' in_zsh 'codetainer sta' 'codetainer status'
check "and what is behind one, too" says 'status --json' in_zsh 'status --js' 'status --json'
operators_shell() {
    docker run --rm --label $label --entrypoint bash "$image" -c '. /root/.bashrc; complete -p attach'
}
check "the operator's shell has them" says _codetainer_link operators_shell
