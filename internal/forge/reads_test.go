package forge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/secret"
)

func TestThePermissionOfAnAccountIsRead(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	github := askHub(t, hub)
	for user, want := range map[string]forge.Permission{
		"eve": forge.PermissionRead, "tri": forge.PermissionTriage, "wri": forge.PermissionWrite, "mai": forge.PermissionMaintain, "adm": forge.PermissionAdmin,
		"dep": forge.PermissionWrite, "aud": forge.PermissionRead, "emu_acme": forge.PermissionWrite, "WrI": forge.PermissionWrite, "renovate[bot]": forge.PermissionWrite,
	} {
		if got, err := github.Permission(t.Context(), "acme/shop", user); got != want || err != nil {
			t.Errorf("%s has %s, error %v; want %s", user, got, err, want)
		}
		if parsed, err := forge.ParsePermission(want.String()); parsed != want || err != nil {
			t.Errorf("%s is read as %s, error %v", want, parsed, err)
		}
	}
	asked := len(hub.Requests())
	for _, user := range []string{"", ".", "..", "a/b", "a b", "a\nb", "a?b", "a#b", "a%2fb", "ä", "-a", "a[bot]b", "[bot]", "a[bot][bot]", strings.Repeat("a", 101)} {
		_, err := github.Permission(t.Context(), "acme/shop", user)
		if _, ok := errors.AsType[*forge.GitHubError](err); !ok || !strings.HasSuffix(err.Error(), "no account of GitHub is called that") {
			t.Errorf("%q: error %v", user, err)
		}
	}
	if len(hub.Requests()) != asked {
		t.Error("GitHub was asked about names that are none")
	}
}

func TestAPullRequestIsReadAsItIsNow(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	github := askHub(t, hub)
	got, err := github.PullRequest(t.Context(), "acme/shop", 30)
	want := forge.PullRequest{
		Repository: forge.Repository{Server: "https://github.com", Path: "acme/shop"}, Number: 30, HeadRef: "patch", HeadRepository: "mallory/shop", HeadSHA: headFork,
		NodeID: "PR_MzAwMDAwMDA3", BaseRef: "main", Author: forge.Account{Login: "mallory"}, State: "open", Title: "From afar", Commits: 1,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(forge.Account{}, "ID")); diff != "" || err != nil || !got.FromFork() {
		t.Errorf("error %v, pull request (-want +got):\n%s", err, diff)
	}
	hub.Merge("acme/shop", 9)
	if got, err := github.PullRequest(t.Context(), "acme/shop", 9); !got.Merged || got.State != "closed" || got.FromFork() || err != nil {
		t.Errorf("merged: %+v, %v", got, err)
	}
}

func TestReviewsAreReadToTheLastPage(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	for i := range 230 {
		hub.Review("acme/shop", 9, forgetest.Review{Author: "mai", Body: fmt.Sprint(i)})
	}
	var bodies []string
	for review, err := range askHub(t, hub).Reviews(t.Context(), "acme/shop", 9) {
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, review.Body)
	}
	if len(bodies) != 230 || bodies[0] != "0" || bodies[229] != "229" || len(hub.Asked("pulls/list-reviews")) != 3 {
		t.Errorf("%d reviews by %d questions", len(bodies), len(hub.Asked("pulls/list-reviews")))
	}
	for range askHub(t, hub).Reviews(t.Context(), "acme/shop", 9) {
		break
	}
	if len(hub.Asked("pulls/list-reviews")) != 4 {
		t.Error("more is read than was wanted")
	}
}

func TestReviewsWithoutEndAreNotReadForEver(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	hub.SetFaults(forgetest.Fault{Operation: "pulls/list-reviews", Answer: &forgetest.Answer{
		Body: `[{"id": 1}, null]`, Headers: map[string]string{"Link": `<https://api.github.com/repos/acme/shop/pulls/9/reviews?page=2>; rel="next"`},
	}})
	read := 0
	for _, err := range askHub(t, hub).Reviews(t.Context(), "acme/shop", 9) {
		if read++; err != nil && (read != 181 || err.Error() != "read the reviews of pull request 9 of acme/shop: the list is longer than what is read of it") {
			t.Errorf("after %d: %v", read, err)
		}
	}
	if read != 181 {
		t.Errorf("%d are read", read)
	}
}

func TestTheServerOfAPullRequestBelongsToTheAPI(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ api, server, want string }{
		{"", "", "https://github.com/acme/shop/pull/9"},
		{"https://api.github.com/", "", "https://github.com/acme/shop/pull/9"},
		{"https://api.acme.ghe.com", "", "https://acme.ghe.com/acme/shop/pull/9"},
		{"https://github.acme.example/api/v3", "", "https://github.acme.example/acme/shop/pull/9"},
		{"https://api.acme.example/api/v3", "", "https://api.acme.example/acme/shop/pull/9"},
		{"https://gateway.acme.example/api/v3", "https://github.acme.example/", "https://github.acme.example/acme/shop/pull/9"},
		{"http://127.0.0.1:8080", "https://github.com", "https://github.com/acme/shop/pull/9"},
	} {
		api, want := test.api, test.want
		hub := forgetest.New(forgetest.Config{
			Repositories: []*forgetest.Repository{{Path: "acme/shop", Issues: []*forgetest.Issue{{Number: 9, Author: "wri", Pull: &forgetest.PullRequest{}}}}},
			Tokens:       []forgetest.Token{{Value: gateToken, Permissions: map[string]string{"pull_requests": "read"}}},
			Prefix:       map[bool]string{true: "/api/v3"}[strings.HasSuffix(api, "/api/v3")],
		})
		github, err := forge.NewGitHub(forge.GitHubConfig{APIURL: api, ServerURL: test.server, Token: secret.New(gateToken), Transport: hub.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := github.PullRequest(t.Context(), "acme/shop", 9); err != nil || got.URL() != want {
			t.Errorf("%s: %s, error %v; want %s", api, got.URL(), err, want)
		}
		hub.Close()
	}
}

// TestPatienceDrawsItsOwnJitter waits half a second at least, and a second at
// most.
func TestPatienceDrawsItsOwnJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := gateHub(t)
		hub.SetFaults(forgetest.Fault{When: forgetest.When{First: 1}, Answer: &forgetest.Answer{Status: 500}})
		github, err := forge.NewGitHub(forge.GitHubConfig{Token: secret.New(gateToken), Transport: hub.Transport(), Patience: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := github.PullRequest(t.Context(), "acme/shop", 9); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < time.Second/2 || took > time.Second {
			t.Errorf("it took %s", took)
		}
		hub.Close()
	})
}

// TestTheLastAllowedQuestionIsNotTheLast: the library would refuse the next
// one without asking, whatever patience is left.
func TestTheLastAllowedQuestionIsNotTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := forgetest.New(forgetest.Config{
			Repositories: []*forgetest.Repository{{Path: "acme/shop", Issues: []*forgetest.Issue{{Number: 7, Author: "wri"}}}},
			Tokens:       []forgetest.Token{{Value: gateToken, Permissions: map[string]string{"issues": "read"}}}, RateLimit: 1,
		})
		github, start := patientHub(t, hub, 2*time.Hour), time.Now()
		for range 3 {
			if _, err := github.Issue(t.Context(), "acme/shop", 7); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took < 2*time.Hour || took > 2*time.Hour+time.Minute {
			t.Errorf("it took %s", took)
		}
		hub.Close()
	})
}

func TestALabelIsTakenOff(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	github := askHub(t, hub)
	for _, label := range []string{"agent", "good first/issue?#%", "über"} {
		hub.PutLabel("acme/shop", 9, label, "wri")
		for range 2 { // the second time it is not there any more
			if err := github.RemoveLabel(t.Context(), "acme/shop", 9, label); err != nil {
				t.Errorf("%s: %v", label, err)
			}
		}
	}
	if left := hub.Issue("acme/shop", 9).Labels; len(left) != 0 {
		t.Errorf("%q are still on", left)
	}
	err := github.RemoveLabel(t.Context(), "acme/shop", 1000, "agent")
	if want := `take the label "agent" off number 1000 of acme/shop: 404 Not Found`; text(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestRefusedQuestionsSayWhatWasAsked(t *testing.T) {
	t.Parallel()
	github := askHub(t, gateHub(t))
	const notFull = "GitHub's repositories are called owner/name"
	reviews := func(path string, number int) error {
		for _, err := range github.Reviews(t.Context(), path, number) {
			return err
		}
		return nil
	}
	for want, err := range map[string]error{
		"read the permission of wri in shop: " + notFull:                       second(github.Permission(t.Context(), "shop", "wri")),
		"read pull request 9 of shop: " + notFull:                              second(github.PullRequest(t.Context(), "shop", 9)),
		"read pull request 7 of acme/shop: 404 Not Found":                      second(github.PullRequest(t.Context(), "acme/shop", 7)),
		"read the reviews of pull request 9 of shop: " + notFull:               reviews("shop", 9),
		"read the reviews of pull request 7 of acme/shop: 404 Not Found":       reviews("acme/shop", 7),
		"read issue 7 of shop: " + notFull:                                     second(github.Issue(t.Context(), "shop", 7)),
		"read issue 8 of acme/shop: 410 This issue was deleted":                second(github.Issue(t.Context(), "acme/shop", 8)),
		`take the label "x" off number 7 of shop: ` + notFull:                  github.RemoveLabel(t.Context(), "shop", 7, "x"),
		"read commit main of acme/shop: that is not the full name of a commit": third(github.Commit(t.Context(), "acme/shop", "main")),
		"read commit " + headHere + " of shop: " + notFull:                     third(github.Commit(t.Context(), "shop", headHere)),
	} {
		if _, ok := errors.AsType[*forge.GitHubError](err); text(err) != want || !ok {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	if _, err := github.HumanActs(t.Context(), "shop", 9, time.Time{}); text(err) != "read pull request 9 of shop: "+notFull {
		t.Errorf("error %v", err)
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func TestAdviceSaysTheNextThingToDo(t *testing.T) {
	t.Parallel()
	for want, refused := range map[string]forge.GitHubError{
		"run the workflow again later":                                                                              {Status: 502},
		"let the organisation accept the token on https://github.com/orgs/acme/sso":                                 {Status: 403, SSO: "https://github.com/orgs/acme/sso"},
		"leave github-token at its default, ${{ github.token }}, or set a token that is valid":                      {Status: 401},
		"run the workflow again, and look whether GITHUB_API_URL is the address of GitHub's API":                    {Status: 200},
		"give the classic token the scope repo, or leave github-token at its default, ${{ github.token }}":          {Status: 404, Classic: true},
		"give the job permissions: pull-requests: read, and leave github-token at its default, ${{ github.token }}": {Status: 403},
	} {
		if got := refused.Advice("pull-requests: read"); got != want {
			t.Errorf("%+v: %s\nwant %s", refused, got, want)
		}
	}
	if got, want := (&forge.GitHubError{Status: 301}).Advice("x"), (&forge.GitHubError{Status: 200}).Advice("x"); got != want {
		t.Errorf("301: %s\nwant %s", got, want)
	}
	if got := (&forge.GitHubError{Status: 403, Limited: true}).Advice("x"); got != "run the workflow again later" {
		t.Error(got)
	}
}

func TestTheReasonsAreOneClosedList(t *testing.T) {
	t.Parallel()
	want := []forge.SkipReason{
		"event-unreadable", "own-comment", "own-commit", "no-trigger-phrase", "edited", "no-trigger-label", "other-label", "bot",
		"no-permission", "permission-unknown", "fork-without-key", "fork-not-approved", "head-moved", "subject-gone", "subject-unknown",
	}
	if diff := cmp.Diff(want, forge.SkipReasons()); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}
