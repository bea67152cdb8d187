package campaign_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// shop is acme/shop at GitHub, in a story that happens on an event of it. What
// agents push is there as soon as the Cursor API shows it.
type shop struct {
	hub  *forgetest.Hub
	api  *simulator.Server
	plan plan
}

// tokenPermissions are those of a job that gives all that the action wants.
func tokenPermissions() map[string]string {
	return map[string]string{"contents": "write", "issues": "write", "pull_requests": "write", "checks": "write", "actions": "read"}
}

// openShop makes the repository as it is when a story begins.
func openShop(p plan, api *simulator.Server) *shop {
	e := *p.happens
	at := func(ref string, parents ...string) *forgetest.Commit {
		return &forgetest.Commit{SHA: forgetest.SHA(ref), Parents: parents, Message: "The clock", AuthorLogin: string(maintainer)}
	}
	pull := func(ref string) *forgetest.PullRequest {
		return &forgetest.PullRequest{HeadRef: ref, HeadSHA: forgetest.SHA(ref)}
	}
	repository := &forgetest.Repository{
		Path:          "acme/shop",
		Collaborators: map[string]string{string(maintainer): "write", string(reader): "read"},
		Branches:      map[string]string{"main": forgetest.SHA("main")},
		Commits:       []*forgetest.Commit{at("base"), at("main", forgetest.SHA("base")), at("clock", forgetest.SHA("main"))},
		Issues: []*forgetest.Issue{
			{Number: theIssue, Title: "The clock", Body: "It is slow.", Author: string(maintainer)},
			{Number: 7, Title: "The tests", Author: string(maintainer), Pull: pull("tests")},
			{Number: thePull, Title: "The clock", Body: "It is right.", Author: string(maintainer), Pull: pull("clock"), Labels: []string{triggerLabel}},
			{Number: 41, Title: "The docs", Author: string(maintainer), Pull: pull("docs")},
		},
		WorkflowRuns: []*forgetest.WorkflowRun{{ID: 4700, HeadBranch: "clock", Conclusion: "failure", Actor: string(maintainer), PullRequests: []int{thePull},
			Jobs: []*forgetest.Job{{Name: "test", Conclusion: "failure", Log: "the clock is slow\n"}}}},
	}
	if i := slices.IndexFunc(repository.Issues, func(i *forgetest.Issue) bool { return i.Number == e.subject() }); i >= 0 {
		comments := []*forgetest.Comment{{ID: 990, Author: string(e.actor), Body: triggerPhrase + " and look at the clock."}}
		for range e.thread {
			comments = append(comments, &forgetest.Comment{Author: string(reader), Body: ourMark + "is a mark that I copied. -->\n\nMe too."})
		}
		repository.Issues[i].Comments = comments
	}
	permissions := tokenPermissions()
	for _, name := range e.refused {
		delete(permissions, name)
	}
	return &shop{plan: p, api: api, hub: forgetest.New(forgetest.Config{
		Repositories: []*forgetest.Repository{repository},
		Users:        []forgetest.User{{Login: string(robot)}},
		Tokens:       []forgetest.Token{{Value: githubToken, Permissions: permissions}},
		Faults:       e.faults,
	})}
}

// serves has a process told of the event, and reach this GitHub.
func (s *shop) serves(t *testing.T, a *alive) {
	name, payload := s.plan.happens.payload(t)
	path := filepath.Join(a.dir, "event.json")
	if err := os.WriteFile(path, payload, 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(a.env, map[string]string{
		"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": path, "GITHUB_SHA": forgetest.SHA("main"), "GITHUB_WORKFLOW": "agents",
		"GITHUB_API_URL": "https://" + gitHub, "GITHUB_GRAPHQL_URL": "https://" + gitHub + "/graphql", "INPUT_GITHUB-TOKEN": githubToken,
	})
	if s.plan.happens.kind == labelled {
		a.env["GITHUB_REF"], a.env["GITHUB_REF_TYPE"] = "refs/pull/9/merge", "branch"
		a.env["GITHUB_HEAD_REF"], a.env["GITHUB_BASE_REF"] = "clock", "main"
	}
	a.wire.joins(s)
}

// joins connects a process to GitHub too.
func (w *wire) joins(s *shop) {
	transport := s.hub.Transport().(*http.Transport)
	w.tap(transport)
	w.shop = roundTrips(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			s.stock()
		}
		return transport.RoundTrip(r)
	})
}

// roundTrips is a function as a transport.
type roundTrips func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// stock brings what agents have pushed by now.
func (s *shop) stock() {
	agents := s.api.Agents()
	s.hub.Edit("acme/shop", func(r *forgetest.Repository) {
		for _, a := range agents {
			if a.Branch == "" || strings.HasPrefix(a.Branch, "pull/") {
				continue
			}
			if sha := forgetest.SHA(a.Branch); r.Branches[a.Branch] == "" {
				r.Branches[a.Branch] = sha
				r.Commits = append(r.Commits, &forgetest.Commit{SHA: sha, Parents: []string{forgetest.SHA("main")}, Files: []*forgetest.File{{Name: "clock.go"}}})
			}
			number, err := strconv.Atoi(a.PRURL[strings.LastIndexByte(a.PRURL, '/')+1:])
			switch opened := slices.ContainsFunc(r.Issues, func(i *forgetest.Issue) bool { return i.Number == number }); {
			case err != nil:
			case opened:
				s.plan.moves(r, a, number)
			default:
				if pull := s.plan.opens(a, number); pull != nil {
					r.Issues = append(r.Issues, pull)
				}
			}
		}
	})
}

// shown is what people see of the action at GitHub at a moment.
type shown struct {
	comments []comment
	checks   []check
}

// comment is one that the token's account wrote, with the action's mark.
type comment struct {
	subject       int
	id            int64
	body          string
	made, changed time.Time // in whole seconds
}

// check is a check run of the action's.
type check struct {
	id                      int64
	key, status, conclusion string
}

// shows is what people see now.
func (s *shop) shows() (seen shown) {
	s.hub.Edit("acme/shop", func(r *forgetest.Repository) {
		for _, i := range r.Issues {
			for _, c := range i.Comments {
				if c.Author == string(ourselves) && strings.HasPrefix(c.Body, ourMark) && c.ID != 990 {
					seen.comments = append(seen.comments, comment{i.Number, c.ID, c.Body, c.CreatedAt, c.UpdatedAt})
				}
			}
		}
		for _, c := range r.CheckRuns {
			seen.checks = append(seen.checks, check{c.ID, c.ExternalID, c.Status, c.Conclusion})
		}
	})
	return seen
}

// told runs a process beside GitHub, and notes what people see afterwards. A
// story without an event has no shop.
func (s *shop) told(t *testing.T, a *alive, zombies *sync.WaitGroup) process {
	name := version(a.left.attempt, a.left.stage)
	if s == nil {
		return a.run(zombies, name)
	}
	s.serves(t, a)
	left := a.run(zombies, name)
	left.shown = s.shows()
	return left
}
