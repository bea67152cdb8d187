package campaign_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// Secrets of every story. Agents repeat them, errors quote them, and nothing
// that is written may hold them.
const (
	apiKey   = "crsr_5ecret0123456789abcdef5ecret"
	envValue = "hunter2-value-of-a-variable"
)

// visitor is the key of somebody else in the account, visitorHash what the
// server remembers of it, and visitorAsks what they ask an agent.
const (
	visitor     = "crsr_5omebody"
	visitorHash = "028210cd9c11e46f"
	visitorAsks = "And the other test."
)

// history is what happened in one story: what each process did and was told,
// and what the simulator, which knows the truth, says.
type history struct {
	plan      plan
	processes []process
	agents    []simulator.AgentState
	requests  []simulator.Request
	hubbed    []forgetest.Request    // GitHub's own record of what it was asked
	cast      []simulator.AgentState // the agents of the plan's cast, as they stood when the first attempt began
}

// play tells the story of a plan, hours of it in milliseconds.
func play(t *testing.T, p plan) (h history) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels("seed", strconv.FormatUint(p.seed, 10)), func(context.Context) {
		synctest.Test(t, func(t *testing.T) { h = tell(t, p) })
	})
	return h
}

// tell is play inside the bubble.
func tell(t *testing.T, p plan) history {
	api := simulator.New(simulator.Config{Scenario: p.staged(), Newer: p.newer, ServerClockOffset: p.clock, RateLimit: p.rate})
	defer api.Close()
	page := &http.Client{Transport: api.Transport()}
	defer page.CloseIdleConnections()
	h := history{plan: p}
	var github *shop
	if p.happens != nil {
		github = openShop(p, api)
		defer github.hub.Close()
		defer time.Sleep(time.Minute) // What the last process began beside its work ends with it only outside of tests.
	}
	var zombies sync.WaitGroup
	defer zombies.Wait()
	h.cast = p.enter(t, api, page, &zombies)
	p = p.naming(h.cast)
	for _, outage := range p.outages {
		defer time.AfterFunc(outage.after, func() { api.TakeDown(outage.lasts) }).Stop()
	}
	for _, visit := range p.visits {
		defer time.AfterFunc(visit.after, func() { visit.pay(page, api) }).Stop()
	}
	if github != nil {
		for _, outage := range p.happens.outages {
			defer time.AfterFunc(outage.after, func() { github.hub.TakeDown(outage.lasts) }).Stop()
		}
	}
	for i, a := range p.attempts {
		time.Sleep(a.after)
		main := newProcess(t, api, p, i+1, mainStage)
		main.blows = a.blows
		main.runTime = p.timeout() + 20*time.Minute
		left := github.told(t, main, &zombies)
		h.processes = append(h.processes, left)
		if a.cleanup {
			time.Sleep(a.lateness)
			cleanup := newProcess(t, api, p, i+1, cleanupStage)
			cleanup.blows = a.later
			cleanup.runTime = 5 * time.Minute
			if values, err := readFileCommand(left.files["GITHUB_STATE"]); err == nil && a.handsOn {
				for name, value := range values {
					cleanup.env["STATE_"+name] = value
				}
			}
			h.processes = append(h.processes, github.told(t, cleanup, &zombies))
		}
		h.processes[len(h.processes)-1].lived = liveRuns(api)
	}
	h.agents, h.requests = api.Agents(), api.Requests()
	for i := range h.requests {
		h.requests[i].Op = notion(h.requests[i].Op)
	}
	if github != nil {
		h.hubbed = github.hub.Requests()
	}
	return h
}

// version names a process to the server, in the User-Agent header.
func version(attempt int, stage stage) string { return fmt.Sprintf("%d-%s", attempt, stage) }

// newProcess prepares a process as the runner starts it.
func newProcess(t *testing.T, api *simulator.Server, p plan, attempt int, stage stage) *alive {
	dir := filepath.Join(t.TempDir(), version(attempt, stage))
	a := &alive{seed: p.seed, left: process{attempt: attempt, stage: stage}, dir: dir}
	a.wire = newWire(api, a.reached)
	a.env = map[string]string{
		"INPUT_API-KEY":      apiKey,
		"GITHUB_ACTIONS":     "true",
		"GITHUB_REPOSITORY":  "acme/shop",
		"GITHUB_EVENT_NAME":  "push",
		"GITHUB_REF":         "refs/heads/main",
		"GITHUB_REF_TYPE":    "branch",
		"GITHUB_SERVER_URL":  "https://github.com",
		"GITHUB_RUN_ID":      strconv.FormatUint(1000+p.seed, 10),
		"GITHUB_RUN_ATTEMPT": strconv.Itoa(attempt),
		"GITHUB_JOB":         "fix",
		"GITHUB_ACTION":      "agent",
		"GITHUB_WORKSPACE":   filepath.Join(dir, "workspace"),
		"HOME":               dir,
		"RUNNER_DEBUG":       "1",
	}
	switch p.command() {
	case launches, followsUp:
		a.env["INPUT_PROMPT"] = "Fix the flaky test."
	case reaps:
		a.wire.hub = p.hub
		a.env["INPUT_GITHUB-TOKEN"], a.env["GITHUB_API_URL"] = githubToken, "https://"+gitHub
	}
	maps.Copy(a.env, inputs(p))
	if err := os.MkdirAll(a.env["GITHUB_WORKSPACE"], 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range runnerFiles() {
		a.env[name] = filepath.Join(dir, name)
		if err := os.WriteFile(a.env[name], nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// inputs are the inputs of a plan as the runner hands them over.
func inputs(p plan) map[string]string {
	env := map[string]string{}
	for name, value := range p.inputs {
		env["INPUT_"+strings.ToUpper(name)] = value
	}
	return env
}

// liveRuns are the ids of the runs that cost money now.
func liveRuns(api *simulator.Server) []string {
	var live []string
	for _, agent := range api.Agents() {
		for _, run := range agent.Runs {
			if run.EndedAt.IsZero() {
				live = append(live, run.ID)
			}
		}
	}
	return live
}

// pay does to every agent what the visit is for. What can't be done is left.
func (v visit) pay(page *http.Client, api *simulator.Server) {
	for _, agent := range api.Agents() {
		switch path := "/v1/agents/" + agent.ID; v.deed {
		case cancels:
			ask(page, visitor, http.MethodPost, path+"/runs/"+agent.Runs[len(agent.Runs)-1].ID+"/cancel", "{}")
		case deletes:
			ask(page, visitor, http.MethodDelete, path, "{}")
		case archives:
			ask(page, visitor, http.MethodPost, path+"/archive", "{}")
		case followUp:
			ask(page, visitor, http.MethodPost, path+"/runs", `{"prompt":{"text":"`+visitorAsks+`"}}`)
		default:
			panic("nobody " + string(v.deed))
		}
	}
}
