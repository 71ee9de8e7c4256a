# shellcheck shell=bash disable=SC2034  # the scripts that source this use what it sets
# What the scripts of this folder share. Sourced, never run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
name=${0##*/}

# What the build needs, what the tests need beside it, what guests need, what Windows needs, and what scripts/check needs
# beside all.
build_packages=(g++ cmake ninja-build nlohmann-json3-dev libcli11-dev libinih-dev libexpected-dev libfmt-dev)
test_packages=(
  ansible-core doctest-dev e2fsprogs iproute2 net-tools nftables patch procps python3 python3-jsonschema strace systemd
  util-linux
)
guest_packages=(e2fsprogs python3 qemu-system-x86)
windows_packages=(g++-mingw-w64-x86-64-posix wine wine64)
check_packages=(clang clang-format clang-tidy shellcheck)

# This is how the scripts themselves end: no capability here (69), or something did not work (1).
die() {
  echo "scripts/$name: $1" >&2
  exit "${2:-1}"
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    sudo "$@"
  else
    return 1
  fi
}

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# install PACKAGE...: those that are not there yet, with apt. Everything it says goes to stderr.
install() {
  local missing
  if ! command -v apt-get >/dev/null; then
    echo "scripts/$name: no apt-get here; on Debian the packages are called: $*" >&2
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  as_root true || die "these packages are missing; as root: apt-get install ${missing[*]}" 69
  echo "scripts/$name: installing ${missing[*]}" >&2
  # The package lists of a fresh machine are empty or old: fetch them only if it does not work without.
  apt_install -s "${missing[@]}" >/dev/null 2>&1 || as_root apt-get update -q >&2
  apt_install "${missing[@]}" >&2 || { as_root apt-get update -q >&2 && apt_install "${missing[@]}" >&2; } ||
    die "cannot install ${missing[*]}" 69
}

# build PRESET [TARGET...]: configures and builds, one at a time in a tree.
build() {
  local preset=$1 cache=$repo/build/$1/CMakeCache.txt fresh=()
  shift
  # A build folder that was copied along with the tree still belongs to the tree it was made in.
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$repo" "$cache"; then fresh=(--fresh); fi
  mkdir -p "$repo/build"
  (
    cd "$repo"
    flock 9
    echo "scripts/$name: building (preset $preset)" >&2
    quietly cmake --preset "$preset" ${fresh[@]+"${fresh[@]}"}
    quietly cmake --build --preset "$preset" ${1+--target "$@"}
  ) 9>"$repo/build/.lock" || exit 1
}

# Runs the command; what it says is shown on a terminal, and elsewhere only if it fails.
quietly() {
  local said
  if [[ -t 2 ]]; then
    "$@" 9>&- >&2 || die "$* failed"
    return
  fi
  said=$("$@" 9>&- 2>&1) || {
    echo "$said" >&2
    die "$* failed"
  }
}
