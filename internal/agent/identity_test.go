package agent_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// full is a spec in which nothing is left out, to be changed in one place.
func full() agent.Spec {
	return agent.Spec{
		Prompt: cursor.Prompt{
			Text:   "Fix the flaky test",
			Images: []cursor.Image{{URL: "https://example.com/a.png"}},
		},
		Repository:          "https://github.com/acme/widgets",
		Ref:                 "main",
		WorkOnCurrentBranch: true,
		CreatePR:            true,
		SkipReviewerRequest: true,
		Model:               &cursor.ModelRef{ID: "auto", Params: []cursor.ModelParam{{ID: "fast", Value: "true"}}},
		Mode:                "plan",
		Title:               "A title",
		Environment:         &cursor.Environment{Type: "pool", Name: "large"},
		EnvVars:             map[string]string{"TOKEN": "one"},
		MCPServers: []cursor.MCPServer{
			{Name: "local", Type: "stdio", Command: "serve", Args: []string{"-v"}, Env: map[string]string{"KEY": "one"}},
			{Name: "remote", URL: "https://mcp.example.com", Headers: map[string]string{"Authorization": "one"},
				Auth: &cursor.MCPAuth{ClientID: "id", ClientSecret: "one", Scopes: []string{"read"}}},
		},
	}
}

func id(work agent.Work, spec agent.Spec, generation int) string {
	return agent.DeriveID(secret.New(key), work, spec, generation)
}

// Ids must outlive a release: a re-run may be made by a newer version of the
// action than the attempt before.
func TestTheIDOfAPieceOfWorkIsForever(t *testing.T) {
	t.Parallel()
	if got, want := id(work(), task(), 0), "bc-b1a46c3b-9356-8e4e-8136-810cf01677cd"; got != want {
		t.Errorf("the id is %s, want %s", got, want)
	}
	if got, want := id(work(), full(), 3), "bc-18a25ce2-2e9e-82d3-8a9f-692f1c991777"; got != want {
		t.Errorf("the id of the full spec is %s, want %s", got, want)
	}
}

func TestIDsHaveTheShapeThatTheAPITakes(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^bc-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for generation := range 20 {
		if got := id(work(), full(), generation); !shape.MatchString(got) {
			t.Errorf("generation %d has the id %q", generation, got)
		}
	}
}

// change is one thing that differs between two pieces of work.
type change struct {
	field string // of Work or Spec
	name  string
	work  func(*agent.Work)
	spec  func(*agent.Spec)
}

func (c change) apply() (agent.Work, agent.Spec) {
	work, spec := work(), full()
	if c.work != nil {
		c.work(&work)
	}
	if c.spec != nil {
		c.spec(&spec)
	}
	return work, spec
}

// identifying are the changes that make another piece of work.
var identifying = []change{
	{field: "Work.Repository", work: func(w *agent.Work) { w.Repository = "acme/gadgets" }},
	{field: "Work.WorkflowRunID", work: func(w *agent.Work) { w.WorkflowRunID++ }},
	{field: "Work.Job", work: func(w *agent.Work) { w.Job = "test" }},
	{field: "Work.Step", work: func(w *agent.Work) { w.Step = "second" }},
	{field: "Work.Key", work: func(w *agent.Work) { w.Key = "windows" }},
	{field: "Work.Task", work: func(w *agent.Work) { w.Task = "other" }},
	{field: "Work.Attempt", work: func(w *agent.Work) { w.Attempt = 2 }},

	{field: "Spec.Prompt", name: "text", spec: func(s *agent.Spec) { s.Prompt.Text += "!" }},
	{field: "Spec.Prompt", name: "image", spec: func(s *agent.Spec) { s.Prompt.Images[0].URL = "https://example.com/b.png" }},
	{field: "Spec.Prompt", name: "no image", spec: func(s *agent.Spec) { s.Prompt.Images = nil }},
	{field: "Spec.Repository", spec: func(s *agent.Spec) { s.Repository = "https://github.com/acme/gadgets" }},
	{field: "Spec.Ref", spec: func(s *agent.Spec) { s.Ref = "dev" }},
	{field: "Spec.PullRequest", spec: func(s *agent.Spec) { s.PullRequest = "https://github.com/acme/widgets/pull/1" }},
	{field: "Spec.PullRequest", name: "another", spec: func(s *agent.Spec) { s.PullRequest = "https://github.com/acme/widgets/pull/2" }},
	{field: "Spec.WorkOnCurrentBranch", spec: func(s *agent.Spec) { s.WorkOnCurrentBranch = false }},
	{field: "Spec.Branch", spec: func(s *agent.Spec) { s.Branch = "feature/x" }},
	{field: "Spec.OpenAsCursorGithubApp", spec: func(s *agent.Spec) { s.OpenAsCursorGithubApp = true }},
	{field: "Spec.Webhook", spec: func(s *agent.Spec) { s.Webhook = &cursor.Webhook{URL: "https://example.com/hook"} }},
	{field: "Spec.Key", spec: func(s *agent.Spec) { s.Key = "words" }},
	{field: "Spec.Key", name: "another", spec: func(s *agent.Spec) { s.Key = "other words" }},
	{field: "Spec.CreatePR", spec: func(s *agent.Spec) { s.CreatePR = false }},
	{field: "Spec.SkipReviewerRequest", spec: func(s *agent.Spec) { s.SkipReviewerRequest = false }},
	{field: "Spec.Model", name: "id", spec: func(s *agent.Spec) { s.Model.ID = "other" }},
	{field: "Spec.Model", name: "parameter", spec: func(s *agent.Spec) { s.Model.Params[0].Value = "false" }},
	{field: "Spec.Model", name: "default", spec: func(s *agent.Spec) { s.Model = nil }},
	{field: "Spec.Mode", spec: func(s *agent.Spec) { s.Mode = "agent" }},
	{field: "Spec.Environment", name: "name", spec: func(s *agent.Spec) { s.Environment.Name = "small" }},
	{field: "Spec.Environment", name: "none", spec: func(s *agent.Spec) { s.Environment = nil }},
	{field: "Spec.EnvVars", name: "another name", spec: func(s *agent.Spec) { s.EnvVars = map[string]string{"TOKEN_2": "one"} }},
	{field: "Spec.EnvVars", name: "one more", spec: func(s *agent.Spec) { s.EnvVars["SECOND"] = "two" }},
	{field: "Spec.EnvVars", name: "none", spec: func(s *agent.Spec) { s.EnvVars = nil }},
	{field: "Spec.MCPServers", name: "command", spec: func(s *agent.Spec) { s.MCPServers[0].Command = "serve2" }},
	{field: "Spec.MCPServers", name: "args", spec: func(s *agent.Spec) { s.MCPServers[0].Args = []string{"-q"} }},
	{field: "Spec.MCPServers", name: "name", spec: func(s *agent.Spec) { s.MCPServers[0].Name = "local2" }},
	{field: "Spec.MCPServers", name: "url", spec: func(s *agent.Spec) { s.MCPServers[1].URL += "/v2" }},
	{field: "Spec.MCPServers", name: "type", spec: func(s *agent.Spec) { s.MCPServers[1].Type = "sse" }},
	{field: "Spec.MCPServers", name: "one fewer", spec: func(s *agent.Spec) { s.MCPServers = s.MCPServers[:1] }},
	{field: "Spec.MCPServers", name: "order", spec: func(s *agent.Spec) {
		s.MCPServers[0], s.MCPServers[1] = s.MCPServers[1], s.MCPServers[0]
	}},
}

// incidental are the changes between two attempts of the same work.
var incidental = []change{
	{field: "Work.Kept", work: func(w *agent.Work) { w.Kept = true }},
	{field: "Work.Rerun", work: func(w *agent.Work) { w.Rerun = true }},
	{field: "Spec.Title", spec: func(s *agent.Spec) { s.Title = "Another title" }},
	{field: "Spec.EnvVars", name: "value", spec: func(s *agent.Spec) { s.EnvVars["TOKEN"] = "two" }},
	{field: "Spec.MCPServers", name: "env", spec: func(s *agent.Spec) { s.MCPServers[0].Env["KEY"] = "two" }},
	{field: "Spec.MCPServers", name: "header", spec: func(s *agent.Spec) { s.MCPServers[1].Headers["Authorization"] = "two" }},
	{field: "Spec.MCPServers", name: "client secret", spec: func(s *agent.Spec) { s.MCPServers[1].Auth.ClientSecret = "two" }},
	{field: "Spec.MCPServers", name: "no credentials", spec: func(s *agent.Spec) {
		s.MCPServers[0].Env, s.MCPServers[1].Headers, s.MCPServers[1].Auth = nil, nil, nil
	}},
}

func TestWhateverMakesAnotherPieceOfWorkGivesAnotherID(t *testing.T) {
	t.Parallel()
	seen := map[string]string{id(work(), full(), 0): "nothing changed"}
	for _, change := range identifying {
		name := change.field + " " + change.name
		work, spec := change.apply()
		got := id(work, spec, 0)
		if other, taken := seen[got]; taken {
			t.Errorf("%s: the same id as with %s", name, other)
		}
		seen[got] = name
	}
	for generation := range 19 {
		got := id(work(), full(), generation+1)
		if other, taken := seen[got]; taken {
			t.Errorf("generation %d: the same id as with %s", generation+1, other)
		}
		seen[got] = "another generation"
	}
}

func TestWhatDiffersBetweenTwoAttemptsLeavesTheIDAlone(t *testing.T) {
	t.Parallel()
	want := id(work(), full(), 0)
	for _, change := range incidental {
		work, spec := change.apply()
		if diff := cmp.Diff(want, id(work, spec, 0)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", change.field, change.name, diff)
		}
	}
}

func TestAKeyTakesThePromptsPlace(t *testing.T) {
	t.Parallel()
	first, again := full(), full()
	first.Key, again.Key = "fix issue 7", "fix issue 7"
	again.Prompt.Text = "Fix issue 7, which has one more comment now."
	if diff := cmp.Diff(id(work(), first, 0), id(work(), again, 0)); diff != "" {
		t.Errorf("another prompt under the same key (-want +got):\n%s", diff)
	}
	again.Prompt.Images = nil
	if id(work(), first, 0) == id(work(), again, 0) {
		t.Error("other images under the same key are the same work")
	}
}

// A field that somebody adds must be put on one side or the other.
func TestEveryFieldIsKnownToIdentifyOrNot(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, change := range append(identifying, incidental...) {
		known[change.field] = true
	}
	for _, of := range []reflect.Type{reflect.TypeFor[agent.Work](), reflect.TypeFor[agent.Spec]()} {
		for field := range of.Fields() {
			if name := of.Name() + "." + field.Name; !known[name] {
				t.Errorf("no test says whether %s identifies the work", name)
			}
		}
	}
}

func TestFieldsDoNotRunIntoEachOther(t *testing.T) {
	t.Parallel()
	works := []agent.Work{
		{Job: "a", Key: "bc"}, {Job: "ab", Key: "c"}, {Job: "abc"}, {Key: "abc"},
		{Key: "a", Step: "bc"}, {Key: "ab", Step: "c"}, {Step: "abc"},
		{Step: "a", Task: "bc"}, {Step: "ab", Task: "c"}, {Task: "abc"},
		{Repository: "a", WorkflowRunID: 11}, {Repository: "a1", WorkflowRunID: 1},
		{WorkflowRunID: 1, Job: "1"}, {WorkflowRunID: 11},
		{Task: "1", Attempt: 1}, {Task: "11"}, {Attempt: 11},
	}
	seen := map[string]agent.Work{}
	for _, work := range works {
		got := id(work, task(), 0)
		if other, taken := seen[got]; taken {
			t.Errorf("%+v and %+v have the same id", work, other)
		}
		seen[got] = work
	}
	if id(agent.Work{Attempt: 1}, task(), 1) == id(agent.Work{Attempt: 11}, task(), 0) {
		t.Error("attempt 1, generation 1 and attempt 11, generation 0 have the same id")
	}
}

func TestNobodyDerivesTheIDWithAnotherKey(t *testing.T) {
	t.Parallel()
	mine, theirs := id(work(), task(), 0), agent.DeriveID(secret.New(key+"0"), work(), task(), 0)
	if mine == theirs {
		t.Error("two keys give the same id")
	}
	// The mark in the name is public. It must not give the rest away.
	name := agent.Request(cursor.V1, secret.New(key), work(), task(), 0).Name
	if rest := mine[len("bc-xxxxxxxx"):]; strings.Contains(name, rest) {
		t.Errorf("the name %q tells the id", name)
	}
}
