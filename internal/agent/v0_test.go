package agent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

const pull = "https://github.com/acme/widgets/pull/7"

// branch is the branch of an agent of version 0.
func branch(spec agent.Spec, work agent.Work, generation int) string {
	return agent.Request(cursor.V0, secret.New(key), work, spec, generation).Branch
}

// named, onHead and marked are tasks whose agents are found by a branch of the
// user's, by their pull request and by a mark.
func named() agent.Spec {
	spec := task()
	spec.Branch = "feature/nightly"
	return spec
}

func onHead() agent.Spec {
	spec := task()
	spec.Ref, spec.PullRequest, spec.WorkOnCurrentBranch = "", pull, true
	return spec
}

func marked() agent.Spec { return task() }

func TestAnAgentOfVersion0IsFollowedLikeAnyOther(t *testing.T) {
	t.Parallel()
	bubbleV0(t, &v0{duration: 3 * time.Minute}, func(t *testing.T, w *v0World) {
		handle := w.launch(t, task(), work())
		result := w.agents.Finish(t.Context(), task(), handle, w.follow(t, handle))
		want := agent.Pushed{Branch: branch(task(), work(), 0), PRURL: "https://github.com/acme/widgets/pull/9"}
		if diff := cmp.Diff(want, result.Pushed); diff != "" || result.Outcome != agent.OutcomeSucceeded || result.Run.Result != "Done." {
			t.Errorf("outcome %s, result %q, pushed (-want +got):\n%s", result.Outcome, result.Run.Result, diff)
		}
		if diff := cmp.Diff([]agent.Said{{Text: "After 1m0s."}, {Text: "After 2m0s."}, {Text: "Done."}}, of[agent.Said](&w.world)); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		if !errors.Is(result.UsageProblem, cursor.CodeFeatureUnavailable) || result.Usage != nil {
			t.Errorf("usage %v, problem %v", result.Usage, result.UsageProblem)
		}
		if away := of[agent.StreamAway](&w.world); len(away) != 0 {
			t.Errorf("the stream was away: %v", away)
		}
		if took, asked := time.Since(w.began), len(w.api.operations("")); took > 4*time.Minute || asked > 40 {
			t.Errorf("that took %s and %d requests", took, asked)
		}
	})
}

func TestAnAgentOfVersion0WhoseConversationIsRefusedIsPolled(t *testing.T) {
	t.Parallel()
	api := &v0{duration: 3 * time.Minute, refuse: map[string]int{"GET /v0/agents/ID/conversation": 403}}
	// The run of the agent that was created is known without the conversation.
	bubbleV0(t, api, func(t *testing.T, w *v0World) {
		run := w.run(t)
		if run.Status != cursor.RunFinished || time.Since(w.began) > 4*time.Minute+20*time.Second { // a look is 72 s after the last one at most
			t.Errorf("after %s it is %s", time.Since(w.began), run.Status)
		}
		if away := of[agent.StreamAway](&w.world); len(away) != 1 || !away[0].Gone {
			t.Errorf("the stream was away: %v", away)
		}
		if n := len(w.api.operations("GET /v0/agents/ID/conversation")); n > 3 {
			t.Errorf("the conversation was asked for %d times", n)
		}
	})
}

func TestARunOfVersion0ThatWeStopIsCancelled(t *testing.T) {
	t.Parallel()
	bubbleV0(t, &v0{duration: time.Hour}, func(t *testing.T, w *v0World) {
		run, err := w.agents.Cancel(t.Context(), w.launch(t, task(), work()))
		if err != nil || run.Status != cursor.RunCancelled {
			t.Errorf("got %+v, %v; want it cancelled", run, err)
		}
		if n := len(w.api.operations("POST /v0/agents/ID/stop")); n != 1 {
			t.Errorf("%d stops, want 1", n)
		}
	})
}

func TestALaunchOfVersion0WhoseAnswerWasLostIsFoundAndNotRepeated(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"by its mark": marked(), "by the user's branch": named(), "by its pull request": onHead()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &v0{duration: time.Hour, shown: 5 * time.Second}
			bubbleV0(t, api, func(t *testing.T, w *v0World) {
				old := w.launch(t, spec, agent.Work{Job: "another"})
				time.Sleep(time.Hour)
				api.refuse = map[string]int{"POST /v0/agents": 1}
				w.forget()
				got := w.launch(t, spec, work())
				if got.AgentID != "bc-1" || got.RunID != "v0-0" || got.Attached || old.AgentID != "bc-0" {
					t.Errorf("got %+v, the agent before it is %+v", got, old)
				}
				if n := len(w.api.operations("POST")); n != 2 {
					t.Errorf("%d launches, want 2", n)
				}
				planned := of[agent.Planned](&w.world)
				if len(planned) != 1 || planned[0].AgentID+planned[0].Name != "" || planned[0].Branch != branch(spec, work(), 0) {
					t.Errorf("planned %+v", planned)
				}
			})
		})
	}
}

func TestALaunchOfVersion0ThatCanNotBeFoundIsAmbiguous(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, trace string
		spec        agent.Spec
	}{
		{"by its mark", `branch "` + branch(task(), work(), 0) + `"`, marked()},
		{"by the user's branch", `branch "feature/nightly"`, named()},
		{"by its pull request", "on " + pull, onHead()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := &v0{duration: 2 * time.Hour}
			bubbleV0(t, api, func(t *testing.T, w *v0World) {
				other := test.spec
				other.Prompt.Text = "Something else."
				w.launch(t, test.spec, agent.Work{Job: "another"}) // too old
				time.Sleep(time.Hour)
				w.launch(t, other, agent.Work{Job: "another"}) // asked for something else
				api.refuse = map[string]int{"POST /v0/agents": 2}
				launched := len(w.api.operations("POST"))
				_, err := w.agents.Launch(t.Context(), test.spec, work())
				want := "launch agent: an agent may have been launched, but it could not be found (" + test.trace + "): create agent: POST /v0/agents: the connection broke (may have been carried out)"
				if diff := cmp.Diff(want, text(err)); diff != "" || !errors.Is(err, agent.ErrAmbiguous) || !agent.MaybeLaunched(err) {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if n := len(w.api.operations("POST")); n != launched+1 {
					t.Errorf("%d launches, want one", n-launched)
				}
			})
		})
	}
}

func TestARerunTakesTheAgentOfVersion0ThatIsSurelyOurs(t *testing.T) {
	t.Parallel()
	elsewhere := func(spec agent.Spec) agent.Spec {
		spec.Prompt.Text = "Something else."
		return spec
	}
	for _, test := range []struct {
		name          string
		first, second agent.Spec
		after         time.Duration // 2 h is behind its end
		attached      bool
	}{
		{"marked and live", marked(), marked(), time.Minute, true},
		{"marked and finished", marked(), marked(), 2 * time.Hour, true},
		{"marked, and other work", elsewhere(marked()), marked(), time.Minute, false},
		{"on the user's branch and live", named(), named(), time.Minute, true},
		{"on the user's branch and finished: it may be last night's", named(), named(), 2 * time.Hour, false},
		{"on the user's branch, asked for something else", elsewhere(named()), named(), time.Minute, false},
		{"on another branch", marked(), named(), time.Minute, false},
		{"on the pull request and live", onHead(), onHead(), time.Minute, true},
		{"on the pull request and finished", onHead(), onHead(), 2 * time.Hour, false},
		{"on another pull request", func() agent.Spec {
			spec := onHead()
			spec.PullRequest = "https://github.com/acme/widgets/pull/8"
			return spec
		}(), onHead(), time.Minute, false},
		{"in another repository", func() agent.Spec {
			spec := named()
			spec.Repository = "https://github.com/acme/gadgets"
			return spec
		}(), named(), time.Minute, false},
		{"on the pull request, asked for something else", elsewhere(onHead()), onHead(), time.Minute, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubbleV0(t, &v0{duration: time.Hour}, func(t *testing.T, w *v0World) {
				first := w.launch(t, test.first, work())
				time.Sleep(test.after)
				got := w.launch(t, test.second, rerun())
				if got.Attached != test.attached || (got.AgentID == first.AgentID) != test.attached {
					t.Errorf("got %+v after %+v; want attached %v", got, first, test.attached)
				}
				found, err := w.agents.Locate(t.Context(), test.second, work())
				located := len(found) > 0 && found[0].AgentID == first.AgentID
				if err != nil || located != test.attached {
					t.Errorf("located %+v, %v after %+v", found, err, first)
				}
			})
		})
	}
}

func TestARerunOfVersion0FollowsABadEndByTheNextGeneration(t *testing.T) {
	t.Parallel()
	bubbleV0(t, &v0{duration: time.Minute, ending: "ERROR"}, func(t *testing.T, w *v0World) {
		for generation := range 3 {
			got := w.launch(t, task(), rerun())
			if got.Generation != generation || got.Attached || w.api.agents[generation].branch != branch(task(), work(), generation) {
				t.Errorf("generation %d: launched %+v on %s", generation, got, w.api.agents[generation].branch)
			}
			time.Sleep(2 * time.Minute)
		}
	})
}

func TestWhoseAgentItIsMustBeReadable(t *testing.T) {
	t.Parallel()
	api := &v0{duration: time.Hour}
	bubbleV0(t, api, func(t *testing.T, w *v0World) {
		w.launch(t, named(), work())
		time.Sleep(time.Minute)
		api.refuse = map[string]int{"GET /v0/agents/ID/conversation": 403}
		_, err := w.agents.Launch(t.Context(), named(), rerun())
		want := "launch agent: an earlier attempt may have launched one, but its state could not be read: read conversation: GET /v0/agents/bc-0/conversation: 403 Forbidden: no"
		if diff := cmp.Diff(want, text(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		found, err := w.agents.Locate(t.Context(), named(), work())
		if diff := cmp.Diff("read conversation: GET /v0/agents/bc-0/conversation: 403 Forbidden: no", text(err)); diff != "" || len(found) != 0 {
			t.Errorf("located %v, error (-want +got):\n%s", found, diff)
		}
	})
}
