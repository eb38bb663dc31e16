# shellcheck shell=bash
# What the agent finds where, and cannot move, fill or make run with privileges.
echo '-- files'
cat >"$scratch/files.toml" <<'TOML'
name = "files"
user = { name = "claude" }
agent = { command = ["bash", "-l"], session = "shell" }
writable = ["/data"]
tmpfs = [
    { path = "/workspace", size = "16M" }, { path = "/home/claude", size = "16M", mode = "0700" },
    { path = "/tmp", size = "16M", owner = "root", mode = "1777" },
]
file = [
    { path = "/home/claude/.agent/deep/settings.json", content = "{}\n", owner = "root", mode = "0444" },
    { path = "/home/claude/.agent/own", content = "mine\n" },
]
TOML
mkdir -p "$scratch/kept/below" "$scratch/data" "$scratch/other"
printf 'key\n' >"$scratch/kept/file"
printf 'one\n' >"$scratch/one"
chown -R 1000:1000 "$scratch"/{kept,data,other,one}
install -m 4755 /bin/true "$scratch/data/set-id" # only its mode matters
with_files=(--env CODETAINER_PROFILE=/etc/codetainer/files.toml
    --volume "$scratch/files.toml:/etc/codetainer/files.toml:ro")
caged --detach --name $label-files --dns "$bridge" "${with_files[@]}" \
    --volume "$scratch/kept:/workspace/deep/kept" --volume "$scratch/one:/home/claude/.one:ro" \
    --volume "$scratch/data:/data" --volume "$scratch/other:/other" >/dev/null
tenant() { # SHELL-COMMAND: below the agent's tmux server
    docker exec --user claude $label-files sh -c '
        printf "%s\n" "$2" >/tmp/check.sh
        tmux -S "$1" run-shell "bash /tmp/check.sh >/tmp/check.out 2>&1"
        status=$?; cat /tmp/check.out; exit $status' - "$tmux_socket" "$1"
}
settings=/home/claude/.agent/deep/settings.json
unmoved() { fails 1 'Operation not permitted|Permission denied' tenant "$1"; }

check "a container with volumes boots" within 20 ready files
check "it is LOCKED" docker exec $label-files status
check "root's file is in the agent's home" says '^{}$' tenant "cat $settings"
check "the agent cannot write it" unmoved "echo x >$settings"
check "nor remove it" unmoved "rm -f $settings"
check "nor rename it" unmoved "mv $settings ~/x"
check "nor put another in its place" unmoved "echo x >~/x && mv -f ~/x $settings"
check "nor rename its directory" unmoved 'mv ~/.agent/deep ~/.agent/x'
check "nor the one above" unmoved 'mv ~/.agent ~/moved'
check "nor change their modes" unmoved 'chmod 777 ~/.agent'
check "nor its home's" unmoved 'chmod 700 ~'
check "nor move its home" fails 1 'Read-only|Permission denied|busy' tenant 'mv /home/claude /home/x'
check "beside it, it does all that with its own" tenant 'cd ~/.agent/deep && echo x >x && mv x ../y &&
    chmod 600 ../y && rm ../y && mkdir -p ~/.agent/z/z && mv ~/.agent/z ~/z && rm -r ~/z &&
    rm ~/.agent/own && echo x >~/.new && mv ~/.new ~/.newer && rm ~/.newer'

check "a volume below a tmpfs is where it was mounted" says '^key$' tenant 'cat /workspace/deep/kept/file'
check "and writable for who owns it" tenant 'touch /workspace/deep/kept/new && test -d /workspace/deep/kept/below'
check "on the volume itself" test -e "$scratch/kept/new"
check "a file is, too, read-only as it was" fails 1 'one.*Read-only' tenant 'cat ~/.one; touch ~/.one'
check "what is around it is the agent's" tenant 'touch /workspace/deep/x'
mount_options() { docker exec $label-files awk -v path="$1" '$5 == path { line = $6 } END { print line }' /proc/self/mountinfo; }
check "the volume lost set-id programs and devices" says 'nosuid,nodev' mount_options /workspace/deep/kept
check "a volume that the profile has writable is" tenant 'touch /data/x'
check "without set-id programs and devices" says 'nosuid,nodev' mount_options /data
check "another is read-only" fails 1 'Read-only' tenant 'touch /other/x'
check "for root, too" fails 1 'Read-only' docker exec $label-files touch /other/x

fill() { fails 1 'No space left' tenant "head -c $2 /dev/zero >$1/fill"; }
check "the agent fills its own run directory" fill /run/user/1000 20M
check "and /workspace up to its size" fill /workspace 20M
check "and /tmp up to its inodes, one for 2 KiB" says '^81[0-9][0-9]$' tenant \
    'mkdir /tmp/many && cd /tmp/many && { seq 9000 | xargs touch 2>/dev/null; ls | wc -l; }'
tenant 'rm -rf /tmp/many' >/dev/null 2>&1
check "which leaves /run room" docker exec $label-files sh -c 'head -c 1M /dev/zero >/run/room && rm /run/room'
check "and status its answer" docker exec $label-files status
special() { # mounts where the agent may write, without the option
    docker exec $label-files awk -v want="$1" '
        $5 ~ "^/(run|tmp|workspace|home|data|dev/shm|dev/mqueue)" && $6 !~ want { print $5 }' /proc/self/mountinfo
}
check "every mount that the agent may write is nosuid" silent special nosuid
check "and nodev" silent special nodev
owned() { docker exec $label-files find /usr/local/bin/codetainer /etc/codetainer /opt/network /opt/claude \
    /etc/claude-code "$@"; }
check "policy, profiles and program are root's" silent owned '(' ! -user root -o -perm /022 ')' ! -type l
check "they are looked for" says '/usr/local/bin/codetainer' owned -user root
check "there is no sudo" fails 1 '^$' tenant 'command -v sudo doas pkexec'
check "there is su, which is not set-id" says '^755 root$' docker exec $label-files stat -c '%a %U' /usr/bin/su
check "/sys and /proc/sys are read-only" fails 1 'Read-only.*|Permission denied' \
    docker exec $label-files touch /sys/x /proc/sys/x
sed 's|"/data"|"/"|' "$scratch/files.toml" >"$scratch/all.toml"
check "a profile cannot have all writable" refuses 78 'all.toml:4: writable "/" must be a directory below' \
    --volume "$scratch/all.toml:/etc/codetainer/all.toml:ro" \
    --env CODETAINER_PROFILE=/etc/codetainer/all.toml

# What the runtime mounts without a size.
caged --detach --name $label-sizes --dns "$bridge" --tmpfs /workspace:exec,uid=1000,gid=1000 >/dev/null
check "a tmpfs without a size boots" within 20 ready sizes
sized() { docker exec $label-sizes awk '$5 == "/workspace" { print $NF }' /proc/self/mountinfo; }
check "and has the profile's then" says 'size=524288k' sized
check "which a tmpfs of Docker's has not" fails 1 '^$' eval "docker run --rm --tmpfs /workspace \
    --entrypoint cat $image /proc/self/mountinfo | grep ' /workspace .*size='"

# A home that outlives the container, in which an agent of an earlier run left a link.
persistent() { # SHELL-COMMAND: in the volume
    docker run --rm --volume $label-home:/home/claude --user 1000:1000 --entrypoint sh "$image" -c "$1"
}
docker volume create --label $label $label-home >/dev/null
persistent 'ln -s /workspace ~/.agent'
check "a link where root's file goes stops boot" refuses 71 'settings.json.*remove what is in its way' \
    "${with_files[@]}" --volume $label-home:/home/claude
persistent 'rm ~/.agent; mkdir -p ~/.agent/deep; echo evil >~/.agent/deep/settings.json'
caged --detach --name $label-again --dns "$bridge" "${with_files[@]}" \
    --volume $label-home:/home/claude >/dev/null
check "a directory is taken over" within 20 ready again
check "and the file replaced" says '^{}$' persistent "cat $settings"
check "for good" fails 1 'Operation not permitted' persistent "mv ~/.agent ~/x"
docker rm --force $label-again >/dev/null
docker volume rm $label-home >/dev/null

# Without SYS_ADMIN it holds as well: nothing of it is a mount.
minimal --detach --name $label-least --tmpfs /run/user/1000:size=16m,nosuid,nodev,uid=1000,gid=1000,mode=700 \
    "${with_files[@]}" >/dev/null
check "root's file is in the home without SYS_ADMIN" within 20 docker exec $label-least test -e /run/codetainer/ready
least() { docker exec --user claude $label-least sh -c "$1"; }
check "the agent cannot remove it" fails 1 'Operation not permitted' least "rm -f $settings"
check "nor rename its directories" fails 1 'Operation not permitted' least 'mv ~/.agent ~/moved'
check "what is its own it can" least 'touch ~/x && mv ~/x ~/y && rm ~/y'
check "its run directory is its own" json least '[.layers[].name] | index("own-run") == null'
check "where it is not, status says so" json minimal \
    '.layers[] | select(.name == "own-run") | .state == "off" and (.reason | test("--tmpfs /run/user/1000"))'
