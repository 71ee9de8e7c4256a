# shellcheck shell=bash disable=SC2034  # the scripts that source this use what it sets
# What the scripts of this folder share. Sourced, never run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
name=${0##*/}

# What the build needs, and what the tests need beside it: all of them, those of sources' style, of others' tools, of guests
# and of Windows.
build_packages=(g++ cmake ninja-build nlohmann-json3-dev rapidjson-dev libcli11-dev libinih-dev libexpected-dev libfmt-dev)
test_packages=(
  bash-completion doctest-dev e2fsprogs fish groff iproute2 man-db mandoc mold net-tools nftables patch procps python3
  python3-jsonschema python3-yaml strace systemd util-linux zsh
)
style_packages=(clang-format shellcheck)
example_packages=(ansible-core ansible-lint jq puppet-agent pycodestyle pylint python3-voluptuous ruby-puppet-resource-api
  ruby-rspec yamllint)
image_packages=(btrfs-progs e2fsprogs xfsprogs)
guest_packages=(e2fsprogs python3 qemu-system-x86)
packaging_packages=(bash-completion lintian man-db mmdebstrap)
arm64_packages=(g++-aarch64-linux-gnu qemu-user-static)
windows_packages=(g++-mingw-w64-x86-64-posix wine wine64)

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
  for package in $(printf '%s\n' "$@" | awk '!seen[$0]++'); do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# A machine that CI throws away afterwards needs nothing of it on the disk, which takes a sixth of the time.
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${CI:+-o Dpkg::Options::=--force-unsafe-io} "$@"
}

# What apt would do, as it says it; the package lists of a fresh machine are empty or old, so they are fetched if it does not
# work without.
apt_simulate() {
  apt_install -s "$@" 2>/dev/null && return
  [[ -z ${lists_fetched-} ]] && as_root apt-get update -q >&2 && lists_fetched=1 && apt_install -s "$@" 2>/dev/null
}

# install PACKAGE...: those that are not there yet, with apt. It says beforehand how much that is. Everything it says goes to
# stderr.
install() {
  local missing plan names
  if ! command -v apt-get >/dev/null; then
    echo "scripts/$name: no apt-get here; on Debian the packages are called: $*" >&2
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  as_root true || die "these packages are missing; as root: apt-get install ${missing[*]}" 69
  plan=$(apt_simulate "${missing[@]}") || die "cannot install ${missing[*]}" 69
  mapfile -t names < <(awk '$1 == "Inst" { print $2 }' <<<"$plan")
  echo "scripts/$name: installing ${missing[*]}$(size_of "${names[@]}")" >&2
  apt_install "${missing[@]}" >&2 || { as_root apt-get update -q >&2 && apt_install "${missing[@]}" >&2; } ||
    die "cannot install ${missing[*]}" 69
}

# TuneD's modules, for the tests that hold us to it.
fetch_tuned() {
  [[ -d $repo/build/tuned/usr ]] || quietly "$repo/scripts/cmake/fetch-tuned" "$repo/build/tuned"
}

# sshd, Prometheus and its exporter, for whoever is started from here: installed they would start by themselves.
fetch_daemons() {
  local daemons=$repo/build/daemons
  export PATH=$PATH:$daemons/usr/sbin:$daemons/usr/bin
  [[ -d $daemons/usr ]] || (quietly "$repo/scripts/cmake/fetch-daemons" "$daemons")
}

# install_what_can_be_had PACKAGE...: in one go; without one that apt does not have, or nobody may install.
install_what_can_be_had() {
  local missing had=() package
  command -v apt-get >/dev/null && as_root true || return 0
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]] || apt_simulate "${missing[@]}" >/dev/null; then
    had=("${missing[@]}")
  else
    for package in "${missing[@]}"; do
      ! apt_simulate "$package" >/dev/null || had+=("$package")
    done
  fi
  install "${had[@]}"
}

# " (N packages, N MB, about N minutes)": on the disk when unpacked, and as long as an ordinary machine takes.
size_of() {
  apt-cache show --no-all-versions "$@" 2>/dev/null |
    awk -v count=$# '$1 == "Installed-Size:" { size += $2 }
      END { if (size) printf " (%d packages, %d MB, about %d min)", count, size / 1024 + 1, count / 60 + 1 }'
}

# build PRESET [TARGET...]: configures and builds, one at a time in a tree. Preset test adds tests to the tree of release.
build() {
  local preset=$1 cache=$repo/build/${1/#test/release}/CMakeCache.txt fresh=()
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

# build/release/twctl. The stamp is as old as the last build's begin, and says which tree that build was for.
released=$repo/build/release/twctl
stamp=$repo/build/release/.built
program_sources=("$repo"/{CMakeLists.txt,CMakePresets.json,src,platform,profiles,scripts/cmake})

# False where a source has changed since.
is_released() {
  [[ -x $released && -f $stamp && $(<"$stamp") == "$repo" && -z $(find "${program_sources[@]}" -newer "$stamp" -print -quit) ]]
}

# build_released PRESET [TARGET...]: builds it, or those targets, of which it has to be one.
build_released() {
  mkdir -p "${stamp%/*}"
  echo "$repo" >"$stamp.new"
  build "$@"
  mv "$stamp.new" "$stamp"
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

# False in a chroot that is a folder like any other.
root_is_mount_point() { awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; }
