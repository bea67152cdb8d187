package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

func TestVersion0AnswersAboutTheAccount(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Repositories: []string{"https://github.com/acme/widgets", "https://gitlab.example.com/a/b/c"}})
	for path, want := range map[string]string{
		"/v0/me":     `{"apiKeyName":"Key of the embedded Cursor API","createdAt":"2026-01-02T03:04:05.000Z","userEmail":"developer@example.com"}`,
		"/v0/models": `{"models":["composer-2.5","auto-smart","claude-4.6-sonnet-thinking"]}`,
		"/v0/repositories": `{"repositories":[{"owner":"acme","name":"widgets","repository":"https://github.com/acme/widgets"},` +
			`{"owner":"a/b","name":"c","repository":"https://gitlab.example.com/a/b/c"}]}`,
	} {
		diff(t, path, want, c.want(http.StatusOK, "GET", path, "").Body)
	}
}

func TestAnEmptyAccountHasEmptyLists(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Repositories: []string{}, Models: []simulator.Model{}})
	diff(t, "models", `{"models":[]}`, c.want(http.StatusOK, "GET", "/v0/models", "").Body)
	diff(t, "repositories", `{"repositories":[]}`, c.want(http.StatusOK, "GET", "/v0/repositories", "").Body)
	diff(t, "agents", `{"agents":[]}`, c.want(http.StatusOK, "GET", "/v0/agents", "").Body)
}

func TestBothVersionsShareTheLimitOfRepositories(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{RateLimit: 1000}, func(t *testing.T, c *client) {
		for i := range 29 { // and one that was refused
			path := fmt.Sprintf("/v%d/repositories", i%2)
			other := fmt.Sprintf("/v%d/repositories", (i+1)%2)
			c.want(http.StatusOK, "GET", path, "")
			time.Sleep(59 * time.Second)
			if i == 0 {
				got := c.want(http.StatusTooManyRequests, "GET", other, "")
				diff(t, "wait", "1", got.Header.Get("Retry-After"))
			}
			time.Sleep(time.Second)
		}
		got := c.want(http.StatusTooManyRequests, "GET", "/v0/repositories", "")
		diff(t, "answer", `{"error":{"code":"rate_limit_exceeded","message":"Rate limit exceeded: 30 requests per hour"}}`, got.Body)
	})
}

func TestArtifactsOfVersion0HaveTheirOwnLimit(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{RateLimit: 5}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		for _, path := range []string{path + "/artifacts", path + "/artifacts/download?path=%2Fopt%2Fcursor%2Fartifacts%2Fx"} {
			got := c.do("GET", path, "")
			diff(t, path, []string{"300", "299"}, []string{got.Header.Get("X-RateLimit-Limit"), got.Header.Get("X-RateLimit-Remaining")})
		}
		for range 5 {
			c.want(http.StatusOK, "GET", path, "")
		}
		c.want(http.StatusTooManyRequests, "GET", path, "")
	})
}

func TestArtifactsOfVersion0HaveAbsolutePaths(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Artifacts = append(scenario.Artifacts, simulator.Artifact{Path: "/etc/passwd", Size: 3})
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		diff(t, "before", `{"artifacts":[]}`, c.want(http.StatusOK, "GET", path+"/artifacts", "").Body)
		time.Sleep(2 * time.Second)
		diff(t, "after", `{"artifacts":[{"absolutePath":"/opt/cursor/artifacts/log.txt","sizeBytes":6,"updatedAt":"2000-01-01T00:00:01.000Z"},`+
			`{"absolutePath":"/etc/passwd","sizeBytes":3,"updatedAt":"2000-01-01T00:00:01.000Z"}]}`, c.want(http.StatusOK, "GET", path+"/artifacts", "").Body)
		for name, content := range map[string]string{"/opt/cursor/artifacts/log.txt": "hello\n", "/etc/passwd": "012"} {
			got := decode[map[string]string](t, c.want(http.StatusOK, "GET", path+"/artifacts/download?path="+url.QueryEscape(name), "").Body)
			diff(t, name, []string{content, "2000-01-01T00:15:02.000Z"}, []string{c.fetch(got["url"]).Body, got["expiresAt"]})
		}
		for query, want := range map[string]string{
			"":                              `400 {"error":{"code":"validation_error","message":"path is required"}}`,
			"?path=artifacts/log.txt":       `400 {"error":{"code":"validation_error","message":"path must be an absolute path of the list of artifacts"}}`,
			"?path=/opt/cursor/../x":        `400 {"error":{"code":"validation_error","message":"path must be an absolute path of the list of artifacts"}}`,
			"?path=/opt/cursor/artifacts/x": `404 {"error":{"code":"artifact_not_found","message":"Artifact not found: /opt/cursor/artifacts/x"}}`,
		} {
			got := c.do("GET", path+"/artifacts/download"+query, "")
			diff(t, query, want, fmt.Sprint(got.Status, " ", got.Body))
		}
		time.Sleep(190 * 24 * time.Hour)
		old := `{"error":{"code":"validation_error","message":"Artifacts are kept for 6 months after the agent's creation"}}`
		diff(t, "old", old, c.want(http.StatusBadRequest, "GET", path+"/artifacts", "").Body)
		diff(t, "old file", old, c.want(http.StatusBadRequest, "GET", path+"/artifacts/download?path=/etc/passwd", "").Body)
	})
}

func TestAnAccountWithoutPlanMayLookAtItsKeyAlone(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Account.NoPlan = true
	c := start(t, simulator.Config{Scenario: scenario})
	refusal := `{"error":{"code":"plan_required","message":"Cloud Agent is not available for free users. Please upgrade to Pro."}}`
	for _, path := range []string{"/v0/models", "/v1/models", "/v0/agents", "/v1/agents", "/v0/agents/" + agentID} {
		diff(t, path, refusal, c.want(http.StatusForbidden, "GET", path, "").Body)
	}
	diff(t, "launch", refusal, c.want(http.StatusForbidden, "POST", "/v0/agents", bodyV0).Body)
	diff(t, "create", refusal, c.want(http.StatusForbidden, "POST", "/v1/agents", body).Body)
	c.want(http.StatusOK, "GET", "/v0/me", "")
	c.want(http.StatusOK, "GET", "/v1/me", "")
}

func TestEnvironmentVariablesMayBeIgnoredWithoutAWord(t *testing.T) {
	t.Parallel()
	for off, want := range map[bool]map[string]string{true: nil, false: {"A": "b"}} {
		scenario := short()
		scenario.Account.NoEnvVars = off
		c := start(t, simulator.Config{Scenario: scenario})
		c.want(http.StatusCreated, "POST", "/v1/agents", with(`"envVars":{"A":"b"}`))
		diff(t, fmt.Sprint("switched off: ", off), want, c.server.Agents()[0].Request.EnvVars)
	}
}

func TestMetadataMayBeSwitchedOn(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Account.Metadata = true
	c := start(t, simulator.Config{Scenario: scenario})
	c.want(http.StatusCreated, "POST", "/v1/agents", with(`"metadata":{"team":"a"}`))
	diff(t, "metadata", map[string]string{"team": "a"}, c.server.Agents()[0].Request.Metadata)
	diff(t, "another type", `{"error":{"code":"validation_error","message":"metadata.team must be a string"}}`,
		c.want(http.StatusBadRequest, "POST", "/v1/agents", with(`"metadata":{"team":1}`)).Body)
}
