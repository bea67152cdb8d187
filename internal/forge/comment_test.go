package forge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/secret"
)

// writtenShop is a repository with issue 7 and pull request 9.
func writtenShop() *forgetest.Repository {
	return &forgetest.Repository{
		Path:     "acme/shop",
		Branches: map[string]string{"main": forgetest.SHA("main"), "cursor/fix": forgetest.SHA("fix")},
		Commits: []*forgetest.Commit{
			{SHA: forgetest.SHA("main")},
			{SHA: forgetest.SHA("one"), Parents: []string{forgetest.SHA("main")}, Files: []*forgetest.File{{Name: "a.go"}}},
			{SHA: forgetest.SHA("fix"), Parents: []string{forgetest.SHA("one")}, Files: []*forgetest.File{{Name: "a.go"}, {Name: "b.go"}}},
		},
		Issues: []*forgetest.Issue{
			{Number: 7, Title: "It is slow", Author: "octocat"},
			{Number: 9, Title: "Fix it", Author: "octocat", Pull: &forgetest.PullRequest{HeadRef: "cursor/fix", HeadSHA: forgetest.SHA("fix"), Draft: true}},
		},
	}
}

// writer is a client whose token has those permissions, and the hub that it
// writes to.
func writer(t *testing.T, permissions map[string]string, faults ...forgetest.Fault) (*forge.GitHub, *forgetest.Hub) {
	t.Helper()
	double := forgetest.New(forgetest.Config{
		Repositories: []*forgetest.Repository{writtenShop()},
		Tokens:       []forgetest.Token{{Value: token, Permissions: permissions}},
		Faults:       faults,
	})
	t.Cleanup(double.Close)
	client, err := forge.NewGitHub(forge.GitHubConfig{Token: secret.New(token), Version: "1.2.3", Transport: double.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return client, double
}

// said is an error's text, "" for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

const issuesWriter = "issues"

func TestACommentIsFoundAgainByItsMarkerAndItsAuthor(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{issuesWriter: "write"})
	author, err := client.Viewer(t.Context())
	if err != nil || author != "github-actions[bot]" {
		t.Fatalf("the token is %q's, error %v", author, err)
	}
	marker := forge.MarkerLine("fix-7")
	if none, err := client.FindComment(t.Context(), "acme/shop", 7, marker, author); none != (forge.Posted{}) || err != nil {
		t.Fatalf("found %v, error %v", none, err)
	}
	// Look-alikes: copied by somebody, quoted by another bot, of another step,
	// not at the beginning.
	for i := range 300 {
		double.Comment("acme/shop", 7, []forgetest.Comment{
			{Author: "mallory", Body: marker + "\n\nMine"},
			{Author: "github-actions", Body: marker + "\n\nA person's login may look like that"},
			{Author: "other[bot]", Body: marker + "\n\nMine"},
			{Author: author, Body: forge.MarkerLine("fix-70") + "\n\nAnother step's"},
			{Author: author, Body: "> " + marker + "\n\nA quote"},
		}[i%5])
	}
	made, err := client.CreateComment(t.Context(), "acme/shop", 7, marker+"\n\nAt work")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		double.Comment("acme/shop", 7, forgetest.Comment{Author: "mallory", Body: fmt.Sprintf("%s\n\n%d", marker, i)})
	}
	found, err := client.FindComment(t.Context(), "acme/shop", 7, marker, author)
	if diff := cmp.Diff(made, found); diff != "" || err != nil {
		t.Errorf("found (-want +got):\n%s\nerror %v", diff, err)
	}
	if want := fmt.Sprintf("https://github.com/acme/shop/issues/7#issuecomment-%d", made.ID); found.URL != want {
		t.Errorf("it is at %q, want %q", found.URL, want)
	}
	if err := client.UpdateComment(t.Context(), "acme/shop", made.ID, marker+"\n\nDone"); err != nil {
		t.Fatal(err)
	}
	for _, comment := range double.Issue("acme/shop", 7).Comments {
		if ours := comment.ID == made.ID; ours != strings.HasSuffix(comment.Body, "Done") {
			t.Errorf("comment %d of %s says %q", comment.ID, comment.Author, comment.Body)
		}
	}
}

func TestAMarkerCanHoldNothingThatEndsIt(t *testing.T) {
	t.Parallel()
	if got, want := forge.MarkerLine("a --> <b>\n@c/é_7-d"), "<!-- cursor-agent-action a-bc7-d -->"; got != want {
		t.Errorf("the marker is %q, want %q", got, want)
	}
}

func TestTheMarksOfATextStandAtItsBeginning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"one", forge.MarkerLine("a-7"), []string{"a-7"}},
		{"several, as a browser sends them", forge.MarkerLine("a-7") + "\r\n" + forge.MarkerLine("working-1-2") + "\r\n\r\nText", []string{"a-7", "working-1-2"}},
		{"one further below", forge.MarkerLine("a-7") + "\n\n" + forge.MarkerLine("agent-x"), []string{"a-7"}},
		{"one in a quote", "> " + forge.MarkerLine("a-7"), nil},
		{"one that does not end", "<!-- cursor-agent-action a-7", nil},
		{"none", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, forge.Marks(test.text)); diff != "" {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
		})
	}
}

func ofAnAgent(mark string) bool { return strings.HasPrefix(mark, "agent-") }

func TestTheLastMarkIsThatOfTheCommentWrittenToLast(t *testing.T) {
	t.Parallel()
	client, double := writer(t, map[string]string{issuesWriter: "write"})
	const author = "github-actions[bot]"
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	comment := func(who, key string, written time.Time) {
		double.Comment("acme/shop", 7, forgetest.Comment{Author: who, Body: forge.MarkerLine("s-7") + "\n" + forge.MarkerLine(key) + "\n\nx", CreatedAt: at, UpdatedAt: written})
	}
	if got, err := client.LastMark(t.Context(), "acme/shop", 7, author, ofAnAgent); got != "" || err != nil {
		t.Errorf("without comments: %q, error %v", got, err)
	}
	comment(author, "agent-anew", at.Add(time.Hour))
	for range 130 {
		comment(author, "agent-old", at)
	}
	comment(author, "other-key", at.Add(2*time.Hour))
	comment("mallory", "agent-forged", at.Add(3*time.Hour))
	if got, err := client.LastMark(t.Context(), "acme/shop", 7, author, ofAnAgent); got != "agent-anew" || err != nil {
		t.Errorf("the last is %q, error %v, want agent-anew", got, err)
	}
}

func TestACommentIsReadByItsID(t *testing.T) {
	t.Parallel()
	client, double := writer(t, nil)
	id := double.Comment("acme/shop", 7, forgetest.Comment{Author: "octocat", Body: "Hello"})
	if text, err := client.CommentText(t.Context(), "acme/shop", id); text != "Hello" || err != nil {
		t.Errorf("it says %q, error %v", text, err)
	}
	_, err := client.CommentText(t.Context(), "acme/shop", 1)
	if diff := cmp.Diff("read comment 1 of acme/shop: 404 Not Found", said(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestWhyACommentIsNotWritten(t *testing.T) {
	t.Parallel()
	lock := func(double *forgetest.Hub) { double.Lock("acme/shop", 7) }
	for _, test := range []struct {
		name        string
		permissions map[string]string
		prepare     func(*forgetest.Hub)
		body        string
		want        string
	}{
		{"no permission", nil, nil, "x", "comment on acme/shop#7: 403 Resource not accessible by integration"},
		{"a locked conversation", map[string]string{issuesWriter: "write"}, lock, "x",
			"comment on acme/shop#7: 403 Unable to create comment because issue is locked."},
		{"a deleted issue", map[string]string{issuesWriter: "write"}, func(double *forgetest.Hub) { double.DeleteIssue("acme/shop", 7) }, "x",
			"comment on acme/shop#7: 410 This issue was deleted"},
		{"too long a text", map[string]string{issuesWriter: "write"}, nil, strings.Repeat("x", 70_000), "comment on acme/shop#7: 422 Validation Failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, double := writer(t, test.permissions)
			if test.prepare != nil {
				test.prepare(double)
			}
			_, err := client.CreateComment(t.Context(), "acme/shop", 7, test.body)
			if diff := cmp.Diff(test.want, said(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestsAboutWhatIsNoRepositoryAreNotSent(t *testing.T) {
	t.Parallel()
	client, double := writer(t, nil)
	const why = ": GitHub's repositories are called owner/name"
	_, found := client.FindComment(t.Context(), "shop", 7, "m", "a")
	_, made := client.CreateComment(t.Context(), "shop", 7, "x")
	_, started := client.StartCheck(t.Context(), "shop", forge.CheckStatus{Name: "c", HeadSHA: "abc"})
	_, sought := client.FindCheck(t.Context(), "shop", "abc", "c", "k")
	_, pull := client.FindPullRequest(t.Context(), "shop", "b")
	_, compared := client.Compare(t.Context(), "shop", "main", "b")
	_, marked := client.LastMark(t.Context(), "shop", 7, "a", ofAnAgent)
	_, text := client.CommentText(t.Context(), "shop", 1)
	_, ended := client.CheckEnded(t.Context(), "shop", 1)
	got := []string{
		said(found), said(made), said(client.UpdateComment(t.Context(), "shop", 1, "x")), said(started), said(sought),
		said(client.UpdateCheck(t.Context(), "shop", 1, forge.CheckStatus{Name: "c"})), said(pull), said(compared),
		said(client.AddLabels(t.Context(), "shop", 1, nil)), said(client.RequestReviewers(t.Context(), "shop", 1, []string{"a"})),
		said(client.LinkIssue(t.Context(), "shop", 1, "shop", 2)), said(client.Acknowledge(t.Context(), forge.Event{})),
		said(marked), said(text), said(ended),
	}
	want := []string{
		"read the comments of shop#7" + why, "comment on shop#7" + why, "update comment 1 of shop" + why, `start check run "c" at abc of shop` + why,
		"read the check runs of abc of shop" + why, "update check run 1 of shop" + why, "look for the pull request of branch b of shop" + why,
		"compare b with main in shop" + why, "label shop#1" + why, "ask a to review shop#1" + why, "link shop#1 to issue 2" + why, "acknowledge  0 of " + why,
		"read the comments of shop#7" + why, "read comment 1 of shop" + why, "read check run 1 of shop" + why,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if n := len(double.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
