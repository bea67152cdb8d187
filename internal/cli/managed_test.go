package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// An output holds 900 KiB. What does not fit is left out whole, so that
// fromJSON can read the rest.
func TestResultsFitIntoAnOutput(t *testing.T) {
	t.Parallel()
	const agents = 900
	var items []string
	for i := range agents {
		items = append(items, fmt.Sprintf(`{"id": "bc-%036d", "status": "ACTIVE", "createdAt": "2026-01-01T00:00:00Z", "name": "%s", "url": "https://cursor.com/%s"}`,
			i, strings.Repeat("<", 2000), strings.Repeat("x", 2000)))
	}
	api := simulator.New(simulator.Config{Scenario: simulator.Scenario{Faults: []simulator.Fault{
		{Operation: "listAgents", Answer: &simulator.Answer{Status: 200, Body: `{"items": [` + strings.Join(items, ",") + `]}`}},
	}}})
	defer api.Close()
	s := command(t, api, "list", "limit", "1000")
	s.wire = withoutRuns
	if status := s.run(t.Context()); status != 0 {
		t.Fatalf("exit status %d\n%.2000s", status, s.logged())
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(s.outputs()["results"]), &list); err != nil || len(list) < 300 || len(list) >= agents || len(s.outputs()["results"]) > 900<<10 {
		t.Errorf("%d results in %d bytes, error %v", len(list), len(s.outputs()["results"]), err)
	}
	note := fmt.Sprintf("::warning::list: results holds the first %d agents of %d, because no more fit into an output: select fewer\n", len(list), agents)
	if !strings.Contains(s.logged(), note) || s.lastLine() != "list: 900 agents" {
		t.Errorf("the log lacks %s; last line %s", note, s.lastLine())
	}
	if !strings.Contains(s.summary(), "… 800 more") {
		t.Error("the summary does not say that it shows a part")
	}
}

func TestACommandMayBeToldToWriteNoSummary(t *testing.T) {
	t.Parallel()
	for _, inputs := range [][]string{{"summary", "false"}, {"summary", "false", "limit", "x"}} {
		api := simulator.New(simulator.Config{})
		defer api.Close()
		s := command(t, api, "list", inputs...)
		if s.run(t.Context()); s.summary() != "" {
			t.Errorf("%v: summary %q", inputs, s.summary())
		}
	}
}

func TestWhatAnAgentCostIsKeptBeforeADelete(t *testing.T) {
	t.Parallel()
	config := mixed(t)
	config.Newer = true
	config.Scenario.Cost = &simulator.Cost{Raw: 12, Charged: 11.5}
	after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
		s := command(t, api, "delete", "agent-id", ids[0])
		s.run(t.Context())
		const want = `"usage":{"inputTokens":100,"outputTokens":20,"cacheWriteTokens":0,"cacheReadTokens":0,"totalTokens":120,"costCents":11.5}`
		if got := s.outputs()["results"]; !strings.Contains(got, want) {
			t.Errorf("results %s lack %s", got, want)
		}
	})
}

// Of an account with more agents than can be looked at, the newest are dealt
// with, and that is said.
func TestAnAccountWithTooManyAgentsIsDealtWithInPart(t *testing.T) {
	t.Parallel()
	const note = "the account has more than 10,000 agents, of which the newest were looked at"
	for _, name := range []string{"list", "reap"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := 0
			api := simulator.New(simulator.Config{})
			defer api.Close()
			s, _ := reaper(t, api, map[string]string{})
			github := s.wire
			s.with("command", name)
			if name == "list" {
				s.with("name", "Fix")
			}
			s.wire = func(to http.RoundTripper) http.RoundTripper {
				return github(transport(func(request *http.Request) (*http.Response, error) {
					if page++; page > 101 {
						t.Error("it goes on and on")
					}
					body := fmt.Sprintf(`{"items": [%s{"id": "bc-x"}], "nextCursor": "%d"}`, strings.Repeat(`{"id": "bc-x"},`, 99), page)
					return &http.Response{StatusCode: 200, Header: http.Header{}, Request: request, Body: io.NopCloser(strings.NewReader(body))}, nil
				}))
			}
			if status := s.run(t.Context()); status != 0 || !strings.Contains(s.logged(), "::warning::"+name+": "+note+"\n") || !strings.Contains(s.summary(), note) {
				t.Errorf("exit status %d\n%s", status, s.logged())
			}
		})
	}
}

func TestASignalWhileAgentsAreLookedForChangesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"list", "cancel", "reap"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			config.Scenario.Faults = []simulator.Fault{{Operation: "listAgents", Delay: time.Minute}}
			after(t, config, 0, nil, func(t *testing.T, api *simulator.Server, _ []string) {
				s, _ := reaper(t, api, map[string]string{})
				s.with("command", name)
				if name == "cancel" {
					s.with("name", "Fix")
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if status := s.run(ctx); status != 130 {
					t.Errorf("exit status %d", status)
				}
				if last := s.lastLine(); !strings.HasPrefix(last, "::error::"+name+": list agents: ") || !strings.HasSuffix(last, "; nothing was changed; run the step again") {
					t.Errorf("last line: %s", last)
				}
			})
		})
	}
}
