package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// withV0 is a launch with more fields.
func withV0(fields string) string {
	return `{"prompt":{"text":"x"},"source":{"repository":"https://github.com/acme/widgets"},` + fields + `}`
}

func refusalsV0() []refusal {
	const atAgent = "/v0/agents/bc-99999999-0000-0000-0000-000000000000"
	source := func(fields string) string { return `{"prompt":{"text":"x"},"source":{` + fields + `}}` }
	target := func(fields string) string { return withV0(`"target":{` + fields + `}`) }
	hook := func(fields string) string { return withV0(`"webhook":{` + fields + `}`) }
	promptV0 := func(text string) string {
		return `{"source":{"repository":"https://github.com/acme/widgets"},"prompt":` + text + `}`
	}
	image := func(fields string) string { return promptV0(`{"text":"x","images":[{` + fields + `}]}`) }
	branch := func(name, message string) refusal {
		return refusal{name: "branch " + name, body: target(`"branchName":"` + name + `"`), code: "invalid_branch_name", message: "Invalid branch name: " + message, silent: true}
	}
	const url = `"url":"https://example.com/hook"`
	return []refusal{
		{name: "no body", code: "missing_body", message: "Request body is required"},
		{name: "wrong content type", body: withV0(`"model":"default"`), headers: []string{"Content-Type: text/plain"}, status: 415, code: "error", message: "Unsupported Media Type: text/plain"},
		{name: "no JSON", body: "{", message: "Request body is not valid JSON"},
		{name: "no key", body: withV0(`"model":"default"`), headers: []string{"Authorization: "}, status: 401, code: "error", message: "Invalid User API Key", silent: true},
		{name: "agent id", body: withV0(`"agentId":"` + agentID + `"`), message: "agentId is not a field of this request", silent: true},
		{name: "name", body: withV0(`"name":"x"`), message: "name is not a field of this request", silent: true},

		{name: "no prompt", body: source(`"repository":"https://github.com/acme/widgets"`)[len(`{"prompt":{"text":"x"},`):], message: "Request body is not valid JSON"},
		{name: "empty prompt", body: promptV0(`{"text":""}`), message: "prompt.text must not be empty"},
		{name: "six images", body: promptV0(`{"text":"x","images":` + many(6, `{"data":"eA=="}`) + `}`), message: "prompt.images must have at most 5 items"},
		{name: "image of nothing", body: image(``), message: atImage + ".data is required"},
		{name: "image with a type", body: image(`"data":"eA==","mimeType":"image/png"`), message: atImage + ".mimeType is not a field of this request", silent: true},
		{name: "image with an address", body: image(`"url":"https://example.com/a.png"`), message: atImage + ".url is not a field of this request"},
		{name: "image that is no base64", body: image(`"data":"%%"`), message: atImage + ".data is not valid base64", silent: true},
		{name: "image without width", body: image(`"data":"eA==","dimension":{"height":1}`), message: atImage + ".dimension.width is required"},
		{name: "image without height", body: image(`"data":"eA==","dimension":{"width":1,"height":0}`), message: atImage + ".dimension.height must be a whole number of at least 1"},

		{name: "model as an object", body: withV0(`"model":{"id":"composer"}`), message: "model must be a string"},
		{name: "empty model", body: withV0(`"model":""`), message: "model must not be empty"},
		{name: "unknown model", body: withV0(`"model":"nope"`), code: "invalid_model", message: "Model 'nope' is not available. Use GET /v0/models to list the available models.", silent: true},

		{name: "no source", body: `{"prompt":{"text":"x"}}`, message: "source is required"},
		{name: "empty source", body: source(``), message: "source.repository is required", silent: true},
		{name: "list of repositories", body: withV0(`"repos":[]`), message: "repos is not a field of this request", silent: true},
		{name: "repository without owner", body: source(`"repository":"https://github.com/widgets"`), message: "source.repository must be the URL of a repository, such as https://github.com/your-org/your-repo", silent: true},
		{name: "full ref", body: source(`"repository":"https://github.com/acme/widgets","ref":"refs/heads/main"`), message: "Failed to verify existence of branch 'refs/heads/main' in repository acme/widgets. Please ensure the branch name is correct.", silent: true},
		{name: "empty ref", body: source(`"repository":"https://github.com/acme/widgets","ref":""`), message: "source.ref must not be empty"},
		{name: "pull request and repository", body: source(`"repository":"https://github.com/acme/widgets","prUrl":"` + pullV0 + `"`), message: "source.prUrl cannot be combined with repository and ref", silent: true},
		{name: "pull request and ref", body: source(`"ref":"main","prUrl":"` + pullV0 + `"`), message: "source.prUrl cannot be combined with repository and ref", silent: true},
		{name: "pull request that is none", body: source(`"prUrl":"https://github.com/acme/widgets"`), code: "pr_resolution_failed", message: "Could not resolve the pull request https://github.com/acme/widgets", silent: true},
		{name: "pull request that is no URL", body: source(`"prUrl":"41"`), message: "source.prUrl must be a URL", silent: true},

		{name: "flag as text", body: target(`"autoCreatePr":"true"`), message: "target.autoCreatePr must be true or false"},
		{name: "flag in the spelling of v1", body: target(`"autoCreatePR":true`), message: "target.autoCreatePR is not a field of this request", silent: true},
		{name: "empty branch", body: target(`"branchName":""`), message: "target.branchName must not be empty"},
		branch("a b", "a b"), branch("a..b", "a..b"), branch("-a", "-a"), branch("/a", "/a"), branch("a/", "a/"), branch("a//b", "a//b"),
		branch("a.lock", "a.lock"), branch("a/.b", "a/.b"), branch("a.lock/b", "a.lock/b"), branch("a.", "a."), branch("a@{b", "a@{b"), branch("@", "@"),
		branch("HEAD", "HEAD"), branch("refs/heads/a", "refs/heads/a"), branch(`a\tb`, "a\tb"), branch("a~1", "a~1"), branch("a?", "a?"),

		{name: "webhook without address", body: hook(``), message: "webhook.url is required"},
		{name: "long address", body: hook(`"url":"https://example.com/` + strings.Repeat("x", 2048) + `"`), message: "webhook.url must have at most 2048 characters"},
		{name: "address that is none", body: hook(`"url":"ftp://example.com"`), message: "webhook.url must be an http or https URL without user name", silent: true},
		{name: "short secret", body: hook(url + `,"secret":"` + strings.Repeat("x", 31) + `"`), message: "webhook.secret must have at least 32 characters"},
		{name: "long secret", body: hook(url + `,"secret":"` + strings.Repeat("x", 257) + `"`), message: "webhook.secret must have at most 256 characters"},
		{name: "secret of another type", body: hook(url + `,"secret":1`), message: "webhook.secret must be a string"},

		{name: "page of none", method: "GET", path: "/v0/agents?limit=0", message: "limit must be a whole number from 1 to 100"},
		{name: "unknown cursor", method: "GET", path: "/v0/agents?cursor=x", message: "cursor is not one of this list", silent: true},
		{name: "filter that is no URL", method: "GET", path: "/v0/agents?prUrl=x", message: "prUrl must be a URL", silent: true},
		{name: "malformed id", method: "GET", path: "/v0/agents/bc_abc123", message: badID, silent: true},
		{name: "unknown agent", method: "GET", path: atAgent, status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "conversation of an unknown agent", method: "GET", path: atAgent + "/conversation", status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "stop of an unknown agent", path: atAgent + "/stop", status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "stop with broken JSON", path: atAgent + "/stop", body: "[]", message: "Request body must be a JSON object", silent: true},
		{name: "follow-up to an unknown agent", path: atAgent + "/followup", body: more, status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "follow-up with a mode", path: atAgent + "/followup", body: `{"prompt":{"text":"x"},"mode":"plan"}`, message: "mode is not a field of this request", silent: true},
		{name: "follow-up with broken JSON", path: atAgent + "/followup", body: "{", message: "Request body is not valid JSON"},
		{name: "part that is not embedded", method: "GET", path: "/v0/private-workers/summary", status: 501, code: "not_implemented", message: "the embedded Cursor API has no /v0/private-workers; use the real one for it"},
	}
}

func TestABadRequestOfVersion0IsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	refused(t, simulator.Config{}, "/v0/agents", refusalsV0())
}

func TestWhatIsGoneOrArchivedIsAConflictInVersion0(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	archived, id := c.launchV0(bodyV0)
	c.want(http.StatusOK, "POST", "/v1/agents/"+id+"/archive", "")
	deleted, _ := c.launchV0(bodyV0)
	c.want(http.StatusOK, "DELETE", deleted, "")
	for _, request := range [][3]string{{"GET", "/conversation", ""}, {"POST", "/followup", more}, {"POST", "/stop", ""}, {"DELETE", "", ""}} {
		diff(t, "archived: "+request[1], `{"error":{"code":"agent_archived","message":"Agent is archived"}}`,
			c.want(http.StatusConflict, request[0], archived+request[1], request[2]).Body)
		diff(t, "deleted: "+request[1], `{"error":{"code":"agent_deleted","message":"Agent is deleted"}}`,
			c.want(http.StatusConflict, request[0], deleted+request[1], request[2]).Body)
	}
	c.want(http.StatusOK, "GET", archived, "")
	c.want(http.StatusOK, "GET", archived+"/artifacts", "")
	c.want(http.StatusNotFound, "GET", deleted, "")
	c.want(http.StatusNotFound, "GET", deleted+"/artifacts", "")
}

func TestNewerServersGiveErrorsOfVersion0AsText(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{Newer: true, RateLimit: 1})
	c.http.Transport = c.server.Transport() // the specification has an object there
	path, _ := c.launchV0(bodyV0)
	for _, test := range []struct {
		method, path, body, header string
		want                       string
	}{
		{"GET", "/v0/agents/bc_abc123", "", "Accept: */*", `400 {"error":"` + badID + `"}`},
		{"GET", "/v0/models", "", "Authorization: ", `401 {"error":"Invalid User API Key"}`},
		{"POST", path + "/followup", `{}`, "Accept: */*", `400 {"error":"prompt is required"}`},
		{"GET", "/v0/agents/bc_abc123", "", "Accept: */*", `429 {"error":"Rate limit exceeded: 1 requests per minute"}`},
		{"GET", "/v1/agents/bc_abc123", "", "Accept: */*", `400 {"error":{"code":"validation_error","message":"` + badID + `"}}`},
	} {
		got := c.do(test.method, test.path, test.body, test.header)
		diff(t, test.method+" "+test.path, test.want, fmt.Sprint(got.Status, " ", got.Body))
	}
}

func TestFaultsNameTheOperationsOfVersion0(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Duration = time.Minute
	scenario.Faults = []simulator.Fault{
		{Operation: "createAgentV0", When: simulator.When{At: []int{1}}, Answer: &simulator.Answer{Status: 500, Shape: "text", Message: "No {repo} for {agent}"}},
		{Operation: "getAgentV0", When: simulator.When{At: []int{1}}, Says: "PENDING"},
		{Operation: "getAgentV0", When: simulator.When{At: []int{2}}, Stale: 1},
	}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		c.http.Transport = c.server.Transport()
		c.want(http.StatusCreated, "POST", "/v1/agents", body) // is not meant
		diff(t, "answer", `{"error":"No acme/widgets for bc-00000000-0000-0000-0000-000000000000"}`,
			c.want(http.StatusInternalServerError, "POST", "/v0/agents", bodyV0).Body)
		path, _ := c.launchV0(bodyV0)
		time.Sleep(time.Second)
		for _, want := range []string{"PENDING", "CREATING", "RUNNING"} {
			diff(t, "status", want, c.agentV0(path).Status)
		}
		var faults []string
		for _, request := range c.server.Requests() {
			faults = append(faults, request.Fault)
		}
		diff(t, "faults", []string{"", "answer 500 (text)", "", "says PENDING", "stale", ""}, faults)
	})
}
