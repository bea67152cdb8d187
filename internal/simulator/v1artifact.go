package simulator

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// artifactURLLife is how long an artifact's URL is good.
const artifactURLLife = 15 * time.Minute

type v1Artifact struct {
	Path      string `json:"path"`
	SizeBytes int64  `json:"sizeBytes"`
	UpdatedAt string `json:"updatedAt"`
}

type v1Download struct {
	URL       string `json:"url"`
	ExpiresAt string `json:"expiresAt"`
}

// maxListedArtifacts is how many artifacts the API lists; there are no pages.
const maxListedArtifacts = 100

func (s *Server) v1ListArtifacts(x *exchange) answer {
	return s.withAgent(x, func(a *agent) answer {
		list := v1List[v1Artifact]{Items: []v1Artifact{}}
		for _, left := range a.artifacts[:min(len(a.artifacts), maxListedArtifacts)] {
			list.Items = append(list.Items, v1Artifact{left.Path, left.size(), s.stamp(left.at)})
		}
		return reply(http.StatusOK, list)
	})
}

func (s *Server) v1DownloadArtifact(x *exchange) answer {
	values := x.r.URL.Query()
	return s.withAgent(x, func(a *agent) answer {
		name := values.Get("path")
		if name == "" {
			return invalid("path is required").answer()
		}
		i := a.artifactIndex(name)
		if i < 0 {
			// What the agent left can be fetched whatever its name, because a
			// scenario may try a client with a path that no client should take.
			if !strings.HasPrefix(name, "artifacts/") || path.Clean(name) != name {
				return invalid("path must be a relative path under artifacts/").answer()
			}
			return refuse(http.StatusNotFound, "artifact_not_found", "Artifact not found: %s", name)
		}
		expires := time.Now().Add(artifactURLLife)
		return reply(http.StatusOK, v1Download{s.storageURL(x.r, a, i, expires), s.stamp(expires)})
	})
}
