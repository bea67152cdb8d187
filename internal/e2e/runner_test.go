//go:build e2e

package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// actionImage is the name that act gives to the image of an action that is used
// by ./: https://github.com/nektos/act/blob/v0.2.89/pkg/runner/action.go#L229
const actionImage = "act-dockeraction:latest"

// apiKey is the key that every workflow gives to the action. It must show nowhere.
const apiKey = "crsr_e2e0123456789abcdef0123456789abcdef"

// runner is what all stories share: the workflow runner and the action's image.
type runner struct {
	act      string // act's path
	jobImage string // what jobs run in
	program  string // the binary out of the action's image

	// What the image was built from, as the project may change meanwhile.
	workspace
}

// newRunner finds act and builds the action's image from the real Dockerfile, once
// for all stories, with the classic builder as act itself does.
func newRunner(t *testing.T) *runner {
	t.Helper()
	r := &runner{act: os.Getenv("E2E_ACT"), jobImage: os.Getenv("E2E_JOB_IMAGE")}
	if r.act == "" {
		path, err := exec.LookPath("act")
		if err != nil {
			t.Fatal("act is not on PATH: install it with 'go install github.com/nektos/act@v0.2.89', or name it in E2E_ACT")
		}
		r.act = path
	}
	if r.jobImage == "" {
		r.jobImage = "busybox:1.37"
	}
	if _, err := dockerWith(t.Context(), "docker", nil, "version"); err != nil {
		t.Fatalf("no Docker engine answers: start one, or name it in DOCKER_HOST\n%v", err)
	}
	docker(t, "image", "inspect", r.jobImage)

	start := time.Now()
	r.workspace = newWorkspace(t, root)
	r.build(t)
	t.Cleanup(func() { dockerLater(t, "image", "rm", "--force", actionImage) })
	r.program = filepath.Join(t.TempDir(), "cursor-agent-action")
	copyOut(t, actionImage, "/cursor-agent-action", r.program)
	t.Logf("the image was built in %v and has %s bytes", time.Since(start).Round(time.Second),
		docker(t, "image", "inspect", "--format", "{{.Size}}", actionImage))
	return r
}

// build builds the action's image. The context goes through a
// container, as act sends it: the classic builder finds a layer only where the
// very headers of the files are those it knows.
func (r *runner) build(t *testing.T) {
	t.Helper()
	id := docker(t, "create", "--volume", r.dir+":/context", r.jobImage)
	defer dockerLater(t, "rm", id)
	send := exec.CommandContext(t.Context(), "docker", "cp", id+":/context/.", "-")
	build := exec.CommandContext(t.Context(), "docker", "build", "--force-rm", "--tag", actionImage, "-")
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	sent, err := send.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	build.Stdin = sent
	var said bytes.Buffer
	build.Stdout, build.Stderr, send.Stderr = &said, &said, &said
	if err := send.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(build.Run(), send.Wait()); err != nil {
		t.Fatalf("build the action's image: %v\n%s", err, said.Bytes())
	}
}

// copyOut copies a file out of an image.
func copyOut(t *testing.T, image, from, to string) {
	t.Helper()
	id := docker(t, "create", image)
	defer dockerLater(t, "rm", id)
	docker(t, "cp", id+":"+from, to)
}
