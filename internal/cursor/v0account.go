package cursor

import (
	"context"
	"io"
	"net/url"
	"strings"
)

// Usage is not there in version 0: the error is CodeFeatureUnavailable, as for
// an account without the feature.
func (v *ClientV0) Usage(context.Context, string, string) (Usage, error) {
	return Usage{}, &Error{Op: "get usage", Code: CodeFeatureUnavailable, Message: "API v0 does not tell what an agent has used; use api-version: v1 for that"}
}

// artifactsRootV0 is where version 0 says that artifacts are. Version 1 gives
// paths relative to it.
const artifactsRootV0 = "/opt/cursor/"

// artifactsFolder is where artifacts are below that root.
const artifactsFolder = "artifacts/"

// relativeV0 makes a path of version 0 one as version 1 gives, and absoluteV0
// turns it back. A path that could not be turned back stays as it is.
func relativeV0(path string) string {
	if inside, ok := strings.CutPrefix(path, artifactsRootV0); ok && strings.HasPrefix(inside, artifactsFolder) {
		return inside
	}
	if other, ok := strings.CutPrefix(path, "/"); ok && !strings.HasPrefix(other, "/") && !strings.HasPrefix(other, artifactsFolder) {
		return other
	}
	return path
}

func absoluteV0(path string) string {
	switch {
	case strings.HasPrefix(path, "/"):
		return path
	case strings.HasPrefix(path, artifactsFolder):
		return artifactsRootV0 + path
	}
	return "/" + path
}

// artifactsV0 is the answer that lists artifacts.
type artifactsV0 struct {
	Artifacts *[]struct {
		AbsolutePath string  `json:"absolutePath"`
		SizeBytes    int64   `json:"sizeBytes"`
		UpdatedAt    instant `json:"updatedAt"`
	} `json:"artifacts"`
}

func (a artifactsV0) lacks() string {
	if a.Artifacts == nil {
		return "artifacts"
	}
	return ""
}

// ListArtifacts returns the artifacts of an agent of the last six months, with
// their paths as in version 1. The API lists 100 at most.
func (v *ClientV0) ListArtifacts(ctx context.Context, agentID string) ([]Artifact, error) {
	const op = "list artifacts"
	at, err := path(op, "v0", "agents", agentID, "artifacts")
	if err != nil {
		return nil, err
	}
	got, _, err := fetch[artifactsV0](ctx, v.wire, get(op, at, nil))
	if err != nil {
		return nil, err
	}
	var all []Artifact
	for _, a := range *got.Artifacts {
		all = append(all, Artifact{Path: relativeV0(a.AbsolutePath), SizeBytes: a.SizeBytes, UpdatedAt: a.UpdatedAt.Time})
	}
	return all, nil
}

// ArtifactURL returns where the artifact with that path, of ListArtifacts, can
// be fetched.
func (v *ClientV0) ArtifactURL(ctx context.Context, agentID, artifactPath string) (Download, error) {
	const op = "get artifact URL"
	at, err := path(op, "v0", "agents", agentID, "artifacts", "download")
	if err != nil {
		return Download{}, err
	}
	download, _, err := fetch[Download](ctx, v.wire, get(op, at, url.Values{"path": {absoluteV0(artifactPath)}}))
	return download, err
}

// Download is the same in every version: it does not go to the API.
func (v *ClientV0) Download(ctx context.Context, rawURL string, w io.Writer, limit int64) (int64, error) {
	return v.wire.Download(ctx, rawURL, w, limit)
}

// Me returns what the API knows about the key; of its user, the address alone.
func (v *ClientV0) Me(ctx context.Context) (Me, error) {
	me, _, err := fetch[Me](ctx, v.wire, get("check the API key", "/v0/me", nil))
	return me, err
}

// modelsV0 is the answer that lists models.
type modelsV0 struct {
	Models *[]Model `json:"models"`
}

func (m modelsV0) lacks() string {
	if m.Models == nil {
		return "models"
	}
	return ""
}

// Models returns the models that the API recommends, which are not all that it
// takes, and not those of version 1.
func (v *ClientV0) Models(ctx context.Context) ([]Model, error) {
	got, _, err := fetch[modelsV0](ctx, v.wire, get("list models", "/v0/models", nil))
	if err != nil {
		return nil, err
	}
	return *got.Models, nil
}

// repositoriesV0 is the answer that lists repositories.
type repositoriesV0 struct {
	Repositories *[]struct {
		Repository string `json:"repository"`
	} `json:"repositories"`
}

func (r repositoriesV0) lacks() string {
	if r.Repositories == nil {
		return "repositories"
	}
	return ""
}

// Repositories is as in version 1, and as slow.
func (v *ClientV0) Repositories(ctx context.Context) ([]string, error) {
	k := get("list repositories", "/v0/repositories", nil)
	k.timeout = launchTimeout
	got, _, err := fetch[repositoriesV0](ctx, v.wire, k)
	if err != nil {
		return nil, err
	}
	urls := make([]string, len(*got.Repositories))
	for i, r := range *got.Repositories {
		urls[i] = r.Repository
	}
	return urls, nil
}
