//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// cursorAPI is the Cursor API of one story: a process of the simulator out of the
// image, behind a proxy that keeps the requests.
type cursorAPI struct {
	URL string // where the action finds it

	*front
	direct string // the simulator itself, for questions that are not recorded

	mu       sync.Mutex
	gates    []*gate
	requests []request
}

// request is one that the action made.
type request struct {
	Method string
	Path   string
	Header http.Header
	Body   []byte
}

// startCursorAPI serves a scenario, a built-in's name or a file, at a host of
// this machine until the test is over: over TLS where there is a certificate.
func startCursorAPI(t *testing.T, program, scenario, host string, certificate *tls.Certificate) *cursorAPI {
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

	api := &cursorAPI{direct: address}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1, // streams pass event by event
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// The simulator makes download addresses of the host it was asked at.
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(answer *http.Response) error {
			if !api.passes(answer.Request, true) {
				return errLost
			}
			return nil
		},
		// An answer that the simulator loses is lost on the action too.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler)
		},
		ErrorLog: log.New(io.Discard, "", 0), // of answers that nobody takes any longer
	}
	api.front = startFront(t, host, certificate, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		api.record(request{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Body: body})
		if !api.passes(r, false) {
			panic(http.ErrAbortHandler)
		}
		if r.Method == http.MethodPost {
			// What has arrived is carried out, whoever waits for it still.
			ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
			defer cancel()
			r = r.WithContext(ctx)
		}
		proxy.ServeHTTP(w, r)
	}))
	api.URL = api.url()
	return api
}

// errLost ends an answer that a gate lost.
var errLost = errors.New("the answer is lost")

func (a *cursorAPI) record(r request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, r)
}

// recorded returns the requests so far.
func (a *cursorAPI) recorded() []request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// prompts returns the text of each prompt that an agent was launched with, in the
// order of the requests and byte for byte.
func (a *cursorAPI) prompts(t *testing.T) []string {
	t.Helper()
	requests := a.recorded()
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
