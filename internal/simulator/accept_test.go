package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// accepted are bodies at the edge of what is allowed.
func accepted() map[string]string {
	place := func(fields string) string { return `{"prompt":{"text":"x"},` + fields + `}` }
	return map[string]string{
		"the least":                      with(`"mode":"agent"`),
		"plan":                           with(`"mode":"plan"`),
		"name of 100 letters":            with(`"name":"` + strings.Repeat("ü", 100) + `"`),
		"model by id":                    with(`"model":{"id":"composer-2.5"}`),
		"model by alias with parameters": with(`"model":{"id":"composer-latest","params":[{"id":"fast","value":"true"}]}`),
		"five images": prompt(`{"text":"x","images":[{"data":"iVBORw0KGgo=","mimeType":"image/png","dimension":{"width":1,"height":2}},` +
			strings.Trim(many(4, `{"url":"http://example.com/%d.png"}`), "[]") + `]}`),
		"environment variables": with(`"envVars":{"` + strings.Repeat("A", 255) + `":"` + strings.Repeat("b", 4096) + `"}`),
		"20 repositories":       place(`"repos":` + many(20, `{"url":"https://github.com/acme/w%d"}`)),
		"repository and .git":   place(`"repos":[{"url":"https://github.com/acme/widgets.git"}]`),
		"repository in a group": place(`"repos":[{"url":"https://gitlab.example.com:8443/a/b/c","startingRef":"main"}]`),
		"commit as ref":         place(`"repos":[{"url":"github.com/acme/widgets","startingRef":"0123456789012345678901234567890123456789"}]`),
		"pull request":          place(`"repos":[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/pull/12"}]`),
		"merge request":         place(`"repos":[{"url":"https://gitlab.com/a/b","prUrl":"https://gitlab.com/a/b/-/merge_requests/3"}]`),
		"named environment":     place(`"env":{"type":"cloud","name":"Web"}`),
		"pool without repos":    place(`"env":{"type":"pool"}`),
		"named pool, two repos": place(`"env":{"type":"pool","name":"big"},"repos":` + many(2, `{"url":"https://github.com/acme/w%d"}`)),
		"machine":               place(`"env":{"type":"machine","name":"m"}`),
		"local tool server":     with(`"mcpServers":[{"name":"s","type":"stdio","command":"npx","args":["-y","x"],"env":{"A":""}}]`),
		"remote tool server":    with(`"mcpServers":[{"name":"s","type":"sse","url":"https://example.com/sse","headers":{"A":"b"},"auth":{"CLIENT_ID":"a","CLIENT_SECRET":"","scopes":["r"]}}]`),
		"subagents":             with(`"customSubagents":[{"name":"a","description":"d","prompt":"p","model":"composer"},{"name":"b","description":"d","prompt":"p","model":{"id":"composer"}},{"name":"c","description":"d","prompt":"p"}]`),
		"a prompt of 100 KB":    prompt(`{"text":"` + strings.Repeat("x", 100<<10) + `"}`),
	}
}

func TestARequestAtTheEdgeOfWhatIsAllowedIsAccepted(t *testing.T) {
	t.Parallel()
	for name, body := range accepted() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, simulator.Config{})
			got := decode[map[string]json.RawMessage](t, c.want(http.StatusCreated, "POST", "/v1/agents", body).Body)
			if got["agent"] == nil || got["run"] == nil {
				t.Errorf("the answer lacks the agent or the run: %v", got)
			}
			spec, err := specification()
			if err != nil {
				t.Fatal(err)
			}
			if spec != nil {
				if err := spec.checkRequest(c.request("POST", "/v1/agents", body), body); err != nil {
					t.Errorf("the specification refuses this: %v", err)
				}
			}
		})
	}
}

// The specification means inherit to be taken, but its oneOf lists it as a word
// and as any text, so that no validator takes it: this client checks nothing.
func TestASubagentMayInheritTheModel(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	c.http.Transport = c.server.Transport()
	c.want(http.StatusCreated, "POST", "/v1/agents",
		with(`"customSubagents":[{"name":"a","description":"d","prompt":"p","model":"inherit"}]`))
	diff(t, "model", any("inherit"), c.server.Agents()[0].Request.CustomSubagents[0].Model)
}

// Images make a prompt large; nothing else has a reason to be. The specification
// knows no 413, so this client checks nothing.
func TestOnlyARequestWithAPromptMayBeLarge(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Duration = time.Hour
	c := start(t, simulator.Config{Scenario: scenario})
	c.http.Transport = c.server.Transport()
	padded := func(text string, length int) string { return text + strings.Repeat(" ", length-len(text)) }
	const mebibyte = 1 << 20
	c.want(http.StatusCreated, "POST", "/v1/agents", padded(body, 2*mebibyte))
	run, agent := c.runPath(0), "/v1/agents/"+agentID
	for _, path := range []string{run + "/cancel", agent + "/archive", agent + "/unarchive"} {
		diff(t, path, `{"code":"error","message":"Request body is too large"}`,
			c.want(http.StatusRequestEntityTooLarge, "POST", path, padded("{}", mebibyte+1)).Body)
		c.want(http.StatusOK, "POST", path, padded("{}", mebibyte))
	}
	c.want(http.StatusCreated, "POST", agent+"/runs", padded(`{"prompt":{"text":"Go on."}}`, 2*mebibyte))
}
