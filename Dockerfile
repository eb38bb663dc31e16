# TOOLCHAIN chooses where the binary comes from. The Swift image builds it; an image without a
# compiler takes the one that scripts/build left in .build/image. One stage does both, as a builder
# without BuildKit runs every stage, wanted or not.
ARG TOOLCHAIN=swift:6.3-bookworm
FROM ${TOOLCHAIN} AS binary
WORKDIR /source
COPY . .
RUN if ! command -v swift >/dev/null; then \
        install -D -t /out .build/image/codetainer && exec cp -R .build/image/share /out/share; fi; \
    apt-get update && apt-get install --yes --no-install-recommends \
        jq libnftnl-dev libmnl-dev libseccomp-dev pkg-config \
    && scripts/swift-release \
    && install -D --strip -t /out "$(scripts/swift-release --show-bin-path)/codetainer" \
    && scripts/manual /out/codetainer /out/share

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="codetainer" \
      org.opencontainers.image.description="A locked container for an AI coding agent"
RUN apt-get update && apt-get install --yes --no-install-recommends \
        bash ca-certificates curl gh git jq less procps ripgrep tmux \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 1000 claude \
    && useradd --uid 1000 --gid claude --create-home --shell /bin/bash claude \
    && groupadd --system --gid 900 codetainer-resolver \
    && useradd --system --uid 900 --gid codetainer-resolver --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin codetainer-resolver \
    && install -d -o claude -g claude /workspace \
    && for name in status attach attach-claude; do ln -s codetainer "/usr/local/bin/$name"; done \
    && ln -s ../lib/codetainer/gh /usr/local/bin/gh \
    && install -d /etc/claude-code \
    && ln -s /opt/claude/managed-settings.json /etc/claude-code/managed-settings.json \
    && git config --system include.path /run/codetainer/gitconfig

# The vendors' documented installations. Claude's goes to a home of its own, of which the one
# static program is kept; the others are npm packages and need a Node.js that Debian 12 lacks.
ARG AGENT=claude
ARG AGENT_VERSION=latest
RUN set -e; \
    case ${AGENT} in \
    claude) \
        curl -fsSL https://claude.ai/install.sh | HOME=/tmp/claude bash -s -- "${AGENT_VERSION}"; \
        install "$(readlink -f /tmp/claude/.local/bin/claude)" /usr/local/bin/claude; \
        HOME=/tmp/claude claude --version; rm -rf /tmp/claude ;; \
    gemini | codex) \
        curl -fsSL https://deb.nodesource.com/setup_22.x | bash -; \
        apt-get install --yes --no-install-recommends nodejs; \
        rm -rf /var/lib/apt/lists/*; \
        case ${AGENT} in gemini) package=@google/gemini-cli ;; *) package=@openai/codex ;; esac; \
        npm install --global "${package}@${AGENT_VERSION}"; \
        rm -rf /root/.npm; "${AGENT}" --version ;; \
    shell) ;; \
    *) echo "AGENT=${AGENT}: not one of claude, gemini, codex, shell" >&2; exit 64 ;; \
    esac; \
    find / -xdev -perm /6000 -exec chmod a-s {} +

COPY image/root.bashrc /root/.bashrc
COPY image/tmux.conf /etc/codetainer/tmux.conf
COPY image/skel /etc/codetainer/skel
COPY scripts/agent /usr/local/lib/codetainer
COPY image/gh-config /opt/gh-config
COPY image/claude /opt/claude
COPY profiles /etc/codetainer/profiles
COPY network /opt/network
COPY --from=binary /out/codetainer /usr/local/bin/codetainer
# Manual pages, and completions for bash, zsh and fish.
COPY --from=binary /out/share /usr/local/share

ENV LANG=C.UTF-8 CODETAINER_PROFILE=${AGENT}
ENTRYPOINT ["/usr/local/bin/codetainer", "init"]
