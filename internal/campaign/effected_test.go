package campaign_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestWhatWentWrongIsReadInTheServersRecord(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault  string
		status int
		want   []faultName
	}{
		{"", 200, nil},
		{"", 404, nil},
		{"", 429, []faultName{rateLimit}},
		{"reset before", 0, []faultName{resetBefore}},
		{"reset after", 0, []faultName{resetAfter}},
		{"reset after, down", 0, []faultName{serverDown}},
		{"connection dropped", 200, []faultName{serverRestart}},
		{"delay", 200, []faultName{late}},
		{"stale", 200, []faultName{staleAnswer}},
		{"cut after 7 bytes", 200, []faultName{cutAnswer}},
		{"carried out, answer 200 (empty)", 200, []faultName{noJSON}},
		{"answer 201 (empty)", 201, []faultName{noJSON}},
		{"answer 200 another", 200, []faultName{aboutAnother}},
		{"carried out, answer 201 another", 201, []faultName{aboutAnother}},
		{"says QUEUED", 200, []faultName{unknownStatus}},
		{"answer 409 agent_busy", 409, []faultName{otherConflict}},
		{"answer 400 invalid_last_event_id", 400, []faultName{badPlace}},
		{"answer 400 validation_error", 400, []faultName{branchFlake}},
		{"answer 401 error (flat)", 401, []faultName{keyRefused}},
		{"answer 404 run_not_found", 404, []faultName{notThereYet}},
		{"answer 410 stream_expired", 410, []faultName{streamGone}},
		{"answer 429 resource_exhausted (connect), retry after 60", 429, []faultName{throttledConnect}},
		{"answer 429 rate_limit_exceeded, retry after 5", 429, []faultName{throttledHint}},
		{"answer 429 rate_limit_exceeded", 429, []faultName{throttledBlind}},
		{"answer 503 upstream_error, retry after 5", 503, []faultName{unavailable}},
		{"answer 502 (html)", 502, []faultName{gatewayPage}},
		{"answer 500 (empty)", 500, []faultName{emptyError}},
		{"answer 504 (text)", 504, []faultName{serverError}},
		{"carried out, answer 502 (html)", 502, []faultName{gatewayPage, doneButError}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			got := requestFaults(simulator.Request{Fault: test.fault, Status: test.status})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatWentWrongIsReadInTheStory(t *testing.T) {
	t.Parallel()
	unopened := func(h *history) {
		h.processes[0].calls[2].body = []byte(`{"id":"run-1","status":"FINISHED"}`)
	}
	usage := func(status int, body string) func(*history) {
		return func(h *history) { h.processes[0].sends(answered("getAgentUsage", "/u", 10*time.Minute, status, body)) }
	}
	reads := func(change func(*simulator.Scenario)) func(*history) {
		return func(h *history) {
			change(&h.plan.scenario)
			h.processes[0].sends(answered("getAgentConversationV0", "/v0", 10*time.Minute, 200, `{"messages":[]}`))
		}
	}
	cancelled := func(h *history) {
		h.agents[0].Runs[0].CancelRequestedAt = []time.Time{at(9 * time.Minute)}
	}
	for _, test := range []struct {
		name   string
		change func(*history)
		want   []faultName
	}{
		{"nothing", func(*history) {}, nil},
		{"refused connections", func(h *history) { h.processes[0].turned = 2 }, []faultName{connectionRefused, connectionRefused}},
		{"a stream", func(h *history) { h.requests[0].StreamFaults = []simulator.StreamAction{simulator.StreamLie} }, []faultName{"streams that lied about the status"}},
		{"a visit", func(h *history) { h.requests[0].KeyHash = visitorHash }, []faultName{visited}},
		{"a visit that could do nothing", func(h *history) { h.requests[0].KeyHash, h.requests[0].Status = visitorHash, 409 }, nil},
		{"a cancel that is ignored", func(h *history) { cancelled(h); h.plan.scenario.Cancel.Ignored = true }, []faultName{cancelIgnored}},
		{"a cancel that is late", func(h *history) { cancelled(h); h.plan.scenario.Cancel.After = time.Second }, []faultName{cancelLate}},
		{"a cancel that comes at once", cancelled, nil},
		{"a late pull request", unopened, []faultName{lateRequest}},
		{"a pull request that never comes", func(h *history) { unopened(h); h.plan.scenario.PullRequest.Open = false }, []faultName{noRequest}},
		{"no pull request, and none was asked for", func(h *history) { unopened(h); h.plan.inputs["create-pr"] = "false" }, nil},
		{"a conversation", reads(func(*simulator.Scenario) {}), nil},
		{"a conversation that is late", reads(func(s *simulator.Scenario) { s.ConversationLag = time.Second }), []faultName{lateWords}},
		{"a conversation that is empty", reads(func(s *simulator.Scenario) { s.NoConversation = true }), []faultName{noWords}},
		{"usage refused", usage(http.StatusForbidden, `{"error":{}}`), []faultName{usageRefused}},
		{"usage of zero", usage(http.StatusOK, `{"totalUsage":{"totalTokens":0}}`), []faultName{usageZero}},
		{"usage", usage(http.StatusOK, `{"totalUsage":{"totalTokens":7}}`), nil},
		{"usage that is no JSON", usage(http.StatusOK, `{"agent`), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			test.change(h)
			if diff := cmp.Diff(test.want, h.faults()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFiguresAreWrittenIntoTheirPartOfAFile(t *testing.T) {
	t.Parallel()
	told := newFigures()
	h := handmade()
	h.asksForForm(wrongAnswer)
	h.corrects("FINISHED", rightAnswer)
	h.plan.inputs["max-tokens"], h.plan.inputs["api-version"] = "5", "v0"
	h.processes[0].log += "The run used 7 tokens, more than max-tokens allows: ending it\n"
	h.processes[0].struck, h.processes[0].moments = []blowKind{sigint}, []momentKind{atRequest}
	h.processes[0].turned = 1234
	told.add(*h, nil)
	told.add(*h, []violation{{rule: "one live run"}, {rule: "one agent per generation"}})
	file := filepath.Join(t.TempDir(), "faults.md")
	if err := os.WriteFile(file, []byte("# Faults\n<!-- figures -->\nold\n<!-- /figures -->\nend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := told.writeTo(file); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	speed := regexp.MustCompile(`told at \d+ a second on \d+ processors`)
	text := speed.ReplaceAllString(string(written), "told at N a second on N processors")
	for _, part := range []string{
		"# Faults\n<!-- figures -->\n2 stories, 0 hours of simulated time, told at N a second on N processors: 2 steps and 2 cleanup\n" +
			"stages ran, 2 of the steps as re-runs; 2 agents were launched, and 2 requests sent, 1.0 for each step.\n" +
			"2 of the stories spoke version 0 of the API. In 2 a result of a form was asked for, and 2\n" +
			"corrections were begun; in 2 the tokens were limited, and 2 steps ended their run for that.\n" +
			"0 of the stories happened on an event at GitHub, of which 0 may launch nothing.\n" +
			"0 comments and 0 check runs were written. Of 0 requests to GitHub 0 failed, 0 by its own faults.\n\n" +
			"| what the steps were for | stories |\n| --- | ---: |\n| `launch` | 2 |\n",
		"| what must not happen | how often it did |\n| --- | ---: |\n| agents launched twice for one piece of work | 2 |\n",
		"| panics | 0 |\n\n| what struck a process | how often |\n| --- | ---: |\n",
		"| interrupted (SIGINT) | 2 |\n",
		"| what went wrong around it | how often |\n| --- | ---: |\n| connections refused, because nobody listens | 2,468 |\n",
		"| `succeeded` | 2 |\n<!-- /figures -->\nend\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the file lacks this:\n%s\nit is:\n%s", part, text)
		}
	}
	if err := told.writeTo(filepath.Join(t.TempDir(), "none.md")); err == nil {
		t.Error("figures were written into a file that is not there")
	}
	if err := os.WriteFile(file, []byte("# Faults\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = ": it needs <!-- figures --> and <!-- /figures --> once, in this order"
	if err := told.writeTo(file); err == nil || err.Error() != file+want {
		t.Errorf("got %v, want %s", err, file+want)
	}
}
