package forge_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

func TestAnswersOfNullAreNothing(t *testing.T) {
	t.Parallel()
	null := says(200, `null`)
	client := scripted(t, map[string]http.HandlerFunc{
		"actions/runs/5/jobs": null, "check-suites/6/check-runs": null, "check-runs/61": null, "issues/7": null, "issues/7/comments": null,
		"pulls": null, "pulls/9": null, "pulls/9/files": null, "pulls/9/reviews": null, "pulls/9/comments": says(200, `[null]`), "issues/9/comments": says(200, `[null]`), "/graphql": null,
	})
	for _, test := range []struct {
		event forge.Event
		want  []string
	}{
		{failedRun, []string{"workflow run 5"}},
		{forge.Event{Check: &forge.Check{Kind: forge.CheckSuite, ID: 6, Name: "x"}}, []string{"check suite 6"}},
		{forge.Event{Check: &forge.Check{Kind: forge.CheckRun, ID: 61, Name: "x"}}, []string{"check run 61"}},
		{aboutIssue7(nil), []string{"issue 7"}},
		{aboutPull9(forge.Event{}), []string{"pull request 9"}},
	} {
		test.event.Repository = acmeShop
		got, _ := client.Context(t.Context(), test.event, forge.ContextCaps{})
		if diff := cmp.Diff(test.want, sources(got)); diff != "" {
			t.Errorf("sources (-want +got):\n%s", diff)
		}
	}
}

func TestFailedChecksAreQuoted(t *testing.T) {
	t.Parallel()
	const lint = `{"id": 61, "name": "lint", "conclusion": "failure", "html_url": "https://github.com/acme/shop/runs/61", "app": {"slug": "linter"},
		"output": {"title": "2 problems", "summary": "Both are old.", "text": ""}}`
	const job = `{"id": 62, "name": "test", "conclusion": "startup_failure", "app": {"slug": "github-actions"}}`
	answers := func(more map[string]http.HandlerFunc) map[string]http.HandlerFunc {
		more["check-runs/61/annotations"] = says(200, `[null, {"path": "a\nb.go", "start_line": 3, "annotation_level": "warning", "message": "odd name"}]`)
		more["check-runs/62/annotations"] = says(200, `[]`)
		return more
	}
	log := elsewhere(t, keeps("it broke\n"))
	linted := forge.Quote{Source: "check lint of check suite 6 (failure)", URL: "https://github.com/acme/shop/runs/61", Code: true,
		Text: "2 problems\n\nBoth are old.\n\nwarning: \"a\\nb.go\":3: odd name", Size: 57}
	for _, test := range []struct {
		name    string
		check   forge.Check
		answers map[string]http.HandlerFunc
		want    []forge.Quote // after the check itself
		notes   []string
	}{
		{"of a suite", forge.Check{Kind: forge.CheckSuite, ID: 6}, map[string]http.HandlerFunc{
			"check-suites/6/check-runs": says(200, `{"total_count": 3, "check_runs": [{"id": 60, "conclusion": "success"}, `+lint+`, `+job+`]}`),
			"actions/jobs/62/logs":      leadsTo(log),
		}, []forge.Quote{linted,
			{Source: "job test of check suite 6 (startup_failure)", Text: "conclusion: startup_failure", Size: 27, Code: true},
			{Source: "log of job test (startup_failure)", Text: "it broke\n", Size: 9, Code: true, Tail: true}}, nil},
		{"one", forge.Check{Kind: forge.CheckRun, ID: 61}, map[string]http.HandlerFunc{"check-runs/61": says(200, lint)},
			[]forge.Quote{{Source: "check lint of check run 61 (failure)", URL: linted.URL, Text: linted.Text, Size: linted.Size, Code: true}}, nil},
		{"one that is well by now", forge.Check{Kind: forge.CheckRun, ID: 61}, map[string]http.HandlerFunc{
			"check-runs/61": says(200, `{"id": 61, "conclusion": "success"}`)}, nil, nil},
		{"one that is gone", forge.Check{Kind: forge.CheckRun, ID: 61}, map[string]http.HandlerFunc{}, nil,
			[]string{"read check run 61 of acme/shop: 404 Not Found: it is gone, or the job lacks the permission checks: read"}},
		{"a suite that may not be read", forge.Check{Kind: forge.CheckSuite, ID: 6}, map[string]http.HandlerFunc{
			"check-suites/6/check-runs": says(403, `{"message": "Resource not accessible by integration"}`)}, nil,
			[]string{"read the checks of check suite 6 of acme/shop: 403 Resource not accessible by integration: give the job the permission checks: read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check.Name, test.check.App, test.check.Conclusion = "a check", "linter", "failure"
			event := forge.Event{Name: "check", Repository: acmeShop, Check: &test.check}
			got, notes := scripted(t, answers(test.answers)).Context(t.Context(), event, forge.ContextCaps{})
			first := forge.Quote{Source: fmt.Sprintf("%s %d", test.check.Kind, test.check.ID), Author: "linter", Text: "name: a check\napp: linter\nconclusion: failure\n", Size: 46, Code: true}
			if diff := cmp.Diff(append([]forge.Quote{first}, test.want...), got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}
