//go:build e2e

package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// network is a Docker network of one story's own, so that it can be cut.
type network struct {
	name    string
	gateway string // this machine's address in it
}

// newNetwork makes a network that lasts until the test is over.
func newNetwork(t *testing.T, name string) *network {
	t.Helper()
	name = fmt.Sprintf("e2e-%s-%d", name, os.Getpid())
	id := docker(t, "network", "create", name)
	t.Cleanup(func() { dockerLater(t, "network", "rm", id) })
	return &network{
		name:    name,
		gateway: docker(t, "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", id),
	}
}

// unplug pulls a container's network cable: all packets are lost, both ways, and
// nobody is told. It returns what plugs it in again.
func (s *stage) unplug(t *testing.T, container string) (plug func()) {
	t.Helper()
	// The other end of the container's interface is one of this machine's.
	peer := docker(t, "exec", container, "cat", "/sys/class/net/eth0/iflink")
	set := func(state string) {
		t.Helper()
		script := fmt.Sprintf(`for d in /sys/class/net/*; do
			[ "$(cat $d/ifindex)" != %s ] || exec ip link set dev "${d##*/}" %s
		done
		exit 1`, peer, state)
		docker(t, "run", "--rm", "--network", "host", "--cap-add", "NET_ADMIN", s.runner.jobImage, "sh", "-c", script)
	}
	set("down")
	if out, err := dockerWith(t.Context(), "docker", nil, "exec", container, "ping", "-c", "1", "-W", "1", s.network.gateway); err == nil {
		t.Errorf("a packet got through without a cable: %s", out)
	}
	return func() { set("up") }
}

// jobContainer returns the id of the container that the job's steps run in, and
// whose network the action's container shares.
func (s *stage) jobContainer(t *testing.T) string {
	t.Helper()
	ids := strings.Fields(docker(t, "ps", "--quiet", "--filter", "name=act-"+s.name+"-", "--filter", "ancestor="+s.runner.jobImage))
	if len(ids) != 1 {
		t.Fatalf("%d containers run the job, want one", len(ids))
	}
	return ids[0]
}

// bar bars a container's way to the API: its system is told at each try that
// there is none. It returns what opens it again.
func (s *stage) bar(t *testing.T, container string) (open func()) {
	t.Helper()
	set := func(what string) {
		t.Helper()
		docker(t, "run", "--rm", "--network", "container:"+container, "--cap-add", "NET_ADMIN", s.runner.jobImage,
			"ip", "route", what, "unreachable", s.network.gateway+"/32")
	}
	set("add")
	return func() { set("del") }
}
