package cli_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// again is a step of another workflow run on pull request 7, a minute later.
func again(t *testing.T, api *simulator.Server, hub *forgetest.Hub, run int, inputs ...string) *workflowStep {
	t.Helper()
	time.Sleep(time.Minute)
	return stepAgainst(t, api).beside(hub).on(opened).with("GITHUB_RUN_ID", strconv.Itoa(1000+run), "pull-request", "current", "wait", "false").with(inputs...)
}

// Workflows and agents that answer each other come to an end, which people on
// the pull request are told once.
func TestLimitsEndLoopsOnAPullRequest(t *testing.T) {
	t.Parallel()
	const (
		inARow = "pull request 7 has had 2 runs of this action's agents in a row without %s in between, and max-consecutive allows 2: comment, review or push to begin anew"
		writer = "somebody with the permission write"
	)
	says := func(login string) func(int, *forgetest.Hub) {
		return func(run int, hub *forgetest.Hub) {
			if run == 2 {
				hub.Comment("acme/shop", 7, forgetest.Comment{Author: login, Body: "Go on."})
			}
		}
	}
	for _, test := range []struct {
		name     string
		inputs   []string
		between  func(run int, hub *forgetest.Hub)
		want     []string // skip-reason of each run, "" for a launch
		last     string   // of the last one that is skipped
		comments int
	}{
		{"none", nil, nil, []string{"", "", "", ""}, "", 0},
		{"in all", []string{"max-agents-per-pr", "2"}, nil, []string{"", "", "too-many-runs", "too-many-runs"},
			"pull request 7 has had 2 runs of this action's agents, and max-agents-per-pr allows 2: raise it, or go on by hand", 1},
		{"in a row", []string{"max-consecutive", "2"}, nil, []string{"", "", "too-many-in-a-row", "too-many-in-a-row"}, fmt.Sprintf(inARow, writer), 1},
		{"in a row, but for a member's comment", []string{"max-consecutive", "2"}, says("ann"), []string{"", "", "", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, writer), 1},
		{"in a row, whatever strangers say", []string{"max-consecutive", "2"}, says("eve"), []string{"", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, writer), 1},
		{"in a row, whoever left since says", []string{"max-consecutive", "2"}, func(run int, hub *forgetest.Hub) {
			if says("eve")(run, hub); run == 2 {
				hub.SetFaults(forgetest.Fault{Path: "/collaborators/eve/", Answer: &forgetest.Answer{Status: 404, Message: "Not Found"}})
			}
		}, []string{"", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, writer), 1},
		{"in a row, but for what starts agents", []string{"max-consecutive", "2", "required-permission", "read"}, says("eve"), []string{"", "", "", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, "somebody with the permission read"), 1},
		{"in a row, but for anybody", []string{"max-consecutive", "2", "required-permission", "none"}, says("eve"), []string{"", "", "", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, "a person"), 1},
		{"in a row, whatever bots say", []string{"max-consecutive", "2"}, func(_ int, hub *forgetest.Hub) {
			hub.Comment("acme/shop", 7, forgetest.Comment{Author: "renovate[bot]", Body: "Rebased."})
		}, []string{"", "", "too-many-in-a-row"}, fmt.Sprintf(inARow, writer), 1},
		{"in time", []string{"cooldown", "90s"}, nil, []string{"", "cooldown", "", "cooldown"},
			"the last run on pull request 7 began 1m0s ago, and cooldown asks for 1m30s: this event launches nothing later either, so trigger it again in 30s", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, api := gitHubOf(t), simulator.New(conversing(time.Second))
				t.Cleanup(api.Close)
				var last string
				for run, want := range test.want {
					if test.between != nil {
						test.between(run, hub)
					}
					s := again(t, api, hub, run, test.inputs...)
					before := s.creates()
					status := s.run(t.Context())
					if got := s.outputs()["skip-reason"]; status != 0 || got != want || (s.creates() > before) != (want == "") {
						t.Errorf("run %d: exit status %d, skip-reason %q, want %q\n%s", run, status, got, want, s.logged())
					}
					if want != "" {
						last = strings.TrimPrefix(s.lastLine(), "skipped: ")
					}
				}
				if diff := cmp.Diff(test.last, last); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				said := 0
				for _, comment := range hub.Issue("acme/shop", 7).Comments {
					if comment.Author == "github-actions[bot]" {
						said++
						if body := strings.NewReplacer(`\`, "", "&#8203;", "").Replace(comment.Body); !strings.HasPrefix(body, "<!-- cursor-agent-action limit-too-many-") || !strings.Contains(body, "pull request 7 has had 2 runs") {
							t.Errorf("the comment is %s", comment.Body)
						}
					}
				}
				if said != test.comments {
					t.Errorf("%d comments, want %d", said, test.comments)
				}
			})
		})
	}
}

// Who runs a job again is there, and knows.
func TestARerunIsNotLimited(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"attach", "new"} {
		synctest.Test(t, func(t *testing.T) {
			hub, api := gitHubOf(t), simulator.New(scenario(t, "error"))
			t.Cleanup(api.Close)
			for attempt := range 3 {
				s := again(t, api, hub, 0, "max-agents-per-pr", "1", "max-consecutive", "1", "cooldown", "1h", "GITHUB_RUN_ATTEMPT", strconv.Itoa(attempt+1), "on-rerun", mode)
				s.run(t.Context())
				if s.outputs()["skip-reason"] != "" || s.creates() < attempt+1 {
					t.Errorf("%s, attempt %d: outputs %v", mode, attempt+1, s.outputs())
				}
			}
		})
	}
}

// A limit that nobody can count is not passed.
func TestALimitThatCantBeHeldLaunchesNothing(t *testing.T) {
	t.Parallel()
	const unheld = "max-consecutive can't be held, since "
	for _, test := range []struct {
		name   string
		api    []simulator.Fault
		github []forgetest.Fault
		inputs []string
		want   string
	}{
		{"agents that can't be listed", []simulator.Fault{refuse("listAgents", 403, "role_forbidden", "No.")}, nil, []string{"cooldown", "1m"},
			"max-agents-per-pr, max-consecutive and cooldown can't be held, since the runs there are not known: count the agents of https://github.com/acme/shop/pull/7: list agents: GET /v1/agents: 403 role_forbidden: No. (request {listAgents}); run the job again"},
		{"a conversation that can't be read", nil, []forgetest.Fault{{Operation: "issues/list-comments", Answer: &forgetest.Answer{Status: 403, Message: "Resource not accessible by integration"}}}, []string{"max-consecutive", "1"},
			unheld + "it is not known when a person was there: read what was said about pull request 7 of acme/shop: 403 Resource not accessible by integration; give the job permissions: pull-requests: read, and leave github-token at its default, ${{ github.token }}"},
		{"a stranger whom nobody knows", nil, []forgetest.Fault{{Path: "/collaborators/eve/", Answer: &forgetest.Answer{Status: 403, Message: "No."}}}, []string{"max-consecutive", "1"},
			unheld + "it is not known whether somebody was there who counts: read the permission of eve in acme/shop: 403 No.; leave github-token at its default, ${{ github.token }}, or let somebody else start it"},
		{"no token", nil, nil, []string{"max-consecutive", "1", "github-token", "", "required-permission", "none"},
			unheld + "without github-token nobody knows when a person was there: leave it at its default, ${{ github.token }}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, api := gitHubOf(t, test.github...), simulator.New(conversing(time.Second, test.api...))
				t.Cleanup(api.Close)
				again(t, api, hub, 0).run(t.Context())
				hub.Comment("acme/shop", 7, forgetest.Comment{Author: "eve", Body: "Hm."})
				s := again(t, api, hub, 1, test.inputs...)
				status := s.run(t.Context())
				if status != 0 || s.outputs()["skip-reason"] != "runs-unknown" || s.creates() != 1 {
					t.Errorf("exit status %d, outputs %v, %d agents", status, s.outputs(), s.creates())
				}
				if diff := cmp.Diff("::warning::skipped: "+test.want, s.told()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// That nobody could be told does not change that nothing is launched.
func TestALimitThatCantBeToldHoldsAllTheSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		want   string
	}{
		{403, "\nThe limit could not be told on the pull request: comment on acme/shop#7: 403 No.; give the job permissions: pull-requests: write\n"},
		{500, "\n::warning::The limit could not be told on the pull request: comment on acme/shop#7: 500 No.\n"},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := gitHubOf(t, forgetest.Fault{Operation: "issues/create-comment", Answer: &forgetest.Answer{Status: test.status, Message: "No."}})
			api := simulator.New(conversing(time.Second))
			t.Cleanup(api.Close)
			again(t, api, hub, 0).run(t.Context())
			s := again(t, api, hub, 1, "max-agents-per-pr", "1")
			status := s.run(t.Context())
			if status != 0 || s.outputs()["skip-reason"] != "too-many-runs" || strings.Count("\n"+s.logged(), test.want) != 1 {
				t.Errorf("%d: exit status %d, outputs %v\n%s", test.status, status, s.outputs(), s.logged())
			}
		})
	}
}
