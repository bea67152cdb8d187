package forge_test

import (
	"net/http"
	"slices"
	"testing"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

// asked hears where the client asks, and answers nothing.
type asked struct{ addresses []string }

func (a *asked) RoundTrip(request *http.Request) (*http.Response, error) {
	a.addresses = append(a.addresses, request.Method+" "+request.URL.String())
	return nil, http.ErrHandlerTimeout
}

func TestGraphQLIsAskedWhereItBelongsToTheAPI(t *testing.T) {
	t.Parallel()
	const other = "GITHUB_GRAPHQL_URL is not on the host of GITHUB_API_URL, so the token is not sent there: leave it as the runner sets it"
	for _, test := range []struct {
		name, api, graphQL string
		want, err          string
	}{
		{"github.com", "", "", "https://api.github.com/graphql", ""},
		{"a server of one's own", "https://git.acme.example/api/v3", "", "https://git.acme.example/api/graphql", ""},
		{"with a slash", "https://git.acme.example/api/v3/", "", "https://git.acme.example/api/graphql", ""},
		{"ghe.com", "https://api.acme.ghe.com", "", "https://api.acme.ghe.com/graphql", ""},
		{"as the runner says", "https://git.acme.example/api/v3", "https://git.acme.example/odd/graphql", "https://git.acme.example/odd/graphql", ""},
		{"another host", "https://git.acme.example/api/v3", "https://evil.example/graphql", "", other},
		{"another scheme", "https://git.acme.example/api/v3", "http://git.acme.example/graphql", "", other},
		{"with a password", "https://git.acme.example/api/v3", "https://u:p@git.acme.example/graphql", "", other},
		{"no address", "", "://", "", other},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hears := &asked{}
			client, err := forge.NewGitHub(forge.GitHubConfig{APIURL: test.api, GraphQLURL: test.graphQL, Token: secret.New(token), Transport: hears})
			if err != nil || test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error %v, want %q", err, test.err)
				}
				return
			}
			client.Context(t.Context(), aboutPull9(forge.Event{}), forge.ContextCaps{})
			if slices.Contains(hears.addresses, "POST "+test.want) {
				return
			}
			t.Errorf("asked %q, want POST %s", hears.addresses, test.want)
		})
	}
}
