package cursor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// looks looks at a run every ten seconds, and gives each status with the time at
// which it was first seen.
func looks(t *testing.T, c *cursor.ClientV0, runID string, until time.Duration) (seen []string, last cursor.Run) {
	t.Helper()
	began := time.Now()
	for time.Since(began) < until {
		run, err := c.GetRun(t.Context(), agentID, runID)
		if err != nil {
			t.Fatal(err)
		}
		if run.Status != last.Status {
			seen = append(seen, string(run.Status)+" after "+time.Since(began).String())
		}
		last = run
		time.Sleep(10 * time.Second)
	}
	return seen, last
}

// A follow-up that was stopped before the agent said anything leaves an agent at
// rest with a prompt that is not answered, as a follow-up does that has just been
// sent. Only time tells the two apart.
func TestAPromptThatIsNotAnsweredForMinutesIsCancelled(t *testing.T) {
	t.Parallel()
	unanswered := said("p", "One.", "more")
	with := func(status string, messages []message) state {
		return state{status: status, summary: "Added.", branch: "b", messages: messages}
	}
	tests := []struct {
		name   string
		state  state
		later  func(*state) // what becomes of it after three minutes; nil: nothing
		sender bool         // the client that looks is the one that sent it
		want   []string
		result string
		fault  string
	}{
		{
			name: "an agent that rests", state: with("FINISHED", unanswered),
			want: []string{"CREATING after 0s", "CANCELLED after 5m0s"}, fault: "the agent is at rest and has not answered the prompt",
		},
		{
			name: "for whom sent it, too", state: with("FINISHED", unanswered[:2]), sender: true,
			want: []string{"CREATING after 0s", "CANCELLED after 5m0s"}, fault: "the agent is at rest and has not answered the prompt",
		},
		{
			name: "an agent that failed", state: with("ERROR", unanswered),
			want: []string{"CREATING after 0s", "ERROR after 5m0s"},
		},
		{
			name: "a late answer", state: with("FINISHED", unanswered),
			later: func(s *state) { s.messages = append(s.messages, answers("Two.")) },
			want:  []string{"CREATING after 0s", "FINISHED after 3m0s"}, result: "Two.",
		},
		{
			name: "a late beginning", state: with("FINISHED", unanswered),
			later: func(s *state) { s.status = "RUNNING" },
			want:  []string{"CREATING after 0s", "RUNNING after 3m0s"},
		},
		{
			name: "another prompt after it", state: with("FINISHED", append(said("p", "One.", "more"), asked("again"), answers("Three."))),
			want: []string{"CANCELLED after 0s"}, fault: "the agent is at rest and has not answered the prompt",
		},
		{
			name: "a prompt that is not listed", state: with("FINISHED", unanswered[:2]),
			want: []string{"CREATING after 0s"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &double{state: tt.state}
				_, transport := serveInBubble(t, d.answer)
				c := clientV0(t, "http://127.0.0.1", cursor.Config{Transport: transport})
				if tt.sender {
					if _, err := c.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Prompt: cursor.Prompt{Text: "more"}}); err != nil {
						t.Fatal(err)
					}
					d.set(func(s *state) { s.messages = unanswered })
				}
				if tt.later != nil {
					time.AfterFunc(3*time.Minute-time.Second, func() { d.set(tt.later) })
				}
				got, last := looks(t, c, "v0-2", 20*time.Minute)
				if diff := cmp.Diff(tt.want, got); diff != "" || last.Result != tt.result {
					t.Errorf("result %q, status (-want +got):\n%s", last.Result, diff)
				}
				if (tt.fault == "") != (last.Error == nil) || last.Error != nil && last.Error.Message != tt.fault {
					t.Errorf("its fault is %+v, want %q", last.Error, tt.fault)
				}
				if last.Unbegun != (last.Status == cursor.RunCreating) {
					t.Errorf("unbegun: %v, and it is %s", last.Unbegun, last.Status)
				}
			})
		})
	}
}

func TestTheStreamOfAPromptThatIsNotAnsweredEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, _ := streamV0(t, script(ended(said("p", "One.", "more")...)), "v0-2", "", 0.5)
		if n := len(got.events); n < 3 || got.err != nil {
			t.Fatalf("%q, %v", got.events, got.err)
		}
		if diff := cmp.Diff([]string{"result v0-2 CANCELLED  1", "DoneEvent"}, got.events[len(got.events)-2:]); diff != "" {
			t.Errorf("its end (-want +got):\n%s", diff)
		}
		between(t, "the end", got.after[len(got.after)-1], 5*time.Minute, 6*time.Minute+10*time.Second)
	})
}
