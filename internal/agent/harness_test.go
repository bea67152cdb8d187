package agent_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

const key = "crsr_0123456789abcdef0123456789abcdef"

// setup is a world to be made. Its zero value is the embedded API with an agent
// that does well, and Agents as Config has them by default.
type setup struct {
	simulator.Config

	poll, quiet time.Duration // of agent.Config
	idle, grace time.Duration // of cursor.Config
	budget      time.Duration // of its retries

	random func() float64 // of agent.Config

	// wire stands between the client and the server, when it is set.
	wire func(http.RoundTripper) http.RoundTripper
}

// story is a setup in which agents do as the scenario says.
func story(scenario simulator.Scenario) setup {
	return setup{Config: simulator.Config{Scenario: scenario}}
}

// builtin is a setup with one of the simulator's own scenarios.
func builtin(name string) setup {
	scenario, ok := simulator.Builtin(name)
	if !ok {
		panic("no scenario " + name)
	}
	return story(scenario)
}

// world is an API, a client of it, and what was observed of the work.
type world struct {
	server *simulator.Server
	client *cursor.Client
	agents *agent.Agents
	began  time.Time

	// updates and their times after began stand here without a lock: the
	// promise is that they come from one goroutine at a time, and the race
	// detector holds Agents to it.
	updates []agent.Update
	times   []time.Duration
}

// bubble runs a test on fake time.
func bubble(t *testing.T, setup setup, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{server: simulator.New(setup.Config), began: time.Now()}
		defer w.server.Close()
		transport := w.server.Transport()
		defer transport.CloseIdleConnections()
		w.client = newClient(t, setup, transport)
		w.agents = agent.New(agent.Config{
			Client: w.client, Key: secret.New(key), Observe: w.observe,
			PollInterval: setup.poll, QuietAfter: setup.quiet, Random: setup.random,
		})
		test(t, w)
	})
}

func newClient(t testing.TB, setup setup, transport http.RoundTripper) *cursor.Client {
	t.Helper()
	if setup.wire != nil {
		transport = setup.wire(transport)
	}
	client, err := cursor.New(cursor.Config{
		Key: secret.New(key), Transport: transport, IdleTimeout: setup.idle,
		CreateGrace: setup.grace, Retry: cursor.RetryPolicy{Budget: setup.budget},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (w *world) observe(update agent.Update) {
	w.updates = append(w.updates, update)
	w.times = append(w.times, time.Since(w.began))
}

// forget drops what was observed so far.
func (w *world) forget() { w.updates, w.times = nil, nil }

// launch launches the test's work, which must succeed.
func (w *world) launch(t *testing.T, spec agent.Spec, work agent.Work) agent.Handle {
	t.Helper()
	handle, err := w.agents.Launch(t.Context(), spec, work)
	if err != nil {
		t.Fatalf("launch: %v", err)
	}
	return handle
}

// follow follows the handle's run, which must come to its end.
func (w *world) follow(t *testing.T, handle agent.Handle) cursor.Run {
	t.Helper()
	run, err := w.agents.Follow(t.Context(), handle)
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	return run
}

// run launches the task and follows it to its end.
func (w *world) run(t *testing.T) cursor.Run {
	t.Helper()
	return w.follow(t, w.launch(t, task(), work()))
}

// requests are those of one operation, all when op is "".
func (w *world) requests(op string) []simulator.Request {
	var requests []simulator.Request
	for _, request := range w.server.Requests() {
		if op == "" || request.Op == op {
			requests = append(requests, request)
		}
	}
	return requests
}

// trace is what was asked of the server, as "operation status".
func (w *world) trace() []string {
	var trace []string
	for _, request := range w.server.Requests() {
		trace = append(trace, fmt.Sprintf("%s %d", request.Op, request.Status))
	}
	return trace
}

// of are the updates of one type.
func of[U agent.Update](w *world) []U {
	var found []U
	for _, update := range w.updates {
		if u, ok := update.(U); ok {
			found = append(found, u)
		}
	}
	return found
}

// task is what the tests' agents are asked to do.
func task() agent.Spec {
	return agent.Spec{
		Prompt:     cursor.Prompt{Text: "Fix the flaky test in internal/cache.\nThen open a pull request."},
		Repository: "https://github.com/acme/widgets",
		Ref:        "main",
		CreatePR:   true,
	}
}

// work is whom they are asked by.
func work() agent.Work {
	return agent.Work{
		Repository: "acme/widgets", WorkflowRunID: 7261, Job: "build", Step: "agent", Key: "linux", Task: "fix",
	}
}

// rerun is the same work in a later attempt.
func rerun() agent.Work {
	again := work()
	again.Rerun = true
	return again
}

// text is the text of an error, "" of none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

var errStopped = errors.New("the workflow was cancelled")
