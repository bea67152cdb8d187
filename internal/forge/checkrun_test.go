package forge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

func TestACheckRunFollowsTheWorkToItsEnd(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"checks": "write"})
	sha := forgetest.SHA("fix")
	check := forge.CheckStatus{
		Name: "cursor/fix", HeadSHA: sha, Key: "7261-fix", Details: "https://github.com/acme/shop/actions/runs/7261",
		Title: "An agent is being launched", Summary: "### At work",
	}
	id, err := client.StartCheck(t.Context(), "acme/shop", check)
	if err != nil {
		t.Fatal(err)
	}
	run := func() forgetest.CheckRun {
		t.Helper()
		runs := double.Repository("acme/shop").CheckRuns
		if len(runs) != 1 {
			t.Fatalf("there are %d check runs", len(runs))
		}
		return *runs[0]
	}
	if got := run(); got.Status != "in_progress" || got.Title != check.Title || got.Summary != check.Summary || got.ExternalID != check.Key || got.DetailsURL != check.Details {
		t.Errorf("it began as %+v", got)
	}
	if found, err := client.FindCheck(t.Context(), "acme/shop", sha, "cursor/fix", "7261-fix"); found != id || err != nil {
		t.Errorf("found %d, error %v, want %d", found, err, id)
	}
	for _, other := range [][2]string{{"cursor/other", "7261-fix"}, {"cursor/fix", "7261-other"}} {
		if found, err := client.FindCheck(t.Context(), "acme/shop", sha, other[0], other[1]); found != 0 || err != nil {
			t.Errorf("%v found %d, error %v", other, found, err)
		}
	}
	if ended, err := client.CheckEnded(t.Context(), "acme/shop", id); ended || err != nil {
		t.Errorf("it has ended: %t, error %v", ended, err)
	}
	check.Title, check.Conclusion = strings.Repeat("é", 200), forge.CheckFailure
	check.Summary = strings.Repeat("é", 40_000)
	for i := range 120 {
		check.Annotations = append(check.Annotations, forge.Annotation{
			Path: "cache.go", From: i + 1, Level: "warning", Title: strings.Repeat("é", 200), Message: fmt.Sprintf("remark %d %s", i, strings.Repeat("é", 40_000)),
		})
	}
	if err := client.UpdateCheck(t.Context(), "acme/shop", id, check); err != nil {
		t.Fatal(err)
	}
	got := run()
	if got.Status != "completed" || got.Conclusion != "failure" || len(got.Annotations) != 120 {
		t.Errorf("it ended as %s, %s, with %d annotations", got.Status, got.Conclusion, len(got.Annotations))
	}
	if diff := cmp.Diff(forgetest.Annotation{
		Path: "cache.go", StartLine: 120, EndLine: 120, Level: "warning",
		Title: strings.Repeat("é", 127), Message: "remark 119 " + strings.Repeat("é", 29_994),
	}, got.Annotations[119]); diff != "" {
		t.Errorf("the last annotation (-want +got):\n%s", diff)
	}
	if got.Title != strings.Repeat("é", 127) || got.Summary != strings.Repeat("é", 32_767) {
		t.Errorf("the title has %d bytes and the summary %d", len(got.Title), len(got.Summary))
	}
	if ended, err := client.CheckEnded(t.Context(), "acme/shop", id); !ended || err != nil {
		t.Errorf("it has not ended: %t, error %v", ended, err)
	}
	if n := len(double.Asked("checks/update")); n != 3 {
		t.Errorf("the annotations were sent in %d requests, want 3", n)
	}
	if found, err := client.FindCheck(t.Context(), "acme/shop", sha, "cursor/fix", "7261-fix"); found != 0 || err != nil {
		t.Errorf("one that ended was found: %d, error %v", found, err)
	}
}

func TestWhyACheckRunIsNotWritten(t *testing.T) {
	t.Parallel()
	client, _ := writer(t, nil)
	_, started := client.StartCheck(t.Context(), "acme/shop", forge.CheckStatus{Name: "c", HeadSHA: forgetest.SHA("fix")})
	updated := client.UpdateCheck(t.Context(), "acme/shop", 1, forge.CheckStatus{Name: "c"})
	empty, double := writer(t, map[string]string{"checks": "write"}, forgetest.Fault{Operation: "checks/create", Answer: &forgetest.Answer{Status: 201, Body: "{}"}})
	_, unnamed := empty.StartCheck(t.Context(), "acme/shop", forge.CheckStatus{Name: "c", HeadSHA: "abc"})
	double.SetFaults(forgetest.Fault{Operation: "checks/list-for-ref", Answer: &forgetest.Answer{Status: 500}})
	_, unread := empty.FindCheck(t.Context(), "acme/shop", "abc", "c", "k")
	_, unknown := empty.CheckEnded(t.Context(), "acme/shop", 1)
	want := []string{
		fmt.Sprintf(`start check run "c" at %.12s of acme/shop: 403 Resource not accessible by integration`, forgetest.SHA("fix")),
		"update check run 1 of acme/shop: 403 Resource not accessible by integration",
		`start check run "c" at abc of acme/shop: 201 the answer names no check run`,
		"read the check runs of abc of acme/shop: 500 Internal Server Error",
		"read check run 1 of acme/shop: 404 Not Found",
	}
	if diff := cmp.Diff(want, []string{said(started), said(updated), said(unnamed), said(unread), said(unknown)}); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}
