package cli_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cursor-agent-action/internal/cli"
	"cursor-agent-action/internal/simulator"
)

// key is an API key that the tests look for in everything that is written.
const key = "crsr_5ecret0123456789abcdef5ecret"

// workflowStep is one step of a workflow as a runner starts it: environment,
// files and the program in its container.
type workflowStep struct {
	t   *testing.T
	dir string
	env map[string]string
	api *simulator.Server
	log lockedBuffer

	// wire stands between the program and the API, when it is set.
	wire func(http.RoundTripper) http.RoundTripper
}

// newStep prepares a step on a push to main of acme/shop against an API that
// plays scenario.
func newStep(t *testing.T, config simulator.Config) *workflowStep {
	t.Helper()
	api := simulator.New(config)
	t.Cleanup(api.Close)
	return stepAgainst(t, api)
}

// stepAgainst prepares a step against an API that other steps use too.
func stepAgainst(t *testing.T, api *simulator.Server) *workflowStep {
	t.Helper()
	s := &workflowStep{t: t, dir: t.TempDir(), api: api}
	s.env = map[string]string{
		"INPUT_API-KEY":     key,
		"INPUT_PROMPT":      "Fix the flaky test.",
		"GITHUB_ACTIONS":    "true",
		"GITHUB_REPOSITORY": "acme/shop",
		"GITHUB_EVENT_NAME": "push",
		"GITHUB_REF":        "refs/heads/main",
		"GITHUB_REF_TYPE":   "branch",
		"GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_RUN_ID":     "1000",
		"GITHUB_JOB":        "fix",
		"GITHUB_ACTION":     "agent",
		"GITHUB_WORKSPACE":  filepath.Join(s.dir, "workspace"),
		"HOME":              s.dir,
	}
	if err := os.Mkdir(s.env["GITHUB_WORKSPACE"], 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		s.env[name] = filepath.Join(s.dir, name)
		s.write(s.env[name], "")
	}
	return s
}

// with sets inputs and other variables: name, value, name, value.
func (s *workflowStep) with(pairs ...string) *workflowStep {
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i]
		if name == strings.ToLower(name) {
			name = "INPUT_" + strings.ToUpper(name)
		}
		s.env[name] = pairs[i+1]
	}
	return s
}

// file writes a file of the workspace.
func (s *workflowStep) file(name, content string) *workflowStep {
	path := filepath.Join(s.env["GITHUB_WORKSPACE"], name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.write(path, content)
	return s
}

func (s *workflowStep) write(path, content string) {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// run runs the main stage and returns its exit status.
func (s *workflowStep) run(ctx context.Context) int {
	return s.program().Run(ctx, []string{"/cursor-agent-action", "action"})
}

// cleanup runs the last stage as the runner does: the same arguments, another
// name, and the saved state where keepsState says that the runner hands it on.
func (s *workflowStep) cleanup(ctx context.Context, keepsState bool) int {
	if keepsState {
		for name, value := range s.state() {
			s.env["STATE_"+name] = value
		}
	}
	return s.program().Run(ctx, []string{"/cleanup", "action"})
}

func (s *workflowStep) program() cli.Program {
	env := maps.Clone(s.env)
	var transport http.RoundTripper = s.api.Transport()
	if s.wire != nil {
		transport = s.wire(transport)
	}
	return cli.Program{
		Getenv:    func(name string) string { return env[name] },
		Stdout:    &s.log,
		Stderr:    &s.log,
		Version:   "1.2.3",
		Transport: transport,
	}
}

// outputs are what later steps see.
func (s *workflowStep) outputs() map[string]string { return s.commands("GITHUB_OUTPUT") }

// state is what the last stage sees.
func (s *workflowStep) state() map[string]string { return s.commands("GITHUB_STATE") }

func (s *workflowStep) commands(variable string) map[string]string {
	values := map[string]string{}
	for rest := s.read(variable); rest != ""; {
		var head string
		head, rest, _ = strings.Cut(rest, "\n")
		name, delimiter, found := strings.Cut(head, "<<")
		value, after, closed := strings.Cut("\n"+rest, "\n"+delimiter+"\n")
		if !found || !closed {
			s.t.Fatalf("%s can't be read by the runner at %q", variable, head)
		}
		values[name] = strings.TrimPrefix(value, "\n")
		rest = after
	}
	return values
}

func (s *workflowStep) summary() string { return s.read("GITHUB_STEP_SUMMARY") }

func (s *workflowStep) read(variable string) string {
	content, err := os.ReadFile(s.env[variable])
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

// logged is the log without the commands that mask secrets.
func (s *workflowStep) logged() string {
	var kept strings.Builder
	for line := range strings.Lines(s.log.String()) {
		if !strings.HasPrefix(line, "::add-mask::") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// lastLine is the last line of the log.
func (s *workflowStep) lastLine() string {
	lines := strings.Split(strings.TrimSpace(s.logged()), "\n")
	return lines[len(lines)-1]
}

// noSecret fails the test when the key stands in anything that was written.
func (s *workflowStep) noSecret() {
	s.t.Helper()
	for name, text := range map[string]string{
		"log": s.logged(), "outputs": s.read("GITHUB_OUTPUT"), "state": s.read("GITHUB_STATE"), "summary": s.summary(),
	} {
		if strings.Contains(text, key) {
			s.t.Errorf("the key stands in the %s:\n%s", name, text)
		}
	}
}

// creates counts the requests that asked for an agent.
func (s *workflowStep) creates() int {
	count := 0
	for _, request := range s.api.Requests() {
		if request.Op == "createAgent" {
			count++
		}
	}
	return count
}

// statuses are those of every run there is, in the order of the agents.
func (s *workflowStep) statuses() []string {
	var statuses []string
	for _, agent := range s.api.Agents() {
		for _, run := range agent.Runs {
			statuses = append(statuses, run.Status)
		}
	}
	return statuses
}

// scenario is a built-in one.
func scenario(t *testing.T, name string) simulator.Config {
	t.Helper()
	plays, ok := simulator.Builtin(name)
	if !ok {
		t.Fatalf("there is no scenario %q", name)
	}
	return simulator.Config{Scenario: plays}
}

// lockedBuffer is a log that the program and the test use at once.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
