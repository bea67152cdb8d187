//go:build e2e

package e2e_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
)

// stage is what one story plays on: a workspace and a Cursor API of its own.
type stage struct {
	workspace
	*cursorAPI
	setting
	runner *runner
}

// setting is how a stage is set.
type setting struct {
	workflow string   // a file in testdata/workflows, less .yml
	scenario string   // a built-in's name, or a file in testdata/scenarios, less .yaml
	name     string   // what the workflow is called, as no other story's; as its file when empty
	network  *network // what the job's containers are in; this machine's own when nil
}

// stage makes a stage for a workflow that no other story has.
func (r *runner) stage(t *testing.T, workflow, scenario string) *stage {
	t.Helper()
	return r.set(t, setting{workflow: workflow, scenario: scenario})
}

// set makes a stage.
func (r *runner) set(t *testing.T, how setting) *stage {
	t.Helper()
	if how.name == "" {
		how.name = how.workflow
	}
	s := r.bare(t, how)
	s.addWorkflow(t, s.name)
	return s
}

// bare makes a stage without a workflow.
func (r *runner) bare(t *testing.T, how setting) *stage {
	t.Helper()
	s := &stage{workspace: newWorkspace(t, r.dir), setting: how, runner: r}
	scenario := how.scenario
	if file := filepath.Join("testdata", "scenarios", scenario+".yaml"); fileExists(file) {
		scenario = file
	}
	host, certificate := "127.0.0.1", (*tls.Certificate)(nil)
	if s.network != nil {
		// Elsewhere than on this machine the action speaks TLS alone.
		made, authority := newCertificate(t, s.network.gateway)
		host, certificate = s.network.gateway, &made
		s.write(t, "ca.pem", authority)
	}
	s.cursorAPI = startCursorAPI(t, r.program, scenario, host, certificate)
	return s
}

// addWorkflow puts the stage's workflow into the workspace under a name, which
// act names containers after.
func (s *stage) addWorkflow(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "workflows", s.workflow+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "\nname: "+s.workflow+"\n", "\nname: "+name+"\n", 1)
	if !strings.Contains(text, "\nname: "+name+"\n") {
		t.Fatalf("workflow %s isn't called as its file", s.workflow)
	}
	s.write(t, ".github/workflows/"+name+".yml", []byte(text))
	t.Cleanup(func() { s.clear(t, name) })
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// clear removes what the story left with the engine, and what the containers
// wrote into the workspace as root, which another user could not remove.
func (s *stage) clear(t *testing.T, workflow string) {
	names := []string{"--filter", "name=act-" + workflow + "-"}
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
	payload string            // a file in testdata/events, or the path of one; none when empty
	env     map[string]string // for the workflow, such as GITHUB_RUN_ID
	github  *gitHub           // what answers as GitHub's API; nobody when nil
	name    string            // another name that the workflow was added under
	detach  bool              // the workflow does not wait for the agent's end, where it can be told so
	rebuild bool              // let act build the image itself
	keyless bool              // there are no secrets, as in a fork's workflow
	token   *forgetest.Token  // of GitHub, as the secret PULL_REQUESTS_TOKEN; none when nil
}

// start runs the stage's workflow.
func (s *stage) start(t *testing.T, o options) *process {
	t.Helper()
	event := o.event
	if event == "" {
		event = "push"
	}
	name := o.name
	if name == "" {
		name = s.name
	}
	args := []string{
		event,
		"--workflows", ".github/workflows/" + name + ".yml",
		// The runner works in the workspace itself, so that we see what steps write.
		"--bind",
		"--platform", "ubuntu-latest=" + s.runner.jobImage,
		"--pull=false", "--action-offline-mode", "--no-cache-server",
		"--container-daemon-socket", "-",
		"--rm",
		fmt.Sprintf("--rebuild=%t", o.rebuild),
		// The runner hides secrets as well; the action must do so by itself.
		"--insecure-secrets",
		"--var", "API_URL=" + s.URL,
		"--var", fmt.Sprintf("WAIT=%t", !o.detach),
	}
	if !o.keyless {
		args = append(args, "--secret", "CURSOR_API_KEY")
	}
	if o.token != nil {
		args = append(args, "--secret", "PULL_REQUESTS_TOKEN="+o.token.Value)
	}
	if s.network != nil {
		args = append(args, "--network", s.network.name)
	}
	if o.payload != "" {
		path := o.payload
		if !filepath.IsAbs(path) {
			var err error
			if path, err = filepath.Abs(filepath.Join("testdata", "events", path)); err != nil {
				t.Fatal(err)
			}
		}
		args = append(args, "--eventpath", path)
	}
	if o.github != nil {
		args = append(args, "--env", "GITHUB_API_URL="+o.github.address, "--env", "GITHUB_GRAPHQL_URL="+o.github.address+"/graphql", "--secret", "GITHUB_TOKEN="+gitHubToken)
	}
	for _, name := range slices.Sorted(maps.Keys(o.env)) {
		args = append(args, "--env", name+"="+o.env[name])
	}

	home := t.TempDir() // no settings of whoever runs the tests
	cmd := exec.CommandContext(t.Context(), s.runner.act, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "CURSOR_API_KEY="+apiKey)
	return startProcess(t, cmd)
}

// run runs the stage's workflow to its end.
func (s *stage) run(t *testing.T, o options) (p *process, green bool) {
	t.Helper()
	p = s.start(t, o)
	return p, p.wait(t)
}

// container returns the id of the container that the action runs in. The engine
// lists it a moment after its process has started, which may have done a lot by
// then.
func (s *stage) container(t *testing.T, p *process) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		ids := strings.Fields(docker(t, "ps", "--quiet", "--filter", "name=act-"+s.name+"-", "--filter", "ancestor="+actionImage))
		if len(ids) == 1 {
			return ids[0]
		}
		select {
		case <-again.C:
		case <-p.ended:
			t.Fatalf("%s ended before its container was seen", p.cmd.Path)
		case <-ctx.Done():
			t.Fatalf("%d containers run the action, want one", len(ids))
		}
	}
}
