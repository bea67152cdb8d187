package forge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

func TestAPullRequestIsFinishedAsAsked(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "write", "issues": "write"})
	double.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Collaborators = map[string]string{"hubot": "write", "octocat": "admin"}
	})
	ctx := t.Context()
	if err := client.AddLabels(ctx, "acme/shop", 9, []string{"cursor", "bug"}); err != nil {
		t.Error(err)
	}
	if err := client.RequestReviewers(ctx, "acme/shop", 9, []string{"@hubot"}); err != nil {
		t.Error(err)
	}
	if err := client.RequestReviewers(ctx, "acme/shop", 9, []string{"hubot", "acme/core"}); said(err) != "ask hubot, acme/core to review acme/shop#9: 422 Could not resolve to a node with the global id of 'T_kwDOAA'." {
		t.Errorf("a team that is not there: %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := client.LinkIssue(ctx, "acme/shop", 9, "acme/shop", 7); err != nil {
			t.Error(err)
		}
	}
	pull := double.Issue("acme/shop", 9)
	if diff := cmp.Diff([]string{"cursor", "bug"}, pull.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("Closes #7\n", pull.Body); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	asked := double.Asked("pulls/request-reviewers")
	if len(asked) != 2 || asked[1].Body != `{"reviewers":["hubot"],"team_reviewers":["core"]}`+"\n" {
		t.Errorf("reviewers were asked for as %+v", asked)
	}
}

func TestALinkToAnIssueStandsBelowWhatIsThere(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "write"})
	double.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[1].Body = "What I did.\r\n\r\ncloses #70\n" })
	if err := client.LinkIssue(t.Context(), "acme/shop", 9, "acme/shop", 7); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("What I did.\r\n\r\ncloses #70\n\nCloses #7\n", double.Issue("acme/shop", 9).Body); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestAnIssueOfAnotherRepositoryIsLinkedByItsWholeName(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "write"})
	for range 2 {
		if err := client.LinkIssue(t.Context(), "acme/shop", 9, "acme/plans", 7); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff("Closes acme/plans#7\n", double.Issue("acme/shop", 9).Body); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestWhoHasReviewedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "write"})
	double.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Collaborators = map[string]string{"hubot": "write", "monalisa": "write"}
	})
	double.Review("acme/shop", 9, forgetest.Review{Author: "hubot", State: "APPROVED"})
	for _, reviewers := range [][]string{{"Hubot"}, {"hubot", "monalisa"}} {
		if err := client.RequestReviewers(t.Context(), "acme/shop", 9, reviewers); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"monalisa"}, double.Issue("acme/shop", 9).Pull.RequestedReviewers); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if n := len(double.Asked("pulls/request-reviewers")); n != 1 {
		t.Errorf("%d requests asked somebody, want 1", n)
	}
	double.SetFaults(forgetest.Fault{Operation: "pulls/list-reviews", Answer: &forgetest.Answer{Status: 500}})
	err := client.RequestReviewers(t.Context(), "acme/shop", 9, []string{"hubot"})
	if diff := cmp.Diff("read the reviews of pull request 9 of acme/shop: 500 Internal Server Error", said(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestThePullRequestOfABranchIsTheNewestThatIsOpen(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "read"})
	find := func(branch string) int {
		t.Helper()
		number, err := client.FindPullRequest(t.Context(), "acme/shop", branch)
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	if got := find("cursor/other"); got != 0 {
		t.Errorf("a branch without a pull request has %d", got)
	}
	double.Edit("acme/shop", func(r *forgetest.Repository) {
		for number := 20; number < 23; number++ {
			r.Issues = append(r.Issues, &forgetest.Issue{Number: number, State: "closed", Pull: &forgetest.PullRequest{HeadRef: "cursor/fix"}})
		}
		r.Issues = append(r.Issues, &forgetest.Issue{Number: 30, Pull: &forgetest.PullRequest{HeadRef: "cursor/fix", HeadRepository: "mallory/shop"}})
	})
	if got := find("cursor/fix"); got != 9 {
		t.Errorf("the pull request is %d, want the open one, 9", got)
	}
	double.CloseIssue("acme/shop", 9)
	if got := find("cursor/fix"); got != 22 {
		t.Errorf("the pull request is %d, want the newest, 22", got)
	}
}

func TestABranchIsComparedWithItsBase(t *testing.T) {
	t.Parallel()
	client, _ := writer(t, map[string]string{"contents": "read"})
	got, err := client.Compare(t.Context(), "acme/shop", "main", "cursor/fix")
	if diff := cmp.Diff(forge.Difference{HeadSHA: forgetest.SHA("fix"), Commits: 2, ChangedFiles: 2}, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s\nerror %v", diff, err)
	}
	if _, err := client.Compare(t.Context(), "acme/shop", "main", "gone"); said(err) != "compare gone with main in acme/shop: 404 Not Found" {
		t.Errorf("error %v", err)
	}
}

func TestWhoAskedSeesThatItWasHeard(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{"pull_requests": "write", "issues": "write"})
	at := forge.Repository{Server: "https://github.com", Path: "acme/shop"}
	id := double.Comment("acme/shop", 7, forgetest.Comment{Author: "octocat", Body: "@cursor fix it"})
	for name, event := range map[string]forge.Event{
		"a comment":    {Repository: at, Issue: &forge.Issue{Number: 7}, Comment: &forge.Comment{Kind: forge.CommentIssue, ID: id}},
		"an issue":     {Repository: at, Issue: &forge.Issue{Number: 7}},
		"a discussion": {Repository: at, Discussion: &forge.Discussion{Number: 3}},
		"a push":       {Repository: at},
	} {
		if err := client.Acknowledge(t.Context(), event); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	issue := double.Issue("acme/shop", 7)
	if n := len(issue.Reactions); n != 1 || issue.Reactions[0].Content != "eyes" {
		t.Errorf("the issue has %d reactions", n)
	}
	if n := len(issue.Comments[0].Reactions); n != 1 || issue.Comments[0].Reactions[0].Content != "eyes" {
		t.Errorf("the comment has %d reactions", n)
	}
	if n := len(double.Requests()); n != 2 {
		t.Errorf("%d requests were sent, want 2", n)
	}
}
