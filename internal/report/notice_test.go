package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

const workflowRun = "https://github.com/octo-org/shop/actions/runs/7261"

// notices is one of each kind, by the name of its golden file.
func notices() map[string]report.Notice {
	launching := report.Notice{Summary: report.Summary{
		Title: happy().Title, Repository: happy().Repository, Ref: "main", Limit: time.Hour, Version: "1.2.3",
	}, Working: true, WorkflowRun: workflowRun}
	working := launching
	working.Result.Handle = happy().Result.Handle
	working.Result.Status = cursor.RunRunning
	working.Waited = 95*time.Second + 300*time.Millisecond
	working.Activity = "edit internal/cache/cache.go"
	elsewhere := report.Notice{Summary: happy(), WorkflowRun: workflowRun}
	elsewhere.Result.Pushed.PRURL = "https://github.com/somebody/else/pull/1"
	unseen := report.Notice{Summary: happy(), WorkflowRun: workflowRun}
	unseen.Result.Outcome, unseen.Result.Run.Result = "", ""
	unseen.Result.Pushed = agent.Pushed{}
	unseen.Problem = "the step was killed; its cleanup stage has ended the agent's run"
	skipped := launching
	skipped.Working = false
	skipped.Result.Outcome = agent.OutcomeSkipped
	skipped.Result.Reason = "octocat has the permission read, and write is needed"
	launched := report.Notice{Summary: happy(), WorkflowRun: workflowRun}
	launched.Result.Outcome, launched.Result.Status, launched.Result.Pushed = agent.OutcomeLaunched, cursor.RunCreating, agent.Pushed{}
	launched.Result.Run = cursor.Run{}
	return map[string]report.Notice{
		"notice-launching": launching,
		"notice-working":   working,
		"notice-succeeded": {Summary: happy(), WorkflowRun: workflowRun},
		"notice-failed":    {Summary: unhappy(agent.OutcomeAgentError, cursor.RunError, "the agent failed: no model", "choose another model"), WorkflowRun: workflowRun},
		"notice-elsewhere": elsewhere,
		"notice-killed":    unseen,
		"notice-skipped":   skipped,
		"notice-launched":  launched,
	}
}

func TestANotice(t *testing.T) {
	t.Parallel()
	for name, notice := range notices() {
		got := notice.Markdown() + "\n"
		golden := filepath.Join("testdata", name+".md")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheHeadlineOfANoticeIsPlain(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"notice-launching": "An agent is being launched",
		"notice-working":   "The agent is at work",
		"notice-succeeded": "The agent's work is in pull request #12",
		"notice-failed":    "The agent failed",
		"notice-elsewhere": "The agent's work is in pull request #1",
		"notice-killed":    "This step ended without a verdict on the agent's work",
		"notice-skipped":   "No agent was launched for this event",
		"notice-launched":  "The agent is at work, and this step did not wait for it",
	}
	got := map[string]string{}
	for name, notice := range notices() {
		got[name] = notice.Headline()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headlines (-want +got):\n%s", diff)
	}
}

// noticeTags are those of a notice, with links to nowhere but the places of the
// work.
var noticeTags = regexp.MustCompile(harmlessTags.String() + `|^<(h3|details|summary|b|sub)>$|^<a href="https://github.com/octo-org/shop(/tree/[^"<>]*|/actions/runs/7261|/pull/[0-9]+)?">$`)

// strangers are addresses that look like those of the work.
var strangers = []string{"https://github.com/victim/repo/pull/1", "https://github.com/octo-org/shop.evil/pull/1", "https://evil.example/octo-org/shop/pull/9"}

func TestHostileTextDoesNoHarmInANotice(t *testing.T) {
	t.Parallel()
	for _, text := range slices.Concat(hostile, strangers) {
		checkNotice(t, text, append(agent.Outcomes(), "", agent.Outcome(text))...)
	}
}

func FuzzNotice(f *testing.F) {
	for _, text := range slices.Concat(hostile, strangers) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, untrusted string) {
		if len(untrusted) < 2_000 {
			checkNotice(t, untrusted, agent.OutcomeSucceeded, agent.OutcomePRMissing, agent.Outcome(untrusted))
		}
	})
}

// hiddenLines are what a comment begins with, before its notice.
const hiddenLines = "<!-- cursor-agent-action 0a1b-7 -->\n<!-- cursor-agent-action working-1-1 -->\n<!-- cursor-agent-action agent-bc-7f1c2b9e -->\n\n"

// checkNotice holds the whole text of a comment against what a reader's page
// makes of it, where all of the work says text.
func checkNotice(t *testing.T, text string, outcomes ...agent.Outcome) {
	t.Helper()
	for _, outcome := range outcomes {
		for _, working := range []bool{true, false} {
			n := report.Notice{Summary: filled(text, 1), Working: working, Activity: text, WorkflowRun: workflowRun}
			n.Repository, n.PullRequest, n.Result.URL = happy().Repository, "", ""
			n.Result.Outcome = outcome
			if headline := n.Headline(); strings.ContainsAny(headline, "\n<[@`") || len(headline) > 80 {
				t.Errorf("%q makes the headline %q", text, headline)
			}
			markdown := n.Markdown()
			page := render(t, hiddenLines+markdown+"\n\n# ours")
			bare := strings.Count(page.html, "<!--")
			page = split(htmlComment.ReplaceAllString(page.html, ""))
			last := len(page.tags) - 1
			if page.tags[last] != "<h1>" || bare != 3 {
				t.Fatalf("%q leaves its notice, or hides something:\n%s", text, markdown)
			}
			page.tags = page.tags[:last]
			for _, found := range page.harm(noticeTags) {
				t.Errorf("%q does in the notice of %q, working %t: %s", text, outcome, working, found)
			}
			if n := strings.Count(strings.Join(page.tags, ""), "<h3>"); n != 1 {
				t.Errorf("%q makes %d headings", text, n)
			}
		}
	}
}

// htmlComment is a hidden line on a page.
var htmlComment = regexp.MustCompile(`<!-- [a-z0-9 -]+ -->`)

func TestANoticeFitsIntoAComment(t *testing.T) {
	t.Parallel()
	for _, part := range manyOf {
		for _, working := range []bool{true, false} {
			text := strings.Repeat(part, (210<<10)/len(part))
			n := report.Notice{Summary: filled(text, 60), Working: working, Activity: text, WorkflowRun: text}
			n.Result.Outcome = agent.OutcomePRMissing
			if got := len(n.Markdown()); got > report.MaxNotice {
				t.Errorf("a notice full of %q has %d bytes", part, got)
			}
		}
	}
}
