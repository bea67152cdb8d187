package agent_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/simulator"
)

// partial is a server whose GET run does not show these fields.
func partial(fields ...string) func(http.RoundTripper) http.RoundTripper {
	return func(server http.RoundTripper) http.RoundTripper {
		return transportFunc(func(request *http.Request) (*http.Response, error) {
			answer, err := server.RoundTrip(request)
			if err != nil || !strings.Contains(request.URL.Path, "/runs/") || isStream(request) {
				return answer, err
			}
			var run map[string]json.RawMessage
			if err := json.NewDecoder(answer.Body).Decode(&run); err != nil {
				return nil, err
			}
			for _, field := range fields {
				delete(run, field)
			}
			body, err := json.Marshal(run)
			answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return answer, err
		})
	}
}

// Fault 23: a run is FINISHED before it has its answer, its branch and its pull request.
func TestWhatTheStreamToldOfTheEndIsNotLost(t *testing.T) {
	t.Parallel()
	scenario := simulator.Scenario{Duration: time.Minute, Result: "Mended.", Branch: "auto"}
	for _, test := range []struct {
		name    string
		pr      bool
		missing []string
		streams []simulator.StreamFault
		result  string
		pushed  bool
		outcome agent.Outcome
	}{
		{name: "nothing is missing", result: "Mended.", pushed: true, outcome: agent.OutcomeSucceeded},
		{name: "the answer", missing: []string{"result"}, result: "Mended.", pushed: true, outcome: agent.OutcomeSucceeded},
		{name: "all of it", missing: []string{"result", "git", "durationMs"}, result: "Mended.", pushed: true, outcome: agent.OutcomeSucceeded},
		{name: "all of it, and a pull request was asked for", pr: true,
			missing: []string{"result", "git", "durationMs"}, result: "Mended.", pushed: true, outcome: agent.OutcomePRMissing},
		{name: "all of it, and the stream told nothing", missing: []string{"result", "git"}, streams: unavailable, outcome: agent.OutcomeSucceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scenario := scenario
			scenario.Streams = test.streams
			set := story(scenario)
			set.wire = partial(test.missing...)
			bubble(t, set, func(t *testing.T, w *world) {
				spec := task()
				spec.CreatePR = test.pr
				handle := w.launch(t, spec, work())
				got := w.agents.Finish(t.Context(), spec, handle, w.follow(t, handle))
				var branch string
				if test.pushed {
					branch = w.theAgent(t).Branch
				}
				if diff := cmp.Diff([]string{test.result, branch, string(test.outcome)}, []string{got.Run.Result, got.Pushed.Branch, string(got.Outcome)}); diff != "" {
					t.Errorf("answer, branch and outcome (-want +got):\n%s", diff)
				}
				if test.pushed && got.Run.Duration != time.Minute {
					t.Errorf("duration %s, want 1m", got.Run.Duration)
				}
			})
		})
	}
}

// The end of a run is what GET says, whatever the stream does.
func TestTheStreamsWordOfAnotherEndIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"another status": `{"runId":"RUN","status":"CANCELLED","text":"No.","git":{"branches":[{"repoUrl":"github.com/acme/widgets","branch":"x"}]}}`,
		"another run":    `{"runId":"run-x","status":"FINISHED","text":"No.","git":{"branches":[{"repoUrl":"github.com/acme/widgets","branch":"x"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := story(simulator.Scenario{Duration: time.Second})
			set.wire = func(server http.RoundTripper) http.RoundTripper {
				return transportFunc(func(request *http.Request) (*http.Response, error) {
					if !isStream(request) {
						return server.RoundTrip(request)
					}
					run := strings.Split(request.URL.Path, "/")[5]
					body := "id: 1\nevent: result\ndata: " + strings.Replace(said, "RUN", run, 1) + "\n\nid: 1\nevent: done\ndata: {}\n\n"
					return sse(request, strings.NewReader(body)), nil
				})
			}
			bubble(t, set, func(t *testing.T, w *world) {
				run := w.run(t)
				if run.Status != cursor.RunFinished || run.Result != "" || len(run.Git) != 0 {
					t.Errorf("the run is %+v", run)
				}
			})
		})
	}
}
