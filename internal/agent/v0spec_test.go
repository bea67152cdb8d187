package agent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

func TestBranchesSayWhatTheAgentIsAskedToDoAndEndWithTheMark(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, prompt, title, want string }{
		{"words", "Fix the flaky test in internal/cache.\nThen stop.", "", "cursor/fix-the-flaky-test-in-internal-cache-"},
		{"the title", "Fix it.", "Nightly: upkeep!", "cursor/nightly-upkeep-"},
		{"a long one", strings.Repeat("word ", 20), "", "cursor/word-word-word-word-word-word-word-word-"},
		{"another script", "修复测试", "", "cursor/"},
		{"what no branch may hold", "..~^:?*[\\ @{ .lock/", "", "cursor/lock-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := task()
			spec.Prompt.Text, spec.Title = test.prompt, test.title
			name := agent.Request(cursor.V1, secret.New(key), work(), spec, 3).Name
			mark := strings.Trim(name[strings.LastIndex(name, " ")+1:], "[]")
			if diff := cmp.Diff(test.want+mark, branch(spec, work(), 3)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestsOfVersion0AskForNothingThatItLacks(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]agent.Spec{"marked": marked(), "named": named(), "on head": onHead()} {
		for _, feature := range agent.Request(cursor.V0, secret.New(key), work(), spec, 0).Features() {
			if reason := cursor.V0.Lacks(feature); reason != "" {
				t.Errorf("%s: %s %s", name, feature, reason)
			}
		}
	}
	asked := named()
	asked.Title = "A title"
	if diff := cmp.Diff([]cursor.Feature{cursor.FeatureName, cursor.FeatureBranch}, asked.Features()); diff != "" {
		t.Errorf("features (-want +got):\n%s", diff)
	}
	if got := marked().Features(); len(got) != 0 {
		t.Errorf("features %v of a task that asks for none", got)
	}
}

func TestThePullRequestThatAnAgentBeganFromIsNotItsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		spec    func(*agent.Spec)
		want    agent.Pushed
		outcome agent.Outcome
	}{
		{"a new branch", func(s *agent.Spec) {}, agent.Pushed{Branch: "cursor/x", Unproven: true}, agent.OutcomePRMissing},
		{"written otherwise", func(s *agent.Spec) { s.PullRequest = "https://GitHub.com/acme/widgets/pull/7/" }, agent.Pushed{Branch: "cursor/x", Unproven: true}, agent.OutcomePRMissing},
		{"another one", func(s *agent.Spec) { s.PullRequest = "https://github.com/acme/widgets/pull/8" }, agent.Pushed{Branch: "cursor/x", PRURL: pull}, agent.OutcomeSucceeded},
		{"no pull request to begin from", func(s *agent.Spec) { s.PullRequest = "" }, agent.Pushed{Branch: "cursor/x", PRURL: pull}, agent.OutcomeSucceeded},
		{"its own branch", func(s *agent.Spec) { s.WorkOnCurrentBranch = true }, agent.Pushed{Branch: "cursor/x", PRURL: pull}, agent.OutcomeSucceeded},
		{"no pull request wanted", func(s *agent.Spec) { s.CreatePR = false }, agent.Pushed{Branch: "cursor/x", Unproven: true}, agent.OutcomeSucceeded},
	} {
		spec := task()
		spec.PullRequest, spec.CreatePR = pull, true
		test.spec(&spec)
		run := cursor.Run{Status: cursor.RunFinished, Git: []cursor.GitBranch{{RepoURL: spec.Repository, Branch: "cursor/x", PRURL: pull, Unproven: true}}}
		got := agent.Unfinished(agent.OutcomeLaunched, spec, agent.Handle{}, run).Pushed
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if outcome := agent.Judge(spec, run.Status, got); outcome != test.outcome {
			t.Errorf("%s: %s, want %s", test.name, outcome, test.outcome)
		}
	}
}

func TestAnAgentWithoutAnythingOfOursCanNotBeToldFromOthers(t *testing.T) {
	t.Parallel()
	withVariables := task()
	withVariables.EnvVars = map[string]string{"A": "b"}
	onPull := onHead()
	onPull.WorkOnCurrentBranch = false
	for _, test := range []struct {
		name    string
		version cursor.APIVersion
		spec    agent.Spec
		want    bool
	}{
		{"by its id", cursor.V1, task(), true},
		{"by its name", cursor.V1, withVariables, true},
		{"on a pull request of version 1", cursor.V1, onHead(), true},
		{"by its mark", cursor.V0, marked(), true},
		{"by its mark, on a pull request", cursor.V0, onPull, true},
		{"by the user's branch", cursor.V0, named(), false},
		{"by its pull request", cursor.V0, onHead(), false},
	} {
		if got := agent.Recognizable(test.version, test.spec); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestAWebhooksSecretIsNoPartOfTheWork(t *testing.T) {
	t.Parallel()
	spec := task()
	spec.Webhook = &cursor.Webhook{URL: "https://example.com", Secret: strings.Repeat("a", 32)}
	first := id(work(), spec, 0)
	spec.Webhook = &cursor.Webhook{URL: "https://example.com", Secret: strings.Repeat("b", 32)}
	if second := id(work(), spec, 0); first != second {
		t.Errorf("another secret gives %s after %s", second, first)
	}
}
