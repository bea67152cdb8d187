package cli_test

import (
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// answering is an API that gives the same answer to everything.
func answering(answer simulator.Answer) simulator.Config {
	var config simulator.Config
	config.Scenario, _ = simulator.Builtin("happy")
	config.Scenario.Faults = []simulator.Fault{{Answer: &answer}}
	return config
}

// refusedBy is an API that refuses every request so.
func refusedBy(status int, code, message string) simulator.Config {
	return answering(simulator.Answer{Status: status, Code: code, Message: message})
}

// TestEachCauseIsToldApart runs the whole program with one thing wrong at a
// time, and asserts the whole finding.
func TestEachCauseIsToldApart(t *testing.T) {
	t.Parallel()
	const (
		keys, planPage = "https://cursor.com/dashboard/api", "https://cursor.com/dashboard"
		apps           = "https://cursor.com/dashboard/integrations"
		docs, state    = "https://cursor.com/docs/cloud-agent/api/endpoints", "https://status.cursor.com"
		permissions    = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions"
		tokens         = "https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"
		files          = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files"
		timeouts       = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes"
		place          = "https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support#github-workspace"
		create         = "create a key of a user or service account and pass it as api-key: ${{ secrets.CURSOR_API_KEY }}"
		replace        = "put a key of a user or a service account into the secret behind api-key"
		request        = "(request 38e0db6a-a694-43b5-af0c-045cd0728f6f)"
	)
	type prepare = func(*workflowStep, *hub)
	inputs := func(pairs ...string) prepare { return func(s *workflowStep, _ *hub) { s.with(pairs...) } }
	github := func(path string, status int, body string, header ...string) prepare {
		return func(_ *workflowStep, h *hub) { h.says(path, status, body, header...) }
	}
	stranger := func(whose string) finding {
		return finding{"api-key", "failed", "the key is " + whose + " and no key of Cursor's, so it was not sent", create, keys}
	}
	for _, test := range []struct {
		name    string
		config  simulator.Config
		prepare prepare
		want    finding
	}{
		{"no key", simulator.Config{}, inputs("api-key", ` "" `),
			finding{"api-key", "failed", "there is no key", create + "; workflows on pull requests from forks get no secrets", keys}},
		{"the name of a secret", simulator.Config{}, inputs("api-key", "$CURSOR_API_KEY"),
			finding{"api-key", "failed", "the key is the name of a variable and not its value", "write api-key: ${{ secrets.CURSOR_API_KEY }}, which only works in a workflow file", keys}},
		{"a key with a space", simulator.Config{}, inputs("api-key", "crsr_5ecret 0123"),
			finding{"api-key", "failed", "the Cursor API key holds a space, a line break or another character that no key has", "copy the key again, without anything around it", keys}},
		{"GitHub's token", simulator.Config{}, inputs("api-key", "ghp_0123456789abcdef"), stranger("a GitHub token")},
		{"GitHub's fine-grained token", simulator.Config{}, inputs("api-key", "github_pat_0123456789abcdef"), stranger("a GitHub token")},
		{"an OpenAI key", simulator.Config{}, inputs("api-key", "sk-proj-0123456789abcdef"), stranger("an OpenAI key")},
		{"an Anthropic key", simulator.Config{}, inputs("api-key", "sk-ant-0123456789abcdef"), stranger("an Anthropic key")},
		{"a Grok key", simulator.Config{}, inputs("api-key", "grok_0123456789abcdef"),
			finding{"api-key", "failed", "the key starts with grok_, and Cursor's API for agents does not take keys of that kind", create, keys}},
		{"a wrong key", answering(simulator.Answer{Status: 401, Message: "Invalid User API Key", Shape: "flat"}), nil,
			finding{"api-key", "failed", "list models: GET /v1/models: 401 Unauthorized: Invalid User API Key " + request, strings.Replace(replace, " into", ", not of a team admin, into", 1), keys}},
		{"a key that was deleted", refusedBy(404, "api_key_not_found", "no such key"), nil,
			finding{"api-key", "failed", "list models: GET /v1/models: 404 api_key_not_found: no such key " + request, strings.Replace(replace, " into", ", not of a team admin, into", 1), keys}},
		{"a key of another kind", refusedBy(403, "key_not_supported", "not this key"), nil,
			finding{"api-key", "failed", "list models: GET /v1/models: 403 key_not_supported: not this key " + request, replace, keys}},
		{"a service account is needed", refusedBy(403, "service_account_required", "no"), nil,
			finding{"api-key", "failed", "list models: GET /v1/models: 403 service_account_required: no " + request, "use the key of a service account, which an admin of the team creates", keys}},
		{"a team admin is needed", refusedBy(403, "team_admin_required", "no"), nil,
			finding{"api-key", "failed", "list models: GET /v1/models: 403 team_admin_required: no " + request, "use the key of a user who is an admin of the team: keys of the team itself do not work here", keys}},
		{"no plan", scenario(t, "no-plan"), nil,
			finding{"plan", "failed", "list models: GET /v1/models: 403 plan_required: Cloud Agent is not available for free users. Please upgrade to Pro. " + request, "upgrade the plan of the key's account", planPage}},
		{"the spend limit", refusedBy(429, "usage_limit_exceeded", "spent"), nil,
			finding{"plan", "failed", "list models: GET /v1/models: 429 usage_limit_exceeded: spent " + request, "raise the spend limit of the key's account", planPage}},
		{"a role without agents", refusedBy(403, "role_forbidden", "no"), nil,
			finding{"plan", "failed", "list models: GET /v1/models: 403 role_forbidden: no " + request, "use the key of a user whose role may launch cloud agents, or ask a team admin for that role", planPage}},
		{"agents are off", refusedBy(403, "feature_unavailable", "off"), nil,
			finding{"plan", "failed", "list models: GET /v1/models: 403 feature_unavailable: off " + request, "ask an admin of the key's team, or Cursor, to enable cloud agents for the account", planPage}},
		{"no code host", refusedBy(403, "integration_not_connected", "none"), nil,
			finding{"plan", "failed", "list models: GET /v1/models: 403 integration_not_connected: none " + request, "connect the code host to Cursor", apps}},
		{"too many requests", answering(simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "60"}), nil,
			finding{"connection", "warning", "list models: GET /v1/models: 429 rate_limit_exceeded: slow down " + request, "run this again in a minute, and fewer jobs at once", docs}},
		{"Cursor in trouble", answering(simulator.Answer{Status: 503, Shape: "html"}), nil,
			finding{"connection", "failed", `list models: GET /v1/models: 503 Service Unavailable: a web page titled "503 Service Unavailable" (request aab2d462-7fc9-41e6-aac7-c1756b2fb340, 2 attempts)`, "Cursor's API is in trouble: wait, and run this again later", state}},
		{"another API", answering(simulator.Answer{Status: 404, Body: "nothing here"}), nil,
			finding{"connection", "failed", "list models: GET /v1/models: 404 Not Found: nothing here " + request, "correct api-url: what answers there is not Cursor's API", docs}},
		{"a login page", answering(simulator.Answer{Status: 200, Body: "hello"}), nil,
			finding{"connection", "failed", "list models: GET /v1/models: 200 OK: the answer is not what the API documents: invalid character 'h' looking for beginning of value (request aab2d462-7fc9-41e6-aac7-c1756b2fb340, 2 attempts)", "correct api-url: what answers there is not Cursor's API", docs}},
		{"a proxy with a lock", answering(simulator.Answer{Status: 407, Body: "credentials"}), nil,
			finding{"connection", "failed", "list models: GET /v1/models: 407 Proxy Authentication Required: credentials " + request, "put the proxy's user name and password into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT, with %, @, : and / of the password as %25, %40, %3A and %2F", "https://cursor.com/docs/enterprise/network-configuration"}},

		{"a misspelt model", simulator.Config{}, inputs("model", "composer-2.6"),
			finding{"model", "failed", `"composer-2.6" is none of the account's 3 models`, "did you mean composer-2.5 or composer? leave model out for the account's default", docs}},
		{"an unknown model", simulator.Config{}, inputs("model", "zzz"),
			finding{"model", "failed", `"zzz" is none of the account's 3 models`, "set model to one of the account's, such as composer-2.5, composer, composer-latest, auto-smart, claude-4.6-sonnet-thinking, sonnet, or leave it out", docs}},
		{"no models at all", simulator.Config{Models: []simulator.Model{}}, inputs("model", "zzz"),
			finding{"model", "failed", `"zzz" is none of the account's 0 models`, "leave model out for the account's default", docs}},
		{"an unknown parameter", simulator.Config{}, inputs("model", "composer?slow=true"),
			finding{"model", "failed", `the model composer-2.5 has no parameter "slow"`, "write one of fast", docs}},
		{"an unknown value", simulator.Config{}, inputs("model", "composer?fast=maybe"),
			finding{"model", "failed", `the model composer-2.5 does not take "maybe" for fast`, "write one of true, false", docs}},
		{"an alias", simulator.Config{}, inputs("model", "composer?fast=true"),
			finding{"model", "ok", "the account may use composer, which is composer-2.5", "", ""}},
		{"a model without parameters", simulator.Config{}, inputs("model", "claude-4.6-sonnet-thinking?x=y"),
			finding{"model", "ok", "the account may use claude-4.6-sonnet-thinking", "", ""}},

		{"our clock is ahead", simulator.Config{ServerClockOffset: -12 * time.Minute}, nil,
			finding{"clock", "warning", "this machine's clock is 12m0s ahead of the API's", "set this machine's clock, by NTP for instance: certificates and the search for an agent by its time depend on it", "https://docs.github.com/actions/how-tos/manage-runners/self-hosted-runners/monitor-and-troubleshoot"}},
		{"our clock is behind", simulator.Config{ServerClockOffset: 3*time.Hour + time.Second}, nil,
			finding{"clock", "warning", "this machine's clock is 3h0m0s behind the API's", "set this machine's clock, by NTP for instance: certificates and the search for an agent by its time depend on it", "https://docs.github.com/actions/how-tos/manage-runners/self-hosted-runners/monitor-and-troubleshoot"}},

		{"the app covers the repository", simulator.Config{Repositories: []string{"github.com/Acme/Shop"}}, inputs("check-repositories", "true"),
			finding{"github-app", "ok", "Cursor's GitHub App covers acme/shop", "", ""}},
		{"the app covers others", simulator.Config{}, inputs("check-repositories", "true"),
			finding{"github-app", "failed", "Cursor's GitHub App does not cover acme/shop; it covers 2 others", "add the repository to Cursor's GitHub App, or use the key of an account that has it", apps}},
		{"the app covers nothing", simulator.Config{Repositories: []string{}}, inputs("check-repositories", "true"),
			finding{"github-app", "failed", "Cursor's GitHub App covers no repository at all, so GitHub is not connected to the account of the key", "connect GitHub to Cursor with that account, and install Cursor's GitHub App for acme/shop", apps}},
		{"GitHub is not connected", refusedBy(403, "integration_not_connected", "none"), inputs("check-repositories", "true"),
			finding{"github-app", "failed", "GitHub is not connected to the account of the key", "connect GitHub to Cursor, with that account", apps}},
		{"asked a moment ago", answering(simulator.Answer{Status: 429, Code: "rate_limit_exceeded", RetryAfter: "55"}), inputs("check-repositories", "true"),
			finding{"github-app", "not-checked", "Cursor hands out its list of repositories once a minute, and did so just now", "run this again in a minute", apps}},
		{"the list does not come", answering(simulator.Answer{Status: 401, Code: "unauthorized", Message: "no"}), inputs("check-repositories", "true", "api-key", "crsr_x"),
			finding{"github-app", "not-checked", "the list of repositories did not come: list repositories: GET /v1/repositories: 401 unauthorized: no (request REQUEST)", "correct what else is wrong, and run this again", apps}},
		{"a key that is not sent", simulator.Config{}, inputs("check-repositories", "true", "api-key", ""),
			finding{"github-app", "not-checked", "nothing is asked of Cursor without a key of Cursor's", "", apps}},
		{"a repository elsewhere", simulator.Config{}, inputs("check-repositories", "true", "repo", "https://gitlab.com/acme/shop", "ref", "main"),
			finding{"github-app", "not-checked", "Cursor lists repositories on GitHub only, and https://gitlab.com/acme/shop is not there", "look for it at Cursor's integrations", apps}},
		{"no repository", simulator.Config{}, inputs("check-repositories", "true", "repo", "shop"),
			finding{"github-app", "not-checked", "there is no repository to look for", `"shop" is not a repository: write owner/name or https://HOST/owner/name`, apps}},

		{"no token", simulator.Config{}, inputs("github-token", ""),
			finding{"github-token", "not-checked", "there is none", "leave github-token at its default, ${{ github.token }}", tokens}},
		{"a token that ended", simulator.Config{}, github("/repos/acme/shop", 401, `{"message": "Bad credentials"}`),
			finding{"github-token", "warning", "GitHub does not accept the token: read repository acme/shop: 401 Bad credentials", "leave github-token at its default, ${{ github.token }}, or renew the token", tokens}},
		{"single sign-on", simulator.Config{}, github("/repos/acme/shop", 403, `{"message": "SAML"}`, "X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso"),
			finding{"github-token", "warning", "the organisation wants single sign-on for the token: read repository acme/shop: 403 SAML", "authorise the token for the organisation", "https://github.com/orgs/acme/sso"}},
		{"a token without metadata", simulator.Config{}, github("/repos/acme/shop", 403, `{"message": "Resource not accessible by integration"}`, "X-Accepted-GitHub-Permissions", "metadata=read"),
			finding{"github-token", "warning", "the token may not do that: read repository acme/shop: 403 Resource not accessible by integration", "for this check, give the job permissions: metadata: read", permissions}},
		{"GitHub's limit", simulator.Config{}, github("/repos/acme/shop", 429, ``),
			finding{"github-token", "warning", "the token has asked GitHub too much for now", "run this again within the hour", "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"}},
		{"GitHub in trouble", simulator.Config{}, github("/repos/acme/shop", 502, ``),
			finding{"github-token", "warning", "read repository acme/shop: 502 Bad Gateway", "run this again later", "https://www.githubstatus.com"}},
		{"a wrong address of GitHub's", simulator.Config{}, inputs("GITHUB_API_URL", "api.github.com"),
			finding{"github-token", "warning", "GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com", "correct or unset GITHUB_API_URL", tokens}},

		{"no such repository, and a token that would see it", simulator.Config{}, github("/repos/acme/shop", 404, `{}`, "X-OAuth-Scopes", "gist, repo"),
			finding{"repository", "failed", "acme/shop is not there, or the token's owner may not see it", "correct repo, or use the token of somebody who may read the repository", "https://github.com/acme/shop"}},
		{"no such repository, and a token without scopes", simulator.Config{}, github("/repos/acme/shop", 404, `{}`, "X-OAuth-Scopes", ""),
			finding{"repository", "warning", "acme/shop is not there, or it is private and the token lacks the scope repo (it has: none)", "check the name; to see private repositories give the token the scope repo", tokens}},
		{"another repository than the token's", simulator.Config{}, inputs("repo", "acme/secret", "ref", "main"),
			finding{"repository", "warning", "acme/secret is not there, or it is private and the token is not for it; it is for acme/shop", "check the name; to look at a private repository give github-token a token with contents: read for it", tokens}},
		{"the workflow's own repository is gone", simulator.Config{}, github("/repos/acme/shop", 404, `{}`),
			finding{"repository", "warning", "acme/shop is not there, or it is private and the token is not for it", "check the name; to look at a private repository give github-token a token with contents: read for it", tokens}},
		{"an archived repository", simulator.Config{}, github("/repos/acme/shop", 200, `{"full_name": "acme/shop", "archived": true}`),
			finding{"repository", "failed", "acme/shop is archived, so nobody can push to it", "make it writable again in its settings, or name another repository", "https://github.com/acme/shop"}},
		{"a renamed repository", simulator.Config{}, github("/repos/acme/shop", 200, `{"full_name": "acme/store"}`),
			finding{"repository", "warning", "acme/shop is called acme/store today", "set repo: acme/store", "https://github.com/acme/store"}},
		{"another host", simulator.Config{}, inputs("repo", "https://gitlab.com/acme/shop", "ref", "main"),
			finding{"repository", "not-checked", "https://gitlab.com/acme/shop: https://gitlab.com/acme/shop is not on https://github.com, whose API alone is asked", "see for yourself that it is there", ""}},
		{"a repository that is none", simulator.Config{}, inputs("repo", "shop"),
			finding{"repository", "failed", "the input repo can't be used", `"shop" is not a repository: write owner/name or https://HOST/owner/name`, ""}},
		{"no repository at all", simulator.Config{}, inputs("GITHUB_REPOSITORY", ""),
			finding{"repository", "not-checked", "the input repo is not set", "is empty and the workflow runner names no repository: write owner/name", ""}},
		{"an environment of Cursor's", simulator.Config{}, inputs("environment", "web"),
			finding{"repository", "not-checked", "the environment web brings its own repositories", "look at the environment in Cursor's dashboard", ""}},

		{"no such branch", simulator.Config{}, inputs("ref", "mian"),
			finding{"branch", "failed", "acme/shop has no branch mian", "set ref to a branch of the repository", "https://github.com/acme/shop/branches"}},
		{"a token that may not read", simulator.Config{}, github("/repos/acme/shop/git/ref/heads/main", 403, `{"message": "Resource not accessible by integration"}`, "X-Accepted-GitHub-Permissions", "contents=read"),
			finding{"branch", "not-checked", "the token may not read branches of acme/shop: it lacks contents: read", "for this check, give the job permissions: contents: read; a launch does not need it", permissions}},
		{"a classic token that may not read", simulator.Config{}, github("/repos/acme/shop/git/ref/heads/main", 403, `{"message": "no"}`, "X-OAuth-Scopes", "gist"),
			finding{"branch", "not-checked", "the token may not read branches of acme/shop: it lacks the scope repo", "give the token the scope repo; a launch does not need it", permissions}},
		{"GitHub fails in between", simulator.Config{}, github("/repos/acme/shop/git/ref/heads/main", 500, ``),
			finding{"branch", "not-checked", "read branch main of acme/shop: 500 Internal Server Error", "run this again later", "https://www.githubstatus.com"}},
		{"a branch that is none", simulator.Config{}, inputs("ref", "a..b"),
			finding{"branch", "failed", "the input ref can't be used", `"a..b" is not a branch name that git allows: write for example main or feature/login`, ""}},
		{"started by a tag", simulator.Config{}, inputs("GITHUB_REF", "refs/tags/v1", "GITHUB_REF_TYPE", "tag"),
			finding{"branch", "not-checked", "the input ref is not set", `the workflow was started by the tag "v1", and an agent starts from a branch: set ref to a branch`, ""}},
		{"a pull request", simulator.Config{}, inputs("pull-request", "7"),
			finding{"branch", "not-checked", "https://github.com/acme/shop/pull/7: the branches of the pull request count", "see for yourself that it is open", ""}},

		{"no workspace", simulator.Config{}, inputs("GITHUB_WORKSPACE", ""),
			finding{"workspace", "warning", "open workspace: GITHUB_WORKSPACE is not set", "mount the workspace writable, with room on its disk; only artifacts and files for the prompt need it", place}},
		{"no workspace for artifacts", simulator.Config{}, inputs("GITHUB_WORKSPACE", "/nowhere", "artifacts", "out"),
			finding{"workspace", "failed", "open workspace: GITHUB_WORKSPACE /nowhere can't be opened: no such file or directory", "mount the workspace writable, with room on its disk, or leave artifacts out", place}},
		{"no state and no summary", simulator.Config{}, inputs("GITHUB_STATE", "", "GITHUB_STEP_SUMMARY", ""),
			finding{"file-commands", "warning", "GITHUB_STATE is not set, so the cleanup stage will not see what this step saves for it; GITHUB_STEP_SUMMARY is not set, so the workflow run will show no summary", "check that the runner's files are mounted into the container, and that their disk is neither full nor read-only", files}},

		{"a job that ends first", simulator.Config{}, func(s *workflowStep, _ *hub) {
			s.file(".github/workflows/fix.yml", "jobs: {fix: {timeout-minutes: 30}}")
		}, finding{"job-timeout", "warning", "the job ends after 30 minutes (.github/workflows/fix.yml), before this step, which takes 1h0m30s at most", "set timeout-minutes: 65 or more for the job, or a shorter timeout for this step", timeouts}},
		{"a job just as long as our time", simulator.Config{}, func(s *workflowStep, _ *hub) {
			s.with("timeout", "30m").file(".github/workflows/fix.yml", "jobs: {fix: {timeout-minutes: 30}}")
		}, finding{"job-timeout", "warning", "the job ends after 30 minutes (.github/workflows/fix.yml), before this step, which takes 30m30s at most", "set timeout-minutes: 35 or more for the job, or a shorter timeout for this step", timeouts}},
		{"a job that need not wait", simulator.Config{}, func(s *workflowStep, _ *hub) {
			s.with("wait", "false").file(".github/workflows/fix.yml", "jobs: {fix: {timeout-minutes: 6}}")
		}, finding{"job-timeout", "ok", "the job may take 6 minutes (.github/workflows/fix.yml), and this step takes 5m30s at most", "", ""}},
		{"a job without a time-out and a step of seven hours", simulator.Config{}, func(s *workflowStep, _ *hub) {
			s.with("timeout", "7h").file(".github/workflows/fix.yml", "jobs: {fix: {}}")
		}, finding{"job-timeout", "warning", "the job ends after 360 minutes (.github/workflows/fix.yml), before this step, which takes 7h0m30s at most", "set timeout-minutes: 425 or more for the job, or a shorter timeout for this step", timeouts}},
		{"a time-out that only GitHub knows", simulator.Config{}, func(s *workflowStep, _ *hub) {
			s.file(".github/workflows/fix.yml", "jobs: {fix: {timeout-minutes: '${{ vars.T }}'}}")
		}, finding{"job-timeout", "not-checked", `timeout-minutes of the job fix is the expression "${{ vars.T }}", whose value only GitHub knows`, "see that timeout-minutes of the job is 65 or more", timeouts}},
		{"no checkout, and the file from GitHub", simulator.Config{}, func(s *workflowStep, h *hub) {
			s.with("GITHUB_WORKFLOW_REF", "acme/shop/.github/workflows/other.yml@refs/heads/main")
			h.says("/repos/acme/shop/contents/.github/workflows/other.yml", 200, `{"type": "file", "encoding": "base64", "content": "am9iczoge2ZpeDoge3RpbWVvdXQtbWludXRlczogMTB9fQ=="}`)
		}, finding{"job-timeout", "warning", "the job ends after 10 minutes (.github/workflows/other.yml), before this step, which takes 1h0m30s at most", "set timeout-minutes: 65 or more for the job, or a shorter timeout for this step", timeouts}},
		{"no checkout, and GitHub does not give it", simulator.Config{}, inputs("GITHUB_WORKFLOW_REF", "acme/shop/.github/workflows/other.yml@refs/heads/main"),
			finding{"job-timeout", "not-checked", ".github/workflows/other.yml is not in the workspace, and GitHub did not give it: read .github/workflows/other.yml of acme/shop: 404 Not Found", "see that timeout-minutes of the job is 65 or more", timeouts}},
		{"no checkout, and a wrong address", simulator.Config{}, inputs("GITHUB_API_URL", "nowhere", "GITHUB_WORKFLOW_REF", "acme/shop/.github/workflows/other.yml@refs/heads/main"),
			finding{"job-timeout", "not-checked", ".github/workflows/other.yml is not in the workspace, and GitHub did not give it: GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com", "see that timeout-minutes of the job is 65 or more", timeouts}},
		{"another repository's workflow, and no token", simulator.Config{}, inputs("github-token", "", "GITHUB_WORKFLOW_REF", "acme/other/.github/workflows/fix.yml@refs/heads/main"),
			finding{"job-timeout", "not-checked", ".github/workflows/fix.yml is not in the workspace, and there is no token to read it from GitHub", "see that timeout-minutes of the job is 65 or more", timeouts}},
		{"a runner that names no file", simulator.Config{}, inputs("GITHUB_WORKFLOW_REF", ""),
			finding{"job-timeout", "not-checked", "the runner does not say which workflow file this job is from", "see that timeout-minutes of the job is 65 or more", timeouts}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, h := doctorStep(t, test.config)
			if test.prepare != nil {
				test.prepare(s, h)
			}
			status := s.run(t.Context())
			expectFinding(t, s, status, test.want)
			if s.creates() != 0 {
				t.Error("an agent was asked for")
			}
			for _, written := range []string{s.logged(), s.read("GITHUB_OUTPUT")} {
				if strings.Contains(written, s.env["INPUT_API-KEY"]) && len(s.env["INPUT_API-KEY"]) > 8 || strings.Contains(written, githubToken) {
					t.Errorf("a secret was written:\n%s", written)
				}
			}
		})
	}
}
