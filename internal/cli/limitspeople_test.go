package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// GitHub is asked about no more people than are needed, and about none twice.
func TestFewAreAskedAboutBeforeSomebodyCounts(t *testing.T) {
	t.Parallel()
	strangers := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("stranger-%d", i))
		}
		return all
	}
	const tooMany = "::warning::skipped: max-consecutive can't be held, since more people were there than the 10 who are asked about, and none of those has the permission write: whoever has it may run the job again"
	for _, test := range []struct {
		name   string
		before []string // who say something before the first run
		after  []string // and after it, the newest last
		asked  int      // beside the gate's own question
		reason string
		last   string
	}{
		{"a member last", nil, append(strangers(20), "ann"), 1, "", ""},
		{"a stranger last", nil, []string{"ann", "eve"}, 2, "", ""},
		{"a stranger who says much", nil, append([]string{"ann"}, strings.Fields(strings.Repeat("eve ", 30))...), 2, "", ""},
		{"ten strangers", nil, strangers(10), 10, "too-many-in-a-row", ""},
		{"more strangers", nil, append([]string{"ann"}, strangers(11)...), 10, "runs-unknown", tooMany},
		{"more strangers, but before the run", append(strangers(30), "ann"), []string{"eve"}, 1, "too-many-in-a-row", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, api := gitHubOf(t), simulator.New(conversing(time.Second))
				t.Cleanup(api.Close)
				say := func(logins []string) {
					for _, login := range logins {
						time.Sleep(time.Second)
						hub.Comment("acme/shop", 7, forgetest.Comment{Author: login, Body: "Go on."})
					}
				}
				say(test.before)
				again(t, api, hub, 0).run(t.Context())
				time.Sleep(time.Minute)
				say(test.after)
				questions := func() (n int) {
					for _, request := range hub.Requests() {
						if strings.Contains(request.Path, "/collaborators/") {
							n++
						}
					}
					return n
				}
				before := questions()
				s := again(t, api, hub, 1, "max-consecutive", "1")
				s.run(t.Context())
				if got := s.outputs()["skip-reason"]; got != test.reason || test.last != "" && s.lastLine() != test.last {
					t.Errorf("skip-reason %q, want %q\n%s", got, test.reason, s.lastLine())
				}
				if asked := questions() - before - 1; asked != test.asked {
					t.Errorf("asked about %d accounts, want %d", asked, test.asked)
				}
			})
		})
	}
}

// Who may only write must not begin anew what an administrator has to start.
func TestAPushCountsWhereWritingIsEnough(t *testing.T) {
	t.Parallel()
	for permission, want := range map[string]string{"write": "", "triage": "", "admin": "too-many-in-a-row"} {
		synctest.Test(t, func(t *testing.T) {
			hub, api := gitHubOf(t), simulator.New(conversing(time.Second))
			t.Cleanup(api.Close)
			hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Collaborators["ada"] = "admin" })
			dispatched := happening{event: "workflow_dispatch", sender: "ada"}
			again(t, api, hub, 0, "pull-request", "7").on(dispatched).run(t.Context())
			time.Sleep(time.Minute)
			hub.Edit("acme/shop", func(r *forgetest.Repository) {
				r.Commits = append(r.Commits, &forgetest.Commit{SHA: headNext, Author: forgetest.Person{Name: "Ann", Email: "ann@example.com"}, AuthorLogin: "ann", At: time.Now()})
				for _, issue := range r.Issues {
					if issue.Number == 7 {
						issue.Pull.HeadSHA = headNext
					}
				}
			})
			s := again(t, api, hub, 1, "max-consecutive", "1", "required-permission", permission, "pull-request", "7").on(dispatched)
			s.run(t.Context())
			if got := s.outputs()["skip-reason"]; got != want {
				t.Errorf("%s: skip-reason %q, want %q\n%s", permission, got, want, s.lastLine())
			}
		})
	}
}

// A second pull request that somebody opens from the agent's branch lifts no
// limit of the first.
func TestLimitsHoldOnEachPullRequestOfTheCommit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		pulls  []int
		agents string // of which pull request
		inputs []string
		want   string
	}{
		{"of the first", []int{7, 11}, "7", []string{"ref", "feature/x"}, "too-many-runs"},
		{"of the second", []int{11, 7}, "7", []string{"ref", "feature/x"}, "too-many-runs"},
		{"of neither", []int{7, 11}, "12", []string{"ref", "feature/x"}, ""},
		{"of the other than the named one", []int{7, 11}, "7", []string{"pull-request", "11"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub, api := gitHubOf(t), simulator.New(conversing(time.Second))
				t.Cleanup(api.Close)
				again(t, api, hub, 0, "pull-request", test.agents).run(t.Context())
				s := again(t, api, hub, 1, "max-agents-per-pr", "1", "pull-request", "").on(ranOn(test.pulls...)).with(test.inputs...)
				status := s.run(t.Context())
				if got := s.outputs()["skip-reason"]; status != 0 || got != test.want {
					t.Errorf("exit status %d, skip-reason %q, want %q\n%s", status, got, test.want, s.logged())
				}
				if told := len(hub.Issue("acme/shop", 7).Comments); (told == 1) != (test.want != "") {
					t.Errorf("%d comments on pull request 7", told)
				}
			})
		})
	}
}

// Where Cursor's clock is ahead, nothing began in the future, and who waits as
// long as the text says has waited long enough.
func TestACooldownIsToldAlsoByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := conversing(time.Second)
		config.ServerClockOffset = 65 * time.Second
		hub, api := gitHubOf(t), simulator.New(config)
		t.Cleanup(api.Close)
		again(t, api, hub, 0).run(t.Context())
		s := again(t, api, hub, 1, "cooldown", "90s")
		s.run(t.Context())
		const want = "skipped: the last run on pull request 7 began 0.0s ago, and cooldown asks for 1m30s: this event launches nothing later either, so trigger it again in 1m35s"
		if s.outputs()["skip-reason"] != "cooldown" || s.lastLine() != want {
			t.Errorf("skip-reason %q\n got %s\nwant %s", s.outputs()["skip-reason"], s.lastLine(), want)
		}
	})
}
