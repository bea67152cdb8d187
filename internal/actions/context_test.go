package actions_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

func TestContextIsWhatTheRunnerSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	event := `{"action":"opened","number":7}` + "\n"
	path := write(t, event, dir, "event.json")
	r, _ := start(env{
		"GITHUB_WORKFLOW": "CI", "GITHUB_JOB": "build", "GITHUB_ACTION": "agent", "GITHUB_REPOSITORY": "octo/hello",
		"GITHUB_REPOSITORY_OWNER": "octo", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": path,
		"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REF_NAME": "7/merge", "GITHUB_REF_TYPE": "branch",
		"GITHUB_HEAD_REF": "fix", "GITHUB_BASE_REF": "main", "GITHUB_SHA": "abc", "GITHUB_ACTOR": "mona",
		"GITHUB_SERVER_URL": "https://ghe.example", "GITHUB_API_URL": "https://ghe.example/api/v3",
		"GITHUB_WORKSPACE": "/github/workspace", "RUNNER_TEMP": dir, "HOME": "/github/home",
		"GITHUB_RUN_ID": "123", "GITHUB_RUN_NUMBER": "4", "GITHUB_RUN_ATTEMPT": "2", "RUNNER_DEBUG": "1",
	})
	want := actions.Context{
		Workflow: "CI", Job: "build", Action: "agent", Repository: "octo/hello", RepositoryOwner: "octo",
		EventName: "pull_request", EventPath: path, Ref: "refs/pull/7/merge", RefName: "7/merge", RefType: "branch",
		HeadRef: "fix", BaseRef: "main", SHA: "abc", Actor: "mona", ServerURL: "https://ghe.example",
		APIURL: "https://ghe.example/api/v3", Workspace: "/github/workspace", Temp: dir,
		RunID: 123, RunNumber: 4, RunAttempt: 2, Event: []byte(event), Debug: true,
	}
	if diff := cmp.Diff(want, r.Context()); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
}

func TestContextNeverFails(t *testing.T) {
	t.Parallel()
	empty, _ := start(nil)
	want := actions.Context{
		ServerURL: "https://github.com", APIURL: "https://api.github.com", RunAttempt: 1,
		EventProblem: "GITHUB_EVENT_PATH is not set",
	}
	if diff := cmp.Diff(want, empty.Context()); diff != "" {
		t.Errorf("no environment (-want +got):\n%s", diff)
	}

	odd, _ := start(env{
		"GITHUB_RUN_ID": "many", "GITHUB_RUN_NUMBER": "-1", "GITHUB_RUN_ATTEMPT": "0", "GITHUB_REF_PROTECTED": "perhaps",
		"GITHUB_JOB": "build", "RUNNER_TEMP": "/no/such/folder", "HOME": "/home", "RUNNER_DEBUG": "true",
	})
	want.Job, want.Temp = "build", "/home"
	if diff := cmp.Diff(want, odd.Context()); diff != "" {
		t.Errorf("odd environment (-want +got):\n%s", diff)
	}
}

func TestAnEventThatCannotBeReadIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	huge := write(t, "", dir, "huge.json")
	if err := os.Truncate(huge, 32<<20+1); err != nil {
		t.Fatal(err)
	}
	largest := write(t, "{", dir, "largest.json")
	f, err := os.OpenFile(largest, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, strings.Repeat(" ", 32<<20-2), "}")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"missing", dir + "/no.json", "GITHUB_EVENT_PATH " + dir + "/no.json can't be read: no such file or directory"},
		{"a folder", dir, "GITHUB_EVENT_PATH " + dir + " can't be read: is a directory"},
		{"too large", huge, "GITHUB_EVENT_PATH " + huge + " holds more than 33554432 bytes"},
		{"not JSON", write(t, "{", dir, "half.json"), "GITHUB_EVENT_PATH " + dir + "/half.json does not hold a JSON object"},
		{"a list", write(t, "[]", dir, "list.json"), "GITHUB_EVENT_PATH " + dir + "/list.json does not hold a JSON object"},
		{"null", write(t, "null", dir, "null.json"), "GITHUB_EVENT_PATH " + dir + "/null.json does not hold a JSON object"},
		{"the largest", largest, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, _ := start(env{"GITHUB_EVENT_PATH": tt.path, "GITHUB_JOB": "build"})
			got := r.Context()
			if got.EventProblem != tt.want || (got.Event == nil) != (tt.want != "") || got.Job != "build" {
				t.Errorf("got problem %q and %d bytes, want %q", got.EventProblem, len(got.Event), tt.want)
			}
		})
	}
}
