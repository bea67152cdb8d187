package simulator_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestAServerThatIsDownRefusesConnections(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		run := c.launch()
		c.server.TakeDown(time.Minute)
		_, err := c.try(c.request("GET", run, ""))
		failed, ok := errors.AsType[*net.OpError](err)
		if !ok || failed.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want a dial that is refused", err)
		}
		diff(t, "text", "dial tcp simulator: connect: connection refused", failed.Error())
		time.Sleep(time.Minute)
		diff(t, "the run went on", any("FINISHED"), c.run(run)["status"])
		diff(t, "requests that arrived", 2, len(c.server.Requests()))
	})
}

func TestAServerComesBackWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.server.TakeDown(time.Hour)
		c.server.TakeDown(0)
		c.want(http.StatusOK, "GET", "/v1/models", "")
	})
}

// A rule takes the server away with the request that it chooses, before or
// after that is carried out.
func TestARuleTakesTheServerAway(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, reset string
		agents      int
	}{{"before it is carried out", "before", 0}, {"after it was carried out", "after", 1}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := withFaults(simulator.Fault{
				Operation: "createAgent", When: simulator.When{At: []int{1}}, Reset: test.reset, Down: 20 * time.Second,
			})
			config.Speed = 2
			bubble(t, config, func(t *testing.T, c *client) {
				if _, err := c.try(c.request("POST", "/v1/agents", body)); !broken(err) {
					t.Errorf("got %v, want a broken connection", err)
				}
				diff(t, "agents", test.agents, len(c.server.Agents()))
				diff(t, "record", "reset "+test.reset+", down", c.server.Requests()[0].Fault)
				time.Sleep(10*time.Second - time.Millisecond)
				if _, err := c.try(c.request("GET", "/v1/models", "")); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("got %v, want a dial that is refused", err)
				}
				time.Sleep(time.Millisecond)
				c.want(http.StatusOK, "GET", "/v1/models", "")
			})
		})
	}
}

func TestARestartBreaksConnectionsThatWaitForARequest(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		dials := 0
		transport := c.server.Transport()
		defer transport.CloseIdleConnections()
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return dial(ctx, network, address)
		}
		c.http.Transport = transport
		c.want(http.StatusOK, "GET", "/v1/models", "")
		c.want(http.StatusOK, "GET", "/v1/models", "")
		diff(t, "connections before", 1, dials)
		c.server.DropConnections()
		synctest.Wait()
		c.want(http.StatusOK, "GET", "/v1/models", "")
		diff(t, "connections after", 2, dials)
	})
}

func TestARestartIsNotedWhereItBrokeAnAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, withFaults(simulator.Fault{Operation: "listModels", DelayAnswer: time.Minute}), func(t *testing.T, c *client) {
		time.AfterFunc(time.Second, c.server.DropConnections)
		if _, err := c.try(c.request("GET", "/v1/models", "")); !broken(err) {
			t.Errorf("got %v, want a broken connection", err)
		}
		diff(t, "record", "connection dropped", c.server.Requests()[0].Fault)
	})
}

// Behind a socket the system refuses: the port is closed, and open again at the
// same address.
func TestAPortIsClosedWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Config{Scenario: short()})
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := s.Listener(inner)
	address := listener.Addr().String()
	web := &http.Server{Handler: s}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	get := func() error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(key, "")
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = answer.Body.Close()
		}
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	s.TakeDown(time.Hour)
	if err := get(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("while the server is down: %v, want a refusal", err)
	}
	s.TakeDown(0)
	for begun := time.Now(); ; {
		err := get()
		if err == nil {
			break
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("the port is not open again after 10 s: %v", err)
		}
	}
	s.TakeDown(time.Hour) // and its end does not wait for it
	s.Close()
	_ = web.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("the server ended with %v", err)
	}
}
