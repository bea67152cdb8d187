//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// host runs the action's container as GitHub's runner does, where act differs:
// the docker client gets the signals of a cancelled job, and the post stage is
// given the state that the main stage saved.
// https://github.com/actions/runner/blob/v2.336.0/src/Runner.Worker/Handlers/ContainerActionHandler.cs
type host struct {
	*cursorAPI
	runner *runner
	name   string
	dir    string // holds what is mounted
	stages int    // so far
	detach bool   // from now on the agent's end is not waited for
}

// host makes a host for one story.
func (r *runner) host(t *testing.T, name, scenario string) *host {
	t.Helper()
	h := &host{runner: r, name: fmt.Sprintf("e2e-%s-%d", name, os.Getpid()), dir: t.TempDir()}
	h.cursorAPI = startCursorAPI(t, r.program, filepath.Join("testdata", "scenarios", scenario+".yaml"), "127.0.0.1", nil)
	for _, dir := range []string{"workspace", "home", "workflow", "file_commands", "runner_temp"} {
		if err := os.Mkdir(filepath.Join(h.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(h.dir, "workflow", "event.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	return h
}

// container is the name of the container of a stage.
func (h *host) container(stage int) string { return fmt.Sprintf("%s-%d", h.name, stage) }

// file is where the action's n-th stage finds one of its command files.
func (h *host) file(stage int, name string) string {
	return filepath.Join(h.dir, "file_commands", fmt.Sprintf("%s_%d", name, stage))
}

// start starts a stage: the main one, or the post stage with what was saved.
func (h *host) start(t *testing.T, attempt, entrypoint string, state map[string]string) (p *process, stage int) {
	t.Helper()
	h.stages++
	stage = h.stages
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "CI": "true", "RUNNER_OS": "Linux", "RUNNER_TEMP": "/github/runner_temp", "HOME": "/github/home",
		"GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://api.github.com",
		"GITHUB_REPOSITORY": "acme/widgets", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch",
		"GITHUB_SHA":        "ffac537e6cbbf934b08745a378932722df287a53",
		"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/github/workflow/event.json", "GITHUB_WORKSPACE": "/github/workspace",
		"GITHUB_WORKFLOW": h.name, "GITHUB_JOB": "fix", "GITHUB_ACTION": "agent", "GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": attempt,
		"INPUT_API-KEY": apiKey, "INPUT_API-URL": h.URL, "INPUT_PROMPT": "Take your time.", "INPUT_CREATE-PR": "true", "INPUT_WAIT": fmt.Sprint(!h.detach),
	}
	for variable, name := range map[string]string{"GITHUB_OUTPUT": "set_output", "GITHUB_STATE": "save_state", "GITHUB_STEP_SUMMARY": "step_summary"} {
		if err := os.WriteFile(h.file(stage, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		env[variable] = "/github/file_commands/" + filepath.Base(h.file(stage, name))
	}
	for name, value := range state {
		env["STATE_"+name] = value
	}

	args := []string{"run", "--name", h.container(stage), "--workdir", "/github/workspace", "--rm", "--network", "host"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		args = append(args, "-e", name)
	}
	if entrypoint != "" {
		args = append(args, "--entrypoint", entrypoint)
	}
	for _, dir := range []string{"workspace", "home", "workflow", "file_commands", "runner_temp"} {
		args = append(args, "-v", filepath.Join(h.dir, dir)+":/github/"+dir)
	}
	cmd := exec.CommandContext(t.Context(), "docker", append(args, actionImage, "action")...)
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	t.Cleanup(func() { removeContainer(t, h.container(stage)) })
	return startProcess(t, cmd), stage
}

// post runs the post stage to its end, with what a main stage saved.
func (h *host) post(t *testing.T, attempt string, main int) *process {
	t.Helper()
	p, _ := h.start(t, attempt, "/cleanup", h.commands(t, main, "save_state"))
	if !p.wait(t) {
		t.Error("the post stage failed")
	}
	return p
}

// cancel ends a stage as the runner does when its job is cancelled, and returns
// the last signal that it took.
// https://github.com/actions/runner/blob/v2.336.0/src/Runner.Sdk/ProcessInvoker.cs
func (p *process) cancel(t *testing.T) syscall.Signal {
	t.Helper()
	p.signal(t, syscall.SIGINT)
	if p.endsWithin(7500 * time.Millisecond) {
		return syscall.SIGINT
	}
	p.signal(t, syscall.SIGTERM)
	if p.endsWithin(2500 * time.Millisecond) {
		return syscall.SIGTERM
	}
	p.signal(t, syscall.SIGKILL)
	if !p.endsWithin(longest) {
		t.Fatalf("%s lives on after %v", p.cmd.Path, syscall.SIGKILL)
	}
	return syscall.SIGKILL
}

// commands reads one of a stage's command files as the runner does.
// https://github.com/actions/runner/blob/v2.336.0/src/Runner.Worker/FileCommandManager.cs
func (h *host) commands(t *testing.T, stage int, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(h.file(stage, name))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case heredoc >= 0 && (equals < 0 || heredoc < equals):
			rest := lines[i+1:]
			end := slices.Index(rest, line[heredoc+2:])
			if end < 0 {
				t.Fatalf("file %s of stage %d has a value without an end: %q", name, stage, data)
			}
			values[line[:heredoc]] = strings.Join(rest[:end], "\n")
			i += end + 1
		case equals > 0:
			values[line[:equals]] = line[equals+1:]
		default:
			t.Fatalf("file %s of stage %d has the line %q, which the runner refuses", name, stage, line)
		}
	}
	return values
}

// awaitGone waits until the engine has removed the container of a stage.
func (h *host) awaitGone(t *testing.T, stage int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := dockerWith(ctx, "docker", nil, "wait", h.container(stage))
	if err != nil && !strings.Contains(err.Error(), "No such container") {
		t.Fatalf("the container of stage %d has not ended: %v", stage, err)
	}
}
