package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// rewriter changes the words of an API's answers, but not of its streams.
type rewriter struct {
	server http.RoundTripper
	words  *strings.Replacer
}

func (w rewriter) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := w.server.RoundTrip(request)
	if err != nil || answer.Header.Get("Content-Type") == "text/event-stream" {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	text := []byte(w.words.Replace(string(body)))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer.Header.Del("Content-Length")
	return answer, nil
}

// Fault 20: an agent's own status stays ACTIVE, becomes IDLE or is a new word, and tells nothing of its run.
func TestTheStatusOfTheAgentDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"ACTIVE", "IDLE", "ARCHIVED", "FINISHED", "ERROR", ""} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, simulator.Config{Newer: true, Scenario: simulator.Scenario{Duration: 20 * time.Minute, Branch: "auto"}})
				// The second attempt attaches to the run that lives, the third to
				// the one that has finished; both read the agent.
				for attempt, outcome := range []string{"launched", "succeeded", "succeeded"} {
					program := s.with("GITHUB_RUN_ATTEMPT", strconv.Itoa(attempt+1), "wait", strconv.FormatBool(attempt > 0)).program()
					program.Transport = rewriter{s.api.Transport(), strings.NewReplacer(`"status":"ACTIVE"`, `"status":"`+word+`"`, `"status":"IDLE"`, `"status":"`+word+`"`)}
					status := program.Run(t.Context(), []string{"x", "action"})
					if outputs := s.outputs(); status != 0 || outputs["outcome"] != outcome {
						t.Errorf("attempt %d: exit status %d, outputs %v\n%s", attempt+1, status, outputs, s.logged())
					}
				}
				if diff := cmp.Diff([]string{"FINISHED"}, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Fault 23: a pull request may show only after FINISHED, and never comes where nothing was pushed.
// Fault 24: FINISHED is no success of the task, and ERROR may come without a word.
func TestAnEndIsNoMoreThanItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		plays   simulator.Scenario
		inputs  []string
		status  int
		outcome string
		pr      bool
		takes   time.Duration
		says    string
	}{
		{"a pull request at once", simulator.Scenario{Branch: "auto", PullRequest: simulator.PullRequest{Open: true}}, []string{"create-pr", "true"}, 0, "succeeded", true, time.Minute, "succeeded"},
		{"a pull request 20 seconds late", simulator.Scenario{Branch: "auto", PullRequest: simulator.PullRequest{Open: true}, PRAfter: 20 * time.Second}, []string{"create-pr", "true"}, 0, "succeeded", true, 80 * time.Second, "succeeded"},
		{"a pull request that never comes", simulator.Scenario{Branch: "auto"}, []string{"create-pr", "true"}, 1, "pr-missing", false, 90 * time.Second, "no pull request was there"},
		{"nothing pushed", simulator.Scenario{}, []string{"create-pr", "true"}, 0, "no-changes", false, 90 * time.Second, "pushed nothing"},
		{"no pull request asked for", simulator.Scenario{Branch: "auto", PullRequest: simulator.PullRequest{Open: true}}, nil, 0, "succeeded", false, time.Minute, "succeeded"},
		{"an error without a word", simulator.Scenario{Status: "ERROR"}, nil, 1, "agent-error", false, time.Minute, "gives no reason"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.plays.Duration = time.Minute
				s := newStep(t, simulator.Config{Scenario: test.plays}).with(test.inputs...)
				began := time.Now()
				status := s.run(t.Context())
				took, outputs := time.Since(began), s.outputs()
				if status != test.status || outputs["outcome"] != test.outcome || (outputs["pr-url"] != "") != test.pr {
					t.Errorf("exit status %d, outputs %v; want %d, %s", status, outputs, test.status, test.outcome)
				}
				if took < test.takes || took > test.takes+15*time.Second {
					t.Errorf("it took %s, want %s", took, test.takes)
				}
				if last := s.lastLine(); !strings.Contains(last, test.says) {
					t.Errorf("the last line has no %q:\n%s", test.says, last)
				}
			})
		})
	}
}

// Fault 48: usage is refused, is zero at first, and counts all runs of the agent.
// Fault 49: the cost is not documented, may be 0 within a plan, and stands in other places in other descriptions.
func TestFiguresAreSaidOnlyWhereTheAPISaysThem(t *testing.T) {
	t.Parallel()
	ok := func(body string) *simulator.Answer { return &simulator.Answer{Status: 200, Body: body} }
	for _, test := range []struct {
		name         string
		answer       *simulator.Answer // RUN is our run
		tokens, cost string
	}{
		{"refused", &simulator.Answer{Status: 403, Code: "feature_unavailable", Message: "Usage is not enabled."}, "", ""},
		{"not counted yet", ok(`{"totalUsage":{"totalTokens":0},"runs":[]}`), "", ""},
		{"without cost", ok(`{"totalUsage":{"totalTokens":10},"runs":[{"id":"RUN","usage":{"totalTokens":10}}]}`), "10", ""},
		{"with cost", ok(`{"totalUsage":{"totalTokens":10},"runs":[{"id":"RUN","usage":{"totalTokens":10}}],"cost":{"rawCostCents":9.5,"chargedCents":7.25}}`), "10", "7.25"},
		{"included in the plan", ok(`{"totalUsage":{"totalTokens":10},"runs":[{"id":"RUN","usage":{"totalTokens":10}}],"cost":{"rawCostCents":9.5,"chargedCents":0}}`), "10", "0"},
		{"of raw cost only", ok(`{"totalUsage":{"totalTokens":10},"runs":[{"id":"RUN","usage":{"totalTokens":10}}],"cost":{"rawCostCents":9.5}}`), "10", ""},
		{"of several runs", ok(`{"totalUsage":{"totalTokens":30},"runs":[{"id":"run-x","usage":{"totalTokens":20}},{"id":"RUN","usage":{"totalTokens":10},"cost":{"chargedCents":2}}],"cost":{"chargedCents":6}}`), "10", "2"},
		{"in the flat form of other descriptions", ok(`{"inputTokens":10,"outputTokens":5,"costUsd":0.42}`), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "happy")
				config.Scenario.Faults = []simulator.Fault{{Operation: "getAgentUsage", Answer: test.answer}}
				s := newStep(t, config)
				program := s.program()
				program.Transport = namesOurRun{s}
				status := program.Run(t.Context(), []string{"x", "action"})
				outputs := s.outputs()
				want := map[string]string{"outcome": "succeeded", "total-tokens": test.tokens, "cost-cents": test.cost}
				got := map[string]string{"outcome": outputs["outcome"], "total-tokens": outputs["total-tokens"], "cost-cents": outputs["cost-cents"]}
				if diff := cmp.Diff(want, got); diff != "" || status != 0 {
					t.Errorf("exit status %d, outputs (-want +got):\n%s", status, diff)
				}
			})
		})
	}
}

// namesOurRun puts the id of the step's run for RUN into answers.
type namesOurRun struct{ step *workflowStep }

func (w namesOurRun) RoundTrip(request *http.Request) (*http.Response, error) {
	id := "RUN"
	if agents := w.step.api.Agents(); len(agents) > 0 {
		id = agents[0].Runs[0].ID
	}
	return rewriter{w.step.api.Transport(), strings.NewReplacer(`"RUN"`, `"`+id+`"`)}.RoundTrip(request)
}
