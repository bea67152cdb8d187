package cli

import (
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// connection is how the API is reached.
type connection struct {
	key        secret.Text
	apiURL     string // "" is the API's own address
	apiVersion cursor.APIVersion
}

// maskSecrets registers every input that holds a secret with the runner. It
// comes before anything else is written.
func maskSecrets(runner interface{ Mask(values ...string) }, in *actions.Inputs) secret.Text {
	raw := in.Raw("api-key")
	key := cleanKey(raw)
	runner.Mask(raw, key, in.Raw("github-token"), in.Raw("webhook-secret"), in.Text("webhook-secret"))
	for _, pair := range in.Pairs("env-vars") {
		runner.Mask(pair.Value)
	}
	if servers, err := parseMCPServers(in.Raw("mcp-servers")); err == nil {
		for _, server := range servers {
			runner.Mask(credentials(server)...)
		}
	}
	return secret.New(key)
}

// cleanKey takes off what people paste with a key: quotes, white space and line
// ends. The API calls such a key invalid and says no more.
func cleanKey(raw string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(raw), "\"'`"))
}

// readConnection masks every secret and reads the inputs that say how the API is
// reached, which a dry run of a launch does not need. Its problems are those of
// the connection, an *actions.InputError.
func readConnection(runner *actions.Runner, in *actions.Inputs) (connection, error) {
	c := connection{key: maskSecrets(runner, in), apiURL: in.Text("api-url"), apiVersion: readAPIVersion(in)}
	if !in.Bool("dry-run", false) {
		checkConnection(in, c)
	}
	return c, in.Err()
}

// checkConnection notes what keeps a connection from being tried.
func checkConnection(in *actions.Inputs, c connection) {
	if err := checkAddress(c.apiURL); err != nil {
		in.Problem("api-url", err.Error())
	}
	if c.key.IsZero() {
		in.Problem("api-key", "is empty: create a key at "+cursor.KeysPage+" and pass it as ${{ secrets.CURSOR_API_KEY }}; workflows on pull requests from forks get no secrets")
	} else if _, err := cursor.New(cursor.Config{Key: c.key}); err != nil {
		in.Problem("api-key", err.Error())
	}
}

// readAPIVersion reads which version of the API is spoken.
func readAPIVersion(in *actions.Inputs) cursor.APIVersion {
	known := apiVersions()
	return cursor.APIVersion(in.Enum("api-version", known[0], known...))
}

// apiVersions are the values of the input api-version, the default first.
func apiVersions() []string {
	var known []string
	for _, version := range cursor.APIVersions() {
		known = append(known, string(version))
	}
	return known
}
