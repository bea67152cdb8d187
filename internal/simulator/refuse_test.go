package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// refusal is a bad request and the whole answer to it.
type refusal struct {
	name    string
	method  string // "" means POST
	path    string // "" means /v1/agents
	body    string
	headers []string
	status  int    // 0 means 400
	code    string // "" means validation_error, "flat" the shape of the layer before the API
	message string

	// silent marks what the specification says in words at most, so that a
	// validator of its schemas takes the request.
	silent bool
}

// with is a create request with more fields.
func with(fields string) string {
	return `{"prompt":{"text":"x"},"repos":[{"url":"https://github.com/acme/widgets"}],` + fields + `}`
}

// prompt is a create request whose prompt is that.
func prompt(text string) string {
	return `{"repos":[{"url":"https://github.com/acme/widgets"}],"prompt":` + text + `}`
}

// many is a JSON array of n times an item; %d in it becomes its number.
func many(n int, item string) string {
	var items []string
	for i := range n {
		items = append(items, strings.ReplaceAll(item, "%d", fmt.Sprint(i)))
	}
	return "[" + strings.Join(items, ",") + "]"
}

const (
	noAgent  = "/v1/agents/bc-99999999-0000-0000-0000-000000000000"
	badID    = "Agent ID must be in the format bc-<uuid>, such as bc-00000000-0000-0000-0000-000000000001"
	notFound = "Agent not found: bc-99999999-0000-0000-0000-000000000000"
	atImage  = "prompt.images[0]"
	atServer = "mcpServers[0]"
	atHelper = "customSubagents[0]"
)

func refusals() []refusal {
	long := strings.Repeat("x", 9000)
	image := func(fields string) string { return prompt(`{"text":"x","images":[{` + fields + `}]}`) }
	server := func(fields string) string { return with(`"mcpServers":[{` + fields + `}]`) }
	helper := func(fields string) string { return with(`"customSubagents":[{` + fields + `}]`) }
	place := func(fields string) string { return `{"prompt":{"text":"x"},` + fields + `}` }
	return []refusal{
		// The body itself.
		{name: "no body", body: "", code: "missing_body", message: "Request body is required"},
		{name: "no body, with content type", headers: []string{"Content-Type: application/json"}, code: "missing_body", message: "Request body is required"},
		{name: "wrong content type", body: with(`"mode":"agent"`), headers: []string{"Content-Type: text/plain"}, status: 415, code: "flat", message: "Unsupported Media Type: text/plain"},
		{name: "form content type", body: "a=b", headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415, code: "flat", message: "Unsupported Media Type: application/x-www-form-urlencoded"},
		{name: "no content type", body: with(`"mode":"agent"`), headers: []string{"Content-Type: "}, status: 415, code: "flat", message: "Unsupported Media Type: "},
		{name: "no JSON", body: "{", message: "Request body is not valid JSON"},
		{name: "text after the JSON", body: with(`"mode":"agent"`) + "}", message: "Request body is not valid JSON", silent: true},
		{name: "nested without end", body: strings.Repeat("[", 10000), message: "Request body is not valid JSON"},
		{name: "nested too deeply", body: with(`"mode":` + strings.Repeat("[", 100) + strings.Repeat("]", 100)), message: "Request body is not valid JSON"},
		{name: "array", body: "[]", message: "Request body must be a JSON object"},
		{name: "null", body: "null", message: "Request body must be a JSON object"},
		{name: "key twice", body: `{"prompt":{"text":"x"},"prompt":{"text":"y"}}`, code: "duplicate_json_key", message: "Request body has the key prompt twice", silent: true},
		{name: "nested key twice", body: `{"prompt":{"text":"x","text":"y"}}`, code: "duplicate_json_key", message: "Request body has the key text twice", silent: true},
		{name: "unknown field", body: with(`"branch":"x"`), message: "branch is not a field of this request", silent: true},
		{name: "field of an older API", body: with(`"branchName":"x"`), message: "branchName is not a field of this request", silent: true},
		{name: "field in the spelling of v0", body: with(`"autoCreatePr":true`), message: "autoCreatePr is not a field of this request", silent: true},
		{name: "field of the SDK", body: with(`"openAsCursorGithubApp":true`), message: "openAsCursorGithubApp is not a field of this request", silent: true},
		{name: "metadata", body: with(`"metadata":{}`), status: 403, code: "feature_unavailable", message: "API v1 agent metadata is not enabled.", silent: true},

		// Prompt and images.
		{name: "no prompt", body: `{}`, message: "prompt is required"},
		{name: "prompt as text", body: prompt(`"x"`), message: "prompt must be an object"},
		{name: "no prompt text", body: prompt(`{}`), message: "prompt.text is required"},
		{name: "empty prompt text", body: prompt(`{"text":""}`), message: "prompt.text must not be empty"},
		{name: "prompt text of another type", body: prompt(`{"text":1}`), message: "prompt.text must be a string"},
		{name: "null prompt text", body: prompt(`{"text":null}`), message: "prompt.text must be a string"},
		{name: "unknown field of the prompt", body: prompt(`{"text":"x","files":[]}`), message: "prompt.files is not a field of this request", silent: true},
		{name: "six images", body: prompt(`{"text":"x","images":` + many(6, `{"url":"https://example.com/%d.png"}`) + `}`), message: "prompt.images must have at most 5 items"},
		{name: "images of another type", body: prompt(`{"text":"x","images":{}}`), message: "prompt.images must be an array"},
		{name: "image as text", body: prompt(`{"text":"x","images":["x"]}`), message: atImage + " must be an object"},
		{name: "image of nothing", body: image(``), message: atImage + " must have data or url"},
		{name: "image with data and URL", body: image(`"data":"eA==","mimeType":"image/png","url":"https://example.com/a.png"`), message: atImage + " must have data or url, not both"},
		{name: "image data without type", body: image(`"data":"eA=="`), message: atImage + ".mimeType is required"},
		{name: "image data that is no base64", body: image(`"data":"%%","mimeType":"image/png"`), message: atImage + ".data is not valid base64", silent: true},
		{name: "image type of another kind", body: image(`"data":"eA==","mimeType":"image/svg+xml"`), message: atImage + ".mimeType must be one of: image/png, image/jpeg, image/gif, image/webp", silent: true},
		{name: "image URL with type", body: image(`"url":"https://example.com/a.png","mimeType":"image/png"`), message: atImage + ".mimeType must be left out with url"},
		{name: "image URL of a file", body: image(`"url":"file:///etc/passwd"`), message: atImage + ".url must be an http or https URL without user name", silent: true},
		{name: "image without width", body: image(`"url":"https://example.com/a.png","dimension":{"height":1}`), message: atImage + ".dimension.width is required"},
		{name: "image without height", body: image(`"url":"https://example.com/a.png","dimension":{"width":1,"height":0}`), message: atImage + ".dimension.height must be a whole number of at least 1"},
		{name: "image with half a pixel", body: image(`"url":"https://example.com/a.png","dimension":{"width":1.5,"height":1}`), message: atImage + ".dimension.width must be a whole number of at least 1"},
		{name: "unknown field of an image", body: image(`"url":"https://example.com/a.png","alt":"a"`), message: atImage + ".alt is not a field of this request", silent: true},

		// Plain fields.
		{name: "empty name", body: with(`"name":""`), message: "name must not be empty"},
		{name: "long name", body: with(`"name":"` + long[:101] + `"`), message: "name must have at most 100 characters"},
		{name: "name of another type", body: with(`"name":{}`), message: "name must be a string"},
		{name: "agent id without prefix", body: with(`"agentId":"00000000-0000-0000-0000-000000000001"`), message: badID},
		{name: "agent id that is no UUID", body: with(`"agentId":"bc-00000000-0000-0000-0000-00000000000g"`), message: badID},
		{name: "agent id with misplaced hyphens", body: with(`"agentId":"bc-000000000-000-0000-0000-000000000001"`), message: badID},
		{name: "agent id and environment variables", body: with(`"agentId":"` + agentID + `","envVars":{"A":"b"}`), message: "agentId cannot be combined with envVars", silent: true},
		{name: "flag as text", body: with(`"autoCreatePR":"true"`), message: "autoCreatePR must be true or false"},
		{name: "null flag", body: with(`"workOnCurrentBranch":null`), message: "workOnCurrentBranch must be true or false"},
		{name: "flag as number", body: with(`"skipReviewerRequest":1`), message: "skipReviewerRequest must be true or false"},
		{name: "unknown mode", body: with(`"mode":"ask"`), message: "mode must be one of: agent, plan"},
		{name: "mode of another type", body: with(`"mode":1`), message: "mode must be a string"},

		// Model.
		{name: "model as text", body: with(`"model":"composer-2.5"`), message: "model must be an object"},
		{name: "empty model", body: with(`"model":{}`), message: "model.id is required"},
		{name: "model that does not exist", body: with(`"model":{"id":"nope"}`), code: "invalid_model", message: "Model 'nope' is not available. Use GET /v1/models to list the available models.", silent: true},
		{name: "parameter without value", body: with(`"model":{"id":"composer","params":[{"id":"fast"}]}`), message: "model.params[0].value is required"},
		{name: "parameter that the model does not take", body: with(`"model":{"id":"composer","params":[{"id":"effort","value":"high"}]}`), message: "Model 'composer' with effort=high does not match a known variant", silent: true},
		{name: "value that the parameter does not take", body: with(`"model":{"id":"composer","params":[{"id":"fast","value":"1"}]}`), message: "Model 'composer' with fast=1 does not match a known variant", silent: true},

		// Where the agent works.
		{name: "no repository", body: place(`"repos":[]`), code: "repository_required", message: "A repository is required. Agents without repository are not enabled for this account.", silent: true},
		{name: "neither repository nor environment", body: place(`"mode":"agent"`), code: "repository_required", message: "A repository is required. Agents without repository are not enabled for this account.", silent: true},
		{name: "21 repositories", body: place(`"repos":` + many(21, `{"url":"https://github.com/acme/w%d"}`)), message: "repos must have at most 20 items"},
		{name: "repository as text", body: place(`"repos":["https://github.com/acme/widgets"]`), message: "repos[0] must be an object"},
		{name: "repository without URL", body: place(`"repos":[{"prUrl":"https://github.com/acme/widgets/pull/1"}]`), message: "repos[0].url is required"},
		{name: "repository as owner and name", body: place(`"repos":[{"url":"acme/widgets"}]`), message: "repos[0].url must be the URL of a repository, such as https://github.com/your-org/your-repo", silent: true},
		{name: "repository over SSH", body: place(`"repos":[{"url":"git@github.com:acme/widgets.git"}]`), message: "repos[0].url must be the URL of a repository, such as https://github.com/your-org/your-repo", silent: true},
		{name: "repository with a password", body: place(`"repos":[{"url":"https://me:pw@github.com/acme/widgets"}]`), message: "repos[0].url must be the URL of a repository, such as https://github.com/your-org/your-repo", silent: true},
		{name: "repository with a query", body: place(`"repos":[{"url":"https://github.com/acme/widgets?tab=readme"}]`), message: "repos[0].url must be the URL of a repository, such as https://github.com/your-org/your-repo", silent: true},
		{name: "full name of a ref", body: place(`"repos":[{"url":"https://github.com/acme/widgets.git","startingRef":"refs/heads/main"}]`), message: "Failed to verify existence of branch 'refs/heads/main' in repository acme/widgets. Please ensure the branch name is correct.", silent: true},
		{name: "HEAD as ref", body: place(`"repos":[{"url":"github.com/acme/widgets","startingRef":"HEAD"}]`), message: "Failed to verify existence of branch 'HEAD' in repository acme/widgets. Please ensure the branch name is correct.", silent: true},
		{name: "empty ref", body: place(`"repos":[{"url":"https://github.com/acme/widgets","startingRef":""}]`), message: "repos[0].startingRef must not be empty"},
		{name: "pull request by number", body: place(`"repos":[{"url":"https://github.com/acme/widgets","prUrl":"12"}]`), message: "repos[0].prUrl must be a URL", silent: true},
		{name: "URL that is no pull request", body: place(`"repos":[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/issues/1"}]`), code: "pr_resolution_failed", message: "Could not resolve the pull request https://github.com/acme/widgets/issues/1", silent: true},
		{name: "pull request without number", body: place(`"repos":[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/pull/new"}]`), code: "pr_resolution_failed", message: "Could not resolve the pull request https://github.com/acme/widgets/pull/new", silent: true},
		{name: "URL too short for a pull request", body: place(`"repos":[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com"}]`), code: "pr_resolution_failed", message: "Could not resolve the pull request https://github.com", silent: true},
		{name: "unknown field of a repository", body: place(`"repos":[{"url":"https://github.com/acme/widgets","ref":"main"}]`), message: "repos[0].ref is not a field of this request", silent: true},
		{name: "environment of another type", body: with(`"env":{"type":"docker"}`), message: "env.type must be one of: cloud, pool, machine"},
		{name: "environment without type", body: with(`"env":{"name":"x"}`), message: "env.type is required"},
		{name: "environment as text", body: with(`"env":"cloud"`), message: "env must be an object"},
		{name: "named environment with repositories", body: with(`"env":{"type":"cloud","name":"Web"}`), message: "repos cannot be combined with a named cloud environment", silent: true},
		{name: "two repositories on a machine", body: place(`"env":{"type":"machine","name":"m"},"repos":` + many(2, `{"url":"https://github.com/acme/w%d"}`)), message: "repos must have one entry for this env", silent: true},
		{name: "two repositories in the default pool", body: place(`"env":{"type":"pool"},"repos":` + many(2, `{"url":"https://github.com/acme/w%d"}`)), message: "repos must have one entry for this env", silent: true},

		// Environment variables.
		{name: "environment variables as list", body: with(`"envVars":["A=b"]`), message: "envVars must be an object"},
		{name: "empty name of a variable", body: with(`"envVars":{"":"b"}`), message: "envVars has an empty name", silent: true},
		{name: "long name of a variable", body: with(`"envVars":{"` + long[:256] + `":"b"}`), message: "envVars has a name of more than 255 bytes", silent: true},
		{name: "variable of Cursor", body: with(`"envVars":{"CURSOR_KEY":"b"}`), message: "envVars.CURSOR_KEY: names must not begin with CURSOR_", silent: true},
		{name: "empty variable", body: with(`"envVars":{"A":""}`), message: "envVars.A must not be empty"},
		{name: "long variable", body: with(`"envVars":{"A":"` + long[:4097] + `"}`), message: "envVars.A must have at most 4096 bytes"},
		{name: "number as variable", body: with(`"envVars":{"A":1}`), message: "envVars.A must be a string"},
		{name: "51 variables", body: with(`"envVars":{"A0":"b"` + strings.Trim(strings.ReplaceAll(many(50, `,"B%d":"c"`), ",,", ","), "[]") + `}`), message: "envVars must have at most 50 entries"},

		// Tool servers.
		{name: "51 tool servers", body: with(`"mcpServers":` + many(51, `{"name":"s%d","command":"x"}`)), message: "mcpServers must have at most 50 items"},
		{name: "tool server without name", body: server(`"command":"x"`), message: atServer + ".name is required"},
		{name: "tool server without command", body: server(`"name":"s"`), message: atServer + ".command is required"},
		{name: "tool server with both", body: server(`"name":"s","command":"x","url":"https://example.com"`), message: atServer + ".command is not a field of this request"},
		{name: "local tool server with headers", body: server(`"name":"s","command":"x","headers":{}`), message: atServer + ".headers is not a field of this request"},
		{name: "tool server of another type", body: server(`"name":"s","type":"ws","url":"https://example.com"`), message: atServer + ".type must be one of: stdio, http, sse"},
		{name: "remote tool server without URL", body: server(`"name":"s","type":"http"`), message: atServer + ".url is required"},
		{name: "remote tool server with a password", body: server(`"name":"s","url":"https://a:b@example.com"`), message: atServer + ".url must be an http or https URL without user name", silent: true},
		{name: "header of another type", body: server(`"name":"s","url":"https://example.com","headers":{"A":1}`), message: atServer + ".headers.A must be a string"},
		{name: "OAuth without client", body: server(`"name":"s","url":"https://example.com","auth":{"scopes":["a"]}`), message: atServer + ".auth.CLIENT_ID is required"},
		{name: "empty scope", body: server(`"name":"s","url":"https://example.com","auth":{"CLIENT_ID":"a","scopes":[""]}`), message: atServer + ".auth.scopes[0] must not be empty"},
		{name: "argument of another type", body: server(`"name":"s","command":"x","args":[1]`), message: atServer + ".args[0] must be a string"},
		{name: "variable of a tool server of another type", body: server(`"name":"s","command":"x","env":{"A":true}`), message: atServer + ".env.A must be a string"},
		{name: "two tool servers of one name", body: with(`"mcpServers":[{"name":"s","command":"x"},{"name":"s","url":"https://example.com"}]`), message: "mcpServers[1].name is not unique: s", silent: true},

		// Subagents.
		{name: "21 subagents", body: with(`"customSubagents":` + many(21, `{"name":"s%d","description":"d","prompt":"p"}`)), message: "customSubagents must have at most 20 items"},
		{name: "subagent without description", body: helper(`"name":"s","prompt":"p"`), message: atHelper + ".description is required"},
		{name: "subagent with a long prompt", body: helper(`"name":"s","description":"d","prompt":"` + long + `"`), message: atHelper + ".prompt must have at most 8192 characters"},
		{name: "subagent with a reserved name", body: helper(`"name":"explore","description":"d","prompt":"p"`), message: atHelper + ".name is the name of a built-in subagent: explore", silent: true},
		{name: "two subagents of one name", body: with(`"customSubagents":` + many(2, `{"name":"s","description":"d","prompt":"p"}`)), message: "customSubagents[1].name is not unique: s", silent: true},
		{name: "subagent with a model without id", body: helper(`"name":"s","description":"d","prompt":"p","model":{}`), message: atHelper + ".model.id is required"},
		{name: "subagent with a model of another type", body: helper(`"name":"s","description":"d","prompt":"p","model":1`), message: atHelper + ".model must be a string"},
		{name: "unknown field of a subagent", body: helper(`"name":"s","description":"d","prompt":"p","tools":[]`), message: atHelper + ".tools is not a field of this request"},

		// Queries.
		{name: "limit 0", method: "GET", path: "/v1/agents?limit=0", message: "limit must be a whole number from 1 to 100"},
		{name: "limit 101", method: "GET", path: "/v1/agents?limit=101", message: "limit must be a whole number from 1 to 100"},
		{name: "limit in words", method: "GET", path: "/v1/agents?limit=ten", message: "limit must be a whole number from 1 to 100"},
		{name: "empty cursor", method: "GET", path: "/v1/agents?cursor=", message: "cursor must not be empty"},
		{name: "cursor of another list", method: "GET", path: "/v1/agents?cursor=x", message: "cursor is not one of this list", silent: true},
		{name: "pull request that is no URL", method: "GET", path: "/v1/agents?prUrl=12", message: "prUrl must be a URL", silent: true},
		{name: "flag that is neither true nor false", method: "GET", path: "/v1/agents?includeArchived=yes", message: "includeArchived must be true or false"},
		{name: "limit of runs", method: "GET", path: noAgent + "/runs?limit=-1", message: "limit must be a whole number from 1 to 100"},

		// Ids and paths.
		{name: "agent id of another form", method: "GET", path: "/v1/agents/abc", message: badID, silent: true},
		{name: "agent id of v0", method: "GET", path: "/v1/agents/bc_abc123", message: badID, silent: true},
		{name: "run of an agent id of another form", method: "GET", path: "/v1/agents/abc/runs/run-1", message: badID, silent: true},
		{name: "unknown agent", method: "GET", path: noAgent, status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "stream of an unknown agent", method: "GET", path: noAgent + "/runs/run-1/stream", status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "deletion of an unknown agent", method: "DELETE", path: noAgent, status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "archiving of an unknown agent", path: noAgent + "/archive", status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "follow-up to an unknown agent", path: noAgent + "/runs", body: `{"prompt":{"text":"x"}}`, status: 404, code: "agent_not_found", message: notFound, silent: true},
		{name: "bad follow-up to an unknown agent", path: noAgent + "/runs", body: `{"prompt":{"text":"x"},"model":{"id":"composer"}}`, message: "model is not a field of this request", silent: true},
		{name: "empty follow-up", path: noAgent + "/runs", code: "missing_body", message: "Request body is required"},
		{name: "cancel with text", path: noAgent + "/runs/run-1/cancel", body: "x", headers: []string{"Content-Type: text/plain"}, status: 415, code: "flat", message: "Unsupported Media Type: text/plain", silent: true},
		{name: "cancel with broken JSON", path: noAgent + "/runs/run-1/cancel", body: "{", message: "Request body is not valid JSON", silent: true},
		{name: "archive with broken JSON", path: noAgent + "/archive", body: "[]", message: "Request body must be a JSON object", silent: true},
		{name: "download without path", method: "GET", path: noAgent + "/artifacts/download", status: 404, code: "agent_not_found", message: notFound},
		{name: "path that does not exist", method: "GET", path: "/v1/agent", status: 404, code: "flat", message: "Not Found: GET /v1/agent"},
		{name: "token exchange of the SDK", path: "/auth/exchange_user_api_key", body: "{}", status: 404, code: "flat", message: "Not Found: POST /auth/exchange_user_api_key"},
		{name: "method that does not exist", method: "PUT", path: "/v1/agents", body: "{}", status: 405, code: "flat", message: "Method Not Allowed: PUT"},
		{name: "cancel of v0", path: "/v0/agents/bc_abc123/cancel", status: 404, code: "flat", message: "Not Found: POST /v0/agents/bc_abc123/cancel"},
		{name: "part that is not embedded", method: "GET", path: "/v1/environments", status: 501, code: "not_implemented", message: "the embedded Cursor API has no /v1/environments; use the real one for it", silent: true},
		{name: "team secrets", method: "GET", path: "/v1/team/secrets", status: 501, code: "not_implemented", message: "the embedded Cursor API has no /v1/team; use the real one for it", silent: true},
	}
}

func TestABadRequestIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	refused(t, simulator.Config{}, "/v1/agents", refusals())
}

// refused makes the bad requests, by default to create an agent at that path.
func refused(t *testing.T, config simulator.Config, create string, refusals []refusal) {
	c := start(t, config)
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &client{t, c.server, &http.Client{Transport: conform(t, c.server.Transport())}}
			method, path, status, code := test.method, test.path, test.status, test.code
			if method == "" {
				method = "POST"
			}
			if path == "" {
				path = create
			}
			if status == 0 {
				status = http.StatusBadRequest
			}
			if code == "" {
				code = "validation_error"
			}
			want := map[string]any{"error": map[string]any{"code": code, "message": test.message}}
			if code == "flat" {
				want = map[string]any{"code": "error", "message": test.message}
			}
			got := c.want(status, method, path, test.body, test.headers...)
			diff(t, "answer", want, decode[map[string]any](t, got.Body))
			spec := specificationOf(t, path)
			if spec == nil {
				return
			}
			err := spec.checkRequest(c.request(method, path, test.body, test.headers...), test.body)
			if test.silent && err != nil {
				t.Errorf("the specification refuses this too, so it is not silent: %v", err)
			}
			if !test.silent && err == nil {
				t.Error("the specification takes this request")
			}
		})
	}
	t.Cleanup(func() {
		if agents := c.server.Agents(); len(agents) > 0 {
			t.Errorf("refused requests made %d agents", len(agents))
		}
	})
}
