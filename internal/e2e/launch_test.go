//go:build e2e

package e2e_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (r *runner) pullRequest(t *testing.T) {
	s := r.stage(t, "pull-request", "quick")
	run, green := s.run(t, options{event: "pull_request", payload: "pull_request.json", github: startMembers(t), rebuild: true})
	if !green {
		t.Fatal("the workflow failed")
	}

	agent, truth := s.onlyAgent(t)
	seen := func(name string) string { return s.read(t, "seen/"+name) }
	got := map[string]string{}
	for _, name := range []string{"AGENT_ID", "RUN_ID", "STATUS", "OUTCOME", "RESULT", "TOTAL_TOKENS", "ATTACHED", "AGENT_URL"} {
		got[name] = seen(name)
	}
	want := map[string]string{
		"AGENT_ID":     agent.ID,
		"AGENT_URL":    "https://cursor.com/agents/" + agent.ID,
		"RUN_ID":       truth.ID,
		"STATUS":       "FINISHED",
		"OUTCOME":      "succeeded",
		"RESULT":       "Fixed **the** test: it raced with the clock.\n\nTwo files changed.",
		"TOTAL_TOKENS": "2000",
		"ATTACHED":     "false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if branch := seen("BRANCH"); !strings.HasPrefix(branch, "cursor/fix-the-flaky-test") {
		t.Errorf("output branch is %q, want a branch that the agent made", branch)
	}
	if want := "https://github.com/acme/widgets/pull/" + seen("PR_NUMBER"); seen("PR_URL") != want {
		t.Errorf("output pr-url is %q, want %q", seen("PR_URL"), want)
	}
	if ms, err := strconv.Atoi(seen("DURATION_MS")); err != nil || ms < 100 || ms > 60_000 {
		t.Errorf("output duration-ms is %q, want about a second", seen("DURATION_MS"))
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(seen("RESULT_JSON")), &result); err != nil {
		t.Errorf("output result-json is no object: %v", err)
	}

	// The event's branch is what the agent starts from.
	requests := s.recorded()
	launch := slices.IndexFunc(requests, func(r request) bool { return r.Method == http.MethodPost })
	var body struct {
		Repos []struct {
			URL         string `json:"url"`
			StartingRef string `json:"startingRef"`
		} `json:"repos"`
		AutoCreatePR bool `json:"autoCreatePR"`
	}
	if err := json.Unmarshal(requests[launch].Body, &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Repos) != 1 || body.Repos[0].URL != "https://github.com/acme/widgets" || body.Repos[0].StartingRef != "topic/cache" || !body.AutoCreatePR {
		t.Errorf("the agent was launched with %s, want the branch of the pull request and a pull request of its own", requests[launch].Body)
	}

	summary := regexp.MustCompile(`(?s)Summary - .*`).FindString(run.log())
	if !strings.Contains(summary, seen("PR_URL")) {
		t.Error("the step's summary doesn't link the pull request")
	}
	if cleanup := strings.LastIndex(run.log(), "Success - Post ./"); cleanup < 0 {
		t.Error("the post stage did not run, or failed")
	}
}

func (r *runner) twoJobs(t *testing.T) {
	s := r.stage(t, "two-jobs", "quick")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	agent, _ := s.onlyAgent(t)
	id, url, _ := strings.Cut(s.read(t, "announced"), " ")
	if id != agent.ID || !strings.HasPrefix(url, "https://github.com/acme/widgets/pull/") {
		t.Errorf("the second job was handed %q and %q, want agent %s and its pull request", id, url, agent.ID)
	}
}

func (r *runner) matrix(t *testing.T) {
	s := r.stage(t, "matrix", "quick")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	want := map[string]bool{}
	for _, agent := range s.agents(t) {
		want[agent.ID] = true
	}
	got := map[string]bool{}
	for _, language := range []string{"go", "rust", "zig"} {
		got[s.read(t, "agent-"+language)] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 3 {
		t.Errorf("the legs were handed %d agents (-launched +handed on):\n%s", len(got), diff)
	}
	prompts := slices.Sorted(slices.Values(s.prompts(t)))
	if diff := cmp.Diff([]string{"Port the parser to go.", "Port the parser to rust.", "Port the parser to zig."}, prompts); diff != "" {
		t.Errorf("prompts (-want +got):\n%s", diff)
	}
}

func (r *runner) rerun(t *testing.T) {
	s := r.stage(t, "rerun", "quick")
	play := func(id, attempt string) map[string]string {
		t.Helper()
		if _, green := s.run(t, options{env: map[string]string{"GITHUB_RUN_ID": id, "GITHUB_RUN_ATTEMPT": attempt}}); !green {
			t.Fatalf("attempt %s of workflow run %s failed", attempt, id)
		}
		return s.outputs(t)
	}
	first := play("4711", "1")
	again := play("4711", "2")
	want := maps.Clone(first)
	want["attached"] = "true"
	for _, outputs := range []map[string]string{want, again} {
		delete(outputs, "result-json") // it repeats the others
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("the second attempt's outputs (-first +second):\n%s", diff)
	}
	agent, _ := s.onlyAgent(t)
	expect(t, first, map[string]string{"agent-id": agent.ID, "attached": "false", "outcome": "succeeded"})

	other := play("4712", "1")
	if other["agent-id"] == first["agent-id"] || other["attached"] != "false" {
		t.Errorf("another workflow run got agent %s (attached: %s), want an agent of its own", other["agent-id"], other["attached"])
	}
	if agents := s.agents(t); len(agents) != 2 {
		t.Errorf("the Cursor API knows %d agents, want 2", len(agents))
	}
}

func (r *runner) detached(t *testing.T) {
	s := r.stage(t, "detached", "endless")
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	agent, truth := s.onlyAgent(t)
	expect(t, s.outputs(t), map[string]string{"agent-id": agent.ID, "run-id": truth.ID, "outcome": "launched"})
	if truth.Status != "RUNNING" {
		t.Errorf("the run is %s after the workflow, want RUNNING", truth.Status)
	}
}

func (r *runner) artifacts(t *testing.T) {
	s := r.stage(t, "artifacts", "quick")
	owner := s.giveAway(t)
	if _, green := s.run(t, options{}); !green {
		t.Fatal("the workflow failed")
	}
	if got, want := s.read(t, "folder"), "out/agent"; got != want {
		t.Errorf("output artifacts-path is %q, want %q", got, want)
	}
	listed := strings.Fields(s.read(t, "listed"))
	want := map[string]string{
		"report.md":           "# Report\n\nAll well.\n",
		"pictures/widget.svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n",
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		at := slices.IndexFunc(listed, func(file string) bool { return strings.HasSuffix(file, "/"+name) })
		if at < 0 {
			t.Errorf("the next step saw %q, want %s among it", listed, name)
			continue
		}
		path := "out/agent/" + strings.TrimPrefix(listed[at], "./")
		if got := s.read(t, path); got != want[name] {
			t.Errorf("%s holds %q, want %q", path, got, want[name])
		}
		if got := s.owner(t, path); got != owner {
			t.Errorf("%s belongs to %s, want %s as the workspace", path, got, owner)
		}
	}
	if got := s.owner(t, "out"); got != owner {
		t.Errorf("the folder out belongs to %s, want %s as the workspace", got, owner)
	}
	requests := s.recorded()
	downloads := 0
	for _, r := range requests {
		if !strings.HasPrefix(r.Path, "/v1/") {
			downloads++
			if r.Header.Get("Authorization") != "" {
				t.Errorf("the API key was sent to the storage at %s", r.Path)
			}
		}
	}
	if downloads != len(want) {
		t.Errorf("%d files were downloaded, want %d", downloads, len(want))
	}
}
