package doctor_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

func TestWhatGitHubCannotTellIsNotClaimed(t *testing.T) {
	t.Parallel()
	nowhere := func(c *doctor.Config, _ world) {
		c.Repository, c.Ref = forge.Repository{}, ""
		c.Place, c.PlaceOfRef = doctor.Missing{Found: "nobody named one", Fix: "name one"}, doctor.Missing{}
	}
	const shop, main = "/repos/acme/shop", "/repos/acme/shop/git/ref/heads/main"
	for _, test := range []struct {
		name    string
		prepare prepare
		want    string
	}{
		{"no repository: token", nowhere, "github-token not-checked: there is nothing to ask GitHub for"},
		{"no repository", nowhere, "repository not-checked: nobody named one | name one"},
		{"no repository: branch", nowhere, "branch not-checked: there is no repository to look in"},
		{"no repository: app", nowhere, "github-app not-checked: there is no repository to look for | name one"},
		{"a wrong one", func(c *doctor.Config, w world) { nowhere(c, w); c.Place.Wrong = true }, "repository failed: nobody named one | name one"},
		{"no branch", func(c *doctor.Config, _ world) {
			c.PlaceOfRef = doctor.Missing{Found: "nobody named one", Fix: "name one"}
		}, "branch not-checked: nobody named one | name one"},
		{"no token and no branch", func(c *doctor.Config, _ world) {
			c.Token, c.PlaceOfRef = secret.Text{}, doctor.Missing{Found: "nobody named one", Fix: "name one"}
		}, "branch not-checked: nobody named one | name one"},
		{"no token", func(c *doctor.Config, _ world) { c.Token = secret.Text{} }, "github-token not-checked: there is none | put a token with contents: read into GITHUB_TOKEN, for instance what gh auth token prints"},
		{"another server", func(c *doctor.Config, _ world) { c.GitHubServer = "https://git.acme.example/" }, "repository not-checked: https://github.com/acme/shop: https://github.com/acme/shop is not on https://git.acme.example/, whose API alone is asked | see for yourself that it is there"},
		{"an address that is none", func(c *doctor.Config, _ world) { c.GitHubAPI = "x" }, "github-token warning: GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com | correct or unset GITHUB_API_URL"},
		{"an address that all can listen to", func(c *doctor.Config, _ world) { c.GitHubAPI = "http://github.acme.example" }, "github-token warning: GITHUB_API_URL is http, which would show the token to the network: use https (http is for loopback hosts only) | correct or unset GITHUB_API_URL"},
		{"a token of two lines", func(c *doctor.Config, _ world) { c.Token = secret.New("gho_0123\n4567") }, "github-token warning: the token holds a space, a line break or another character that no token has | copy the token again, as one line"},
		{"nobody at the address", func(c *doctor.Config, _ world) { c.GitHubAPI = "http://127.0.0.1:1" }, "github-token warning: read repository acme/shop: dial tcp 127.0.0.1:1: connect: connection refused | let this machine reach GitHub's API, or correct GITHUB_API_URL"},
		{"no patience", func(c *doctor.Config, _ world) { c.Patience = time.Nanosecond }, "github-token warning: GitHub did not answer within 1ns | run this again later"},
		{"bad token", github(shop, 401, `{"message": "Bad credentials"}`), "github-token warning: GitHub does not accept the token: read repository acme/shop: 401 Bad credentials | put a token that is valid into GITHUB_TOKEN"},
		{"no permission", github(shop, 403, ``, "X-Accepted-GitHub-Permissions: metadata=read; contents=read"), "github-token warning: the token may not do that: read repository acme/shop: 403 Forbidden | give the token the permission metadata: read"},
		{"several permissions at once", github(shop, 403, ``, "X-Accepted-GitHub-Permissions: contents=read,workflows=write"), "github-token warning: the token may not do that: read repository acme/shop: 403 Forbidden | give the token the permission contents: read"},
		{"single sign-on", github(shop, 403, ``, "X-GitHub-SSO: required; url=https://x"), "github-token warning: the organisation wants single sign-on for the token: read repository acme/shop: 403 Forbidden | authorise the token for the organisation"},
		{"limit", github(shop, 429, ``), "github-token warning: the token has asked GitHub too much for now | run this again within the hour"},
		{"trouble", github(shop, 500, ``), "github-token warning: read repository acme/shop: 500 Internal Server Error | run this again later"},
		{"trouble: repository", github(shop, 500, ``), "repository not-checked: https://github.com/acme/shop: GitHub did not tell"},
		{"gone", github(shop, 404, ``, "X-OAuth-Scopes: repo"), "repository failed: acme/shop is not there, or the token's owner may not see it | correct --repo, or use the token of somebody who may read the repository"},
		{"gone, or unseen without scope", github(shop, 404, ``, "X-OAuth-Scopes: gist"), "repository warning: acme/shop is not there, or it is private and the token lacks the scope repo (it has: gist) | check the name; to see private repositories give the token the scope repo"},
		{"gone, or unseen", github(shop, 404, ``), "repository warning: acme/shop is not there, or it is private and the token is not for it | check the name; to look at a private repository give GITHUB_TOKEN a token with contents: read for it"},
		{"gone, and the workflow's own is too", func(c *doctor.Config, w world) {
			inStep(map[string]string{"GITHUB_REPOSITORY": "acme/other"})(c, w)
			w.says(shop, 404, ``)
		}, "repository warning: acme/shop is not there, or it is private and the token is not for it | …"},
		{"gone, and the workflow's own is there", func(c *doctor.Config, w world) {
			inStep(map[string]string{"GITHUB_REPOSITORY": "acme/other"})(c, w)
			w.says(shop, 404, ``)
			w.says("/repos/acme/other", 200, `{"full_name": "acme/other"}`)
		}, "repository warning: acme/shop is not there, or it is private and the token is not for it; it is for acme/other | …"},
		{"gone, and it is the workflow's own", func(c *doctor.Config, w world) {
			inStep(map[string]string{"GITHUB_REPOSITORY": "acme/shop"})(c, w)
			w.says(shop, 404, ``)
		}, "repository warning: acme/shop is not there, or it is private and the token is not for it | …"},
		{"private", github(shop, 200, `{"full_name": "acme/shop", "private": true}`), "repository ok: acme/shop is there, and private"},
		{"archived", github(shop, 200, `{"full_name": "acme/shop", "archived": true}`), "repository failed: acme/shop is archived, so nobody can push to it | make it writable again in its settings, or name another repository"},
		{"something else answers", github(shop, 200, `{}`), "github-token warning: read repository acme/shop: 200 the answer is not what GitHub documents: it names no repository | correct or unset GITHUB_API_URL: what answers there is not GitHub's API"},
		{"renamed", github(shop, 200, `{"full_name": "acme/store"}`), "repository warning: acme/shop is called acme/store today | set --repo acme/store"},
		{"no such branch", github(main, 404, ``), "branch failed: acme/shop has no branch main | set --ref to a branch of the repository"},
		{"a branch that can't be read", github(main, 403, ``, "X-Accepted-GitHub-Permissions: contents=read"), "branch not-checked: the token may not read branches of acme/shop: it lacks contents: read | give the token the permission contents: read; a launch does not need it"},
		{"a branch that a classic token can't read", github(main, 403, ``, "X-OAuth-Scopes: "), "branch not-checked: the token may not read branches of acme/shop: it lacks the scope repo | give the token the scope repo; a launch does not need it"},
		{"a branch when GitHub is in trouble", github(main, 503, ``), "branch not-checked: read branch main of acme/shop: 503 Service Unavailable | run this again later"},

		{"app: nobody asked", func(c *doctor.Config, _ world) { c.AskCoverage = false }, "github-app not-checked: whether Cursor may use the repository was not asked: Cursor tells it once a minute, and slowly | give --check-repositories, or look at Cursor's integrations"},
		{"app: no key", func(c *doctor.Config, _ world) { c.Key = secret.Text{} }, "github-app not-checked: nothing is asked of Cursor without a key of Cursor's"},
		{"app: another host", func(c *doctor.Config, _ world) { c.Repository.Server = "https://gitlab.com" }, "github-app not-checked: Cursor lists repositories on GitHub only, and https://gitlab.com/acme/shop is not there | look for it at Cursor's integrations"},
		{"app: a bad address", func(c *doctor.Config, _ world) { c.APIURL = "http://api.example" }, "github-app not-checked: Cursor was not asked"},
		{"app: not connected", github("/v1/repositories", 403, `{"error": {"code": "integration_not_connected"}}`), "github-app failed: GitHub is not connected to the account of the key | connect GitHub to Cursor, with that account"},
		{"app: too soon", github("/v1/repositories", 429, `{}`, "Retry-After: 55"), "github-app not-checked: Cursor hands out its list of repositories once a minute, and did so just now | run this again in a minute"},
		{"app: too soon, in another shape", github("/v1/repositories", 429, `{"code": "resource_exhausted", "message": "slow down"}`), "github-app not-checked: Cursor hands out its list of repositories once a minute, and did so just now | run this again in a minute"},
		{"app: trouble", github("/v1/repositories", 400, `{}`), "github-app not-checked: the list of repositories did not come: list repositories: GET /v1/repositories: 400 Bad Request | correct what else is wrong, and run this again"},
		{"app: trouble that may pass", github("/v1/repositories", 503, `{}`), "github-app not-checked: the list of repositories did not come: list repositories: GET /v1/repositories: 503 Service Unavailable | correct what else is wrong, and run this again"},
		{"app: nothing", github("/v1/repositories", 200, `{"items": []}`), "github-app failed: Cursor's GitHub App covers no repository at all, so GitHub is not connected to the account of the key | connect GitHub to Cursor with that account, and install Cursor's GitHub App for acme/shop"},
		{"app: others", github("/v1/repositories", 200, `{"items": [{"url": "acme"}, {"url": "github.com/acme/web"}]}`), "github-app failed: Cursor's GitHub App does not cover acme/shop; it covers 2 others | add the repository to Cursor's GitHub App, or use the key of an account that has it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, test.prepare, test.want)
		})
	}
}

func TestTheRunnerIsLookedAtInAStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "checkout/.github/workflows"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"output": "", "state": "", "summary": "", "checkout/.github/workflows/fix.yml": "jobs: {fix: {timeout-minutes: 61}, short: {timeout-minutes: 60}}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// step is a visit with these variables beside those of a good runner.
	step := func(pairs ...string) prepare {
		env := map[string]string{
			"GITHUB_OUTPUT": dir + "/output", "GITHUB_STATE": dir + "/state", "GITHUB_STEP_SUMMARY": dir + "/summary",
			"GITHUB_WORKSPACE": dir + "/checkout", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_JOB": "fix",
			"GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/fix.yml@refs/heads/main",
		}
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return inStep(env)
	}
	for _, test := range []struct {
		name    string
		prepare prepare
		want    string
	}{
		{"a workspace", step(), "workspace ok: files can be written to it"},
		{"no workspace", step("GITHUB_WORKSPACE", ""), "workspace warning: open workspace: GITHUB_WORKSPACE is not set | …"},
		{"no workspace where it is needed", func(c *doctor.Config, w world) { step("GITHUB_WORKSPACE", "")(c, w); c.Step.Writes = true }, "workspace failed: open workspace: GITHUB_WORKSPACE is not set | …"},
		{"files", step(), "file-commands ok: outputs, state and summary can be written"},
		{"no summary", step("GITHUB_STEP_SUMMARY", ""), "file-commands warning: GITHUB_STEP_SUMMARY is not set, so the workflow run will show no summary | …"},
		{"no outputs", step("GITHUB_OUTPUT", ""), "file-commands failed: GITHUB_OUTPUT is not set, so later steps would not see any output | …"},
		{"a job that is long enough", step(), "job-timeout ok: the job may take 61 minutes (.github/workflows/fix.yml), and this step takes 1h0m30s at most"},
		{"a job that is too short by the time of a cancel", step("GITHUB_JOB", "short"), "job-timeout warning: the job ends after 60 minutes (.github/workflows/fix.yml), before this step, which takes 1h0m30s at most | set timeout-minutes: 65 or more for the job, or a shorter timeout for this step"},
		{"a job that nobody knows", step("GITHUB_JOB", ""), "job-timeout not-checked: the runner does not say which workflow file this job is from | see that timeout-minutes of the job is 65 or more"},
		{"a reusable workflow's job", step("GITHUB_JOB", "other"), "job-timeout not-checked: the workflow file has no job other, so it is a job of a workflow that this one calls | see that timeout-minutes of the job is 65 or more"},
		{"a file of GitHub's", func(c *doctor.Config, w world) {
			step("GITHUB_WORKSPACE", "")(c, w)
			w.says("/repos/acme/shop/contents/.github/workflows/fix.yml", 200, `{"type": "file", "content": "jobs: {fix: {}}"}`)
		}, "job-timeout ok: the job may take 360 minutes (.github/workflows/fix.yml), and this step takes 1h0m30s at most"},
		{"a file that is nowhere", step("GITHUB_WORKSPACE", ""), "job-timeout not-checked: .github/workflows/fix.yml is not in the workspace, and GitHub did not give it: read .github/workflows/fix.yml of acme/shop: 404 Not Found | see that timeout-minutes of the job is 65 or more"},
		{"a file that nobody may read", func(c *doctor.Config, w world) { step("GITHUB_WORKSPACE", "")(c, w); c.Token = secret.Text{} }, "job-timeout not-checked: .github/workflows/fix.yml is not in the workspace, and there is no token to read it from GitHub | see that timeout-minutes of the job is 65 or more"},
		{"an address that is none", func(c *doctor.Config, w world) { step("GITHUB_WORKSPACE", "")(c, w); c.GitHubAPI = "x" }, "job-timeout not-checked: .github/workflows/fix.yml is not in the workspace, and GitHub did not give it: GITHUB_API_URL is not the address of GitHub's API: it should look like https://api.github.com | see that timeout-minutes of the job is 65 or more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, test.prepare, test.want)
		})
	}
}
