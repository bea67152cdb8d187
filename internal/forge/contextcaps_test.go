package forge_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

func TestPartsAreCutToTheByteBetweenCharacters(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("ä", 100) // of two bytes
	for _, test := range []struct {
		name  string
		caps  forge.ContextCaps
		sizes []int // of the parts: title and body, then two comments
		note  string
	}{
		{"no cap met", forge.ContextCaps{}, []int{203, 200, 200}, ""},
		{"each part", forge.ContextCaps{Part: 50}, []int{49, 50, 50}, ""},
		{"within a character", forge.ContextCaps{Part: 51}, []int{51, 50, 50}, ""},
		{"the conversation", forge.ContextCaps{Kind: 300}, []int{203, 200}, "there are more comments on issue 7 than fit: the context has the newest 1"},
		{"a conversation that has no room for one", forge.ContextCaps{Kind: 10}, []int{203, 10}, "there are more comments on issue 7 than fit: the context has the newest 1"},
		{"all", forge.ContextCaps{Total: 403}, []int{203, 200}, "there are more comments on issue 7 than fit: the context has the newest 1"},
		{"all, for the issue alone", forge.ContextCaps{Total: 203}, []int{203}, "there are more comments on issue 7 than fit: the context has the newest 0"},
		{"all, for the issue's begin", forge.ContextCaps{Total: 10}, []int{9}, "there are more comments on issue 7 than fit: the context has the newest 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			repository := issue7(2)
			issue := repository.Issues[0]
			issue.Title, issue.Body, issue.Comments[0].Body, issue.Comments[1].Body = "T", body, body, body
			_, client := doubled(t, repository, readAll)
			event := aboutIssue7(nil)
			event.Issue.Title, event.Issue.Body = "T", body
			parts, notes := client.Context(t.Context(), event, test.caps)
			var sizes []int
			for i, part := range parts {
				sizes = append(sizes, len(part.Text))
				if whole := []int{203, 200, 200}[i]; part.Size != whole || strings.ContainsRune(part.Text, '\uFFFD') {
					t.Errorf("size %d, want %d; text %q", part.Size, whole, part.Text)
				}
			}
			if diff := cmp.Diff(test.sizes, sizes); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
			if strings.Join(notes, "; ") != test.note {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

func TestThePagesReadBeforeTroubleAreKept(t *testing.T) {
	t.Parallel()
	double, client := doubled(t, issue7(250), readAll)
	double.SetFaults(forgetest.Fault{Operation: "issues/list-comments", When: forgetest.When{At: []int{3}}, Answer: &forgetest.Answer{Status: 500}})
	parts, notes := client.Context(t.Context(), aboutIssue7(nil), forge.ContextCaps{})
	if len(parts) != 51 || parts[1].Text != "comment 201" || parts[50].Text != "comment 250" {
		t.Errorf("parts:\n%s", outline(parts))
	}
	want := []string{"read the comments on 7 of acme/shop: 500 Internal Server Error: the context goes without it; run the job again when GitHub answers"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestReadingEndsWithItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		double, client := doubled(t, issue7(250), readAll)
		double.SetFaults(forgetest.Fault{Operation: "issues/list-comments", When: forgetest.When{At: []int{3}}, Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		parts, notes := client.Context(ctx, aboutIssue7(nil), forge.ContextCaps{})
		if took := time.Since(begin); took != time.Minute || len(parts) != 51 {
			t.Errorf("it took %s, and there are %d parts", took, len(parts))
		}
		want := []string{"the time for reading the context was up: it goes without what was not read until then"}
		if diff := cmp.Diff(want, notes); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
		double.Close()
	})
}
