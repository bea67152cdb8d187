package cli

import (
	"context"
	"errors"
	"time"

	"cursor-agent-action/internal/forge"
)

// hubPatience is for how long one request to GitHub is repeated.
const hubPatience = 15 * time.Second

// errNoToken says that GitHub can't be asked.
var errNoToken = errors.New("github-token is empty, so GitHub is not asked")

// gitHub is the client of GitHub's API. It sends nothing by itself.
func (s *step) gitHub() (*forge.GitHub, error) {
	if s.githubToken.IsZero() {
		return nil, errNoToken
	}
	if s.hub != nil {
		return s.hub, nil
	}
	context := s.runner.Context()
	hub, err := forge.NewGitHub(forge.GitHubConfig{
		APIURL: context.APIURL, GraphQLURL: context.GraphQLURL, ServerURL: context.ServerURL, Token: s.githubToken, Version: s.Version,
		Transport: s.Transport, Patience: hubPatience, Jitter: s.Random,
	})
	if err == nil {
		s.hub = hub
	}
	return hub, err
}

// whenLetAlone asks GitHub, and once more after each time for which GitHub wants to
// be left alone, where that ends before ctx does. Mostly it was the comment or the
// check run that asked too much.
func whenLetAlone(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		limited, ok := errors.AsType[*forge.GitHubError](err)
		if !ok || !limited.Limited || limited.RetryAfter <= 0 {
			return err
		}
		wait := limited.RetryAfter + time.Second
		if end, ends := ctx.Deadline(); !ends || time.Until(end) <= wait {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}
