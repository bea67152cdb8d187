package forgetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

const pull9 = "/repos/acme/shop/pulls/9"

func TestPullRequestsAreFoundByTheirHead(t *testing.T) {
	t.Parallel()
	config := shop()
	shopRepo := config.Repositories[0]
	shopRepo.Branches = map[string]string{"next": forgetest.SHA("next")}
	shopRepo.Issues = append(shopRepo.Issues,
		&forgetest.Issue{Number: 10, Author: "eve", Pull: &forgetest.PullRequest{HeadRef: "fix-cart", HeadRepository: "eve/shop", BaseRef: "next", Draft: true}},
		&forgetest.Issue{Number: 11, Author: "ghost", State: "closed", Pull: &forgetest.PullRequest{HeadRef: "old"}},
		&forgetest.Issue{Number: 12, Author: "ann", Pull: &forgetest.PullRequest{HeadRef: "done", Merged: true}},
	)
	c := start(t, config)
	for _, test := range []struct {
		name, query string
		want        []int
	}{
		{"open ones, newest first", "", []int{10, 9}},
		{"all", "state=all", []int{12, 11, 10, 9}},
		{"closed", "state=closed", []int{12, 11}},
		{"oldest first", "state=all&direction=asc&sort=updated", []int{9, 10, 11, 12}},
		{"of a branch", "head=acme:fix-cart", []int{9}},
		{"of a fork's branch", "head=Eve:fix-cart", []int{10}},
		{"of a branch that has none", "head=acme:none", nil},
		{"a head without its owner is ignored", "head=fix-cart", []int{10, 9}},
		{"of a base", "base=next", []int{10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []int
			for _, pull := range decode[[]github.PullRequest](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/pulls?"+test.query, "").Body) {
				got = append(got, pull.GetNumber())
			}
			diff(t, "numbers", test.want, got)
		})
	}
	c.want(http.StatusUnprocessableEntity, "GET", "/repos/acme/shop/pulls?state=odd", "")
	get := func(number int) *github.PullRequest {
		pull, _, err := c.github(workflowToken).PullRequests.Get(t.Context(), "acme", "shop", number)
		if err != nil {
			t.Fatal(err)
		}
		return pull
	}
	fork, merged := get(10), get(12)
	diff(t, "fork", []any{"eve/shop", true, true, "eve:fix-cart", "next"},
		[]any{fork.Head.Repo.GetFullName(), fork.Head.Repo.GetFork(), fork.GetDraft(), fork.Head.GetLabel(), fork.Base.GetRef()})
	diff(t, "merged", []any{true, "closed", merged.GetClosedAt(), true}, []any{merged.GetMerged(), merged.GetState(), merged.GetMergedAt(), merged.GetMergeCommitSHA() != ""})
}

// A fork that was deleted is null, which the description does not say but the
// API does.
func TestTheHeadOfADeletedForkIsNull(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Repositories[0].Issues[1].Pull.Gone = true
	c := start(t, config)
	c.http.Transport = c.hub.Transport()
	pull, _, err := c.github(workflowToken).PullRequests.Get(t.Context(), "acme", "shop", 9)
	if err != nil || pull.Head.Repo != nil || pull.Head.User != nil || pull.Head.GetRef() != "fix-cart" {
		t.Errorf("got %v, %v", pull.GetHead(), err)
	}
}

func TestAPullRequestIsChanged(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	pull, _, err := c.github(workflowToken).PullRequests.Edit(t.Context(), "acme", "shop", 9, &github.PullRequest{Title: new("Fill it"), Body: new("Closes #7")})
	if err != nil || pull.GetTitle() != "Fill it" || pull.GetBody() != "Closes #7" || pull.GetChangedFiles() != 1 || pull.GetAdditions() != 2 {
		t.Errorf("got %v, %v", pull, err)
	}
	for _, body := range []string{
		`{"title":""}`, `{"title":7}`, `{"title":"` + strings.Repeat("x", 257) + `"}`, `{"body":"` + strings.Repeat("x", 65537) + `"}`,
		`{"state":"merged"}`, `{"base":"none"}`,
	} {
		c.want(http.StatusUnprocessableEntity, "PATCH", pull9, body)
	}
	c.want(http.StatusOK, "PATCH", pull9, `{"state":"closed"}`)
	i := c.hub.Issue("acme/shop", 9)
	diff(t, "state", []any{"Fill it", "closed", false}, []any{i.Title, i.State, i.ClosedAt.IsZero()})
	c.want(http.StatusNotFound, "PATCH", "/repos/acme/shop/pulls/7", `{"title":"x"}`)
}

func TestReviewersMustBeCollaborators(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	pull, answer, err := c.github(workflowToken).PullRequests.RequestReviewers(t.Context(), "acme", "shop", 9, github.ReviewersRequest{Reviewers: []string{"mia", "tim", "mia"}})
	if err != nil || answer.StatusCode != http.StatusCreated || len(pull.RequestedReviewers) != 2 || pull.RequestedReviewers[1].GetLogin() != "tim" {
		t.Errorf("got %v, %v", pull.RequestedReviewers, err)
	}
	for body, message := range map[string]string{
		`{"reviewers":["eve"]}`:      "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the acme/shop repository.",
		`{"reviewers":["ann"]}`:      "Review cannot be requested from pull request author.",
		`{"team_reviewers":["all"]}`: "Could not resolve to a node with the global id of 'T_kwDOAA'.",
	} {
		diff(t, body, message, c.want(http.StatusUnprocessableEntity, "POST", pull9+"/requested_reviewers", body).message(t))
	}
	diff(t, "state", []string{"mia", "tim"}, c.hub.Issue("acme/shop", 9).Pull.RequestedReviewers)
}

func TestAForcePushLeavesReviewsBehind(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	before := c.hub.Issue("acme/shop", 9).Pull.HeadSHA
	late := c.hub.Review("acme/shop", 9, forgetest.Review{Author: "ada", State: "APPROVED"})
	after := forgetest.SHA("forced")
	c.hub.ForcePush("acme/shop", 9, after)
	c.hub.Review("acme/shop", 9, forgetest.Review{Author: "mia", State: "APPROVED"})
	c.hub.Review("acme/shop", 9, forgetest.Review{Author: "mia", State: "PENDING"})
	pull, _, err := c.github(workflowToken).PullRequests.Get(t.Context(), "acme", "shop", 9)
	if err != nil || pull.Head.GetSHA() != after || pull.GetCommits() != 1 {
		t.Errorf("head %v, %v", pull.GetHead().GetSHA(), err)
	}
	reviews, _, err := c.github(workflowToken).PullRequests.ListReviews(t.Context(), "acme", "shop", 9, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, review := range reviews {
		got = append(got, review.GetState()+" "+review.GetCommitID())
	}
	diff(t, "reviews", []string{"CHANGES_REQUESTED " + before, "APPROVED " + before, "APPROVED " + after}, got)
	diff(t, "of the review", late, reviews[1].GetID())
	c.http.Transport = c.hub.Transport() // the description knows no line that is null
	comments, _, err := c.github(workflowToken).PullRequests.ListComments(t.Context(), "acme", "shop", 9, nil)
	if err != nil || comments[0].Line != nil || comments[0].GetOriginalLine() != 3 || comments[0].GetOriginalCommitID() != before || comments[1].GetInReplyTo() != 600 {
		t.Errorf("comments: %v, %v", comments, err)
	}
	of, _, err := c.github(workflowToken).PullRequests.ListReviewComments(t.Context(), "acme", "shop", 9, 500, nil)
	if err != nil || len(of) != 1 || of[0].GetBody() != "Why?" {
		t.Errorf("of the review: %v, %v", of, err)
	}
	c.want(http.StatusNotFound, "GET", pull9+"/reviews/1/comments", "")
	ref, _, err := c.github(workflowToken).Git.GetRef(t.Context(), "acme", "shop", "heads/fix-cart")
	if err != nil || ref.GetObject().GetSHA() != after {
		t.Errorf("branch: %v, %v", ref, err)
	}
}

func TestThreadsAboutLinesFilesAndRangesHaveTheirPlace(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Repositories[0].Issues[1].Pull.Threads = []*forgetest.Thread{
		{Path: "a.go", Comments: []*forgetest.ReviewComment{{Author: "mia", Body: "whole"}}},
		{Path: "b.go", Line: 8, StartLine: 5, Comments: []*forgetest.ReviewComment{{Author: "mia", Body: "range"}}},
	}
	comments, _, err := start(t, config).github(workflowToken).PullRequests.ListComments(t.Context(), "acme", "shop", 9, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, comment := range comments {
		got = append(got, fmt.Sprint(comment.GetPath(), " ", comment.GetSubjectType(), " ", comment.GetStartLine(), "-", comment.GetLine()))
	}
	diff(t, "places", []string{"a.go file 0-1", "b.go line 5-8"}, got)
}

func TestCommitsAreNamedByBranchAndSHA(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	agent := forgetest.Person{Name: "Cursor Agent", Email: "cursoragent@cursor.com"}
	sha := forgetest.SHA("pushed")
	c.hub.Push("acme/shop", 9, &forgetest.Commit{SHA: sha, Message: "Fix", Author: agent, AuthorLogin: "ann", Files: []*forgetest.File{{Name: "cart.go", Additions: 1, Deletions: 3, Status: "renamed", PreviousName: "basket.go"}}})
	for _, ref := range []string{"fix-cart", "heads/fix-cart", sha, sha[:7]} {
		commit := decode[github.RepositoryCommit](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/commits/"+ref, "").Body)
		diff(t, ref, []any{sha, "Cursor Agent", "cursoragent@cursor.com", "ann", 4, "basket.go"}, []any{commit.GetSHA(), commit.Commit.Author.GetName(), commit.Commit.Committer.GetEmail(), commit.Author.GetLogin(), commit.Stats.GetTotal(), commit.Files[0].GetPreviousFilename()})
	}
	diff(t, "unknown", "No commit found for SHA: none", c.want(http.StatusUnprocessableEntity, "GET", "/repos/acme/shop/commits/none", "").message(t))
	git, _, err := c.github(workflowToken).Git.GetCommit(t.Context(), "acme", "shop", sha)
	if err != nil || git.GetMessage() != "Fix" {
		t.Errorf("got %v, %v", git, err)
	}
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/git/commits/"+forgetest.SHA("none"), "")
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/git/ref/heads/none", "")
	commits, _, err := c.github(workflowToken).PullRequests.ListCommits(t.Context(), "acme", "shop", 9, nil)
	if err != nil || len(commits) != 2 || commits[1].GetSHA() != sha {
		t.Errorf("got %v, %v", commits, err)
	}
	c.hub.Merge("acme/shop", 9)
	timeline := c.want(http.StatusOK, "GET", "/repos/acme/shop/issues/9/timeline", "").Body
	for _, event := range []string{`"event":"committed"`, `"event":"reviewed"`} {
		if !strings.Contains(timeline, event) {
			t.Errorf("the timeline has no %s: %s", event, timeline)
		}
	}
}

func TestBranchesAreCompared(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	c.hub.Push("acme/shop", 9, &forgetest.Commit{SHA: forgetest.SHA("second"), Files: []*forgetest.File{{Name: "a.go"}}})
	for _, test := range []struct{ base, head, want string }{
		{"main", "fix-cart", "ahead 2 0 1"},
		{"main", "acme:fix-cart", "ahead 2 0 1"},
		{"fix-cart", "main", "behind 0 2 0"},
		{"main", "main", "identical 0 0 0"},
		{"main", "other/branch", "diverged 1 1 0"},
	} {
		c.hub.Edit("acme/shop", func(r *forgetest.Repository) {
			if test.want[0] == 'd' && r.Branches["other/branch"] == "" {
				root := forgetest.SHA("root")
				r.Commits = append(r.Commits, &forgetest.Commit{SHA: root}, &forgetest.Commit{SHA: forgetest.SHA("side"), Parents: []string{root}})
				r.Commits[0].Parents = []string{root}
				r.Branches["other/branch"] = forgetest.SHA("side")
			}
		})
		got := decode[github.CommitsComparison](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/compare/"+test.base+"..."+test.head, "").Body)
		diff(t, test.base+"..."+test.head, test.want, fmt.Sprint(got.GetStatus(), " ", got.GetAheadBy(), " ", got.GetBehindBy(), " ", len(got.Files)))
	}
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/compare/main...none", "")
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/compare/main", "")
}

func TestFilesAreReadAndFoldersListed(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Repositories[0].Files["big.bin"] = strings.Repeat("x", 1<<20+1)
	c := start(t, config)
	repositories := c.github(workflowToken).Repositories
	file, _, _, err := repositories.GetContents(t.Context(), "acme", "shop", "cmd/shop/main.go", &github.RepositoryContentGetOptions{Ref: "fix-cart"})
	if err != nil {
		t.Fatal(err)
	}
	content, err := file.GetContent()
	diff(t, "content", []any{"package main\n", nil}, []any{content, err})
	c.want(http.StatusOK, "GET", "/repos/acme/shop/contents/cmd", "")
	c.http.Transport = c.hub.Transport() // the description names no root
	_, folder, _, err := c.github(workflowToken).Repositories.GetContents(t.Context(), "acme", "shop", "", nil)
	if err != nil || len(folder) != 3 || folder[0].GetName() != "README.md" || folder[2].GetName() != "cmd" || folder[2].GetType() != "dir" {
		t.Errorf("got %v, %v", folder, err)
	}
	big, _, _, err := repositories.GetContents(t.Context(), "acme", "shop", "big.bin", nil)
	if err != nil || big.GetEncoding() != "none" || big.GetSize() != 1<<20+1 {
		t.Errorf("got %v, %v", big.GetEncoding(), err)
	}
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/contents/none", "")
	diff(t, "ref", "No commit found for the ref none", c.want(http.StatusNotFound, "GET", "/repos/acme/shop/contents/README.md?ref=none", "").message(t))
}

func TestLongListsOfAPullRequestAreCut(t *testing.T) {
	t.Parallel()
	config := shop()
	pull := config.Repositories[0].Issues[1].Pull
	pull.Files = nil
	for i := range 3001 {
		pull.Files = append(pull.Files, &forgetest.File{Name: fmt.Sprint(i)})
	}
	for i := range 251 {
		pull.Commits = append(pull.Commits, forgetest.SHA(fmt.Sprint(i)))
	}
	c := start(t, config)
	files := c.want(http.StatusOK, "GET", pull9+"/files?per_page=100", "").Header.Get("Link")
	commits := c.want(http.StatusOK, "GET", pull9+"/commits?per_page=100", "").Header.Get("Link")
	for link, last := range map[string]int{files: 30, commits: 3} {
		if !strings.Contains(link, fmt.Sprintf(`page=%d&per_page=100>; rel="last"`, last)) {
			t.Errorf("got %s, want the last page %d", link, last)
		}
	}
}

func TestMistakesInTestsPanic(t *testing.T) {
	t.Parallel()
	hub := forgetest.New(shop())
	t.Cleanup(hub.Close)
	for want, mistake := range map[string]func(){
		"forgetest: the hub keeps no repository a/b":             func() { hub.Repository("a/b") },
		"forgetest: the hub keeps no repository a/c":             func() { hub.Edit("a/c", func(*forgetest.Repository) {}) },
		"forgetest: acme/shop has no issue or pull request 1000": func() { hub.Issue("acme/shop", 1000) },
	} {
		func() {
			defer func() { diff(t, "panic", any(want), recover()) }()
			mistake()
		}()
	}
}

func TestWhatATestReadsIsACopy(t *testing.T) {
	t.Parallel()
	bubble(t, shop(), func(t *testing.T, c *client) {
		c.hub.Issue("acme/shop", 7).Title = "changed"
		time.Sleep(time.Hour)
		c.hub.CloseIssue("acme/shop", 7)
		i := c.hub.Issue("acme/shop", 7)
		diff(t, "issue", []any{"The cart is empty", "closed", time.Hour}, []any{i.Title, i.State, i.ClosedAt.Sub(i.CreatedAt)})
	})
}
