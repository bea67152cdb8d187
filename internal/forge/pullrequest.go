package forge

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// PullRequest is what is known of one pull request. All but Repository, Number
// and Segment is empty when only its address is known, and the branches are
// where an event tells of it as an issue.
type PullRequest struct {
	Repository     Repository // where it is opened, the base repository
	Number         int
	Segment        string // of its address before the number; "" means "pull", GitHub's
	HeadRef        string // the branch that it merges, without refs/heads/
	HeadRepository string // "owner/name" of that branch; "" when the fork is gone
	HeadSHA        string
	NodeID         string // what GraphQL knows it by; "" where it was not told
	BaseRef        string
	Author         Account
	State          string // "open" or "closed"
	Draft          bool
	Merged         bool
	MergedAt       time.Time // zero where it was not told, or is not merged
	Locked         bool
	Title          string
	Body           string
	Commits        int
	ChangedFiles   int
}

// URL is the pull request's web address.
func (p PullRequest) URL() string {
	segment := p.Segment
	if segment == "" {
		segment = "pull"
	}
	return fmt.Sprintf("%s/%s/%d", p.Repository.URL(), segment, p.Number)
}

// FromFork reports whether the head branch lives in another repository than
// the pull request itself, or in one that is gone.
func (p PullRequest) FromFork() bool {
	return !strings.EqualFold(p.HeadRepository, p.Repository.Path)
}

var (
	pullPath   = regexp.MustCompile(`^/(.+?)/(pull|-/merge_requests|pull-requests|pullrequest)/([0-9]+)(?:/[a-z/]*)?$`)
	pullNumber = regexp.MustCompile(`^#?([0-9]+)$`)
)

// ParsePullRequest reads a number ("7" or "#7", in repository) or a web
// address. Other words are the caller's (the action knows "current").
func ParsePullRequest(text string, repository Repository) (PullRequest, error) {
	text = strings.TrimSpace(text)
	if found := pullNumber.FindStringSubmatch(text); found != nil {
		return newPullRequest(text, repository, "", found[1])
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil {
		return PullRequest{}, fmt.Errorf("%q is not a pull request: write its number, its https address, or current", redactUserinfo(text))
	}
	found := pullPath.FindStringSubmatch(parsed.Path)
	if found == nil {
		return PullRequest{}, fmt.Errorf("%q is not a pull request's address: it should look like %s/pull/7", redactUserinfo(text), repositoryOr(repository))
	}
	where, err := ParseRepository("https://"+parsed.Host+"/"+found[1], "")
	if err != nil {
		return PullRequest{}, err
	}
	return newPullRequest(text, where, found[2], found[3])
}

// PullRequestNumber reads the number out of a pull request's address; 0 when
// the text is not one.
func PullRequestNumber(address string) int {
	pull, err := ParsePullRequest(address, Repository{})
	if err != nil {
		return 0
	}
	return pull.Number
}

func newPullRequest(text string, repository Repository, segment, digits string) (PullRequest, error) {
	number, err := strconv.Atoi(digits)
	if err != nil || number <= 0 {
		return PullRequest{}, fmt.Errorf("%q is not a pull request: its number is out of range", text)
	}
	if repository.IsZero() {
		return PullRequest{}, fmt.Errorf("%q says no repository: write the pull request's https address", text)
	}
	return PullRequest{Repository: repository, Number: number, Segment: segment}, nil
}

func repositoryOr(repository Repository) string {
	if repository.IsZero() {
		return defaultServer + "/owner/name"
	}
	return repository.URL()
}

// PullRequest reads a pull request of the repository at path as it is now. Its
// errors are *GitHubError; the permission is pull-requests: read.
// https://docs.github.com/rest/pulls/pulls#get-a-pull-request
func (g *GitHub) PullRequest(ctx context.Context, path string, number int) (PullRequest, error) {
	op := fmt.Sprintf("read pull request %d of %s", number, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return PullRequest{}, err
	}
	found, answer, err := g.client.PullRequests.Get(ctx, owner, name, number)
	if err != nil {
		return PullRequest{}, gitHubError(op, answer, err)
	}
	pull := pullRequestOf(Repository{}, found, g.server())
	if pull == nil || pull.Number != number || !commitName.MatchString(pull.HeadSHA) {
		return PullRequest{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer is not what GitHub documents: it is not that pull request, with a head"}
	}
	return *pull, nil
}

// server is the web address that was configured, else the one that belongs to the
// API's.
// https://docs.github.com/enterprise-server@latest/rest/quickstart
func (g *GitHub) server() string {
	base := g.client.BaseURL
	switch {
	case g.serverURL != "":
		return g.serverURL
	case base.Host == "api.github.com":
		return defaultServer
	case strings.HasPrefix(base.Host, "api.") && strings.Trim(base.Path, "/") == "":
		return base.Scheme + "://" + strings.TrimPrefix(base.Host, "api.") // acme.ghe.com
	}
	return base.Scheme + "://" + base.Host
}

// HeadUnchanged reports whether the head of the pull request is still the
// commit, and which one it is now. Its errors are *GitHubError.
func (g *GitHub) HeadUnchanged(ctx context.Context, path string, number int, sha string) (unchanged bool, now string, _ error) {
	pull, err := g.PullRequest(ctx, path, number)
	if err != nil {
		return false, "", err
	}
	return strings.EqualFold(pull.HeadSHA, sha), pull.HeadSHA, nil
}
