package forgetest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Kind is what sort of token one is.
type Kind int

const (
	// Installation is the token of an app in a repository, as a workflow's own
	// token is: it has permissions and is no user's.
	Installation Kind = iota
	// FineGrained is a user's token that has permissions.
	FineGrained
	// Classic is a user's token that has scopes.
	Classic
)

// Token is one token and what it may do.
type Token struct {
	Value string
	Kind  Kind
	// Login is whom it acts as; "" is github-actions[bot].
	Login string
	// Permissions are those of a token that has some, such as "issues": "write".
	// To read metadata is always among them.
	Permissions map[string]string
	// Scopes are those of a classic token, such as repo.
	Scopes []string
	// Repositories are the private ones that it sees, and the only ones where it
	// may write, as "owner/name"; nil means all.
	Repositories []string
}

func (t *Token) login() string {
	if t == nil {
		return ""
	}
	return cmp.Or(t.Login, actionsBot)
}

// SetTokens replaces the tokens that the hub knows.
func (h *Hub) SetTokens(tokens ...Token) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tokens = slices.Clone(tokens)
}

// tokenOf is the token that a request brings; nil when that is none the hub
// knows.
func (h *Hub) tokenOf(r *http.Request) (value string, _ *Token) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if _, password, basic := r.BasicAuth(); basic {
		scheme, value = "Bearer", password
	}
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "token") {
		return "", nil
	}
	at := slices.IndexFunc(h.tokens, func(t Token) bool { return t.Value == value })
	if at < 0 {
		return value, nil
	}
	return value, new(h.tokens[at])
}

// reaches reports whether the token is for the repository.
func (t *Token) reaches(r *Repository) bool {
	return t.Repositories == nil || slices.ContainsFunc(t.Repositories, func(path string) bool { return strings.EqualFold(path, r.Path) })
}

// sees reports whether the token may know of the repository.
func (t *Token) sees(r *Repository) bool {
	switch {
	case !r.Private:
		return true
	case t == nil || !t.reaches(r):
		return false
	case t.Kind == Classic:
		_, level := r.roleOf(t.login())
		return slices.Contains(t.Scopes, "repo") && level != "none"
	case t.Kind == FineGrained:
		_, level := r.roleOf(t.login())
		return level != "none"
	}
	return true
}

// enter finds the repository that the path names and holds the token against
// what the operation needs; it returns the refusal.
func (h *Hub) enter(x *exchange) *answer {
	path := x.params["owner"] + "/" + x.params["repo"]
	r := h.find(path)
	if renamed := h.formerly(path); r == nil && renamed != nil && x.token.sees(renamed) {
		return new(x.moved(renamed, path))
	}
	if r == nil || !x.token.sees(r) {
		return new(x.notFound())
	}
	x.repo = r
	return x.permitted()
}

// moved is the answer about a repository that has another name now.
func (x *exchange) moved(r *Repository, path string) answer {
	rest := strings.TrimPrefix(x.path, "/repos/"+path)
	to := x.base + "/repositories/" + itoa(r.ID) + rest
	if x.r.URL.RawQuery != "" {
		to += "?" + x.r.URL.RawQuery
	}
	a := x.problem(http.StatusMovedPermanently, "Moved Permanently")
	a.body.(object)["url"] = to
	a.set("Location", to)
	return a
}

// permitted says why the token may not do what the request asks of x.repo.
func (x *exchange) permitted() *answer {
	t, r := x.token, x.repo
	reads := x.r.Method == http.MethodGet || x.r.Method == http.MethodHead
	switch {
	case reads && x.route.public && !r.Private:
		return nil
	case t == nil:
		return new(x.problem(http.StatusUnauthorized, "Requires authentication"))
	case t.Kind == Classic && strings.HasPrefix(x.route.needs, "checks=write"):
		return new(x.problem(http.StatusForbidden, "You must authenticate via a GitHub App."))
	case t.Kind == Classic:
		if !reads && !slices.Contains(t.Scopes, "repo") && (r.Private || !slices.Contains(t.Scopes, "public_repo")) {
			return new(x.notFound())
		}
	case !t.reaches(r) && !reads, !t.has(x.needed()):
		return new(x.refused())
	case t.Kind == FineGrained && strings.HasPrefix(x.route.needs, "checks=write"):
		return new(x.problem(http.StatusForbidden, "You must authenticate via a GitHub App."))
	}
	if r.Archived && !reads {
		return new(x.problem(http.StatusForbidden, "Repository was archived so is read-only."))
	}
	return nil
}

// needed is what the request needs, as in [route]. Of what issues and pull
// requests share GitHub's description says that either permission will do; what
// counts is which of the two the request is about, whatever its path says.
func (x *exchange) needed() string {
	ofIssues, ofPulls, shared := strings.Cut(x.route.needs, "; ")
	i, _ := x.theIssue()
	if x.params["comment"] != "" {
		i, _, _ = x.theComment()
	}
	switch {
	case !shared || i == nil:
		return x.route.needs
	case i.Pull != nil:
		return ofPulls
	}
	return ofIssues
}

// refused is the answer to a token without the permission.
func (x *exchange) refused() answer {
	if x.token.Kind == Installation {
		return x.problem(http.StatusForbidden, "Resource not accessible by integration")
	}
	return x.problem(http.StatusForbidden, "Resource not accessible by personal access token")
}

// has reports whether the permissions are enough, needs being as in [route].
func (t *Token) has(needs string) bool {
	for either := range strings.SplitSeq(needs, ";") {
		enough := true
		for need := range strings.SplitSeq(either, ",") {
			name, level, _ := strings.Cut(strings.TrimSpace(need), "=")
			ranks := []string{"", "read", "write", "admin"}
			given := slices.Index(ranks, t.Permissions[name])
			if name == "metadata" {
				given = max(given, 1)
			}
			enough = enough && given >= slices.Index(ranks, level)
		}
		if enough {
			return true
		}
	}
	return needs == ""
}

// login is whom the request comes from; "" is nobody.
func (x *exchange) login() string { return x.token.login() }

// isApp reports whether the token is an app's.
func (x *exchange) isApp() bool { return x.token != nil && x.token.Kind == Installation }

// level is what the token's owner may do in x.repo, as a role.
func (x *exchange) level() string {
	if !x.isApp() {
		_, level := x.repo.roleOf(x.login())
		return level
	}
	if x.token.has("contents=write") {
		return "write"
	}
	return "read"
}

// mayWriteHere reports whether a person with write access asks; apps are none.
func (x *exchange) mayWriteHere() bool {
	return !x.isApp() && slices.Index(levels[:], x.level()) >= slices.Index(levels[:], "write")
}

// scopeHeaders say what the token has, and what would have been enough.
func (x *exchange) scopeHeaders(header http.Header) {
	switch {
	case x.token == nil:
	case x.token.Kind == Classic:
		header.Set("X-OAuth-Scopes", strings.Join(x.token.Scopes, ", "))
		header.Set("X-Accepted-OAuth-Scopes", "repo")
	case x.route != nil && x.route.needs != "":
		header.Set("X-Accepted-GitHub-Permissions", x.route.needs)
	}
}
