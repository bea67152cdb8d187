//go:build e2e

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"cursor-agent-action/internal/forge/forgetest"
)

// example is what a story about the ready workflows plays on: a stage with a
// GitHub. In acme/widgets octocat may write and mallory may read; issue 12 is
// mallory's, pull request 7 is octocat's, and 21 is the one that agents open.
type example struct {
	*stage
	hub   *gitHub
	added map[string]bool // workflows
	runs  int             // of workflows, so far
	// looked is how many requests to GitHub wrote has looked at.
	looked int
}

// agentsHead is the head of pull request 21, which the events name.
const agentsHead = "c0ffee1d2e3b4a59687786950a1b2c3d4e5f6071"

// example makes a stage for the story of that name.
func (r *runner) example(t *testing.T, name, scenario string) *example {
	t.Helper()
	byAgent := forgetest.Person{Name: "Cursor Agent", Email: "cursoragent@cursor.com"}
	repository := &forgetest.Repository{
		Path: widgets, ID: 1296269, Private: true,
		Collaborators: map[string]string{"octocat": "write", "mallory": "read"},
		Branches:      map[string]string{"main": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"},
		Commits:       []*forgetest.Commit{{SHA: agentsHead, Author: byAgent}},
		Issues: []*forgetest.Issue{
			{Number: 12, Title: "The cache forgets widgets", Body: "Every second one is gone after a reload.", Author: "mallory",
				Comments: []*forgetest.Comment{{ID: 9012, Author: "octocat", Body: "@cursor keep the widgets in a map"}}},
			{Number: 7, Title: "Cache the widgets", Body: "They were read each time.", Author: "octocat", Pull: &forgetest.PullRequest{HeadRef: "topic/cache"},
				Comments: []*forgetest.Comment{{ID: 9007, Author: "octocat", Body: "@cursor rename the cache"}}},
			{Number: 21, Title: "Mend the cache", Body: "Widgets stay.", Author: "cursor[bot]",
				Pull: &forgetest.PullRequest{HeadRef: "cursor/mend-the-cache", HeadSHA: agentsHead, Files: []*forgetest.File{{Name: "cache.go", Additions: 3}}}},
		},
	}
	return &example{
		stage: r.bare(t, setting{scenario: scenario, name: "example-" + name}),
		hub:   startGitHub(t, repository),
		added: map[string]bool{},
	}
}

// play runs a ready workflow for an event, in which that job does something, and
// which is green. The token has the permissions of that job.
func (e *example) play(t *testing.T, workflow, job string, o options) *process {
	t.Helper()
	file := filepath.Join(root, "examples", workflow+".yml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Permissions map[string]string
		Jobs        map[string]struct{ Permissions map[string]string }
	}
	if err := yaml.Unmarshal(data, &read); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	of, known := read.Jobs[job]
	if !known {
		t.Fatalf("%s has no job %s", file, job)
	}
	permissions := of.Permissions
	if permissions == nil {
		permissions = read.Permissions
	}
	e.hub.permit(permissions, o.token)
	o.name, o.github = e.name+"-"+workflow, e.hub
	if !e.added[workflow] {
		e.add(t, o.name, string(data))
		e.added[workflow] = true
	}
	e.runs++
	if o.env == nil {
		o.env = map[string]string{}
	}
	o.env["GITHUB_RUN_ID"] = fmt.Sprint(4710 + e.runs)
	p, green := e.run(t, o)
	if !green {
		t.Fatalf("the example %s is red", workflow)
	}
	if strings.Contains(p.said(), gitHubToken) {
		t.Error("the log shows GitHub's token")
	}
	return p
}

// add puts a ready workflow into the workspace, changed in four things: what it
// is called, as act names containers after that; whose action it uses; where that
// finds the Cursor API; and the shell, as the job's image has no other.
func (e *example) add(t *testing.T, name, text string) {
	t.Helper()
	called := regexp.MustCompile(`(?m)^name: .*$`)
	const published, with = "uses: OWNER/cursor-agent-action@v1\n", "        with:\n"
	if steps := strings.Count(text, published); len(called.FindAllString(text, -1)) != 1 || steps == 0 || steps != strings.Count(text, with) {
		t.Fatalf("the example does not look like those before it:\n%s", text)
	}
	text = called.ReplaceAllLiteralString(text, "name: "+name+"\ndefaults: { run: { shell: sh } }")
	text = strings.ReplaceAll(text, published, "uses: ./\n")
	text = strings.ReplaceAll(text, with, with+"          api-url: ${{ vars.API_URL }}\n")
	e.write(t, ".github/workflows/"+name+".yml", []byte(text))
	t.Cleanup(func() { e.clear(t, name) })
}

// changed is an event of testdata/events with other values, by the dotted path
// of their names.
func changed(t *testing.T, name string, values map[string]any) (path string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "events", name))
	if err != nil {
		t.Fatal(err)
	}
	var event map[string]any
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	for path, value := range values {
		names := strings.Split(path, ".")
		at := event
		for _, name := range names[:len(names)-1] {
			at = at[name].(map[string]any)
		}
		last := names[len(names)-1]
		if _, there := at[last]; !there {
			t.Fatalf("event %s has no %s", name, path)
		}
		at[last] = value
	}
	if data, err = json.Marshal(event); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// said are the outputs that a workflow's steps have set, as the runner's log has
// them, the last of each name.
func said(p *process) map[string]string {
	outputs := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)::set-output:: ([a-z-]+)=(.*)$`).FindAllStringSubmatch(p.log(), -1) {
		outputs[found[1]] = found[2]
	}
	return outputs
}

// comments holds the action's comments on an issue or a pull request against the
// headings that they should have. They are in their final state.
func (e *example) comments(t *testing.T, number int, headings ...string) {
	t.Helper()
	var got []string
	for _, comment := range e.hub.ours(number) {
		marker, rest, _ := strings.Cut(comment, "\n")
		if !strings.HasPrefix(marker, "<!-- cursor-agent-action ") || strings.Contains(comment, "working-") {
			t.Errorf("the comment on %d is not marked, or not finished:\n%s", number, comment)
		}
		_, heading, _ := strings.Cut(rest, "### ")
		heading, _, _ = strings.Cut(heading, "\n")
		got = append(got, heading)
	}
	if diff := cmp.Diff(headings, got); diff != "" {
		t.Errorf("comments on %d (-want +got):\n%s", number, diff)
	}
}

// wrote holds what was written at GitHub since it was last asked against what
// should have been, and holds that the permissions were enough for all of it.
func (e *example) wrote(t *testing.T, want ...string) {
	t.Helper()
	requests := e.hub.Requests()[e.looked:]
	e.looked += len(requests)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), written(requests)); diff != "" {
		t.Errorf("what was written at GitHub (-want +got):\n%s", diff)
	}
	if refused := refused(requests); len(refused) > 0 {
		t.Errorf("the job's permissions are not enough for %q", refused)
	}
}

// oneAgent returns the one agent that there is, which has so many runs, all of
// them finished.
func (e *example) oneAgent(t *testing.T, runs int) string {
	t.Helper()
	agents := e.agents(t)
	if len(agents) != 1 || len(agents[0].Runs) != runs {
		t.Fatalf("the Cursor API knows %+v, want one agent with %d runs", agents, runs)
	}
	for _, run := range agents[0].Runs {
		if run.Status != "FINISHED" {
			t.Errorf("run %s is %s, want FINISHED", run.ID, run.Status)
		}
	}
	return agents[0].ID
}

// told is what an agent got by a launch or a follow-up.
type told struct {
	Prompt struct {
		Text string `json:"text"`
	} `json:"prompt"`
	Mode  string `json:"mode"`
	Repos []struct {
		URL string `json:"url"`
	} `json:"repos"`
}

// told are all launches and follow-ups so far, in their order.
func (e *example) told(t *testing.T) []told {
	t.Helper()
	var all []told
	for _, request := range e.recorded() {
		if request.Method != http.MethodPost || !strings.HasSuffix(request.Path, "/agents") && !strings.HasSuffix(request.Path, "/runs") {
			continue
		}
		var one told
		if err := json.Unmarshal(request.Body, &one); err != nil {
			t.Fatalf("POST %s brought no JSON: %v", request.Path, err)
		}
		all = append(all, one)
	}
	return all
}

// newest is the last launch or follow-up.
func (e *example) newest(t *testing.T) told {
	t.Helper()
	all := e.told(t)
	if len(all) == 0 {
		t.Fatal("no agent was told anything")
	}
	return all[len(all)-1]
}

// wasTold holds that the newest prompt begins with the task, and goes on with
// these texts, in their order.
func (e *example) wasTold(t *testing.T, task string, more ...string) {
	t.Helper()
	text := e.newest(t).Prompt.Text
	rest, found := strings.CutPrefix(text, task+"\n")
	for _, part := range more {
		if found {
			_, rest, found = strings.Cut(rest, part)
		}
	}
	if !found {
		t.Errorf("the prompt is\n%s\nwant %q, and then %q", text, task, more)
	}
}
