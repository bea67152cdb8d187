package forge_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/forge/forgetest"
)

func TestTheLastThingThatAPersonDidIsFound(t *testing.T) {
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
	for _, test := range []struct {
		name     string
		commit   forgetest.Commit
		comments []*forgetest.Comment
		reviews  []*forgetest.Review
		threads  []*forgetest.Thread
		want     forge.HumanAct
		asked    int
	}{
		{"nobody but the agent", forgetest.Commit{Author: agent}, nil, nil, nil, forge.HumanAct{}, 5},
		{"a commit", forgetest.Commit{Author: ann, At: at(1)}, nil, nil, nil, forge.HumanAct{At: at(1), What: "commit", By: "Ann"}, 5},
		{"a commit by an account", forgetest.Commit{Author: ann, AuthorLogin: "wri", At: at(1)}, nil, nil, nil, forge.HumanAct{At: at(1), What: "commit", By: "wri"}, 5},
		{"a bot's commit", forgetest.Commit{Author: ann, AuthorLogin: "renovate[bot]", At: at(1)}, nil, nil, nil, forge.HumanAct{}, 5},
		{"a comment", forgetest.Commit{Author: agent, At: at(9)}, []*forgetest.Comment{{Author: "eve", Body: "hm", CreatedAt: at(2)}}, nil, nil, forge.HumanAct{At: at(2), What: "comment", By: "eve"}, 5},
		{"a comment after a commit", forgetest.Commit{Author: ann, At: at(1)}, []*forgetest.Comment{{Author: "eve", Body: "hm", CreatedAt: at(2)}}, nil, nil, forge.HumanAct{At: at(2), What: "comment", By: "eve"}, 5},
		{"our own comments under a person's token", forgetest.Commit{Author: agent}, []*forgetest.Comment{{Author: "wri", Body: "x", CreatedAt: at(1)}, {Author: "wri", Body: forge.Marker + "-->", CreatedAt: at(2)}}, nil, nil, forge.HumanAct{At: at(1), What: "comment", By: "wri"}, 5},
		{"Cursor's comments", forgetest.Commit{Author: agent}, []*forgetest.Comment{{Author: "cursor[bot]", Body: "x", CreatedAt: at(1)}}, nil, nil, forge.HumanAct{}, 5},
		{"a review", forgetest.Commit{Author: agent}, nil, []*forgetest.Review{{Author: "mai", SubmittedAt: at(3)}}, nil, forge.HumanAct{At: at(3), What: "review", By: "mai"}, 5},
		{"a review comment", forgetest.Commit{Author: agent}, nil, nil, []*forgetest.Thread{{Comments: []*forgetest.ReviewComment{{Author: "mai", Body: "a", CreatedAt: at(3)}, {Author: "adm", Body: "b", CreatedAt: at(4)}}}}, forge.HumanAct{At: at(4), What: "review comment", By: "adm"}, 5},
		{"a comment before 250 of a bot's", forgetest.Commit{Author: agent}, append([]*forgetest.Comment{{Author: "eve", Body: "hm", CreatedAt: at(2)}}, robots(250)...), nil, nil, forge.HumanAct{At: at(2), What: "comment", By: "eve"}, 7},
		{"a comment after 250 of a bot's", forgetest.Commit{Author: agent}, append(robots(250), &forgetest.Comment{Author: "eve", Body: "hm", CreatedAt: at(900)}), nil, nil, forge.HumanAct{At: at(900), What: "comment", By: "eve"}, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.commit.SHA = head
			hub := gateHub(t)
			hub.Edit("acme/shop", func(r *forgetest.Repository) {
				r.Commits = append(r.Commits, &test.commit)
				r.Issues = append(r.Issues, &forgetest.Issue{Number: 50, Author: "wri", Comments: test.comments, Pull: &forgetest.PullRequest{HeadSHA: head, Reviews: test.reviews, Threads: test.threads}})
			})
			got, err := askHub(t, hub).LastHumanAct(t.Context(), "acme/shop", 50)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, act (-want +got):\n%s", err, diff)
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
		if _, err := askHub(t, hub).LastHumanAct(t.Context(), "acme/shop", 9); text(err) != "read what was said about pull request 9 of acme/shop: 502 Bad Gateway" {
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
		if got, err := askHub(t, hub).LastHumanAct(t.Context(), "acme/shop", 50); err != nil || got.At.After(time.Now()) || got.By != "Ann" {
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
			if _, err := askHub(t, hub).LastHumanAct(t.Context(), "acme/shop", 9); text(err) != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}
