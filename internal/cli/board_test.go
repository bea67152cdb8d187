package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

func TestACommentFollowsTheWorkToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(3*time.Minute)).at(hub).onIssue().with("comment", "progress")
		began := time.Now()
		looks := map[time.Duration]<-chan string{}
		for _, after := range []time.Duration{2 * time.Second, 20 * time.Second, 2 * time.Minute} {
			looks[after] = seenAfter(after, hub, 7)
		}
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		outputs := s.outputs()
		id := outputs["agent-id"]
		for after, want := range map[time.Duration][]string{
			2 * time.Second:  {"<!-- cursor-agent-action working-1000-1 -->", "### ⏳ An agent is being launched", "> Fix the flaky test.", "At most 1 h", "[workflow run](https://github.com/acme/shop/actions/runs/1000)"},
			20 * time.Second: {"<!-- cursor-agent-action agent-" + id + "-", "### ⏳ The agent is at work", "15 s of at most 1 h · status `RUNNING`", "[Agent](" + outputs["agent-url"] + ")"},
			2 * time.Minute:  {"of at most 1 h · status `RUNNING`", "**Now:** edit cache.go"},
		} {
			seen := <-looks[after]
			for _, text := range want {
				if !strings.Contains(seen, text) {
					t.Errorf("after %s the comment has no %q:\n%s", after, text, seen)
				}
			}
		}
		last := ourComments(hub, 7)
		if len(last) != 1 || isUnfinished(last[0]) || heading(last[0]) != "### ✅ The agent finished" || !strings.Contains(last[0], "Done.") {
			t.Errorf("in the end there is:\n%s", strings.Join(last, "\n===\n"))
		}
		if want := "https://github.com/acme/shop/issues/7#issuecomment-"; !strings.HasPrefix(outputs["comment-url"], want) {
			t.Errorf("comment-url is %q", outputs["comment-url"])
		}
		var before time.Time
		updates := writes(hub)
		for i, request := range updates {
			if gap := request.At.Sub(before); gap < 15*time.Second && i < len(updates)-1 {
				t.Errorf("%s came %s after the update before it", request.Op, gap)
			}
			before = request.At
		}
		if first := updates[0].At.Sub(began); first > time.Second {
			t.Errorf("the comment came %s after the launch", first)
		}
		if n := len(updates); n < 4 || n > 8 {
			t.Errorf("there were %d updates in 3 minutes", n)
		}
		s.noSecret()
	})
}

func TestEveryPathEndsInTheComment(t *testing.T) {
	t.Parallel()
	ended := func(status string) simulator.Scenario {
		return simulator.Scenario{Duration: time.Minute, Status: status}
	}
	for _, test := range []struct {
		name    string
		plays   simulator.Scenario
		inputs  []string
		signal  time.Duration // 0: none
		heading string
		check   string
	}{
		{"it succeeds", ended("FINISHED"), nil, 0, "### ✅ The agent finished", "success"},
		{"it fails", ended("ERROR"), nil, 0, "### ❌ The agent failed", "failure"},
		{"it fails, which is tolerated", ended("ERROR"), []string{"fail-on", "none"}, 0, "### ❌ The agent failed", "neutral"},
		{"it pushes nothing", ended("FINISHED"), []string{"create-pr", "true"}, 0, "### ℹ️ The agent finished and pushed nothing", "neutral"},
		{"it is given up", ended("EXPIRED"), nil, 0, "### ⌛ Cursor gave the run up before it finished", "failure"},
		{"the time is over", simulator.Scenario{Duration: time.Hour}, []string{"timeout", "2m"}, 0, "### ⏱️ The agent did not finish within 2 m", "timed_out"},
		{"it is interrupted", simulator.Scenario{Duration: time.Hour}, nil, time.Minute, "### 🛑 The run was cancelled", "cancelled"},
		{"it spends too much", spending().Scenario, []string{"max-tokens", "100"}, 0, "### 🛑 The run was cancelled", "cancelled"},
		{"its result is wrong, twice", replying(wrongAnswer, wrongAnswer).Scenario, []string{"result-schema", resultSchema}, 0,
			"### ⚠️ The agent finished, but its result is not of the form that was asked for", "failure"},
		{"nobody waits", simulator.Scenario{Duration: time.Hour}, []string{"wait", "false"}, 0, "### 🚀 The agent is at work, and this step did not wait for it", "neutral"},
		{"the API refuses", simulator.Scenario{Faults: []simulator.Fault{{Operation: "createAgent", Answer: &simulator.Answer{Status: 403, Code: "plan_required", Message: "no"}}}},
			nil, 0, "### ❌ The Cursor API could not be used", "failure"},
	} {
		for _, mode := range []string{"progress", "result"} {
			t.Run(test.name+", "+mode, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					hub := newGitHub(t, everyWrite())
					s := newStep(t, simulator.Config{Scenario: test.plays}).at(hub).onPullRequest().with("comment", mode, "check", "Agent").with(test.inputs...)
					if test.signal == 0 {
						s.run(t.Context())
					} else if status, took := s.signalled(test.signal); status != 130 || took > 5*time.Second {
						t.Errorf("exit status %d, %s after the signal", status, took)
					}
					if diff := cmp.Diff([]string{test.heading}, headings(hub, 9)); diff != "" {
						t.Errorf("comments (-want +got):\n%s\n%s", diff, s.logged())
					}
					for _, comment := range ourComments(hub, 9) {
						if isUnfinished(comment) {
							t.Errorf("the comment is open:\n%s", comment)
						}
					}
					checks := hub.Repository("acme/shop").CheckRuns
					if len(checks) != 1 || checks[0].Conclusion != test.check || checks[0].HeadSHA != forgetest.SHA("fix") || checks[0].Name != "Agent" {
						t.Errorf("check runs: %+v, want one that ends as %s", checks, test.check)
					}
					if state := s.state()["board"]; state != "closed" {
						t.Errorf("the state says %q", state)
					}
					created := len(hub.Asked("issues/create-comment"))
					if updated := len(hub.Asked("issues/update-comment")); created != 1 || mode == "result" && updated > 0 {
						t.Errorf("%d comments were made, and %d updates", created, updated)
					}
				})
			})
		}
	}
}

// Whoever asks in a comment sees at once that it was heard, where the action shows
// itself at all, and only then.
func TestACommentThatIsHeardGetsEyes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		by     string
		inputs []string
		faults []forgetest.Fault
		eyes   int
	}{
		{"with progress", "ann", []string{"comment", "progress"}, nil, 1},
		{"with the result", "ann", []string{"comment", "result"}, nil, 1},
		{"without a comment", "ann", nil, nil, 0},
		{"of who may not ask", "eve", []string{"comment", "progress"}, nil, 0},
		{"in a dry run", "ann", []string{"comment", "progress", "dry-run", "true"}, nil, 0},
		{"where GitHub refuses", "ann", []string{"comment", "progress"}, []forgetest.Fault{{Operation: "reactions/create-for-issue-comment", Answer: &forgetest.Answer{Status: 403}}}, 0},
		{"where GitHub does not answer", "ann", []string{"comment", "progress"}, []forgetest.Fault{{Operation: "reactions/create-for-issue-comment", Delay: time.Hour}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := gitHubOf(t, test.faults...)
				id := hub.Comment("acme/shop", 4, forgetest.Comment{Author: test.by, Body: "Please."})
				asking := by(test.by, commented("Please."))
				asking.more = map[string]any{"comment": map[string]any{"id": id, "body": "Please.", "user": map[string]any{"login": test.by}}}
				s := newStep(t, lasting(time.Minute)).beside(hub).on(asking).with(test.inputs...)
				began := time.Now()
				if status := s.run(t.Context()); status != 0 || len(s.warnings()) > 0 || time.Since(began) > 90*time.Second {
					t.Errorf("exit status %d after %s\n%s", status, time.Since(began), s.logged())
				}
				if got := hub.Issue("acme/shop", 4).Comments[0].Reactions; len(got) != test.eyes || test.eyes == 1 && got[0].Content != "eyes" {
					t.Errorf("the comment has %d reactions, want %d", len(got), test.eyes)
				}
			})
		})
	}
}

func TestWithoutTheInputsGitHubIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, lasting(time.Minute)).at(hub).onIssue()
		if status := s.run(t.Context()); status != 0 || len(writes(hub)) != 0 {
			t.Errorf("exit status %d, requests %+v", status, writes(hub))
		}
		before := len(hub.Requests())
		if status := s.cleanup(t.Context(), true); status != 0 || len(hub.Requests()) != before {
			t.Errorf("the cleanup: exit status %d, %d requests", status, len(hub.Requests())-before)
		}
	})
}

func TestAnotherAttemptWritesIntoTheSameCommentAndAnotherStepIntoItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		first := newStep(t, lasting(time.Minute)).at(hub).onIssue().with("comment", "progress")
		first.run(t.Context())
		url := first.outputs()["comment-url"]
		for _, attempt := range []struct {
			with     []string
			comments int
		}{
			{[]string{"GITHUB_RUN_ATTEMPT", "2"}, 1},
			{[]string{"GITHUB_RUN_ID", "2000"}, 1},
			{[]string{"GITHUB_ACTION", "agent_2"}, 2},
			{[]string{"GITHUB_JOB", "other"}, 3},
			{[]string{"GITHUB_WORKFLOW", "others"}, 4},
			{[]string{"idempotency-key", "1"}, 5},
		} {
			s := stepAgainst(t, first.api).at(hub).onIssue().with("comment", "progress").with(attempt.with...)
			if status := s.run(t.Context()); status != 0 {
				t.Errorf("%v: exit status %d\n%s", attempt.with, status, s.logged())
			}
			if n := len(ourComments(hub, 7)); n != attempt.comments {
				t.Errorf("after %v there are %d comments, want %d", attempt.with, n, attempt.comments)
			}
			if same := s.outputs()["comment-url"] == url; same != (attempt.comments == 1) {
				t.Errorf("%v wrote to %s", attempt.with, s.outputs()["comment-url"])
			}
		}
	})
}
