package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/simulator"
)

// github stands beside the Cursor API and answers for workflow runs of
// acme/shop. It is reached without a socket, so that time can be fake.
type github struct {
	to http.RoundTripper

	mu    sync.Mutex
	runs  map[string]string // conclusion, or status, by the run's number; "STATUS CODE" to fail
	asked []string
}

func (g *github) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host != "github.example" {
		return g.to.RoundTrip(request)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, request.Method+" "+request.URL.Path)
	status, body := 404, `{"message": "Not Found"}`
	number, ours := strings.CutPrefix(request.URL.Path, "/repos/acme/shop/actions/runs/")
	said, known := g.runs[number]
	switch {
	case request.Header.Get("Authorization") != "Bearer "+githubToken:
		status, body = 401, `{"message": "Bad credentials"}`
	case !ours || !known:
	case strings.HasPrefix(said, "STATUS "):
		_, _ = fmt.Sscanf(said, "STATUS %d", &status)
		body = `{"message": "trouble"}`
	case said == "in_progress" || said == "queued":
		status, body = 200, `{"status": "`+said+`", "conclusion": null}`
	default:
		status, body = 200, `{"status": "completed", "conclusion": "`+said+`"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
		Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// reaper is a reap from workflow run 9000, and the GitHub that it asks.
func reaper(t *testing.T, api *simulator.Server, runs map[string]string, inputs ...string) (*workflowStep, *github) {
	t.Helper()
	if _, set := runs["9000"]; !set {
		runs["9000"] = "in_progress"
	}
	hub := &github{runs: runs}
	s := command(t, api, "reap", "github-token", githubToken, "GITHUB_API_URL", "https://github.example", "GITHUB_RUN_ID", "9000").with(inputs...)
	s.wire = func(to http.RoundTripper) http.RoundTripper {
		hub.to = to
		return hub
	}
	return s, hub
}

func TestReapAsksAboutEachWorkflowRunOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		for i := range 12 {
			leave(t, api, key, fmt.Sprintf("slow %d", i), agent.Work{Repository: "acme/shop", WorkflowRunID: int64(1000 + i%3)})
		}
		s, hub := reaper(t, api, map[string]string{"1000": "cancelled", "1001": "in_progress", "1002": "STATUS 502"})
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		count := map[string]int{}
		for _, asked := range hub.asked {
			count[asked]++
		}
		if count["GET /repos/acme/shop/actions/runs/1000"] != 1 || count["GET /repos/acme/shop/actions/runs/1001"] != 1 || count["GET /repos/acme/shop/actions/runs/1002"] != 1 || len(count) != 4 {
			t.Errorf("GitHub was asked %v", count)
		}
		did := map[string]int{}
		for _, one := range s.results() {
			did[one.Did+one.Error]++
		}
		want := map[string]int{"cancelled": 4, "left": 4, "leftGitHub did not tell how its workflow run stands: read workflow run 1002 of acme/shop: 502 trouble": 4}
		if diff := cmp.Diff(want, did); diff != "" {
			t.Errorf("deeds (-want +got):\n%s", diff)
		}
		if last := s.lastLine(); !strings.HasPrefix(last, "::error::reap: 4 of 12 agents failed: bc-") || !strings.HasSuffix(last, ": GitHub did not tell how its workflow run stands: read workflow run 1002 of acme/shop: 502 trouble; run the step again later: nobody knows whether the agent's workflow run is over") {
			t.Errorf("last line: %s", last)
		}
	})
}

// Where our own workflow run can't be seen, one that can't be seen is not gone.
func TestReapDoesNothingWhereGitHubCantBeRead(t *testing.T) {
	t.Parallel()
	const permission = "give the job permissions: actions: read, and leave github-token at its default, ${{ github.token }}"
	for _, test := range []struct {
		own    string
		inputs []string
		status int
		want   string
	}{
		{"STATUS 404", nil, 2, "404 trouble: " + permission},
		{"STATUS 403", nil, 2, "403 trouble: " + permission},
		{"in_progress", []string{"github-token", "ghs_an0ther0123456789"}, 2, "401 Bad credentials: " + permission},
		{"STATUS 429", nil, 1, "429 too many requests: run the step again later"},
		{"STATUS 500", nil, 1, "500 trouble: run the step again later"},
	} {
		t.Run(test.own, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := simulator.New(mixed(t))
				defer api.Close()
				leave(t, api, key, "slow", agent.Work{Repository: "acme/shop", WorkflowRunID: 1000})
				s, _ := reaper(t, api, map[string]string{"9000": test.own}, test.inputs...)
				if status := s.run(t.Context()); status != test.status {
					t.Errorf("exit status %d, want %d", status, test.status)
				}
				if diff := cmp.Diff("::error::reap: read workflow run 9000 of acme/shop: "+test.want+"; nothing was changed", s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if n := len(api.Requests()); n != 1 {
					t.Errorf("the API had %d requests beside the launch", n-1)
				}
			})
		})
	}
}

// GitHub says 404 of all that the token may not see, which can begin at any time.
func TestReapEndsNothingWhereGitHubStopsToTell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		leave(t, api, key, "slow", agent.Work{Repository: "acme/shop", WorkflowRunID: 1000})
		time.Sleep(time.Minute)
		s, hub := reaper(t, api, map[string]string{})
		wire := s.wire
		s.wire = func(to http.RoundTripper) http.RoundTripper {
			through := wire(to)
			return transport(func(request *http.Request) (*http.Response, error) {
				answer, err := through.RoundTrip(request)
				hub.mu.Lock()
				defer hub.mu.Unlock()
				if len(hub.asked) > 0 {
					delete(hub.runs, "9000")
				}
				return answer, err
			})
		}
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		want := []string{"slow RUNNING left: GitHub did not tell how its workflow run stands: read workflow run 9000 of acme/shop: 404 Not Found"}
		if diff := cmp.Diff(want, s.outcomes()); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		if got := api.Agents()[0].Runs[0].Status; got != "RUNNING" {
			t.Errorf("the agent's run is %s", got)
		}
	})
}

func TestASignalWhileGitHubIsAskedChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		s, _ := reaper(t, api, map[string]string{})
		s.wire = func(http.RoundTripper) http.RoundTripper {
			return transport(func(request *http.Request) (*http.Response, error) {
				<-request.Context().Done()
				return nil, request.Context().Err()
			})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if status := s.run(ctx); status != 130 || s.lastLine() != "::error::reap: interrupted; run the step again; nothing was changed" {
			t.Errorf("exit status %d: %s", status, s.lastLine())
		}
	})
}
