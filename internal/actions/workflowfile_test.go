package actions_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

func TestTheTimeOfAJobIsReadInItsWorkflowFile(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a: &a [x, x]\n")
	for i := range 25 {
		name, next := string(rune('a'+i)), string(rune('b'+i))
		bomb.WriteString(next + ": &" + next + " [" + strings.Repeat("*"+name+", ", 20) + "*" + name + "]\n")
	}
	for _, test := range []struct {
		name, file, job string
		want            time.Duration
		problem         string
	}{
		{"a number", "jobs:\n  fix:\n    timeout-minutes: 75\n", "fix", 75 * time.Minute, ""},
		{"a fraction", "jobs: {fix: {timeout-minutes: 0.5}}", "fix", 30 * time.Second, ""},
		{"a number in quotes", `jobs: {fix: {timeout-minutes: "20"}}`, "fix", 20 * time.Minute, ""},
		{"none", "jobs:\n  fix:\n    runs-on: ubuntu-latest\n", "fix", 6 * time.Hour, ""},
		{"a job without anything", "jobs:\n  fix:\n", "fix", 6 * time.Hour, ""},
		{"an alias", "x: &t 20\njobs: {fix: {timeout-minutes: *t}}", "fix", 20 * time.Minute, ""},
		{"a whole job by alias", "jobs:\n  one: &one\n    timeout-minutes: 7\n  fix: *one\n", "fix", 7 * time.Minute, ""},
		{"another job's", "jobs: {fix: {}, other: {timeout-minutes: 5}}", "fix", 6 * time.Hour, ""},
		{"aliases that would fill the memory", bomb.String() + "jobs: {fix: {timeout-minutes: 5}}", "fix", 5 * time.Minute, ""},
		{"an expression", "jobs: {fix: {timeout-minutes: '${{ inputs.minutes }}'}}", "fix", 0, `timeout-minutes of the job fix is the expression "${{ inputs.minutes }}", whose value only GitHub knows`},
		{"a reusable workflow's job", "jobs: {call: {uses: ./.github/workflows/fix.yml}}", "fix", 0, "the workflow file has no job fix, so it is a job of a workflow that this one calls"},
		{"a call", "jobs: {fix: {uses: ./.github/workflows/fix.yml}}", "fix", 0, "the job fix calls another workflow"},
		{"a word", "jobs: {fix: {timeout-minutes: soon}}", "fix", 0, `timeout-minutes of the job fix is "soon" and no number of minutes`},
		{"no number", "jobs: {fix: {timeout-minutes: .nan}}", "fix", 0, `timeout-minutes of the job fix is ".nan" and no number of minutes`},
		{"NaN", "jobs: {fix: {timeout-minutes: NaN}}", "fix", 0, `timeout-minutes of the job fix is "NaN" and no number of minutes`},
		{"zero", "jobs: {fix: {timeout-minutes: 0}}", "fix", 0, `timeout-minutes of the job fix is "0" and no number of minutes`},
		{"too much", "jobs: {fix: {timeout-minutes: 1e300}}", "fix", 0, `timeout-minutes of the job fix is "1e300" and no number of minutes`},
		{"more than a duration holds", "jobs: {fix: {timeout-minutes: 2000000000}}", "fix", 0, `timeout-minutes of the job fix is "2000000000" and no number of minutes`},
		{"a list", "- jobs", "fix", 0, "the workflow file has no job fix, so it is a job of a workflow that this one calls"},
		{"nothing", "", "fix", 0, "the workflow file is empty"},
		{"no YAML", "jobs: [", "fix", 0, "the workflow file is not YAML"},
		{"too large", strings.Repeat("#", actions.MaxWorkflowFile+1), "fix", 0, "the workflow file holds more than 1048576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := actions.JobTimeout([]byte(test.file), test.job)
			problem := ""
			if err != nil {
				problem = err.Error()
			}
			if got != test.want || problem != test.problem {
				t.Errorf("got %s, %s\nwant %s, %s", got, problem, test.want, test.problem)
			}
		})
	}
}

func TestTheRunnerNamesTheFileOfTheWorkflow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, ref, sha string
		want           actions.WorkflowFile
		known          bool
	}{
		{"with its commit", "acme/shop/.github/workflows/fix.yml@refs/heads/main", "abc", actions.WorkflowFile{Repository: "acme/shop", Path: ".github/workflows/fix.yml", Ref: "abc"}, true},
		{"without", "acme/shop/.github/workflows/fix.yml@refs/heads/a@b", "", actions.WorkflowFile{Repository: "acme/shop", Path: ".github/workflows/fix.yml", Ref: "refs/heads/a@b"}, true},
		{"a runner that does not say", "", "", actions.WorkflowFile{}, false},
		{"something else", "fix.yml", "abc", actions.WorkflowFile{}, false},
		{"no file", "acme/shop/@x", "", actions.WorkflowFile{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"GITHUB_WORKFLOW_REF": test.ref, "GITHUB_WORKFLOW_SHA": test.sha}
			got, known := actions.New(func(name string) string { return env[name] }, io.Discard).WorkflowFile()
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known %t, file (-want +got):\n%s", known, diff)
			}
		})
	}
}

func FuzzReadingAWorkflowFileEnds(f *testing.F) {
	f.Add([]byte("jobs: {fix: {timeout-minutes: 5}}"))
	f.Add([]byte("jobs: &j\n  fix: *j\n"))
	f.Add([]byte("? [a]\n: b\njobs: !!binary aaaa"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := actions.JobTimeout(file, "fix")
		if got < 0 || err != nil && got != 0 {
			t.Errorf("a job of %s, error %v", got, err)
		}
	})
}
