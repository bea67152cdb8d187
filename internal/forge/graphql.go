package forge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// graphQLAddress is where GraphQL is asked: configured, the runner's
// GITHUB_GRAPHQL_URL, or the one that belongs to the REST API at base.
// https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
func graphQLAddress(configured string, base *url.URL) (string, error) {
	if configured == "" {
		address := *base
		address.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/v3") + "/graphql"
		return address.String(), nil
	}
	address, err := url.Parse(configured)
	// The token goes there too, so it is the host that gets it already.
	if err != nil || address.Scheme != base.Scheme || address.Host != base.Host || address.User != nil {
		return "", errors.New("GITHUB_GRAPHQL_URL is not on the host of GITHUB_API_URL, so the token is not sent there: leave it as the runner sets it")
	}
	return configured, nil
}

// graphQLStatus gives the kinds of GraphQL's errors, which all come with 200,
// the status that REST has for them.
var graphQLStatus = map[string]int{
	"FORBIDDEN":           http.StatusForbidden,
	"INSUFFICIENT_SCOPES": http.StatusForbidden,
	"NOT_FOUND":           http.StatusNotFound,
	"RATE_LIMIT":          http.StatusTooManyRequests,
	"RATE_LIMITED":        http.StatusTooManyRequests,
	"UNPROCESSABLE":       http.StatusUnprocessableEntity,
}

// graphQL asks what REST has no answer to, and decodes the answer's data. Its
// errors are *GitHubError; the status of a refusal is the one that REST would
// give.
func (g *GitHub) graphQL(ctx context.Context, op, query string, variables map[string]any, data any) error {
	question := map[string]any{"query": query, "variables": variables}
	request, err := g.client.NewRequest(http.MethodPost, g.graphQLURL, question)
	if err != nil {
		return &GitHubError{Op: op, Message: err.Error(), Err: err}
	}
	var said struct {
		Data   json.RawMessage
		Errors []struct{ Type, Message string }
	}
	answer, err := g.client.Do(ctx, request, &said)
	if err != nil {
		return gitHubError(op, answer, err)
	}
	if len(said.Errors) > 0 {
		first := said.Errors[0]
		refused := &GitHubError{Op: op, Status: graphQLStatus[first.Type], Message: bound(first.Message)}
		_, refused.Classic = answer.Header["X-Oauth-Scopes"]
		if refused.Limited = refused.Status == http.StatusTooManyRequests; refused.Limited {
			refused.Message = "too many requests"
		}
		return refused
	}
	if err := json.Unmarshal(said.Data, data); err != nil {
		return &GitHubError{Op: op, Status: answer.StatusCode, Message: bound("the answer is not what GitHub documents: " + err.Error()), Err: err}
	}
	return nil
}
