package forgetest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

const issue7 = "/repos/acme/shop/issues/7"

func TestACommentLivesFromItsCreationToItsDeletion(t *testing.T) {
	t.Parallel()
	bubble(t, shop(), func(t *testing.T, c *client) {
		issues := c.github(workflowToken).Issues
		made, answer, err := issues.CreateComment(t.Context(), "acme", "shop", 7, &github.IssueComment{Body: new("Working")})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "created", []any{201, "github-actions[bot]", "Bot", int64(41898282), "Working", "NONE", made.GetURL()},
			[]any{answer.StatusCode, made.User.GetLogin(), made.User.GetType(), made.User.GetID(), made.GetBody(), made.GetAuthorAssociation(), answer.Header.Get("Location")})
		diff(t, "address", fmt.Sprintf("https://github.com/acme/shop/issues/7#issuecomment-%d", made.GetID()), made.GetHTMLURL())
		time.Sleep(time.Minute)
		changed, _, err := issues.EditComment(t.Context(), "acme", "shop", made.GetID(), &github.IssueComment{Body: new("Done")})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "changed", []any{"Done", time.Minute}, []any{changed.GetBody(), changed.GetUpdatedAt().Sub(changed.GetCreatedAt().Time)})
		list, _, err := issues.ListComments(t.Context(), "acme", "shop", 7, &github.IssueListCommentsOptions{Since: new(changed.GetUpdatedAt().Time)})
		if err != nil || len(list) != 1 || list[0].GetBody() != "Done" {
			t.Errorf("since then: %v, %v", list, err)
		}
		got, _, err := issues.GetComment(t.Context(), "acme", "shop", made.GetID())
		if err != nil || got.GetBody() != "Done" {
			t.Errorf("got %v, %v", got, err)
		}
		if _, err := issues.DeleteComment(t.Context(), "acme", "shop", made.GetID()); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/repos/acme/shop/issues/comments/%d", made.GetID())
		c.want(http.StatusNotFound, "GET", path, "")
		c.want(http.StatusNotFound, "PATCH", path, `{"body":"x"}`)
		c.want(http.StatusNotFound, "DELETE", path, "")
		diff(t, "left", 1, len(c.hub.Issue("acme/shop", 7).Comments))
		diff(t, "posted", []string{`{"body":"Working"}` + "\n"}, bodies(c.hub.Asked("issues/create-comment")))
	})
}

func bodies(requests []forgetest.Request) (all []string) {
	for _, r := range requests {
		all = append(all, r.Body)
	}
	return all
}

func TestManyCommentsComeInPages(t *testing.T) {
	t.Parallel()
	config := shop()
	issue := config.Repositories[0].Issues[0]
	issue.Comments = nil
	for i := range 300 {
		issue.Comments = append(issue.Comments, &forgetest.Comment{Author: "ann", Body: fmt.Sprint("comment ", i+1)})
	}
	c := start(t, config)
	var got []string
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, answer, err := c.github(workflowToken).Issues.ListComments(t.Context(), "acme", "shop", 7, options)
		if err != nil {
			t.Fatal(err)
		}
		for _, comment := range page {
			got = append(got, comment.GetBody())
		}
		if answer.NextPage == 0 {
			break
		}
		diff(t, "last", 3, answer.LastPage)
		options.Page = answer.NextPage
	}
	diff(t, "comments", []any{300, "comment 1", "comment 300"}, []any{len(got), got[0], got[299]})
	diff(t, "requests", 3, len(c.hub.Requests()))
}

func TestACommentThatGitHubWouldNotTakeIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		status     int
		message    string
	}{
		{"no JSON", `{`, 400, "Problems parsing JSON"},
		{"no body", `{}`, 422, "Invalid request.\n\n\"body\" wasn't supplied."},
		{"a list", `[]`, 422, "Invalid request.\n\n\"body\" wasn't supplied."},
		{"null", `{"body":null}`, 422, "Invalid request.\n\nFor 'properties/body', nil is not a string."},
		{"a number", `{"body":7}`, 422, "Invalid request.\n\nFor 'properties/body', 7 is not a string."},
		{"blank", `{"body":" \n"}`, 422, "Validation Failed"},
		{"too long", `{"body":"` + strings.Repeat("ä", 65537) + `"}`, 422, "Validation Failed"},
		{"as long as can be", `{"body":"` + strings.Repeat("ä", 65536) + `"}`, 201, ""},
		{"larger than any request", `{"body":"` + strings.Repeat("x", 9<<20) + `"}`, 413, "Payload too big"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, shop())
			got := c.want(test.status, "POST", issue7+"/comments", test.body)
			diff(t, "message", test.message, got.message(t))
			if test.name == "too long" {
				diff(t, "body", `{"documentation_url":"https://docs.github.com/rest/issues/comments#create-an-issue-comment","errors":[{"resource":"IssueComment","code":"unprocessable","field":"data","message":"Body is too long (maximum is 65536 characters)"}],"message":"Validation Failed","status":"422"}`, got.Body)
			}
			if want := len(c.hub.Issue("acme/shop", 7).Comments) == 2; want != (test.status == 201) {
				t.Errorf("made: %v", want)
			}
		})
	}
}

func TestALockedConversationIsForThoseWhoMayWrite(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Tokens = append(config.Tokens, forgetest.Token{Value: "tim", Kind: forgetest.FineGrained, Login: "tim", Permissions: map[string]string{"issues": "write"}})
	c := start(t, config)
	c.hub.Lock("acme/shop", 7)
	for token, status := range map[string]int{workflowToken: 403, "tim": 403, annToken: 201, classicToken: 201} {
		got := c.want(status, "POST", issue7+"/comments", `{"body":"Hi"}`, "Authorization: token "+token)
		if status == 403 {
			diff(t, "message", "Unable to create comment because issue is locked.", got.message(t))
		}
	}
	issue, _, err := c.github(workflowToken).Issues.Get(t.Context(), "acme", "shop", 7)
	if err != nil || !issue.GetLocked() {
		t.Errorf("the issue: %v, %v", issue, err)
	}
}

func TestADeletedIssueIsGone(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	comment := c.hub.Comment("acme/shop", 7, forgetest.Comment{Author: "eve", Body: "Hi"})
	c.hub.DeleteIssue("acme/shop", 7)
	for _, path := range []string{"", "/comments", "/labels", "/reactions", "/timeline"} {
		diff(t, path, "This issue was deleted", c.want(http.StatusGone, "GET", issue7+path, "").message(t))
	}
	c.want(http.StatusGone, "POST", issue7+"/comments", `{"body":"Hi"}`)
	c.want(http.StatusGone, "POST", issue7+"/labels", `["x"]`)
	c.want(http.StatusGone, "POST", issue7+"/reactions", `{"content":"eyes"}`)
	c.want(http.StatusGone, "DELETE", issue7+"/labels/bug", "")
	c.want(http.StatusNotFound, "GET", fmt.Sprintf("/repos/acme/shop/issues/comments/%d", comment), "")
	c.want(http.StatusNotFound, "GET", fmt.Sprintf("/repos/acme/shop/issues/comments/%d/reactions", comment), "")
	c.hub.DeleteIssue("acme/shop", 9)
	for _, path := range []string{"", "/files", "/commits", "/reviews", "/comments", "/reviews/500/comments"} {
		c.want(http.StatusNotFound, "GET", "/repos/acme/shop/pulls/9"+path, "")
	}
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/pulls/comments/600", "")
	c.want(http.StatusNotFound, "POST", "/repos/acme/shop/pulls/comments/600/reactions", `{"content":"eyes"}`)
	c.want(http.StatusNotFound, "PATCH", "/repos/acme/shop/pulls/9", `{"title":"x"}`)
	c.want(http.StatusNotFound, "POST", "/repos/acme/shop/pulls/9/requested_reviewers", `{"reviewers":["ann"]}`)
	diff(t, "list", "[]", c.want(http.StatusOK, "GET", "/repos/acme/shop/pulls?state=all", "").Body)
}

func TestLabelsArePutAndTakenAway(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	issues := c.github(workflowToken).Issues
	names := func(labels []*github.Label, _ *github.Response, err error) (all []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range labels {
			all = append(all, label.GetName())
		}
		return all
	}
	diff(t, "added", []string{"bug", "cursor", "a/b ü"}, names(issues.AddLabelsToIssue(t.Context(), "acme", "shop", 7, []string{"cursor", "BUG", "a/b ü"})))
	if _, err := issues.RemoveLabelForIssue(t.Context(), "acme", "shop", 7, "a%2Fb%20%C3%BC"); err != nil {
		t.Fatal(err)
	}
	diff(t, "left", []string{"bug", "cursor"}, names(issues.ListLabelsByIssue(t.Context(), "acme", "shop", 7, nil)))
	diff(t, "not there", "Label does not exist", c.want(http.StatusNotFound, "DELETE", issue7+"/labels/none", "").message(t))
	c.want(http.StatusOK, "POST", issue7+"/labels", `{"labels":[{"name":"x"}]}`)
	for _, body := range []string{`{}`, `{"labels":[7]}`, `["` + strings.Repeat("x", 51) + `"]`, `[""]`} {
		c.want(http.StatusUnprocessableEntity, "POST", issue7+"/labels", body)
	}
	c.hub.PutLabel("acme/shop", 7, "cursor-fix", "ann")
	diff(t, "state", []string{"bug", "cursor", "x", "cursor-fix"}, c.hub.Issue("acme/shop", 7).Labels)
	timeline, _, err := issues.ListIssueTimeline(t.Context(), "acme", "shop", 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range timeline {
		events = append(events, e.GetEvent()+" "+e.GetActor().GetLogin()+" "+e.GetLabel().GetName())
	}
	want := []string{"commented ann ", "labeled ann cursor-fix", "labeled github-actions[bot] a/b ü", "labeled github-actions[bot] cursor", "labeled github-actions[bot] x", "unlabeled github-actions[bot] a/b ü"}
	slices.Sort(events)
	diff(t, "timeline", want, events)
}

func TestReactionsAreMadeOnce(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	comment := c.hub.Issue("acme/shop", 7).Comments[0].ID
	for _, path := range []string{issue7, fmt.Sprintf("/repos/acme/shop/issues/comments/%d", comment), "/repos/acme/shop/pulls/comments/600"} {
		c.want(http.StatusCreated, "POST", path+"/reactions", `{"content":"eyes"}`)
		c.want(http.StatusOK, "POST", path+"/reactions", `{"content":"eyes"}`)
		c.want(http.StatusCreated, "POST", path+"/reactions", `{"content":"+1"}`)
		c.want(http.StatusUnprocessableEntity, "POST", path+"/reactions", `{"content":"cheese"}`)
		all := decode[[]github.Reaction](t, c.want(http.StatusOK, "GET", path+"/reactions", "").Body)
		diff(t, path, []string{"eyes", "+1"}, []string{all[0].GetContent(), all[1].GetContent()})
		one := decode[[]github.Reaction](t, c.want(http.StatusOK, "GET", path+"/reactions?content=eyes", "").Body)
		diff(t, "one", []any{1, "github-actions[bot]"}, []any{len(one), one[0].GetUser().GetLogin()})
		whole := decode[struct{ Reactions github.Reactions }](t, c.want(http.StatusOK, "GET", path, "").Body)
		diff(t, "counted", []int{2, 1, 1, 0}, []int{whole.Reactions.GetTotalCount(), whole.Reactions.GetEyes(), whole.Reactions.GetPlusOne(), whole.Reactions.GetHeart()})
	}
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/pulls/comments/1/reactions", "")
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/pulls/comments/1", "")
}

func TestACommentOfSomebodyElseIsChangedByAppsAndWriters(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Tokens = append(config.Tokens, forgetest.Token{Value: "eve", Kind: forgetest.FineGrained, Login: "eve", Permissions: map[string]string{"issues": "write"}})
	c := start(t, config)
	path := fmt.Sprintf("/repos/acme/shop/issues/comments/%d", c.hub.Issue("acme/shop", 7).Comments[0].ID)
	for token, status := range map[string]int{"eve": 403, annToken: 200, workflowToken: 200} {
		c.want(status, "PATCH", path, `{"body":"Changed"}`, "Authorization: Bearer "+token)
	}
	c.want(http.StatusForbidden, "DELETE", path, "", "Authorization: Bearer eve")
	c.want(http.StatusUnprocessableEntity, "PATCH", path, `{"body":""}`)
	c.want(http.StatusUnprocessableEntity, "GET", issue7+"/comments?since=yesterday", "")
}

func TestACommentThatIsHiddenSaysSo(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	c.hub.Comment("acme/shop", 7, forgetest.Comment{Author: "eve", Body: "Buy!", Minimized: "spam"})
	type comment struct{ Minimized *struct{ Reason string } }
	got := decode[[]comment](t, c.want(http.StatusOK, "GET", issue7+"/comments", "").Body)
	if got[0].Minimized != nil || got[1].Minimized == nil || got[1].Minimized.Reason != "spam" {
		t.Errorf("got %+v", got)
	}
}

func TestTheTimelineNamesCommits(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	sha := forgetest.SHA("x")
	c.hub.Edit("acme/shop", func(r *forgetest.Repository) {
		r.Issues[0].Events = append(r.Issues[0].Events, &forgetest.Event{Event: "closed", Actor: "ann", CommitID: sha})
	})
	timeline, _, err := c.github(workflowToken).Issues.ListIssueTimeline(t.Context(), "acme", "shop", 7, nil)
	if err != nil || timeline[1].GetEvent() != "closed" || timeline[1].GetCommitID() != sha || timeline[1].GetCommitURL() != "https://api.github.com/repos/acme/shop/commits/"+sha {
		t.Errorf("got %v, %v", timeline, err)
	}
}
