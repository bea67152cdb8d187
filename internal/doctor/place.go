package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// Pages of GitHub that a fix points at.
const (
	permissionsPage = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions"
	tokensPage      = "https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"
	limitsPage      = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
	githubStatus    = "https://www.githubstatus.com"
)

// onGitHub reports whether the repository lives on the server whose API the
// token is for, or on github.com.
func (c Config) onGitHub() bool {
	return sameServer(c.Repository.Server, c.server()) || sameServer(c.Repository.Server, "https://github.com")
}

func (c Config) server() string {
	if c.GitHubServer == "" {
		return "https://github.com"
	}
	return c.GitHubServer
}

func sameServer(one, two string) bool {
	return strings.EqualFold(strings.TrimSuffix(one, "/"), strings.TrimSuffix(two, "/"))
}

// place asks GitHub for the repository and the branch. A launch does not need
// the token, so what the token may not see is no failure.
func (c Config) place(ctx context.Context) []Finding {
	missing := c.missing()
	switch {
	case c.Repository.IsZero():
		return append([]Finding{{Name: githubToken, Status: NotChecked, Found: "there is nothing to ask GitHub for"}}, missing...)
	case !sameServer(c.Repository.Server, c.server()):
		found := fmt.Sprintf("%s is not on %s, whose API alone is asked", c.Repository.URL(), c.server())
		return c.unseen(Finding{Status: NotChecked, Found: found}, found, "see for yourself that it is there")
	case c.Token.IsZero():
		found := "without a token GitHub is not asked"
		return c.unseen(Finding{
			Status: NotChecked, Found: "there is none", Link: tokensPage,
			Fix: c.say("leave github-token at its default, ${{ github.token }}", "put a token with contents: read into GITHUB_TOKEN, for instance what gh auth token prints"),
		}, found, "")
	}
	hub, err := forge.NewGitHub(forge.GitHubConfig{APIURL: c.GitHubAPI, Token: c.Token, Version: c.Version})
	if err != nil {
		f := Finding{Status: Warning, Found: err.Error(), Fix: "correct or unset GITHUB_API_URL", Link: tokensPage}
		if errors.Is(err, forge.ErrToken) {
			f.Fix = "copy the token again, as one line"
		}
		return c.unseen(f, "GitHub was not asked", "")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.Patience, errPatience)
	defer cancel()
	facts, err := hub.Repository(ctx, c.Repository.Path)
	if err != nil {
		return c.repositoryRefused(ctx, hub, err)
	}
	token := Finding{Name: githubToken, Status: OK, Found: "GitHub accepts the token"}
	if len(missing) > 0 {
		return []Finding{token, c.repositoryFinding(facts), missing[len(missing)-1]}
	}
	return []Finding{token, c.repositoryFinding(facts), c.branchFinding(hub.FindRef(ctx, facts.Path, c.Ref))}
}

// missing are the findings about a repository or branch that nobody named, or
// not so that it can be used. The last one is about the branch.
func (c Config) missing() []Finding {
	var list []Finding
	add := func(name string, why Missing) {
		f := Finding{Name: name, Status: NotChecked, Found: why.Found, Fix: why.Fix}
		if why.Wrong {
			f.Status = Failed
		}
		list = append(list, f)
	}
	if c.Repository.IsZero() {
		add(repository, c.Place)
	}
	switch {
	case c.PlaceOfRef.Found != "":
		add(branch, c.PlaceOfRef)
	case c.Repository.IsZero():
		add(branch, Missing{Found: "there is no repository to look in"})
	}
	return list
}

// unseen are the findings where nobody could be asked.
func (c Config) unseen(token Finding, found, fix string) []Finding {
	token.Name = githubToken
	at := Finding{Name: repository, Status: NotChecked, Found: c.Repository.URL() + ": " + found, Fix: fix}
	if missing := c.missing(); len(missing) > 0 {
		return append([]Finding{token, at}, missing...)
	}
	return []Finding{token, at, {Name: branch, Status: NotChecked, Found: c.Ref + ": " + found, Fix: fix}}
}

func (c Config) repositoryFinding(facts forge.Facts) Finding {
	f := Finding{Name: repository, Status: OK, Found: facts.Path + " is there"}
	if facts.Private {
		f.Found += ", and private"
	}
	switch {
	case facts.ReadOnly != "":
		f.Status = Failed
		f.Found = fmt.Sprintf("%s is %s, so nobody can push to it", facts.Path, facts.ReadOnly)
		f.Fix = "make it writable again in its settings, or name another repository"
		f.Link = c.Repository.URL()
	case !strings.EqualFold(facts.Path, c.Repository.Path):
		f.Status = Warning
		f.Found = fmt.Sprintf("%s is called %s today", c.Repository.Path, facts.Path)
		f.Fix = "set " + c.say("repo: ", "--repo ") + facts.Path
		f.Link = c.Repository.Server + "/" + facts.Path
	}
	return f
}

// repositoryRefused tells a repository that isn't there from one that the token
// can't see. GitHub answers 404 for both.
func (c Config) repositoryRefused(ctx context.Context, hub *forge.GitHub, err error) []Finding {
	refused, _ := errors.AsType[*forge.GitHubError](err)
	if refused == nil || refused.Status != http.StatusNotFound {
		return c.unseen(c.tokenFinding(err), "GitHub did not tell", "")
	}
	token := Finding{Name: githubToken, Status: OK, Found: "GitHub accepts the token"}
	f := Finding{Name: repository, Status: Failed, Link: c.Repository.URL()}
	rest := Finding{Name: branch, Status: NotChecked, Found: "there is no repository to look in"}
	switch {
	case refused.Classic && hasScope(refused.Scopes, "repo"):
		f.Found = c.Repository.Path + " is not there, or the token's owner may not see it"
		f.Fix = "correct " + c.say("repo", "--repo") + ", or use the token of somebody who may read the repository"
	case refused.Classic:
		f.Status = Warning
		f.Found = fmt.Sprintf("%s is not there, or it is private and the token lacks the scope repo (it has: %s)", c.Repository.Path, orNone(refused.Scopes))
		f.Fix = "check the name; to see private repositories give the token the scope repo"
		f.Link = tokensPage
	default:
		f.Status = Warning
		f.Found = c.Repository.Path + " is not there, or it is private and the token is not for it"
		if own := c.own(ctx, hub); own != "" {
			f.Found += "; it is for " + own
		}
		f.Fix = "check the name; to look at a private repository give " + c.say("github-token", "GITHUB_TOKEN") + " a token with contents: read for it"
		f.Link = tokensPage
	}
	return []Finding{token, f, rest}
}

// own is the workflow's repository when the token can read that.
func (c Config) own(ctx context.Context, hub *forge.GitHub) string {
	if c.Step == nil {
		return ""
	}
	here := c.Step.Runner.Context().Repository
	if here == "" || strings.EqualFold(here, c.Repository.Path) {
		return ""
	}
	facts, err := hub.Repository(ctx, here)
	if err != nil {
		return ""
	}
	return facts.Path
}

// tokenFinding says why GitHub did not answer a question about the repository.
func (c Config) tokenFinding(err error) Finding {
	f := Finding{Name: githubToken, Status: Warning, Found: err.Error(), Link: githubStatus, Fix: "run this again later"}
	refused, _ := errors.AsType[*forge.GitHubError](err)
	switch {
	case errors.Is(err, errPatience), errors.Is(err, context.DeadlineExceeded):
		f.Found = fmt.Sprintf("GitHub did not answer within %s", c.Patience)
	case refused == nil, refused.Status >= 500:
	case refused.Status/100 == 2:
		f.Fix = "correct or unset GITHUB_API_URL: what answers there is not GitHub's API"
		f.Link = tokensPage
	case refused.Status == 0:
		f.Fix = "let this machine reach GitHub's API, or correct GITHUB_API_URL"
		f.Link = cursor.NetworkPage
	case refused.Limited:
		f.Found = "the token has asked GitHub too much for now"
		f.Fix = "run this again within the hour"
		f.Link = limitsPage
	case refused.Status == http.StatusUnauthorized:
		f.Found = "GitHub does not accept the token: " + err.Error()
		f.Fix = c.say("leave github-token at its default, ${{ github.token }}, or renew the token", "put a token that is valid into GITHUB_TOKEN")
		f.Link = tokensPage
	case refused.SSO != "":
		f.Found = "the organisation wants single sign-on for the token: " + err.Error()
		f.Fix = "authorise the token for the organisation"
		f.Link = refused.SSO
	case refused.Status == http.StatusForbidden:
		f.Found = "the token may not do that: " + err.Error()
		f.Fix = c.permissionFix(refused)
		f.Link = permissionsPage
	}
	return f
}

// branchFinding reads what came of looking for the branch.
func (c Config) branchFinding(err error) Finding {
	refused, _ := errors.AsType[*forge.GitHubError](err)
	switch {
	case err == nil:
		return Finding{Name: branch, Status: OK, Found: c.Ref + " is there"}
	case refused != nil && (refused.Status == http.StatusNotFound || refused.Status == http.StatusUnprocessableEntity):
		return Finding{
			Name: branch, Status: Failed,
			Found: fmt.Sprintf("%s has no branch %s", c.Repository.Path, c.Ref),
			Fix:   "set " + c.say("ref", "--ref") + " to a branch of the repository",
			Link:  c.Repository.URL() + "/branches",
		}
	case refused != nil && refused.Status == http.StatusForbidden && !refused.Limited && refused.SSO == "":
		return Finding{
			Name: branch, Status: NotChecked,
			Found: fmt.Sprintf("the token may not read branches of %s: it lacks %s", c.Repository.Path, permission(refused)),
			Fix:   c.permissionFix(refused) + "; a launch does not need it",
			Link:  permissionsPage,
		}
	}
	f := c.tokenFinding(err)
	f.Name, f.Status = branch, NotChecked
	return f
}

// permissionFix is how to let the token do what it may not.
func (c Config) permissionFix(refused *forge.GitHubError) string {
	if refused.Classic {
		return "give the token the scope repo"
	}
	return c.say("for this check, give the job permissions: ", "give the token the permission ") + permission(refused)
}

// permission is what the token lacks, as it is written in a workflow file.
func permission(refused *forge.GitHubError) string {
	if refused.Classic {
		return "the scope repo"
	}
	first, _, _ := strings.Cut(refused.Accepted, ";")
	name, level, found := strings.Cut(strings.TrimSpace(first), "=")
	if !found || strings.ContainsAny(first, ", ") {
		return "contents: read"
	}
	return name + ": " + level
}

func hasScope(scopes, wanted string) bool {
	for scope := range strings.SplitSeq(scopes, ",") {
		if strings.TrimSpace(scope) == wanted {
			return true
		}
	}
	return false
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
