package forgetest_test

import (
	"net/http"
	"strings"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

func TestATokenMayDoWhatItsPermissionsSay(t *testing.T) {
	t.Parallel()
	const (
		integration = "Resource not accessible by integration"
		personal    = "Resource not accessible by personal access token"
	)
	basic := "Basic eC1hY2Nlc3MtdG9rZW46Z2hzX3dvcmtmbG93" // x-access-token and the workflow's token
	tests := []struct {
		name, authorization, method, path, body string
		status                                  int
		message                                 string
	}{
		{"nobody reads what is public", "", "GET", "/repos/acme/shop/issues/7", "", 200, ""},
		{"nobody reads what is private", "", "GET", "/repos/acme/vault", "", 404, "Not Found"},
		{"nobody asks for permissions", "", "GET", "/repos/acme/shop/collaborators/ann/permission", "", 401, "Requires authentication"},
		{"nobody writes", "", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 401, "Requires authentication"},
		{"nobody is a user", "", "GET", "/user", "", 401, "Requires authentication"},
		{"a token that is unknown", "Bearer ghs_other", "GET", "/repos/acme/shop", "", 401, "Bad credentials"},
		{"a scheme that is unknown", "Digest x", "GET", "/repos/acme/shop", "", 401, "Bad credentials"},
		{"a password", basic, "GET", "/repos/acme/shop/collaborators/ann/permission", "", 200, ""},
		{"a workflow writes", "Bearer " + workflowToken, "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 201, ""},
		{"a workflow is no user", "Bearer " + workflowToken, "GET", "/user", "", 403, integration},
		{"a workflow does not see what it is not for", "Bearer " + workflowToken, "GET", "/repos/acme/vault/issues/1", "", 404, "Not Found"},
		{"a workflow without the permission reads what is public", "Bearer " + readToken, "GET", "/repos/acme/shop/issues/7", "", 200, ""},
		{"a workflow without the permission", "Bearer " + readToken, "GET", "/repos/acme/vault/issues/1", "", 403, integration},
		{"a workflow of metadata", "Bearer " + readToken, "GET", "/repos/acme/vault", "", 200, ""},
		{"a workflow that only reads", "Bearer " + readToken, "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 403, integration},
		{"a workflow that reads no logs", "Bearer " + readToken, "GET", "/repos/acme/shop/actions/jobs/1/logs", "", 403, integration},
		{"the permission of issues, for an issue", "Bearer issues", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 201, ""},
		{"the permission of issues, for a pull request", "Bearer issues", "POST", "/repos/acme/shop/issues/9/comments", `{"body":"x"}`, 403, integration},
		{"the permission of pull requests, for one", "Bearer pulls", "POST", "/repos/acme/shop/issues/9/comments", `{"body":"x"}`, 201, ""},
		{"the permission of pull requests, for an issue", "Bearer pulls", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 403, integration},
		{"the permission of pull requests, for a comment on an issue", "Bearer pulls", "POST", "/repos/acme/shop/issues/comments/71/reactions", `{"content":"eyes"}`, 403, integration},
		{"the permission of pull requests, for a comment on one", "Bearer pulls", "POST", "/repos/acme/shop/issues/comments/91/reactions", `{"content":"eyes"}`, 201, ""},
		{"either permission, for what is not there", "Bearer pulls", "POST", "/repos/acme/shop/issues/99/comments", `{"body":"x"}`, 404, "Not Found"},
		{"a user's token", "Bearer " + annToken, "GET", "/user", "", 200, ""},
		{"a user's token writes", "Bearer " + annToken, "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 201, ""},
		{"a user's token without the permission", "Bearer " + annToken, "GET", "/repos/acme/vault/commits/main", "", 403, personal},
		{"a user's token makes no check", "Bearer " + annToken, "POST", "/repos/acme/shop/check-runs", `{}`, 403, personal},
		{"a classic token", "token " + classicToken, "GET", "/repos/acme/vault/commits/main", "", 200, ""},
		{"a classic token writes", "token " + classicToken, "POST", "/repos/acme/vault/issues/1/comments", `{"body":"x"}`, 201, ""},
		{"a classic token makes no check", "token " + classicToken, "POST", "/repos/acme/shop/check-runs", `{}`, 403, "You must authenticate via a GitHub App."},
		{"a classic token without scope", "token poor", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 404, "Not Found"},
		{"a classic token without scope does not see", "token poor", "GET", "/repos/acme/vault", "", 404, "Not Found"},
		{"a classic token for what is public", "token public", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 201, ""},
		{"a classic token of a stranger", "token stranger", "GET", "/repos/acme/vault", "", 404, "Not Found"},
		{"a user's token that may check", "Bearer checker", "POST", "/repos/acme/shop/check-runs", `{}`, 403, "You must authenticate via a GitHub App."},
		{"a token of another repository", "Bearer other", "POST", "/repos/acme/shop/issues/7/comments", `{"body":"x"}`, 403, integration},
		{"a path that is not there", "Bearer " + workflowToken, "GET", "/repos/acme/shop/secrets", "", 404, "Not Found"},
		{"a method that is not there", "Bearer " + workflowToken, "PUT", "/repos/acme/shop", "{}", 404, "Not Found"},
		{"a repository that is not there", "Bearer " + workflowToken, "GET", "/repos/acme/none", "", 404, "Not Found"},
		{"an issue that is no number", "Bearer " + workflowToken, "GET", "/repos/acme/shop/issues/x", "", 404, "Not Found"},
		{"an escape that is none", "Bearer " + workflowToken, "GET", "/repos/acme/shop/issues/%25zz", "", 404, "Not Found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := shop()
			config.Tokens = append(config.Tokens,
				forgetest.Token{Value: "poor", Kind: forgetest.Classic, Login: "ann"},
				forgetest.Token{Value: "public", Kind: forgetest.Classic, Login: "eve", Scopes: []string{"public_repo"}},
				forgetest.Token{Value: "stranger", Kind: forgetest.Classic, Login: "eve", Scopes: []string{"repo"}},
				forgetest.Token{Value: "checker", Kind: forgetest.FineGrained, Login: "ann", Permissions: map[string]string{"checks": "write"}},
				forgetest.Token{Value: "issues", Permissions: map[string]string{"issues": "write"}},
				forgetest.Token{Value: "pulls", Permissions: map[string]string{"pull_requests": "write"}},
				forgetest.Token{Value: "other", Permissions: map[string]string{"issues": "write"}, Repositories: []string{"acme/vault"}},
			)
			c := start(t, config)
			c.hub.Edit("acme/shop", func(r *forgetest.Repository) {
				for _, i := range r.Issues {
					i.Comments = append(i.Comments, &forgetest.Comment{ID: int64(i.Number)*10 + 1, Author: "eve", Body: "x"})
				}
			})
			got := c.want(test.status, test.method, test.path, test.body, "Authorization: "+test.authorization)
			diff(t, "message", test.message, got.message(t))
		})
	}
}

func TestAnswersSayWhatATokenHasAndNeeds(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	for _, test := range []struct{ name, token, path, accepted, scopes string }{
		{"a workflow", workflowToken, "/repos/acme/shop/issues/7", "issues=read; pull_requests=read", ""},
		{"without the permission", readToken, "/repos/acme/vault/pulls/1", "pull_requests=read", ""},
		{"a classic token", classicToken, "/repos/acme/shop/issues/7", "", "repo, read:org"},
	} {
		header := c.do("GET", test.path, "", "Authorization: Bearer "+test.token).Header
		diff(t, test.name, []string{test.accepted, test.scopes}, []string{header.Get("X-Accepted-GitHub-Permissions"), header.Get("X-OAuth-Scopes")})
	}
}

func TestAnArchivedRepositoryIsReadOnly(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	c.hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Archived = true })
	c.want(http.StatusOK, "GET", issue7, "")
	diff(t, "message", "Repository was archived so is read-only.", c.want(http.StatusForbidden, "POST", issue7+"/comments", `{"body":"x"}`).message(t))
}

func TestARenamedRepositoryIsElsewhere(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	got := c.want(http.StatusMovedPermanently, "GET", "/repos/acme/store/issues/7?x=1", "")
	diff(t, "address", "https://api.github.com/repositories/100000001/issues/7?x=1", got.Header.Get("Location"))
	c.want(http.StatusOK, "GET", got.Header.Get("Location"), "")
	repository, _, err := c.github(workflowToken).Repositories.GetByID(t.Context(), 100000001)
	if err != nil || repository.GetFullName() != "acme/shop" {
		t.Errorf("by id: %v, %v", repository.GetFullName(), err)
	}
	c.hub.Edit("acme/vault", func(r *forgetest.Repository) { r.FormerPaths = []string{"acme/safe"} })
	c.want(http.StatusNotFound, "GET", "/repos/acme/safe", "")
}

func TestThePermissionOfAUserIsAnswered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, repository, login string
		want                    string // permission, role, and the booleans pull, triage, push, maintain, admin
	}{
		{"the owner", "shop", "acme", "admin admin 11111"},
		{"an admin", "shop", "ada", "admin admin 11111"},
		{"maintain is write of old", "shop", "mia", "write maintain 11110"},
		{"write", "shop", "ann", "write write 11100"},
		{"by any case", "shop", "ANN", "write write 11100"},
		{"triage is read of old", "shop", "tim", "read triage 11000"},
		{"a role of the organization's own", "shop", "sue", "write deployer 11100"},
		{"everybody reads what is public", "shop", "eve", "read read 10000"},
		{"an app", "shop", "github-actions[bot]", "read read 10000"},
		{"read", "vault", "ann", "read read 10000"},
		{"nobody reads what is private", "vault", "eve", "none  00000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, shop())
			level, _, err := c.github(readToken).Repositories.GetPermissionLevel(t.Context(), "acme", test.repository, test.login)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			got.WriteString(level.GetPermission() + " " + level.GetUser().GetRoleName() + " ")
			for _, name := range []string{"pull", "triage", "push", "maintain", "admin"} {
				got.WriteString(map[bool]string{true: "1", false: "0"}[level.GetUser().GetPermissions()[name]])
			}
			diff(t, "permission", test.want, got.String())
			raw := c.want(http.StatusOK, "GET", "/repos/acme/"+test.repository+"/collaborators/"+test.login+"/permission", "", "Authorization: Bearer "+readToken)
			diff(t, "role", level.GetUser().GetRoleName(), decode[struct {
				Role string `json:"role_name"`
			}](t, raw.Body).Role)
		})
	}
	config := shop()
	config.Users = append(config.Users, forgetest.User{Login: "Copilot", Type: "Bot"})
	c := start(t, config)
	for _, login := range []string{"nobody", "Copilot"} {
		got := c.want(http.StatusNotFound, "GET", "/repos/acme/shop/collaborators/"+login+"/permission", "")
		diff(t, "message", login+" is not a user", got.message(t))
	}
}

func TestARepositorySaysWhatTheTokenMayDo(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Tokens = append(config.Tokens, forgetest.Token{Value: "pusher", Permissions: map[string]string{"contents": "write"}})
	c := start(t, config)
	for token, push := range map[string]bool{workflowToken: false, "pusher": true, annToken: true} {
		repository, _, err := c.github(token).Repositories.Get(t.Context(), "acme", "shop")
		if err != nil {
			t.Fatal(err)
		}
		diff(t, token, push, repository.GetPermissions()["push"])
	}
	user, _, err := c.github(annToken).Users.Get(t.Context(), "")
	if err != nil || user.GetLogin() != "ann" {
		t.Errorf("the user: %v, %v", user.GetLogin(), err)
	}
}
