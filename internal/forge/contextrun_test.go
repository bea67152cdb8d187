package forge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

// run5 keeps workflow run 5 with the jobs, and pull request 9, whose head it ran
// on.
func run5(jobs ...*forgetest.Job) *forgetest.Repository {
	return &forgetest.Repository{
		Path: "acme/shop", Private: true,
		Issues: []*forgetest.Issue{{Number: 9, Title: "Open on Sundays", Body: "People ask for it.", Author: "ada", Pull: &forgetest.PullRequest{
			HeadRef: "sundays", HeadSHA: forgetest.SHA("9"),
			Files: []*forgetest.File{{Name: "hours.go", Additions: 1, Deletions: 1, Patch: "@@ -1 +1 @@\n-no\n+yes"}},
		}}},
		WorkflowRuns: []*forgetest.WorkflowRun{{ID: 5, Name: "CI", Event: "pull_request", HeadBranch: "sundays", HeadSHA: forgetest.SHA("9"), Actor: "ada", Conclusion: "failure", Attempt: 2, PullRequests: []int{9}, Jobs: jobs}},
	}
}

func aboutRun5() forge.Event {
	return forge.Event{Name: "workflow_run", Repository: acmeShop, WorkflowRun: &forge.UpstreamRun{
		ID: 5, Attempt: 2, Name: "CI", Event: "pull_request", HeadBranch: "sundays", HeadSHA: forgetest.SHA("9"), HeadRepository: "acme/shop",
		Conclusion: "failure", URL: "https://github.com/acme/shop/actions/runs/5", Actor: forge.Account{Login: "ada"}, PullRequests: []int{9},
	}}
}

func failed(id int64, name, log string) *forgetest.Job {
	return &forgetest.Job{ID: id, Attempt: 2, Name: name, Conclusion: "failure", Log: log, Steps: []forgetest.Step{{Name: "Check out"}, {Name: "Run go test ./...", Conclusion: "failure"}}}
}

// sources are the quotes' sources.
func sources(parts []forge.Quote) []string {
	var sources []string
	for _, part := range parts {
		sources = append(sources, part.Source)
	}
	return sources
}

func TestAFailedWorkflowRunIsQuotedWithItsJobsLogsAndPullRequest(t *testing.T) {
	t.Parallel()
	repository := run5(
		&forgetest.Job{ID: 40, Attempt: 1, Name: "test", Conclusion: "failure", Log: "the attempt before\n"},
		&forgetest.Job{ID: 41, Attempt: 2, Name: "lint", Log: "all well\n"},
		failed(42, "test", "2026-11-23T19:01:45.1234567Z ##[error]hours_test.go:7: closed\n"),
		&forgetest.Job{ID: 43, Attempt: 2, Name: "slow", Conclusion: "timed_out", LogGone: true},
	)
	repository.CheckRuns = []*forgetest.CheckRun{{ID: 42, Name: "test", HeadSHA: forgetest.SHA("9"), Conclusion: "failure", Annotations: []forgetest.Annotation{
		{Path: "hours_test.go", StartLine: 7, EndLine: 7, Level: "failure", Title: "TestSunday", Message: "closed,\nwant open"},
		{Path: ".github", StartLine: 1, EndLine: 1, Level: "warning", Message: "Node 20 is old"},
	}}}
	_, client := doubled(t, repository, readAll)
	got, notes := client.Context(t.Context(), aboutRun5(), forge.ContextCaps{})
	want := fmt.Sprintf(`workflow run 5 [ada]: workflow: CI
started by: pull_request
branch: sundays
repository of the branch: acme/shop
commit: %[1]s
attempt: 2
conclusion: failure

job test of workflow run 5 (failure) []: failed step: Run go test ./...

failure: hours_test.go:7: TestSunday closed, want open
warning: Node 20 is old
log of job test (failure) []: ##[error]hours_test.go:7: closed

job slow of workflow run 5 (timed_out) []: conclusion: timed_out
pull request 9 [ada]: Open on Sundays

People ask for it.
state of pull request 9 [ada]: state: open
base branch: main
head branch: sundays
head commit: %[1]s
commits: 1

changed files of pull request 9 [ada]: modified hours.go (+1 -1)

diff of pull request 9 [ada]: --- a/hours.go
+++ b/hours.go
@@ -1 +1 @@
-no
+yes

`, forgetest.SHA("9"))
	var b strings.Builder
	for _, part := range got {
		fmt.Fprintf(&b, "%s [%s]: %s\n", part.Source, part.Author, part.Text)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"read the log of job 43 of acme/shop: 410 The logs for this job have expired and are no longer available.: it is gone, or the job lacks the permission actions: read"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	for _, part := range got {
		if log := strings.HasPrefix(part.Source, "log of "); part.Tail != log || !part.Code && part.Source != "pull request 9" {
			t.Errorf("%s: tail %t, code %t", part.Source, part.Tail, part.Code)
		}
	}
}

// Each job has an equal share of the room, so that the last one's log is there
// when the first one's is long.
func TestTheRoomForFailuresIsShared(t *testing.T) {
	t.Parallel()
	repository := run5(failed(1, "a", timed(1000)), failed(2, "b", timed(1000)), failed(3, "c", "short\n"), failed(4, "d", "never read\n"))
	double, client := doubled(t, repository, readAll)
	event := aboutRun5()
	event.WorkflowRun.PullRequests, event.WorkflowRun.Event = nil, "push"
	got, notes := client.Context(t.Context(), event, forge.ContextCaps{Kind: 900, Jobs: 3})
	want := []string{"workflow run 5",
		"job a of workflow run 5 (failure)", "log of job a (failure)",
		"job b of workflow run 5 (failure)", "log of job b (failure)",
		"job c of workflow run 5 (failure)", "log of job c (failure)"}
	if diff := cmp.Diff(want, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	for i := 1; i+1 < len(got); i += 2 {
		if size := len(got[i].Text) + len(got[i+1].Text); size > 300 || i < 5 && size < 270 {
			t.Errorf("%s and its log have %d bytes of 300", got[i].Source, size)
		}
	}
	if diff := cmp.Diff([]string{"4 jobs of workflow run 5 failed: the context has the first 3"}, notes[:1]); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	for _, asked := range double.Asked("actions/download-job-logs-for-workflow-run") {
		if strings.Contains(asked.Path, "/jobs/4/") {
			t.Error("a log was asked for that has no room")
		}
	}
}

func TestWhatATokenMayNotReadOfFailuresIsAskedOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		permissions map[string]string
		want        []string
		notes       []string
	}{
		{"nothing", map[string]string{}, []string{"workflow run 5"}, []string{
			"read the jobs of workflow run 5 of acme/shop: 403 Resource not accessible by integration: give the job the permission actions: read",
			"read pull request 9 of acme/shop: 403 Resource not accessible by integration: give the job the permission pull-requests: read",
			"read the changed files of pull request 9 of acme/shop: 403 Resource not accessible by integration: give the job the permission pull-requests: read"}},
		{"no checks", map[string]string{"actions": "read", "pull_requests": "read"},
			[]string{"workflow run 5", "job a of workflow run 5 (failure)", "log of job a (failure)", "job b of workflow run 5 (failure)", "log of job b (failure)",
				"pull request 9", "state of pull request 9", "changed files of pull request 9", "diff of pull request 9"},
			[]string{"read the annotations of check run 1 of acme/shop: 403 Resource not accessible by integration: give the job the permission checks: read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, client := doubled(t, run5(failed(1, "a", "a\n"), failed(2, "b", "b\n")), test.permissions)
			got, notes := client.Context(t.Context(), aboutRun5(), forge.ContextCaps{})
			if diff := cmp.Diff(test.want, sources(got)); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLogsThatAreRefusedAreAskedForOnce(t *testing.T) {
	t.Parallel()
	double, client := doubled(t, run5(failed(1, "a", "a\n"), failed(2, "b", "b\n")), readAll)
	double.SetFaults(forgetest.Fault{Operation: "actions/download-job-logs-for-workflow-run", Answer: &forgetest.Answer{Status: 403, Message: "Must have admin rights to Repository."}})
	_, notes := client.Context(t.Context(), aboutRun5(), forge.ContextCaps{})
	want := []string{"read the log of job 1 of acme/shop: 403 Must have admin rights to Repository.: give the job the permission actions: read"}
	if diff := cmp.Diff(want, notes[len(notes)-1:]); diff != "" {
		t.Errorf("last note (-want +got):\n%s", diff)
	}
	if asked := double.Asked("actions/download-job-logs-for-workflow-run"); len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}

func TestARunOfAForkFindsItsPullRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*forgetest.Repository, *forge.UpstreamRun)
		want   []string
		notes  []string
	}{
		{"found by its branch", func(*forgetest.Repository, *forge.UpstreamRun) {},
			[]string{"workflow run 5", "pull request 9", "state of pull request 9", "changed files of pull request 9", "diff of pull request 9"}, nil},
		{"another fork's branch of that name", func(r *forgetest.Repository, _ *forge.UpstreamRun) {
			r.Issues[0].Pull.HeadRepository = "eve/shop"
		}, []string{"workflow run 5"}, nil},
		{"not a run of a pull request", func(_ *forgetest.Repository, run *forge.UpstreamRun) { run.Event = "push" }, []string{"workflow run 5"}, nil},
		{"two pull requests", func(_ *forgetest.Repository, run *forge.UpstreamRun) { run.PullRequests = []int{9, 10} },
			[]string{"workflow run 5", "pull request 9", "state of pull request 9", "changed files of pull request 9", "diff of pull request 9"},
			[]string{"workflow run 5 belongs to 2 pull requests: the context has the first, 9"}},
		{"a pull request that is gone", func(_ *forgetest.Repository, run *forge.UpstreamRun) { run.PullRequests = []int{12} },
			[]string{"workflow run 5"},
			[]string{"read pull request 12 of acme/shop: 404 Not Found: it is gone, or the job lacks the permission pull-requests: read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			repository, event := run5(), aboutRun5()
			repository.Issues[0].Pull.HeadRepository = "bob/shop"
			event.WorkflowRun.HeadRepository, event.WorkflowRun.PullRequests = "bob/shop", nil
			test.change(repository, event.WorkflowRun)
			_, client := doubled(t, repository, readAll)
			got, notes := client.Context(t.Context(), event, forge.ContextCaps{})
			if diff := cmp.Diff(test.want, sources(got)); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLatestAttemptIsReadWhereTheEventTellsNone(t *testing.T) {
	t.Parallel()
	_, client := doubled(t, run5(&forgetest.Job{ID: 40, Name: "a", Attempt: 1, Conclusion: "failure"}, failed(42, "b", "b\n")), readAll)
	event := aboutRun5()
	event.WorkflowRun.Attempt, event.WorkflowRun.PullRequests = 0, []int{}
	event.WorkflowRun.Event = "schedule"
	got, _ := client.Context(t.Context(), event, forge.ContextCaps{})
	if diff := cmp.Diff([]string{"workflow run 5", "job b of workflow run 5 (failure)", "log of job b (failure)"}, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestTheJobsAreThoseOfTheAttemptThatTheEventTells(t *testing.T) {
	t.Parallel()
	_, client := doubled(t, run5(&forgetest.Job{ID: 40, Name: "a", Attempt: 1, Conclusion: "failure"}, failed(42, "b", "b\n")), readAll)
	event := aboutRun5()
	event.WorkflowRun.Attempt, event.WorkflowRun.PullRequests, event.WorkflowRun.Event = 1, nil, "push"
	got, _ := client.Context(t.Context(), event, forge.ContextCaps{})
	if diff := cmp.Diff([]string{"workflow run 5", "job a of workflow run 5 (failure)"}, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

// GitHub ignores a head that it does not understand, and lists all.
func TestOtherBranchesPullRequestsAreNotTheRuns(t *testing.T) {
	t.Parallel()
	client := scripted(t, map[string]http.HandlerFunc{
		"actions/runs/5/attempts/2/jobs": says(200, `{"jobs": []}`),
		"pulls": says(200, `[
			{"number": 1, "head": {"ref": "sundays", "repo": {"full_name": "eve/shop"}}},
			{"number": 2, "head": {"ref": "mondays", "repo": {"full_name": "acme/shop"}}},
			{"number": 3, "head": {"ref": "sundays", "repo": null}}]`),
	})
	event := aboutRun5()
	event.WorkflowRun.PullRequests = nil
	got, notes := client.Context(t.Context(), event, forge.ContextCaps{})
	if diff := cmp.Diff([]string{"workflow run 5"}, sources(got)); diff != "" || notes != nil {
		t.Errorf("notes %q, sources (-want +got):\n%s", notes, diff)
	}
}

func TestJobsBehindTheLastPageReadAreTold(t *testing.T) {
	t.Parallel()
	var jobs []*forgetest.Job
	for i := range 250 {
		jobs = append(jobs, &forgetest.Job{ID: int64(i + 1), Attempt: 2, Name: "fine"})
	}
	_, client := doubled(t, run5(append(jobs, failed(999, "late", "late\n"))...), readAll)
	event := aboutRun5()
	event.WorkflowRun.PullRequests, event.WorkflowRun.Event = nil, "push"
	got, notes := client.Context(t.Context(), event, forge.ContextCaps{Pages: 2})
	if diff := cmp.Diff([]string{"workflow run 5"}, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"workflow run 5 has more jobs than are read: the context may lack some that failed"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	got, notes = client.Context(t.Context(), event, forge.ContextCaps{})
	if diff := cmp.Diff([]string{"workflow run 5", "job late of workflow run 5 (failure)", "log of job late (failure)"}, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s\nnotes %q", diff, notes)
	}
}
