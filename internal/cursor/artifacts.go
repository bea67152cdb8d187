package cursor

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// Artifact is a file that an agent left for its user.
type Artifact struct {
	Path      string    `json:"path"` // relative, below artifacts/ by the documentation; not to be trusted as a path of ours
	SizeBytes int64     `json:"sizeBytes"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// UnmarshalJSON decodes an artifact of the API, with its time leniently.
func (a *Artifact) UnmarshalJSON(data []byte) error {
	type plain Artifact
	wire := struct {
		*plain
		UpdatedAt instant `json:"updatedAt"`
	}{plain: (*plain)(a)}
	err := json.Unmarshal(data, &wire)
	a.UpdatedAt = wire.UpdatedAt.Time
	return err
}

// Download is where an artifact can be fetched for a while. Its URL is a
// credential.
type Download struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// UnmarshalJSON decodes a download of the API, with its time leniently.
func (d *Download) UnmarshalJSON(data []byte) error {
	type plain Download
	wire := struct {
		*plain
		ExpiresAt instant `json:"expiresAt"`
	}{plain: (*plain)(d)}
	err := json.Unmarshal(data, &wire)
	d.ExpiresAt = wire.ExpiresAt.Time
	return err
}

func (d Download) lacks() string { return absent("url", d.URL) }

// ListArtifacts returns the artifacts of an agent. The API lists 100 at most.
func (c *Client) ListArtifacts(ctx context.Context, agentID string) ([]Artifact, error) {
	const op = "list artifacts"
	at, err := path(op, "v1", "agents", agentID, "artifacts")
	if err != nil {
		return nil, err
	}
	return items[Artifact](ctx, c, get(op, at, nil))
}

// ArtifactURL returns where the artifact with that path can be fetched.
func (c *Client) ArtifactURL(ctx context.Context, agentID, artifactPath string) (Download, error) {
	const op = "get artifact URL"
	at, err := path(op, "v1", "agents", agentID, "artifacts", "download")
	if err != nil {
		return Download{}, err
	}
	download, _, err := fetch[Download](ctx, c, get(op, at, url.Values{"path": {artifactPath}}))
	return download, err
}

// items makes a call whose answer is a list of one page.
func items[T any](ctx context.Context, c *Client, k call) ([]T, error) {
	got, _, err := fetch[list[T]](ctx, c, k)
	if err != nil {
		return nil, err
	}
	return *got.Items, nil
}
