package forge

import (
	"context"
	"net/http"
	"strings"
)

// Viewer is the login that the token acts as: a person's, or an app's with
// "[bot]" at its end, "github-actions[bot]" for a workflow's own token. Only
// GitHub's GraphQL API tells that of every kind of token. Its errors are
// *GitHubError.
// https://docs.github.com/graphql/reference/queries#viewer
func (g *GitHub) Viewer(ctx context.Context) (string, error) {
	const op = "ask whose token it is"
	var said struct {
		Viewer struct {
			Login string `json:"login"`
		} `json:"viewer"`
	}
	if err := g.graphQL(ctx, op, "query { viewer { login } }", nil, &said); err != nil {
		return "", err
	}
	if strings.TrimSpace(said.Viewer.Login) == "" {
		return "", &GitHubError{Op: op, Status: http.StatusOK, Message: "the answer names nobody"}
	}
	return said.Viewer.Login, nil
}
