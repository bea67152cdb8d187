package agent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

func push(repository, branch, pullRequest string) cursor.GitBranch {
	return cursor.GitBranch{RepoURL: repository, Branch: branch, PRURL: pullRequest}
}

func TestThePushThatCountsIsThatOfTheAskedRepository(t *testing.T) {
	t.Parallel()
	type branches = []cursor.GitBranch
	const ours, theirs = "github.com/acme/widgets", "github.com/acme/gadgets"
	for _, test := range []struct {
		name       string
		repository string
		git        branches
		want       agent.Pushed
	}{
		{"nothing", "https://" + ours, nil, agent.Pushed{}},
		{"without scheme", "https://" + ours, branches{push(ours, "b", "https://p")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"with scheme", ours, branches{push("https://"+ours, "b", "https://p"), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"with .git", "https://" + ours + ".git", branches{push(ours, "b", "https://p"), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"with a slash", "https://" + ours + "/", branches{push(ours, "b", "https://p"), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"with .git/", "https://" + ours, branches{push(ours+".git/", "b", "https://p"), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"in another case", "https://GitHub.com/Acme/Widgets", branches{push(ours, "b", "https://p"), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"another repository's pull request does not count", "https://" + ours, branches{push(ours, "b", ""), push(theirs, "c", "https://q")}, agent.Pushed{Branch: "b"}},
		{"a renamed repository", "https://" + ours, branches{push(theirs, "c", "https://q")}, agent.Pushed{Branch: "c", PRURL: "https://q"}},
		{"an environment's own", "", branches{push(theirs, "c", ""), push(ours, "b", "https://p")}, agent.Pushed{Branch: "b", PRURL: "https://p"}},
		{"a stack", "https://" + ours, branches{push(ours, "1", "https://p1"), push(ours, "2", "https://p2"), push(ours, "3", "https://p3")}, agent.Pushed{Branch: "3", PRURL: "https://p3"}},
		{"a stack whose last has no pull request", "https://" + ours, branches{push(ours, "1", "https://p1"), push(ours, "2", "https://p2"), push(ours, "3", "")}, agent.Pushed{Branch: "2", PRURL: "https://p2"}},
		{"branches without pull requests", "https://" + ours, branches{push(ours, "1", ""), push(ours, "2", "")}, agent.Pushed{Branch: "2"}},
		{"an address that is none", "https://" + ours, branches{push(ours, "b", "javascript:alert(1)")}, agent.Pushed{Branch: "b"}},
		{"a pull request without branch", "https://" + ours, branches{push(ours, "", "https://p")}, agent.Pushed{PRURL: "https://p"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := cursor.Run{ID: "run-2", Status: cursor.RunFinished, Git: test.git}
			got := agent.Unfinished(agent.OutcomeTimedOut, agent.Spec{Repository: test.repository}, agent.Handle{AgentID: "bc-1", RunID: "run-1"}, run)
			want := agent.Result{
				Handle:  agent.Handle{AgentID: "bc-1", RunID: "run-2", Status: cursor.RunFinished},
				Outcome: agent.OutcomeTimedOut, Run: run, Pushed: test.want,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnUnfinishedResultKeepsWhatTheHandleKnows(t *testing.T) {
	t.Parallel()
	handle := agent.Handle{AgentID: "bc-1", RunID: "run-1", Status: cursor.RunCreating, Generation: 2}
	got := agent.Unfinished(agent.OutcomeLaunched, task(), handle, cursor.Run{})
	if diff := cmp.Diff(agent.Result{Handle: handle, Outcome: agent.OutcomeLaunched}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFiguresAreThoseOfOurRun(t *testing.T) {
	t.Parallel()
	cents := func(charged float64) *cursor.Cost { return &cursor.Cost{RawCents: new(99.0), ChargedCents: &charged} }
	tokens := func(n int64) cursor.TokenUsage { return cursor.TokenUsage{InputTokens: n, TotalTokens: n} }
	type figures struct {
		Tokens      cursor.TokenUsage
		TokensKnown bool
		Cents       float64
		CentsKnown  bool
	}
	for _, test := range []struct {
		name  string
		usage *cursor.Usage
		want  figures
	}{
		{"not known", nil, figures{}},
		{"ours among several", &cursor.Usage{Total: tokens(60), Cost: cents(6), Runs: []cursor.RunUsage{
			{ID: "run-0", Usage: tokens(10), Cost: cents(1)}, {ID: "run-1", Usage: tokens(20), Cost: cents(2)}, {ID: "run-2", Usage: tokens(30), Cost: cents(3)},
		}}, figures{tokens(20), true, 2, true}},
		{"only a total", &cursor.Usage{Total: tokens(60), Cost: cents(6)}, figures{tokens(60), true, 6, true}},
		{"others only", &cursor.Usage{Total: tokens(60), Cost: cents(6), Runs: []cursor.RunUsage{{ID: "run-0", Usage: tokens(60), Cost: cents(6)}}},
			figures{tokens(0), true, 0, false}},
		{"no cost", &cursor.Usage{Runs: []cursor.RunUsage{{ID: "run-1", Usage: tokens(20)}}}, figures{tokens(20), true, 0, false}},
		{"included in the plan", &cursor.Usage{Runs: []cursor.RunUsage{{ID: "run-1", Usage: tokens(20), Cost: cents(0)}}}, figures{tokens(20), true, 0, true}},
		{"a cost without a charge", &cursor.Usage{Runs: []cursor.RunUsage{{ID: "run-1", Usage: tokens(20), Cost: &cursor.Cost{RawCents: new(5.0)}}}},
			figures{tokens(20), true, 0, false}},
		{"our run alone, its cost in the total", &cursor.Usage{Cost: cents(6), Runs: []cursor.RunUsage{{ID: "run-1", Usage: tokens(20)}}}, figures{tokens(20), true, 6, true}},
		{"of several runs, the cost in the total only", &cursor.Usage{Cost: cents(6), Runs: []cursor.RunUsage{
			{ID: "run-0", Usage: tokens(20)}, {ID: "run-1", Usage: tokens(20)},
		}}, figures{tokens(20), true, 0, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			result := agent.Result{Handle: agent.Handle{RunID: "run-1"}, Usage: test.usage}
			var got figures
			got.Tokens, got.TokensKnown = result.Tokens()
			got.Cents, got.CentsKnown = result.CostCents()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
