// Package forge knows the code host: repositories, branches and pull requests,
// how people write them down, and what the event that started a workflow says
// of them. It is the only package that imports go-github.
package forge

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// defaultServer is GitHub's own web address, used when the runner names none.
const defaultServer = "https://github.com"

// Repository names one repository of a code host.
type Repository struct {
	// Server is the host's web address without a trailing slash, for example
	// "https://github.com" or "https://git.acme.example".
	Server string
	// Path is the repository's path on the host, "owner/name"; hosts with
	// nested groups have more segments.
	Path string
}

// pathPattern is what owners, groups and repository names consist of on the
// hosts that Cursor works with.
var pathPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$`)

// ParseRepository reads "owner/name" (on server, the GITHUB_SERVER_URL of the
// runner; "" means github.com) or a web address with or without ".git".
// Everything that would travel to the API unseen is refused: user names and
// passwords, queries, fragments, ssh addresses.
func ParseRepository(text, server string) (Repository, error) {
	if server == "" {
		server = defaultServer
	}
	rest := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(rest, "git@"), strings.HasPrefix(rest, "ssh://"):
		return Repository{}, fmt.Errorf("%q is an ssh address: write owner/name or https://HOST/owner/name", text)
	case strings.Contains(rest, "://"):
		parsed, err := url.Parse(rest)
		if err != nil || parsed.Scheme != "https" || parsed.Host == "" {
			return Repository{}, fmt.Errorf("%q is not an https address: write owner/name or https://HOST/owner/name", redactUserinfo(text))
		}
		if parsed.User != nil || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
			return Repository{}, fmt.Errorf("%q holds more than a repository: write https://HOST/owner/name without credentials, query or fragment", redactUserinfo(text))
		}
		server, rest = "https://"+parsed.Host, parsed.Path
	case strings.Count(rest, "/") >= 2 && strings.Contains(strings.SplitN(rest, "/", 2)[0], "."):
		// The API writes addresses without a scheme: github.com/owner/name.
		host, path, _ := strings.Cut(rest, "/")
		server, rest = "https://"+host, path
	}
	rest = strings.TrimSuffix(strings.Trim(rest, "/"), ".git")
	if !pathPattern.MatchString(rest) || strings.Contains("/"+rest+"/", "/./") || strings.Contains("/"+rest+"/", "/../") {
		return Repository{}, fmt.Errorf("%q is not a repository: write owner/name or https://HOST/owner/name", text)
	}
	return Repository{Server: strings.TrimSuffix(server, "/"), Path: rest}, nil
}

// URL is the repository's web address, as the API takes it.
func (r Repository) URL() string { return r.Server + "/" + r.Path }

// IsZero reports whether r names no repository.
func (r Repository) IsZero() bool { return r.Path == "" }

// Same reports whether both name the same repository; hosts and GitHub's
// names do not differ by case.
func (r Repository) Same(other Repository) bool {
	return strings.EqualFold(r.URL(), other.URL())
}

// redactUserinfo keeps credentials that stand in an address out of messages.
func redactUserinfo(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		authority = "***@" + authority[at+1:]
	}
	if path != "" {
		path = "/" + path
	}
	return scheme + "://" + authority + path
}
