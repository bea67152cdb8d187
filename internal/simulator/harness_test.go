package simulator_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

const (
	key     = "crsr_0123456789abcdef"
	agentID = "bc-11111111-2222-4333-8444-55555555a1b2"
	body    = `{"agentId":"` + agentID + `","prompt":{"text":"Fix the flaky test in internal/cache, please."},` +
		`"repos":[{"url":"https://github.com/acme/widgets","startingRef":"main"}],"autoCreatePR":true}`
)

// client speaks to one server over its in-memory transport. Each answer is held
// against the specification, where the environment names it.
type client struct {
	t      testing.TB
	server *simulator.Server
	http   *http.Client
}

// start makes a server and a client of it, both closed at the end of the test.
func start(t *testing.T, config simulator.Config) *client {
	t.Helper()
	s := simulator.New(config)
	transport := s.Transport()
	t.Cleanup(func() {
		s.Close()
		transport.CloseIdleConnections()
	})
	return &client{t, s, &http.Client{Transport: conform(t, transport)}}
}

// bubble runs a test on fake time.
func bubble(t *testing.T, config simulator.Config, test func(*testing.T, *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(config)
		defer s.Close()
		test(t, &client{t, s, &http.Client{Transport: conform(t, s.Transport())}})
	})
}

// response is an answer as it came.
type response struct {
	Status int
	Header http.Header
	Body   string
}

// request makes a request with the test's key. A body comes with its content
// type, and headers as "Name: value" replace what was set before; an empty
// value removes it.
func (c *client) request(method, path, body string, headers ...string) *http.Request {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, "http://127.0.0.1"+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// try sends a request and reads the whole answer.
func (c *client) try(r *http.Request) (response, error) {
	answer, err := c.http.Do(r)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, string(data)}, err
}

func (c *client) do(method, path, body string, headers ...string) response {
	c.t.Helper()
	got, err := c.try(c.request(method, path, body, headers...))
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

// want demands a status and returns the answer.
func (c *client) want(status int, method, path, body string, headers ...string) response {
	c.t.Helper()
	got := c.do(method, path, body, headers...)
	if got.Status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got.Status, status, got.Body)
	}
	return got
}

// launch creates the test's agent and returns the path of its run.
func (c *client) launch() string {
	c.t.Helper()
	c.want(http.StatusCreated, "POST", "/v1/agents", body)
	return c.runPath(0)
}

// runPath is the path of the first agent's n-th run.
func (c *client) runPath(n int) string {
	a := c.server.Agents()[0]
	return "/v1/agents/" + a.ID + "/runs/" + a.Runs[n].ID
}

// run reads a run.
func (c *client) run(path string) map[string]any {
	c.t.Helper()
	return decode[map[string]any](c.t, c.want(http.StatusOK, "GET", path, "").Body)
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// frame is one event of a stream.
type frame struct {
	ID    string
	Event string
	Data  string
}

// frames reads events until the stream ends. An end that is not clean is the
// last pair's error.
func frames(r io.Reader) iter.Seq2[frame, error] {
	return func(yield func(frame, error) bool) {
		var f frame
		lines := bufio.NewReader(r)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				if !errors.Is(err, io.EOF) || line != "" {
					yield(f, err)
				}
				return
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch name {
			case "id":
				f.ID = value
			case "event":
				f.Event = value
			case "data":
				f.Data = value
			case "":
				if f != (frame{}) && !yield(f, nil) {
					return
				}
				f = frame{}
			}
		}
	}
}

// stream reads a run's stream to its end, without the updates of the SDK, which
// double the other events.
func (c *client) stream(path string, headers ...string) ([]frame, error) {
	c.t.Helper()
	answer, err := c.http.Do(c.request("GET", path+"/stream", "", headers...))
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		data, _ := io.ReadAll(answer.Body)
		c.t.Fatalf("stream: %s: %s", answer.Status, data)
	}
	var all []frame
	for f, err := range frames(answer.Body) {
		if err != nil {
			return all, err
		}
		if f.Event == "tool_call" && !strings.Contains(f.Data, "call-giant") {
			conformCall(c.t, f.Data)
		}
		if f.Event != "interaction_update" {
			all = append(all, f)
		}
	}
	return all, nil
}

// events are the names of events in their order, runs of the same name once.
func events(all []frame) string {
	var names []string
	for _, f := range all {
		if len(names) == 0 || names[len(names)-1] != f.Event {
			names = append(names, f.Event)
		}
	}
	return strings.Join(names, " ")
}

// last is the last frame of that event.
func last(t *testing.T, all []frame, event string) frame {
	t.Helper()
	for _, f := range slices.Backward(all) {
		if f.Event == event {
			return f
		}
	}
	t.Fatalf("the stream has no %s event: %s", event, events(all))
	return frame{}
}

// short is a scenario of one second, with an event of each kind.
func short() simulator.Scenario {
	return simulator.Scenario{
		Name:        "short",
		CreateDelay: 100 * time.Millisecond,
		Steps: []simulator.Step{
			{Thinking: "Look first.", Takes: 100 * time.Millisecond},
			{Tool: "read_file", Args: map[string]any{"path": "a.go"}, Result: map[string]any{"ok": true}, Takes: 200 * time.Millisecond},
			{Text: "Done on {branch}.", Takes: 600 * time.Millisecond},
		},
		Branch:      "auto",
		PullRequest: simulator.PullRequest{Open: true, Number: 7},
		Usage:       simulator.Usage{Input: 1000, Output: 100, CacheWrite: 10, CacheRead: 1},
		Artifacts:   []simulator.Artifact{{Path: "artifacts/log.txt", Content: "hello\n"}},
	}
}

// diff reports a difference.
func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
