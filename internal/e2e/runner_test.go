//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
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

// stage is what one story plays on: a workspace and a Cursor API of its own.
type stage struct {
	workspace
	*cursorAPI
	runner   *runner
	workflow string // the name of a file in testdata/workflows, less .yml
}

// stage makes a stage for a workflow, whose name is that of its file and of no
// other story: act names containers after it.
func (r *runner) stage(t *testing.T, workflow, scenario string) *stage {
	t.Helper()
	s := &stage{workspace: newWorkspace(t, r.dir), runner: r, workflow: workflow}
	if file := filepath.Join("testdata", "scenarios", scenario+".yaml"); fileExists(file) {
		scenario = file
	}
	s.cursorAPI = startCursorAPI(t, r.program, scenario)
	data, err := os.ReadFile(filepath.Join("testdata", "workflows", workflow+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, ".github/workflows/"+workflow+".yml", data)
	t.Cleanup(func() { s.clear(t) })
	return s
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// clear removes what the story left with the engine, and what the containers
// wrote into the workspace as root, which another user could not remove.
func (s *stage) clear(t *testing.T) {
	names := []string{"--filter", "name=act-" + s.workflow + "-"}
	list := func(args ...string) []string {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		out, err := dockerWith(ctx, "docker", nil, append(args, names...)...)
		if err != nil {
			t.Error(err)
		}
		return strings.Fields(out)
	}
	if left := list("ps", "--all", "--quiet"); len(left) > 0 {
		dockerLater(t, append([]string{"rm", "--force", "--volumes"}, left...)...)
	}
	if left := list("volume", "ls", "--quiet"); len(left) > 0 {
		dockerLater(t, append([]string{"volume", "rm", "--force"}, left...)...)
	}
	if os.Getuid() != 0 {
		dockerLater(t, "run", "--rm", "--network", "none", "--volume", s.dir+":/workspace", s.runner.jobImage,
			"sh", "-c", "rm -rf /workspace/* /workspace/.[!.]*")
	}
}

// options are the ways in which a story's use of the runner differs.
type options struct {
	event   string            // push when empty
	payload string            // a file in testdata/events; none when empty
	env     map[string]string // for the workflow, such as GITHUB_RUN_ID
	rebuild bool              // let act build the image itself
}

// actRun is one run of a workflow.
type actRun struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it is over

	mu     sync.Mutex
	output bytes.Buffer
	err    error
}

// Write keeps what the runner says; it is both its standard output and error.
func (r *actRun) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.Write(p)
}

// log is what the runner has said so far.
func (r *actRun) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.String()
}

// start runs the stage's workflow.
func (s *stage) start(t *testing.T, o options) *actRun {
	t.Helper()
	event := o.event
	if event == "" {
		event = "push"
	}
	args := []string{
		event,
		"--workflows", ".github/workflows/" + s.workflow + ".yml",
		// The runner works in the workspace itself, so that we see what steps write.
		"--bind",
		"--platform", "ubuntu-latest=" + s.runner.jobImage,
		"--pull=false", "--action-offline-mode", "--no-cache-server",
		"--container-daemon-socket", "-",
		"--rm",
		fmt.Sprintf("--rebuild=%t", o.rebuild),
		"--secret", "CURSOR_API_KEY",
		// The runner hides secrets as well; the action must do so by itself.
		"--insecure-secrets",
		"--var", "API_URL=" + s.URL,
	}
	if o.payload != "" {
		path, err := filepath.Abs(filepath.Join("testdata", "events", o.payload))
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "--eventpath", path)
	}
	for _, name := range slices.Sorted(maps.Keys(o.env)) {
		args = append(args, "--env", name+"="+o.env[name])
	}

	home := t.TempDir() // no settings of whoever runs the tests
	r := &actRun{ended: make(chan struct{})}
	r.cmd = exec.CommandContext(t.Context(), s.runner.act, args...)
	r.cmd.Cancel = func() error { return r.cmd.Process.Signal(syscall.SIGINT) }
	r.cmd.WaitDelay = 30 * time.Second
	r.cmd.Dir = s.dir
	r.cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "CURSOR_API_KEY="+apiKey)
	r.cmd.Stdout, r.cmd.Stderr = r, r
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("start act: %v", err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		<-r.ended
		if t.Failed() {
			t.Logf("the runner's log:\n%s", r.log())
		}
	})
	return r
}

// wait returns whether the workflow was green. Whatever it was about, the key
// must not show in the log.
func (r *actRun) wait(t *testing.T) (green bool) {
	t.Helper()
	<-r.ended
	if strings.Contains(r.log(), apiKey) {
		t.Error("the log shows the API key")
	}
	if r.err == nil {
		return true
	}
	if _, ok := errors.AsType[*exec.ExitError](r.err); !ok {
		t.Fatalf("run act: %v", r.err)
	}
	return false
}

// run runs the stage's workflow to its end.
func (s *stage) run(t *testing.T, o options) (r *actRun, green bool) {
	t.Helper()
	r = s.start(t, o)
	return r, r.wait(t)
}

// container returns the id of the container that the action runs in. The engine
// lists it a moment after its process has started, which may have done a lot by
// then.
func (s *stage) container(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		ids := strings.Fields(docker(t, "ps", "--quiet", "--filter", "name=act-"+s.workflow+"-", "--filter", "ancestor="+actionImage))
		if len(ids) == 1 {
			return ids[0]
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%d containers run the action, want one", len(ids))
		}
	}
}
