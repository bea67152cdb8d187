package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

func TestReapEndsWhatDeadWorkflowRunsLeftAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		run    string // what GitHub says of workflow run 1000; "" is 404
		leave  bool   // launched with on-timeout: leave
		want   string
		status string // of the agent's run in the end
	}{
		{"cancelled", false, "slow CANCELLED cancelled: its workflow run 1000 was cancelled", "CANCELLED"},
		{"cancelled", true, "slow CANCELLED cancelled: its workflow run 1000 was cancelled", "CANCELLED"},
		{"", false, "slow CANCELLED cancelled: its workflow run 1000 is gone", "CANCELLED"},
		{"", true, "slow CANCELLED cancelled: its workflow run 1000 is gone", "CANCELLED"},
		{"failure", false, "slow CANCELLED cancelled: its workflow run 1000 ended as failure", "CANCELLED"},
		{"failure", true, "slow RUNNING left: its workflow run 1000 ended as failure, and it was launched to go on by itself", "RUNNING"},
		{"timed_out", false, "slow CANCELLED cancelled: its workflow run 1000 ended as timed_out", "CANCELLED"},
		{"stale", false, "slow CANCELLED cancelled: its workflow run 1000 ended as stale", "CANCELLED"},
		{"startup_failure", true, "slow RUNNING left: its workflow run 1000 ended as startup_failure, and it was launched to go on by itself", "RUNNING"},
		{"success", false, "slow RUNNING left: its workflow run 1000 ended as success", "RUNNING"},
		{"success", true, "slow RUNNING left: its workflow run 1000 ended as success", "RUNNING"},
		{"neutral", false, "slow RUNNING left: its workflow run 1000 ended as neutral", "RUNNING"},
		{"in_progress", false, "slow RUNNING left: its workflow run 1000 is not over", "RUNNING"},
		{"queued", true, "slow RUNNING left: its workflow run 1000 is not over", "RUNNING"},
	} {
		t.Run(fmt.Sprintf("%s, leave %t", test.run, test.leave), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := simulator.New(mixed(t))
				defer api.Close()
				leave(t, api, key, "slow", agent.Work{Repository: "acme/shop", WorkflowRunID: 1000, Kept: test.leave})
				time.Sleep(time.Minute)
				runs := map[string]string{"1000": test.run}
				if test.run == "" {
					delete(runs, "1000")
				}
				for _, dryRun := range []string{"true", "false"} {
					s, hub := reaper(t, api, runs, "dry-run", dryRun)
					if status := s.run(t.Context()); status != 0 {
						t.Fatalf("exit status %d\n%s", status, s.logged())
					}
					want, status := test.want, test.status
					if dryRun == "true" {
						want, status = strings.Replace(want, "CANCELLED cancelled", "RUNNING would-cancel", 1), "RUNNING"
					}
					if diff := cmp.Diff([]string{want}, s.outcomes()); diff != "" {
						t.Errorf("results, dry run %s (-want +got):\n%s", dryRun, diff)
					}
					if got := api.Agents()[0].Runs[0].Status; got != status {
						t.Errorf("dry run %s: the agent's run is %s, want %s", dryRun, got, status)
					}
					asked := []string{"GET /repos/acme/shop/actions/runs/9000", "GET /repos/acme/shop/actions/runs/1000"}
					if test.run == "" {
						asked = append(asked, asked[0]) // Is it gone, or can we see nothing any more?
					}
					if diff := cmp.Diff(asked, hub.asked); diff != "" {
						t.Errorf("requests to GitHub (-want +got):\n%s", diff)
					}
					s.noSecret()
				}
			})
		})
	}
}

// leave makes an agent as a step does that is killed right after.
func leave(t *testing.T, api *simulator.Server, apiKey, prompt string, work agent.Work) string {
	t.Helper()
	client, err := cursor.New(cursor.Config{Key: secret.New(apiKey), Transport: api.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	spec := agent.Spec{Prompt: cursor.Prompt{Text: prompt}, Repository: "https://github.com/acme/shop", Ref: "main"}
	created, err := client.CreateAgent(t.Context(), agent.Request(cursor.V1, secret.New(apiKey), work, spec, 0))
	if err != nil {
		t.Fatal(err)
	}
	return created.Agent.ID
}

func TestReapLeavesTheAgentsOfOthersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		ours := agent.Work{Repository: "acme/shop", WorkflowRunID: 1000}
		foreign := ours
		foreign.Repository = "acme/web"
		leave(t, api, key, "slow of another repository", foreign)
		leave(t, api, key+"0", "slow of another key", ours)
		// Somebody gives an agent of another tool the look of ours.
		mine := leave(t, api, key, "slow and ours", ours)
		mark := api.Agents()[2].Name[strings.LastIndexByte(api.Agents()[2].Name, ' ')+1:]
		create(t, api, "slow "+strings.Replace(mark, "1000", "1001", 1))
		create(t, api, "slow "+mark+" and more")
		create(t, api, "slow")
		s, hub := reaper(t, api, map[string]string{})
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if got := s.results(); len(got) != 1 || got[0].ID != mine || got[0].Did != "cancelled" {
			t.Errorf("results: %v", s.outcomes())
		}
		for i, agent := range api.Agents() {
			if live := agent.Runs[0].Status == "RUNNING" || agent.Runs[0].Status == "CREATING"; live != (i != 2) {
				t.Errorf("%s is %s", agent.Name, agent.Runs[0].Status)
			}
		}
		if len(hub.asked) != 3 { // for our own run, theirs, and ours again, because theirs is gone
			t.Errorf("GitHub was asked %v", hub.asked)
		}
	})
}

// create makes an agent of another tool, under a name of its choice.
func create(t *testing.T, api *simulator.Server, name string) {
	t.Helper()
	client, err := cursor.New(cursor.Config{Key: secret.New(key), Transport: api.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateAgent(t.Context(), cursor.CreateAgentRequest{Name: name, Prompt: cursor.Prompt{Text: "slow"},
		Repos: []cursor.Repo{{URL: "https://github.com/acme/shop", StartingRef: "main"}}}); err != nil {
		t.Fatal(err)
	}
}

// A person goes on with an agent in Cursor after its workflow run has failed.
func TestReapLeavesAFollowUpAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		id := leave(t, api, key, "Fix it", agent.Work{Repository: "acme/shop", WorkflowRunID: 1000})
		time.Sleep(time.Minute)
		client, err := cursor.New(cursor.Config{Key: secret.New(key), Transport: api.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.CreateRun(t.Context(), id, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "slow"}}); err != nil {
			t.Fatal(err)
		}
		s, _ := reaper(t, api, map[string]string{"1000": "failure"})
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		want := []string{"Fix CREATING left: its workflow run 1000 ended as failure, but the live run is a follow-up, perhaps a person's"}
		if diff := cmp.Diff(want, s.outcomes()); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
	})
}

func TestReapArchivesWhatIsOldAndFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		work := agent.Work{Repository: "acme/shop", WorkflowRunID: 1000}
		for i := range 4 {
			leave(t, api, key, fmt.Sprintf("Fix %d", i), work)
			time.Sleep(10 * 24 * time.Hour)
		}
		time.Sleep(time.Hour)
		s, hub := reaper(t, api, map[string]string{}, "limit", "1", "older-than", "20d")
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if diff := cmp.Diff([]string{"Fix FINISHED archived archived: nothing has happened to it for 40 days"}, s.outcomes()); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		oldest := api.Agents()[0]
		log := "::warning::reap: 3 agents are old enough to be archived, and limit allows 1 at once: the others are left for the next time\n" +
			"archived       " + oldest.ID + "  FINISHED   " + oldest.Name + ": nothing has happened to it for 40 days\nreap: 1 archived\n"
		if diff := cmp.Diff(log, s.logged()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		if len(hub.asked) != 1 {
			t.Errorf("GitHub was asked %v", hub.asked)
		}
		again, _ := reaper(t, api, map[string]string{})
		if status := again.run(t.Context()); status != 0 || again.lastLine() != "reap: 1 archived" {
			t.Errorf("the second time, with 30 days: exit status %d\n%s", status, again.logged())
		}
		for i, want := range []bool{true, true, false, false} {
			if got := api.Agents()[i].Archived; got != want {
				t.Errorf("agent %d is archived: %t, want %t", i, got, want)
			}
		}
		third, _ := reaper(t, api, map[string]string{})
		if status := third.run(t.Context()); status != 0 || third.lastLine() != "reap: nothing is to be done" || third.outputs()["results"] != "[]" {
			t.Errorf("the third time: exit status %d\n%s", status, third.logged())
		}
	})
}

func TestALaunchTellsReapWhetherItsAgentMayGoOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		inputs []string
		kept   bool
	}{
		{nil, false},
		{[]string{"on-timeout", "cancel"}, false},
		{[]string{"on-timeout", "leave"}, true},
		{[]string{"wait", "false"}, true},
	} {
		t.Run(fmt.Sprint(test.inputs), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, mixed(t)).with(test.inputs...)
				if status := s.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				mark, found := agent.ReadMark(secret.New(key), "acme/shop", s.api.Agents()[0].Name)
				if want := (agent.Mark{WorkflowRunID: 1000, Kept: test.kept}); !found || mark != want {
					t.Errorf("found %t, mark %+v, want %+v", found, mark, want)
				}
			})
		})
	}
}

func TestReapSaysWhyAnAgentOfItsOwnCouldNotBeJudged(t *testing.T) {
	t.Parallel()
	no := &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}
	for _, operation := range []string{"getRun", "listRuns"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := mixed(t)
				config.Scenario.Variants[0].Faults = []simulator.Fault{{Operation: operation, Answer: no}}
				api := simulator.New(config)
				defer api.Close()
				leave(t, api, key, "slow", agent.Work{Repository: "acme/shop", WorkflowRunID: 1000})
				s, _ := reaper(t, api, map[string]string{"1000": "cancelled"})
				if status := s.run(t.Context()); status != 1 || len(s.results()) != 1 || !strings.Contains(s.results()[0].Error, ": 403 role_forbidden: No. (request ") {
					t.Errorf("exit status %d, results %v", status, s.outcomes())
				}
				if live := api.Agents()[0].Runs[0].Status; live != "CREATING" {
					t.Errorf("the run is %s", live)
				}
			})
		})
	}
}

// However many agents there are, a reap ends, and says what it left out.
func TestReapLooksAtAThousandAgents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		work := agent.Work{Repository: "acme/shop", WorkflowRunID: 1000}
		for i := range 1010 {
			leave(t, api, key, fmt.Sprintf("Fix %d", i), work)
			if i < 8 {
				time.Sleep(24 * time.Hour)
			}
		}
		time.Sleep(time.Hour)
		s, _ := reaper(t, api, map[string]string{}, "older-than", "5d")
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d", status)
		}
		looks := 0
		for _, request := range api.Requests() {
			if request.Op == "getRun" {
				looks++
			}
		}
		if len(s.results()) != 4 || looks != 1000 {
			t.Errorf("%d agents were archived after %d looks", len(s.results()), looks)
		}
		if !strings.Contains(s.logged(), "::warning::reap: 1010 agents of this repository are not archived, and 1000 are looked at, the newest and the oldest\n") {
			t.Errorf("log:\n%s", s.logged())
		}
	})
}
