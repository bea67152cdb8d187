package cli_test

import (
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

// others are what somebody else does to the API's agents, on a client of their
// own.
type others struct {
	t      *testing.T
	client *cursor.Client
}

func othersOf(t *testing.T, api *simulator.Server) others {
	t.Helper()
	client, err := cursor.New(cursor.Config{Key: secret.New(key), Transport: api.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return others{t, client}
}

// agent launches an agent and lets its first run end. The words of its id end
// with the digit.
func (o others) agent(digit string, repo cursor.Repo) string {
	o.t.Helper()
	id := "bc-00000000-0000-0000-0000-00000000000" + digit
	_, err := o.client.CreateAgent(o.t.Context(), cursor.CreateAgentRequest{
		AgentID: id, Name: "Parser", Prompt: cursor.Prompt{Text: "Write a parser."}, Repos: []cursor.Repo{repo}, AutoCreatePR: true,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return id
}

// run sends a follow-up that is not the step's.
func (o others) run(agentID string) {
	o.t.Helper()
	if _, err := o.client.CreateRun(o.t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "And the examples?"}}); err != nil {
		o.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
}

const agentA = "bc-00000000-0000-0000-0000-00000000000a"

// shop is the repository of the tests' agents, and pull its pull request.
func shop() cursor.Repo { return cursor.Repo{URL: "https://github.com/acme/shop", StartingRef: "main"} }
func pull() cursor.Repo {
	return cursor.Repo{URL: "https://github.com/acme/shop", PRURL: "https://github.com/acme/shop/pull/7"}
}

// conversing is an API whose runs take so long, somebody's examples an hour.
func conversing(takes time.Duration, faults ...simulator.Fault) simulator.Config {
	runs := simulator.Scenario{
		CreateDelay: 500 * time.Millisecond, Duration: takes, Steps: []simulator.Step{{Text: "I did it."}}, Branch: "auto",
		PullRequest: simulator.PullRequest{Open: true, Number: 7}, Usage: simulator.Usage{Input: 900, Output: 100}, Faults: faults,
	}
	first, examples := runs, runs
	first.Match, first.Duration, first.Branch = "Write a parser.", 0, ""
	examples.Match, examples.Duration, examples.Faults = "And the examples?", time.Hour, nil
	runs.Variants = []simulator.Scenario{first, examples}
	return simulator.Config{Scenario: runs}
}

// following is a step that sends a follow-up to the agent of that repository.
func following(t *testing.T, config simulator.Config, repo cursor.Repo) *workflowStep {
	t.Helper()
	s := newStep(t, config).with("command", "follow-up", "prompt", "Now the docs.", "agent-id", agentA)
	othersOf(t, s.api).agent("a", repo)
	return s
}

// rerun is the same step in the job's next attempt.
func (s *workflowStep) rerun() *workflowStep {
	again := stepAgainst(s.t, s.api)
	for name, value := range s.env {
		if strings.HasPrefix(name, "INPUT_") {
			again.env[name] = value
		}
	}
	return again.with("GITHUB_RUN_ATTEMPT", "2")
}

// prompts are the first lines of all prompts, in the order of the agents.
func (s *workflowStep) prompts() []string {
	var prompts []string
	for _, agent := range s.api.Agents() {
		for _, run := range agent.Runs {
			line, _, _ := strings.Cut(run.Prompt.Text, "\n")
			prompts = append(prompts, line)
		}
	}
	return prompts
}

// filled puts the id of the last request of an operation for {operation}.
func (s *workflowStep) filled(text string) string {
	for _, request := range s.api.Requests() {
		if !strings.Contains(text, "{"+request.Op+"}") {
			continue
		}
		last := request.ID
		for _, later := range s.api.Requests() {
			if later.Op == request.Op {
				last = later.ID
			}
		}
		text = strings.ReplaceAll(text, "{"+request.Op+"}", last)
	}
	return text
}
