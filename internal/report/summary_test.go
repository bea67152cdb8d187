package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/prompt"
	"cursor-agent-action/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	agentID = "bc-7f1c2b9e-0d4a-4b6e-9a55-3c2f7e6d1a20"
	runID   = "run-3b0d6f8a-5c1e-4f27-8e9b-6a7c5d4e3f21"
)

// happy is a summary of a run in which all went well.
func happy() report.Summary {
	return report.Summary{
		Result: agent.Result{
			Handle:  agent.Handle{AgentID: agentID, RunID: runID, URL: "https://cursor.com/agents/" + agentID, Status: cursor.RunFinished},
			Outcome: agent.OutcomeSucceeded,
			Run: cursor.Run{
				ID: runID, AgentID: agentID, Status: cursor.RunFinished, Duration: 192 * time.Second,
				Result: "I fixed the flaky test in `internal/cache`.\n\n- **cache.go**: a lock around both maps\n- **cache_test.go**: runs 100 times with `-race`",
			},
			Pushed: agent.Pushed{Branch: "cursor/fix-flaky-test-1a2b", PRURL: "https://github.com/octo-org/shop/pull/12"},
			Usage: &cursor.Usage{
				Total: cursor.TokenUsage{InputTokens: 12_000, OutputTokens: 34_567, CacheWriteTokens: 88_000, CacheReadTokens: 1_100_000, TotalTokens: 1_234_567},
				Cost:  &cursor.Cost{RawCents: new(42.4), ChargedCents: new(42.4)},
			},
		},
		Title:      "Fix the flaky test in internal/cache and open a pull request.",
		Repository: "https://github.com/octo-org/shop",
		Ref:        "main",
		Waited:     195 * time.Second,
		Limit:      time.Hour,
		Version:    "1.2.3",
	}
}

// unhappy is a summary of a run that came to another end.
func unhappy(outcome agent.Outcome, status cursor.RunStatus, reason, next string) report.Summary {
	s := happy()
	s.Result.Outcome, s.Result.Reason, s.Result.NextStep = outcome, reason, next
	s.Result.Status, s.Result.Run.Status = status, status
	s.Result.Pushed = agent.Pushed{}
	s.Result.Run.Result = ""
	return s
}

// summaries are one for each outcome, with the ways that it shows.
func summaries() map[string]report.Summary {
	all := map[string]report.Summary{
		"succeeded": happy(),
		"cancelled": unhappy(agent.OutcomeCancelled, cursor.RunCancelled, "the run was cancelled in Cursor, not by this workflow", "run the job again to launch a new agent"),
		"expired":   unhappy(agent.OutcomeExpired, cursor.RunExpired, "Cursor gave the run up before it finished", ""),
		"timed-out": unhappy(agent.OutcomeTimedOut, cursor.RunCancelled, "the agent had not finished after 1 h", "raise `timeout`, or give the agent a smaller task"),
		"agent-error": unhappy(agent.OutcomeAgentError, cursor.RunError, "the agent failed: out of disk space (internal_error)",
			"read its conversation at https://cursor.com/agents/"+agentID+" and run the job again: that launches a new agent"),
	}

	s := all["timed-out"]
	s.Result.Left = "the agent's run was cancelled: https://cursor.com/agents/" + agentID
	all["timed-out"] = s

	s = happy()
	s.Result.Run.Result = strings.Repeat("A line of an answer that goes on and on.\n\n", 10)
	s.PullRequest, s.Result.Pushed.PRURL = "https://github.com/octo-org/shop/pull/7", "https://github.com/Octo-Org/shop/pull/7/"
	s.Result.Attached, s.Model = true, "claude-5-sonnet"
	s.Result.Usage.Cost.ChargedCents = new(0.0)
	s.Result.Usage.Runs = []cursor.RunUsage{
		{ID: "run-other", Cost: &cursor.Cost{RawCents: new(9999.0)}},
		{ID: runID, Usage: s.Result.Usage.Total, Cost: s.Result.Usage.Cost},
	}
	s.ArtifactsPath = "out/artifacts"
	s.Artifacts = []report.Artifact{{Path: "artifacts/shot.png", Size: 123_456}, {Path: "artifacts/big.mp4", Problem: "more than 100 MB"}}
	s.Warnings = []string{"artifact artifacts/big.mp4: more than 100 MB"}
	all["succeeded-with-everything"] = s

	s = happy()
	s.Prompt = prompt.Assembly{Hash: strings.Repeat("0f", 32), Origins: []prompt.Origin{
		{Source: "prompt", Trusted: true, Fetched: 120, Used: 120, SHA256: strings.Repeat("1a", 32)},
		{Source: "request in the comment", Author: "octocat", Trusted: true, Fetched: 40, Used: 40, SHA256: strings.Repeat("2b", 32)},
		{Source: "issue 7", Author: "mallory", URL: "https://github.com/octo-org/shop/issues/7", Fetched: 90_000, Used: 65_536, Cut: true, Folded: 1, SHA256: strings.Repeat("3c", 32),
			Removed: prompt.Removed{prompt.HTMLComment: 2, prompt.Bidi: 1}},
		{Source: "comment by @a|b on issue 7", Author: "a|b", Fetched: 9, Cut: true, SHA256: strings.Repeat("4d", 32)},
	}}
	all["succeeded-with-a-context"] = s

	s = happy()
	s.Result.Pushed.PRURL = ""
	s.Result.Usage, s.Result.UsageProblem = nil, &cursor.Error{Op: "get usage", Method: "GET", Path: "/v1/agents/x/usage", Status: 403, Code: cursor.CodeFeatureUnavailable, Message: "not enabled"}
	s.Result.Generation = 2
	all["succeeded-with-a-branch"] = s

	s = happy()
	s.Result.Pushed = agent.Pushed{}
	s.Result.Usage = &cursor.Usage{}
	s.Repository, s.Ref, s.Limit = "", "", 0
	all["succeeded-without-a-branch"] = s

	s = unhappy(agent.OutcomeLaunched, cursor.RunCreating, "", "")
	s.Result.Run, s.Waited = cursor.Run{}, 2*time.Second
	all["launched"] = s

	s = unhappy(agent.OutcomeNoChanges, cursor.RunFinished, "the agent finished and pushed nothing", "read its answer: it may have found nothing to change")
	s.Result.Run.Result = "There is nothing to fix: the test passes 1,000 times."
	all["no-changes"] = s

	s = unhappy(agent.OutcomePRMissing, cursor.RunFinished, "the agent pushed the branch cursor/fix-1a2b, but no pull request was there 30s after its end", "")
	s.Result.Pushed.Branch = "cursor/fix-1a2b"
	all["pr-missing"] = s

	s = unhappy(agent.OutcomeInvalidResult, cursor.RunFinished, "the answer's JSON has no field `files`", "")
	s.Result.Run.Result = "```json\n{\"ok\": true}\n```"
	all["invalid-result"] = s

	s = unhappy(agent.OutcomeTimedOut, "", "no agent could be launched within 1h: launch agent: POST /v1/agents: 503 Service Unavailable", "raise timeout, or run the job again later")
	s.Result.Handle, s.Result.Run, s.Result.Usage = agent.Handle{AgentID: agentID}, cursor.Run{}, nil
	all["timed-out-before-the-launch"] = s

	s = unhappy(agent.OutcomeAPIError, "", "launch agent: POST /v1/agents: 401 unauthorized: Invalid User API Key (request abc)", "check the secret behind api-key; create one at https://cursor.com/dashboard/api")
	s.Result.Handle, s.Result.Run, s.Result.Usage = agent.Handle{}, cursor.Run{}, nil
	all["api-error"] = s

	s = unhappy(agent.OutcomeSkipped, "", "octocat has the permission read, and write is needed", "")
	s.Result.Handle, s.Result.Run, s.Result.Usage = agent.Handle{}, cursor.Run{}, nil
	all["skipped"] = s

	s = unhappy(agent.OutcomeDryRun, "", "", "")
	s.Result.Handle, s.Result.Run, s.Result.Usage = agent.Handle{AgentID: agentID}, cursor.Run{}, nil
	s.DryRunRequest = "{\n  \"prompt\": {\n    \"text\": \"Fix the flaky test\"\n  }\n}"
	all["dry-run"] = s

	all["input-error"] = report.Summary{
		Problem: "timeout: \"10\" has no unit; prompt: is empty", NextStep: "mend that in the workflow; nothing was launched",
		Waited: 3 * time.Millisecond, Version: "1.2.3", Timeline: report.NewTimeline(),
	}
	s = unhappy("", cursor.RunRunning, "", "")
	s.Problem = "signal: terminated"
	all["no-verdict"] = s
	return all
}

func TestSummaryOfEachOutcome(t *testing.T) {
	t.Parallel()
	said := map[string]agent.Outcome{}
	covered := map[agent.Outcome]bool{}
	for name, summary := range summaries() {
		outcome := summary.Result.Outcome
		covered[outcome] = true
		got := summary.Markdown()
		title, _, _ := strings.Cut(got, "\n")
		if other, ok := said[title]; ok && other != outcome {
			t.Errorf("%q and %q have the same heading %q", outcome, other, title)
		}
		said[title] = outcome
		golden(t, name+".md", got)
	}
	for _, outcome := range agent.Outcomes() {
		if !covered[outcome] {
			t.Errorf("the outcome %q has no summary here", outcome)
		}
		if got := (report.Summary{Result: agent.Result{Outcome: outcome}}).Markdown(); strings.Contains(got, string(outcome)+"`") {
			t.Errorf("the outcome %q has no words of its own:\n%s", outcome, got)
		}
	}
	want := "## ❌ The outcome is `new-one`\n\n<sub>cursor-agent-action</sub>\n"
	if diff := cmp.Diff(want, report.Summary{Result: agent.Result{Outcome: "new-one"}}.Markdown()); diff != "" {
		t.Errorf("an outcome that nobody knows (-want +got):\n%s", diff)
	}
}

// golden compares got with a file in testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestASummarySaysWhyAndWhatToDoNextAndAddsNoWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, outcome := range append(agent.Outcomes(), "") {
		got := report.Summary{Result: agent.Result{Outcome: outcome}}.Markdown()
		if strings.Contains(got, "**Why:** ") || strings.Contains(got, "**Next step:** ") {
			t.Errorf("%q: the summary says more than it was told:\n%s", outcome, got)
		}
	}
	s := unhappy(agent.OutcomeAgentError, cursor.RunError, "the reason", "the step")
	s.Problem, s.NextStep = "the problem", "the better step"
	got := s.Markdown()
	for _, want := range []string{"**Why:** the problem\n\n**Why:** the reason\n\n**Next step:** the better step\n\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	s.Problem, s.NextStep = "see https://cursor.com/a?b=<c>, https://cursor.com/?a&copy=b, https://www.cursor.com. and https://cursor.com.evil.example, `https://evil.example/cursor.com`", "**see https://status.cursor.com**"
	want := "**Why:** see <https://cursor.com/a?b=>&lt;c>, `https://cursor.com/?a&copy=b`, <https://www.cursor.com>. and `https://cursor.com.evil.example`, `https://evil.example/cursor.com`\n\n**Why:** the reason\n\n**Next step:** **see <https://status.cursor.com>**\n\n"
	if got := s.Markdown(); !strings.Contains(got, want) {
		t.Errorf("the summary lacks %q:\n%s", want, got)
	}
	s.Problem = " the  reason"
	if got := s.Markdown(); strings.Count(got, "**Why:**") != 1 {
		t.Errorf("the same reason stands there twice:\n%s", got)
	}
}

func TestSuccessHasNothingToWorryAbout(t *testing.T) {
	t.Parallel()
	s := happy()
	s.Result.Reason = "all is well"
	got := s.Markdown()
	for _, unwanted := range []string{"Why", "Next", "Warning", "Artifacts", "not available", "mermaid", "attempt"} {
		if strings.Contains(got, unwanted) {
			t.Errorf("the summary of a success says %q:\n%s", unwanted, got)
		}
	}
}

func TestLinksLeadWhereTheyShould(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, repository, branch, pullRequest, want string }{
		{"a branch with signs", "https://github.com/o/r.git/", "cursor/a #1?%[x](y)", "", "Branch [cursor/a #1?%\\[x\\](y)](https://github.com/o/r/tree/cursor/a%20%231%3F%25%5Bx%5D%28y%29)"},
		{"a repository with .git", "https://github.com/o/r.git", "b", "", "Branch [b](https://github.com/o/r/tree/b)"},
		{"no repository", "", "b", "", "Branch `b`"},
		{"a repository without https", "http://git.example/o/r", "b", "", "Branch `b`"},
		{"a repository that is no address", "o/r", "b", "", "Repository `o/r`"},
		{"a pull request", "", "", "https://git.example/o/r/pull/12/files", "Pull request [#12](https://git.example/o/r/pull/12/files)"},
		{"a merge request", "", "", "https://gitlab.example/o/r/-/merge_requests/3", "Pull request [#3](https://gitlab.example/o/r/-/merge_requests/3)"},
		{"a number that is none", "", "", "https://a.b/o/r/pull/1x", "Pull request [https:&#8203;//a.b/o/r/pull/1x](https://a.b/o/r/pull/1x)"},
		{"another scheme", "", "", "javascript:alert(1)//pull/1", "Pull request `javascript:alert(1)//pull/1`"},
		{"no address", "", "", "https://a.b/%zz", "Pull request `https://a.b/%zz`"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := happy()
			s.Repository, s.Result.Pushed = test.repository, agent.Pushed{Branch: test.branch, PRURL: test.pullRequest}
			if got := s.Markdown(); !strings.Contains(got, test.want) {
				t.Errorf("the summary lacks %q:\n%s", test.want, got)
			}
		})
	}
	s := happy()
	s.Result.URL = "http://127.0.0.1:8787/agents/" + agentID
	if want, got := "\n\nAgent `"+s.Result.URL+"` · Branch", s.Markdown(); !strings.Contains(got, want) {
		t.Errorf("the summary lacks %q:\n%s", want, got)
	}
	s.PullRequest = "https://github.com/octo-org/shop/pull/3"
	if want, got := "Pull request [#12](https://github.com/octo-org/shop/pull/12) · Asked to work on [#3](https://github.com/octo-org/shop/pull/3) · Repository [octo-org/shop](https://github.com/octo-org/shop)\n", s.Markdown(); !strings.Contains(got, want) {
		t.Errorf("the summary lacks %q:\n%s", want, got)
	}
}

func TestASummaryShowsItsTimeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := happy()
		s.Timeline = report.NewTimeline()
		for i, update := range []agent.Update{agent.Planned{}, agent.Started{}, agent.StatusChanged{Status: cursor.RunRunning}, agent.StatusChanged{Status: cursor.RunFinished}} {
			s.Timeline.Observe(update)
			time.Sleep(time.Duration(i+1) * time.Second)
		}
		if want, got := fmt.Sprintf("\n\n%s\n\n<sub>", s.Timeline.Mermaid()), s.Markdown(); !strings.Contains(got, want) || !strings.Contains(got, "Working, 3 s") {
			t.Errorf("the summary lacks the timeline:\n%s", got)
		}
	})
}
