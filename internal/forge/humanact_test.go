package forge_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

func TestWhatPeopleDidLastIsFound(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	agent := forgetest.Person{Name: "Cursor Agent", Email: "cursoragent@cursor.com"}
	ann := forgetest.Person{Name: "Ann", Email: "ann@example.com"}
	head := forgetest.SHA("the head")
	robots := func(n int) (comments []*forgetest.Comment) {
		for i := range n {
			comments = append(comments, &forgetest.Comment{Author: "renovate[bot]", Body: fmt.Sprint(i), CreatedAt: at(100 + i)})
		}
		return comments
	}
	said := func(login string, minutes int) *forgetest.Comment {
		return &forgetest.Comment{Author: login, Body: "hm", CreatedAt: at(minutes)}
	}
	act := func(minutes int, what, login string) forge.HumanAct {
		return forge.HumanAct{At: at(minutes), What: what, Login: login}
	}
	push := func(minutes int, login string) []forge.HumanAct {
		return []forge.HumanAct{{At: at(minutes), What: "commit", Login: login, Pushed: true}}
	}
	for _, test := range []struct {
		name     string
		fork     string // the pull request's, from a repository of that account
		since    int
		commit   forgetest.Commit
		comments []*forgetest.Comment
		reviews  []*forgetest.Review
		threads  []*forgetest.Thread
		want     []forge.HumanAct
		asked    int
	}{
		{"nobody but the agent", "", 0, forgetest.Commit{Author: agent}, nil, nil, nil, nil, 5},
		{"a commit", "", 0, forgetest.Commit{Author: ann, At: at(1)}, nil, nil, nil, push(1, ""), 2},
		{"a commit by an account", "", 1, forgetest.Commit{Author: ann, AuthorLogin: "wri", At: at(1)}, nil, nil, nil, push(1, "wri"), 2},
		{"a commit of earlier", "", 2, forgetest.Commit{Author: ann, AuthorLogin: "wri", At: at(1)}, nil, nil, nil, nil, 5},
		{"a bot's commit", "", 0, forgetest.Commit{Author: ann, AuthorLogin: "renovate[bot]", At: at(1)}, nil, nil, nil, nil, 5},
		{"a commit in a fork, by a member's name", "mallory", 0, forgetest.Commit{Author: ann, AuthorLogin: "wri", At: at(1)}, nil, nil, nil, []forge.HumanAct{act(1, "commit", "mallory")}, 5},
		{"a commit in a bot's fork", "renovate[bot]", 0, forgetest.Commit{Author: ann, AuthorLogin: "wri", At: at(1)}, nil, nil, nil, nil, 5},
		{"a comment", "", 0, forgetest.Commit{Author: agent, At: at(9)}, []*forgetest.Comment{said("eve", 2)}, nil, nil, []forge.HumanAct{act(2, "comment", "eve")}, 5},
		{"a comment of earlier", "", 3, forgetest.Commit{Author: agent, At: at(9)}, []*forgetest.Comment{said("eve", 2)}, nil, nil, nil, 5},
		{"our own comments under a person's token", "", 0, forgetest.Commit{Author: agent}, []*forgetest.Comment{said("wri", 1), {Author: "wri", Body: forge.Marker + "-->", CreatedAt: at(2)}}, nil, nil, []forge.HumanAct{act(1, "comment", "wri")}, 5},
		{"Cursor's comments", "", 0, forgetest.Commit{Author: agent}, []*forgetest.Comment{said("cursor[bot]", 1)}, nil, nil, nil, 5},
		{"a review", "", 0, forgetest.Commit{Author: agent}, nil, []*forgetest.Review{{Author: "mai", SubmittedAt: at(3)}}, nil, []forge.HumanAct{act(3, "review", "mai")}, 5},
		{"a review comment", "", 4, forgetest.Commit{Author: agent}, nil, nil, []*forgetest.Thread{{Comments: []*forgetest.ReviewComment{{Author: "mai", Body: "a", CreatedAt: at(3)}, {Author: "adm", Body: "b", CreatedAt: at(4)}}}}, []forge.HumanAct{act(4, "review comment", "adm")}, 5},
		{
			"each account's newest", "mallory", 1, forgetest.Commit{Author: ann, At: at(1)}, []*forgetest.Comment{said("eve", 2), said("wri", 3), said("eve", 6)},
			[]*forgetest.Review{{Author: "mai", SubmittedAt: at(5)}, {Author: "wri", SubmittedAt: at(4)}}, nil,
			[]forge.HumanAct{act(6, "comment", "eve"), act(5, "review", "mai"), act(4, "review", "wri"), act(1, "commit", "mallory")}, 5,
		},
		{"a comment before 250 of a bot's", "", 0, forgetest.Commit{Author: agent}, append([]*forgetest.Comment{said("eve", 2)}, robots(250)...), nil, nil, []forge.HumanAct{act(2, "comment", "eve")}, 7},
		{"a comment before 250 of a bot's, most of them of earlier", "", 300, forgetest.Commit{Author: agent}, append([]*forgetest.Comment{said("eve", 2)}, robots(250)...), nil, nil, nil, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.commit.SHA = head
			hub := gateHub(t)
			pull := &forgetest.PullRequest{HeadSHA: head, Reviews: test.reviews, Threads: test.threads}
			author := "wri"
			if test.fork != "" {
				author, pull.HeadRepository = test.fork, test.fork+"/shop"
			}
			hub.Edit("acme/shop", func(r *forgetest.Repository) {
				r.Commits = append(r.Commits, &test.commit)
				r.Issues = append(r.Issues, &forgetest.Issue{Number: 50, Author: author, Comments: test.comments, Pull: pull})
			})
			got, err := askHub(t, hub).HumanActs(t.Context(), "acme/shop", 50, at(test.since))
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("error %v, acts (-want +got):\n%s", err, diff)
			}
			if asked := len(hub.Requests()); asked != test.asked {
				t.Errorf("asked %d times, want %d", asked, test.asked)
			}
		})
	}
	t.Run("a page that can't be read", func(t *testing.T) {
		t.Parallel()
		hub := gateHub(t)
		hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[2].Comments = robots(250) })
		hub.SetFaults(forgetest.Fault{Operation: "issues/list-comments", When: forgetest.When{At: []int{2}}, Answer: &forgetest.Answer{Status: 502}})
		if _, err := askHub(t, hub).HumanActs(t.Context(), "acme/shop", 9, time.Now().Add(time.Hour)); text(err) != "read what was said about pull request 9 of acme/shop: 502 Bad Gateway" {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a commit of tomorrow", func(t *testing.T) {
		t.Parallel()
		hub := gateHub(t)
		hub.Edit("acme/shop", func(r *forgetest.Repository) {
			r.Commits = append(r.Commits, &forgetest.Commit{SHA: head, Author: ann, At: time.Now().Add(24 * time.Hour)})
			r.Issues = append(r.Issues, &forgetest.Issue{Number: 50, Author: "wri", Pull: &forgetest.PullRequest{HeadSHA: head}})
		})
		if got, err := askHub(t, hub).HumanActs(t.Context(), "acme/shop", 50, time.Time{}); err != nil || len(got) != 1 || got[0].At.After(time.Now()) || !got[0].Pushed {
			t.Errorf("%+v, %v", got, err)
		}
	})
	for op, want := range map[string]string{
		"pulls/get": "read pull request 9 of acme/shop: 500 Internal Server Error", "repos/get-commit": "read commit " + headHere + " of acme/shop: 500 Internal Server Error",
		"issues/list-comments": "read what was said about pull request 9 of acme/shop: 500 Internal Server Error", "pulls/list-review-comments": "read what was said about pull request 9 of acme/shop: 500 Internal Server Error",
		"pulls/list-reviews": "read what was said about pull request 9 of acme/shop: 500 Internal Server Error",
	} {
		t.Run("unread "+op, func(t *testing.T) {
			t.Parallel()
			hub := gateHub(t)
			hub.SetFaults(forgetest.Fault{Operation: op, Answer: &forgetest.Answer{Status: 500}})
			if _, err := askHub(t, hub).HumanActs(t.Context(), "acme/shop", 9, time.Now().Add(time.Hour)); text(err) != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}
