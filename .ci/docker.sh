# shellcheck shell=bash
# Docker for the checks: an engine and the base images, sourced by .ci/run.
#
# On a machine where an engine answers and an image registry can be reached,
# nothing here does more than ask. Elsewhere an engine is started from Debian's
# packages, and stand-ins are made of the two base images.

# The images that the checks build on and run jobs in.
builder_image=$(sed -n 's/^FROM .*\(golang:[^ ]*\).*/\1/p' Dockerfile)
job_image=busybox:1.37

# sudo_ runs a command as root.
sudo_() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# apt_install NAME... installs packages, once each, after one update of the lists.
apt_install() {
  if [[ -z ${apt_updated:-} ]]; then
    sudo_ apt-get update -qq
    apt_updated=yes
  fi
  sudo_ env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

engine_answers() {
  docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# start_engine makes sure that a Docker engine answers. One that it starts lives
# in folders of its own below $scratch; use_engine finds it, stop_engine ends it.
start_engine() {
  if command -v docker >/dev/null && engine_answers; then
    echo "an engine answers: $(docker version --format '{{.Server.Version}}')"
    return
  fi
  command -v dockerd >/dev/null && command -v docker >/dev/null && command -v iptables >/dev/null ||
    apt_install docker.io iptables apparmor cgroupfs-mount
  # Where no init system did it.
  mountpoint -q /sys/fs/cgroup || sudo_ cgroupfs-mount

  # The path of a socket may hold no more than 107 bytes.
  local home=$scratch/engine tries=0
  mkdir -p "$home"
  rm -f "$home/pid" "$home/docker.sock"
  sudo_ dockerd --pidfile "$home/pid" --exec-root "$home/exec" --data-root "$home/data" \
    --group "$(id -gn)" -H "unix://$home/docker.sock" >"$home/log" 2>&1 </dev/null &
  local started=$!
  use_engine
  until engine_answers; do
    if ! sudo_ kill -0 "$started" 2>/dev/null || ((++tries > 120)); then
      echo "the Docker engine did not start; the end of its log:" >&2
      tail -n 20 "$home/log" >&2
      return 1
    fi
    sleep 0.5
  done
  echo "started an engine of our own: $(docker version --format '{{.Server.Version}}')"
}

# use_engine points the docker client at the engine that start_engine started,
# if it did.
use_engine() {
  if [[ -d $scratch/engine ]]; then
    export DOCKER_HOST=unix://$scratch/engine/docker.sock
  fi
}

# stop_engine ends the engine that start_engine started, if it did, waits for its
# end and unmounts what it left mounted below $scratch.
stop_engine() {
  local pid tries=0 mount
  [[ -d $scratch/engine ]] || return 0
  if pid=$(cat "$scratch/engine/pid" 2>/dev/null); then
    sudo_ kill "$pid" 2>/dev/null || true
    while sudo_ kill -0 "$pid" 2>/dev/null && ((++tries <= 60)); do
      sleep 0.5
    done
    sudo_ kill -9 "$pid" 2>/dev/null || true
  fi
  awk -v home="$scratch/engine/" 'index($2, home) == 1 { print $2 }' /proc/mounts | sort -r |
    while read -r mount; do sudo_ umount "$mount" || true; done
}

have_image() {
  docker image inspect "$1" >/dev/null 2>&1
}

# base_images makes sure that the engine holds both base images: its own, those
# of the registry, or stand-ins made from this machine.
base_images() {
  local image
  for image in "$builder_image" "$job_image"; do
    if have_image "$image"; then
      echo "$image: here"
    elif timeout 300 docker pull --quiet "$image" >/dev/null 2>&1; then
      echo "$image: pulled"
    else
      case $image in
        golang:*) stand_in_builder "$image" ;;
        *) stand_in_job "$image" ;;
      esac
      echo "$image: no registry answers, a stand-in was made from this machine"
    fi
  done
}

busybox_tree() {
  local busybox
  busybox=$(command -v busybox) && file_is_static "$busybox" || {
    apt_install busybox-static
    busybox=$(command -v busybox)
  }
  mkdir -p "$1"/{bin,etc,root,tmp,usr/bin,var}
  chmod 1777 "$1/tmp"
  cp "$busybox" "$1/bin/busybox"
  local name
  for name in $("$busybox" --list); do
    [[ $name == busybox ]] || ln -s busybox "$1/bin/$name"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$1/etc/passwd"
  printf 'root:x:0:\n' >"$1/etc/group"
}

# file_is_static tells whether a program runs without a loader, which the image
# would not have.
file_is_static() {
  ! ldd "$1" >/dev/null 2>&1
}

import_tree() { # TREE IMAGE CHANGE...
  local tree=$1 image=$2 change
  shift 2
  local options=()
  for change in "$@"; do options+=(--change "$change"); done
  tar -C "$tree" --owner=0 --group=0 --numeric-owner -c . |
    docker import "${options[@]}" - "$image" >/dev/null
}

# stand_in_builder makes an image of this machine's Go toolchain and CA
# certificates, set up to reach modules the way this machine does.
stand_in_builder() {
  local tree=$scratch/builder goroot
  goroot=$(go env GOROOT)
  busybox_tree "$tree"
  mkdir -p "$tree/usr/local/go/pkg" "$tree/etc/ssl/certs" "$tree/go"
  cp -a "$goroot/bin" "$goroot/go.env" "$goroot/lib" "$goroot/src" "$goroot/VERSION" "$tree/usr/local/go/"
  cp -a "$goroot/pkg/include" "$goroot/pkg/tool" "$tree/usr/local/go/pkg/"
  cp -L "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$tree/etc/ssl/certs/ca-certificates.crt"
  import_tree "$tree" "$1" \
    'ENV PATH=/go/bin:/usr/local/go/bin:/bin:/usr/bin' \
    'ENV GOPATH=/go' 'ENV GOTOOLCHAIN=local' \
    "ENV GOPROXY=$(go env GOPROXY)" "ENV GOSUMDB=$(go env GOSUMDB)" \
    "ENV GONOSUMDB=$(go env GONOSUMDB)" "ENV GOFLAGS=$(go env GOFLAGS)"
  rm -rf "$tree"
}

# stand_in_job makes an image of busybox alone.
stand_in_job() {
  local tree=$scratch/job
  busybox_tree "$tree"
  import_tree "$tree" "$1" 'ENV PATH=/bin:/usr/bin' 'CMD ["sh"]'
  rm -rf "$tree"
}
