package forge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/secret"
)

// defaultAPI is the API of GitHub's own server, used when the runner names none.
const defaultAPI = "https://api.github.com"

// maxGitHubAnswer is the longest answer in bytes that is read: a file of 1 MiB
// in base64, which is the largest that the contents API hands out, and more.
const maxGitHubAnswer = 4 << 20

// GitHubConfig says how GitHub's REST API is reached.
type GitHubConfig struct {
	APIURL string // GITHUB_API_URL; "" is GitHub's own
	// GraphQLURL is GITHUB_GRAPHQL_URL; "" is the one that belongs to APIURL.
	GraphQLURL string
	// ServerURL is GITHUB_SERVER_URL, which web addresses begin with; "" is the
	// one that belongs to APIURL.
	ServerURL string
	Token     secret.Text
	Version   string            // of the product, for the User-Agent header
	Transport http.RoundTripper // nil is Go's default, which honours the proxy variables

	// Patience is how long one question may wait in all to be asked again, where
	// that is safe: after a fault of GitHub's or of the network, or when too much
	// was asked. 0 asks once.
	Patience time.Duration
	// Jitter spreads the waiting, in [0,1); nil draws it.
	Jitter func() float64
}

// GitHub asks GitHub's REST and GraphQL APIs under one token. It may be used by many
// goroutines.
type GitHub struct {
	client     *github.Client
	graphQLURL string
	serverURL  string
	// elsewhere fetches what GitHub keeps on other hosts, under addresses that
	// are their own permission. It knows no token.
	elsewhere *http.Client
}

// ErrToken is what NewGitHub says of a token that could be sent to nobody.
var ErrToken = errors.New("the token holds a space, a line break or another character that no token has")

// NewGitHub checks config. It sends nothing.
func NewGitHub(config GitHubConfig) (*GitHub, error) {
	address := config.APIURL
	if address == "" {
		address = defaultAPI
	}
	base, err := url.Parse(strings.TrimSuffix(address, "/") + "/")
	if err != nil || base.Host == "" || base.User != nil || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("GITHUB_API_URL is not the address of GitHub's API: it should look like " + defaultAPI)
	}
	if base.Scheme == "http" && !isLoopback(base.Hostname()) {
		return nil, errors.New("GITHUB_API_URL is http, which would show the token to the network: use https (http is for loopback hosts only)")
	}
	if strings.ContainsFunc(config.Token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, ErrToken
	}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	if config.Patience > 0 {
		jitter := config.Jitter
		if jitter == nil {
			jitter = rand.Float64
		}
		transport = patient{to: transport, most: config.Patience, jitter: jitter}
	}
	client := github.NewClient(&http.Client{
		Transport:     bounded{transport},
		CheckRedirect: stayOnHost,
	}).WithAuthToken(config.Token.Reveal())
	// WithEnterpriseURLs would add a path; GITHUB_API_URL has the right one.
	client.BaseURL = base
	client.UserAgent = "cursor-agent-action/" + config.Version
	graphQLURL, err := graphQLAddress(config.GraphQLURL, base)
	if err != nil {
		return nil, err
	}
	return &GitHub{
		client:     client,
		graphQLURL: graphQLURL,
		serverURL:  strings.TrimSuffix(config.ServerURL, "/"),
		elsewhere:  &http.Client{Transport: transport, CheckRedirect: staySafe},
	}, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || strings.EqualFold(host, "localhost")
}

// bounded keeps an answer that never ends from filling the memory.
type bounded struct{ to http.RoundTripper }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := b.to.RoundTrip(request)
	if err == nil {
		answer.Body = &boundedBody{ReadCloser: answer.Body, left: maxGitHubAnswer}
	}
	return answer, err
}

// errTooLong ends an answer behind its first maxGitHubAnswer bytes.
var errTooLong = errors.New("it is longer than 4 MiB")

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// stayOnHost follows the redirects of a renamed repository, and none to another
// host: the library would send the token there too. Nor does it follow one that
// makes a question of a change: the answer would pass for that of the change.
func stayOnHost(next *http.Request, via []*http.Request) error {
	if len(via) > 3 || next.Method != via[0].Method || next.URL.Scheme != via[0].URL.Scheme || next.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// Facts are what GitHub says of a repository.
type Facts struct {
	Path          string // "owner/name" today; another one than asked for after a rename
	Private       bool
	ReadOnly      string // why nobody can push, "" when they can: "archived" or "disabled"
	DefaultBranch string
}

// Repository reads the facts of the repository at path, "owner/name". Its
// errors are *GitHubError. GitHub says 404 of what the token may not see.
func (g *GitHub) Repository(ctx context.Context, path string) (Facts, error) {
	op := "read repository " + path
	owner, name, err := splitPath(op, path)
	if err != nil {
		return Facts{}, err
	}
	found, answer, err := g.client.Repositories.Get(ctx, owner, name)
	if err != nil {
		return Facts{}, gitHubError(op, answer, err)
	}
	// The name goes into addresses, and into a fix that people copy.
	if named, err := ParseRepository(found.GetFullName(), ""); err != nil || named.Path != found.GetFullName() || strings.Count(named.Path, "/") != 1 {
		return Facts{}, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer is not what GitHub documents: it names no repository"}
	}
	facts := Facts{Path: found.GetFullName(), Private: found.GetPrivate(), DefaultBranch: found.GetDefaultBranch()}
	switch {
	case found.GetArchived():
		facts.ReadOnly = "archived"
	case found.GetDisabled():
		facts.ReadOnly = "disabled"
	}
	return facts, nil
}

var commitName = regexp.MustCompile(`^[0-9a-fA-F]{40}$`)

// FindRef looks for the branch, or for the commit when ref is the full name of
// one. Its errors are *GitHubError.
func (g *GitHub) FindRef(ctx context.Context, path, ref string) error {
	op := fmt.Sprintf("read branch %s of %s", ref, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	var answer *github.Response
	if commitName.MatchString(ref) {
		_, answer, err = g.client.Git.GetCommit(ctx, owner, name, ref)
	} else {
		_, answer, err = g.client.Git.GetRef(ctx, owner, name, "heads/"+ref)
	}
	if err != nil {
		return gitHubError(op, answer, err)
	}
	return nil
}

// File reads a file of at most 1 MiB as it is at ref, a branch, tag or commit;
// "" is the default branch. Its errors are *GitHubError.
func (g *GitHub) File(ctx context.Context, path, file, ref string) ([]byte, error) {
	op := fmt.Sprintf("read %s of %s", file, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return nil, err
	}
	found, _, answer, err := g.client.Repositories.GetContents(ctx, owner, name, file, &github.RepositoryContentGetOptions{Ref: ref})
	if err != nil {
		return nil, gitHubError(op, answer, err)
	}
	if found == nil {
		return nil, &GitHubError{Op: op, Message: "it is a folder"}
	}
	content, err := found.GetContent()
	if err != nil {
		return nil, &GitHubError{Op: op, Message: err.Error(), Err: err}
	}
	return []byte(content), nil
}

func splitPath(op, path string) (owner, name string, _ error) {
	owner, name, found := strings.Cut(path, "/")
	if !found || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", "", &GitHubError{Op: op, Message: "GitHub's repositories are called owner/name"}
	}
	return owner, name, nil
}
