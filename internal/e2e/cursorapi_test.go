//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cursorAPI is the Cursor API of one story: a process of the simulator out of the
// image, behind a proxy that keeps the requests.
type cursorAPI struct {
	URL string // where the action finds it

	direct string // the simulator itself, for questions that are not recorded

	mu       sync.Mutex
	requests []request
	arrived  chan struct{} // closed, and made anew, at each request
}

// request is one that the action made.
type request struct {
	Method string
	Path   string
	Header http.Header
	Body   []byte
}

// startCursorAPI serves a scenario, a built-in's name or a file, until the test
// is over.
func startCursorAPI(t *testing.T, program, scenario string) *cursorAPI {
	t.Helper()
	cmd := exec.Command(program, "simulate", "--listen", "127.0.0.1:0", "--scenario", scenario)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the simulator: %v", err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Errorf("stop the simulator: %v", err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the simulator ended badly: %v\n%s", err, stderr.Bytes())
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		t.Fatalf("the simulator said %q (%v) instead of where it listens\n%s", line, err, stderr.Bytes())
	}
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}

	api := &cursorAPI{direct: address, arrived: make(chan struct{})}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1, // streams pass event by event
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// The simulator makes download addresses of the host it was asked at.
			r.Out.Host = r.In.Host
		},
		// An answer that the simulator loses is lost on the action too.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler)
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		api.record(request{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Body: body})
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	api.URL = server.URL
	return api
}

func (a *cursorAPI) record(r request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, r)
	close(a.arrived)
	a.arrived = make(chan struct{})
}

// recorded returns the requests so far and a channel that is closed at the next.
func (a *cursorAPI) recorded() ([]request, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]request(nil), a.requests...), a.arrived
}

// awaitStream waits until the action reads the stream of a run, which it does as
// soon as it has launched one.
func (a *cursorAPI) awaitStream(t *testing.T, run *actRun) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		requests, next := a.recorded()
		for _, r := range requests {
			if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/stream") {
				return
			}
		}
		select {
		case <-next:
		case <-run.ended:
			t.Fatalf("the workflow ended before the action read a stream\n%s", run.log())
		case <-ctx.Done():
			t.Fatalf("the action read no stream in time\n%s", run.log())
		}
	}
}

// prompts returns the text of each prompt that an agent was launched with, in the
// order of the requests and byte for byte.
func (a *cursorAPI) prompts(t *testing.T) []string {
	t.Helper()
	requests, _ := a.recorded()
	var prompts []string
	for _, r := range requests {
		if r.Method != http.MethodPost || r.Path != "/v1/agents" {
			continue
		}
		var body struct {
			Prompt struct {
				Text string `json:"text"`
			} `json:"prompt"`
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatalf("the action launched an agent with a body that is no JSON: %v", err)
		}
		prompts = append(prompts, body.Prompt.Text)
	}
	return prompts
}

// agent is what the Cursor API knows of an agent: the truth, for a judge.
type agent struct {
	ID   string `json:"id"`
	Runs []run  `json:"-"`
}

type run struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// agents asks the simulator for all agents and their runs, newest first.
func (a *cursorAPI) agents(t *testing.T) []agent {
	t.Helper()
	var page struct {
		Items []agent `json:"items"`
	}
	a.get(t, "/v1/agents?limit=100", &page)
	for i := range page.Items {
		var runs struct {
			Items []run `json:"items"`
		}
		a.get(t, "/v1/agents/"+page.Items[i].ID+"/runs?limit=100", &runs)
		page.Items[i].Runs = runs.Items
	}
	return page.Items
}

func (a *cursorAPI) get(t *testing.T, path string, into any) {
	t.Helper()
	if err := a.tryGet(t.Context(), path, into); err != nil {
		t.Fatal(err)
	}
}

func (a *cursorAPI) tryGet(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.direct+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer the-judge")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
