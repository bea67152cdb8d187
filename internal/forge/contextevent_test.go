package forge_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

func TestEventsThatTellAllAreQuotedAsTheyAre(t *testing.T) {
	t.Parallel()
	ada := forge.Account{Login: "ada"}
	for _, test := range []struct {
		name  string
		event forge.Event
		want  []forge.Quote
	}{
		{"a push", forge.Event{Name: "push", Push: &forge.Push{
			Ref: "refs/heads/main", Before: "b4", After: "af", Forced: true, Pusher: forge.Signature{Name: "ada"}, CompareURL: "https://github.com/acme/shop/compare/b4...af",
			Commits: []forge.Commit{
				{SHA: "a1", Message: "Open on Sundays\n\nPeople ask.", Author: forge.Signature{Name: "Ada L.", Login: "ada"}},
				{SHA: "a2", Message: ""},
				{SHA: "af", Message: "Mend it", Author: forge.Signature{Name: "Bob"}},
			},
		}}, []forge.Quote{
			{Source: "push to refs/heads/main", Author: "ada", URL: "https://github.com/acme/shop/compare/b4...af", Code: true, Size: 87,
				Text: "before: b4\nafter: af\nforced: yes\nchanges: https://github.com/acme/shop/compare/b4...af\n"},
			{Source: "commit a1 in the push to refs/heads/main", Author: "ada", Text: "Open on Sundays\n\nPeople ask.", Size: 28},
			{Source: "commit af in the push to refs/heads/main", Author: "Bob", Text: "Mend it", Size: 7},
		}},
		{"a merge group", forge.Event{Name: "merge_group", MergeGroup: &forge.MergeGroup{HeadSHA: "af", HeadRef: "refs/heads/gh-readonly-queue/main/pr-9", BaseSHA: "b4", BaseRef: "refs/heads/main"}},
			[]forge.Quote{{Source: "merge group", Code: true, Size: 94, Text: "head: refs/heads/gh-readonly-queue/main/pr-9\ncommit: af\nbase: refs/heads/main\nbase commit: b4\n"}}},
		{"a schedule", forge.Event{Name: "schedule", Schedule: "17 * * * *"}, []forge.Quote{{Source: "schedule", Text: "17 * * * *", Size: 10, Code: true}}},
		{"a dispatch with inputs", forge.Event{Name: "workflow_dispatch", Sender: ada, Inputs: json.RawMessage(`{"task":"mend \u003cit\u003e","n":1}`)},
			[]forge.Quote{{Source: "inputs of the workflow", Author: "ada", Text: "{\n  \"task\": \"mend \\u003cit\\u003e\",\n  \"n\": 1\n}", Size: 45, Code: true}}},
		{"a dispatch without inputs", forge.Event{Name: "workflow_dispatch", Inputs: json.RawMessage(`{}`)}, nil},
		{"a dispatch of null", forge.Event{Name: "workflow_dispatch", Inputs: json.RawMessage(`null`)}, nil},
		{"a dispatch of another program", forge.Event{Name: "repository_dispatch", Action: "deploy", Sender: ada, ClientPayload: json.RawMessage(`["a"]`)},
			[]forge.Quote{{Source: "client payload of the dispatch deploy", Author: "ada", Text: "[\n  \"a\"\n]", Size: 9, Code: true}}},
		{"an event that nobody knows", forge.Event{Name: "gollum", Sender: ada}, nil},
		{"no event", forge.Event{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var nobody *forge.GitHub // They need nobody to ask.
			got, notes := nobody.Context(t.Context(), test.event, forge.ContextCaps{})
			if diff := cmp.Diff(test.want, got); diff != "" || notes != nil {
				t.Errorf("notes %q, parts (-want +got):\n%s", notes, diff)
			}
		})
	}
}

func TestOfAPushTheNewestCommitsAreKept(t *testing.T) {
	t.Parallel()
	push := &forge.Push{Ref: "refs/heads/main"}
	for _, sha := range []string{"a1", "a2", "a3"} {
		push.Commits = append(push.Commits, forge.Commit{SHA: sha, Message: "ten bytes."})
	}
	var nobody *forge.GitHub
	got, notes := nobody.Context(t.Context(), forge.Event{Name: "push", Push: push}, forge.ContextCaps{Kind: 20})
	if diff := cmp.Diff([]string{"commit a2 in the push to refs/heads/main", "commit a3 in the push to refs/heads/main"}, sources(got)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"there are more commits in the push to refs/heads/main than fit: the context has the newest 2"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// What there is no room for at all is counted, and the caps hold for the sum.
func TestPartsBeyondAllRoomAreCounted(t *testing.T) {
	t.Parallel()
	var nobody *forge.GitHub
	event := forge.Event{Discussion: &forge.Discussion{Number: 3, Title: "Hours", Body: "When?"}, Comment: &forge.Comment{Body: "Ät noon"}}
	const alone = "the context holds only what the event itself tells: set github-token to have the rest read"
	for _, test := range []struct {
		total int
		want  []string
		notes []string
	}{
		{8 + 12, []string{"Ät noon", "Hours\n\nWhen?"}, []string{alone}},
		{8 + 11, []string{"Ät noon", "Hours\n\nWhen"}, []string{alone}},
		{8, []string{"Ät noon"}, []string{alone, "the context is full: 1 more part is left out behind its first 8 bytes"}},
		{1, nil, []string{alone, "the context is full: 2 more parts are left out behind its first 0 bytes"}},
	} {
		got, notes := nobody.Context(t.Context(), event, forge.ContextCaps{Total: test.total})
		if diff := cmp.Diff(test.want, texts(got)); diff != "" {
			t.Errorf("%d bytes: parts (-want +got):\n%s", test.total, diff)
		}
		if diff := cmp.Diff(test.notes, notes); diff != "" {
			t.Errorf("%d bytes: notes (-want +got):\n%s", test.total, diff)
		}
	}
}
