# Sourced by the scripts beside it: talking, packages, the toolchain. Works in the repository's root.

# shellcheck disable=SC2034 # the names are used by the scripts that source this
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# What the release build links and runs with.
build_packages=(
    libuv1-dev libpq-dev libssl-dev zlib1g-dev libsimdjson-dev libhttp-parser-dev
    libstdc++-12-dev pkg-config postgresql
)

# What the suites need besides: a browser, Python clients, a checker for these scripts.
test_packages=(chromium python3 python3-venv shellcheck)

# What the suites need from PyPI, in a virtual environment of ours.
python_packages=(playwright realtime aiohttp -r Tests/Server/requirements.txt)

python=.build/venv/bin/python

say() {
    printf '\033[1m== %s\033[0m\n' "$*" >&2
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

require_swift() {
    command -v swift > /dev/null || fail "no swift on PATH: install a Swift 6.2 toolchain or newer" \
        "from https://www.swift.org/install/linux/ and put its usr/bin on PATH"
}

# Installs those of the named Debian packages that are missing, and says which.
install_packages() {
    local name missing=()
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$name" 2> /dev/null | grep -qx installed \
            || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get > /dev/null || fail "missing, and there is no apt-get: ${missing[*]}"
    say "installing the Debian packages that are missing: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null \
            || fail "not root and no sudo; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    keep_main_cluster_away "${as_root[@]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get)
    "${apt[@]}" update
    "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"
}

# Debian's package makes and starts a cluster called main. Nothing here uses it, so on a machine
# without PostgreSQL it is not made; where there is one already, nothing is touched.
keep_main_cluster_away() {
    local settings=/etc/postgresql-common/createcluster.conf
    [ ! -e "$settings" ] || return 0
    "$@" mkdir -p "$(dirname "$settings")"
    echo 'create_main_cluster = false' | "$@" tee "$settings" > /dev/null
}

install_python_packages() {
    local wanted=.build/venv/installed installed
    installed="${python_packages[*]} $(grep -v '^#' Tests/Server/requirements.txt)"
    if [ "$(cat "$wanted" 2> /dev/null)" != "$installed" ]; then
        say "installing from PyPI into .build/venv: ${python_packages[*]}"
        mkdir -p .build
        python3 -m venv .build/venv
        "$python" -m pip install --quiet "${python_packages[@]}"
        echo "$installed" > "$wanted"
    fi
}

# The two programs; what only tests need is left out.
build_products() {
    swift build -c release --product rollcall && swift build -c release --product rollcall-load
}

build_release() {
    say "building in release mode (the first time takes minutes)"
    build_products
}
