package simulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestTheTransportReachesTheServerUnderAnyName(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	for _, base := range []string{"http://127.0.0.1:1", "https://api.cursor.com", "http://nowhere.invalid"} {
		r := c.request("GET", "/v1/me", "")
		to, err := http.NewRequestWithContext(t.Context(), "GET", base+"/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.Host = to.URL, ""
		got, err := c.try(r)
		if err != nil || got.Status != http.StatusOK {
			t.Errorf("%s: %v, %v", base, got.Status, err)
		}
	}
}

// A bubble ends only when all its goroutines have ended, so this test hangs or
// panics when Close leaves one behind.
func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		scenario := short()
		scenario.Duration = time.Hour
		scenario.Cancel.After = time.Hour
		scenario.Faults = []simulator.Fault{{Operation: "listModels", Delay: time.Hour}}
		s := simulator.New(simulator.Config{Scenario: scenario})
		c := &client{t, s, &http.Client{Transport: s.Transport()}}
		run := c.launch()
		ends := make(chan error, 2)
		go func() {
			_, err := c.stream(run)
			ends <- err
		}()
		go func() {
			_, err := c.try(c.request("GET", "/v1/models", ""))
			ends <- err
		}()
		time.Sleep(time.Minute)
		c.want(http.StatusOK, "POST", run+"/cancel", "") // takes an hour
		begun := time.Now()
		s.Close()
		s.Close()
		for range cap(ends) {
			// The HTTP client may try a reading request again on a new connection.
			if err := <-ends; !broken(err) && !errors.Is(err, net.ErrClosed) {
				t.Errorf("a request ended with %v, want a broken connection", err)
			}
		}
		diff(t, "time", time.Duration(0), time.Since(begun))
		diff(t, "the run", "RUNNING", s.Agents()[0].Runs[0].Status)
		if _, err := c.try(c.request("GET", "/v1/me", "")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a request afterwards ended with %v, want a closed connection", err)
		}
	})
}

// These stories never wait, so nothing but the server itself can end them.
func TestCloseEndsAStoryThatNeverWaits(t *testing.T) {
	t.Parallel()
	endless := func(steps ...simulator.Step) []simulator.Step {
		const times = 2_000_000_000
		return []simulator.Step{{Repeat: times, Steps: []simulator.Step{{Repeat: times, Steps: steps}}}}
	}
	tests := []struct {
		name  string
		steps []simulator.Step
	}{
		{"texts", endless(simulator.Step{Text: "hi"})},
		{"waits that are over", endless(simulator.Step{Wait: 1})},
		{"nothing", endless()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := simulator.New(simulator.Config{Scenario: simulator.Scenario{Name: "endless", Steps: test.steps}})
			c := &client{t, s, &http.Client{Transport: s.Transport()}}
			c.launch()
			closed := make(chan struct{})
			go func() {
				s.Close()
				close(closed)
			}()
			select {
			case <-closed:
			case <-time.After(10 * time.Second): // a watchdog; nothing waits so long
				t.Fatal("Close still waits for the story")
			}
			if status := s.Agents()[0].Runs[0].Status; status != "CREATING" && status != "RUNNING" {
				t.Errorf("the run is %s, want it where it was", status)
			}
		})
	}
}

func TestACloseDuringCreationLeavesTheRunWhereItIs(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		c.server.Close()
		time.Sleep(time.Hour)
		diff(t, "the run", "CREATING", c.server.Agents()[0].Runs[0].Status)
	})
}

func TestAClosedServerAnswers503(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Config{})
	s.Close()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/me", nil)
	r.SetBasicAuth(key, "")
	s.ServeHTTP(w, r)
	diff(t, "answer", []any{503, `{"code":"error","message":"the server is closed"}`}, []any{w.Code, w.Body.String()})
}

func TestADialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Config{})
	transport := s.Transport()
	s.Close()
	for range 20 { // whichever of the two is seen first
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if conn, err := transport.DialContext(ctx, "tcp", "x:1"); err == nil {
			t.Fatalf("got the connection %v", conn)
		}
	}
	if conn, err := s.Transport().DialContext(t.Context(), "tcp", "x:1"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a transport of a closed server dials %v, %v", conn, err)
	}
}

// The same server behind a socket: what is true in memory is true on TCP.
func TestTheServerWorksBehindASocket(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Config{Scenario: short(), Speed: 100})
	web := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); web.Close() })
	c := &client{t, s, web.Client()}
	do := func(method, path, body string) response {
		r := c.request(method, path, body)
		r.URL.Host = web.Listener.Addr().String()
		got, err := c.try(r)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	diff(t, "create", 201, do("POST", "/v1/agents", body).Status)
	stream := do("GET", c.runPath(0)+"/stream", "")
	diff(t, "stream", []any{200, wholeStream(stream.Body)}, []any{stream.Status, true})
	diff(t, "run", any("FINISHED"), decode[map[string]any](t, do("GET", c.runPath(0), "").Body)["status"])
}

// wholeStream reports whether a stream ends as one does.
func wholeStream(body string) bool {
	const end = "event: done\ndata: {}\n\n"
	return len(body) > len(end) && body[len(body)-len(end):] == end
}

func TestACloseCutsStreamsBehindASocket(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Config{Scenario: simulator.Scenario{Duration: time.Hour}})
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	c := &client{t, s, web.Client()}
	created := c.request("POST", "/v1/agents", body)
	created.URL.Host = web.Listener.Addr().String()
	if _, err := c.try(created); err != nil {
		t.Fatal(err)
	}
	r := c.request("GET", c.runPath(0)+"/stream", "")
	r.URL.Host = web.Listener.Addr().String()
	answer, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	s.Close()
	if _, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream ended with %v, want an unexpected end", err)
	}
}
