package simulator

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// artifactsRoot is where the folder artifacts is on an agent's machine.
const artifactsRoot = "/opt/cursor/"

type v0Artifacts struct {
	Artifacts []v0Artifact `json:"artifacts"`
}

type v0Artifact struct {
	AbsolutePath string `json:"absolutePath"`
	SizeBytes    int64  `json:"sizeBytes"`
	UpdatedAt    string `json:"updatedAt"`
}

// absolute is an artifact's path as version 0 lists it. What a scenario puts
// outside the folder keeps its path, to try a client with.
func (f Artifact) absolute() string {
	if strings.HasPrefix(f.Path, "/") {
		return f.Path
	}
	return artifactsRoot + f.Path
}

func (s *Server) v0ListArtifacts(x *exchange) answer {
	return s.withYoung(x, func(a *agent) answer {
		list := v0Artifacts{Artifacts: []v0Artifact{}}
		for _, left := range a.artifacts[:min(len(a.artifacts), maxListedArtifacts)] {
			list.Artifacts = append(list.Artifacts, v0Artifact{left.absolute(), left.size(), s.stamp(left.at)})
		}
		return reply(http.StatusOK, list)
	})
}

func (s *Server) v0DownloadArtifact(x *exchange) answer {
	values := x.r.URL.Query()
	return s.withYoung(x, func(a *agent) answer {
		name := values.Get("path")
		if name == "" {
			return invalid("path is required").answer()
		}
		for i, left := range a.artifacts {
			if left.absolute() == name {
				expires := time.Now().Add(artifactURLLife)
				return reply(http.StatusOK, v1Download{s.storageURL(x.r, a, i, expires), s.stamp(expires)})
			}
		}
		if !path.IsAbs(name) || path.Clean(name) != name {
			return invalid("path must be an absolute path of the list of artifacts").answer()
		}
		return refuse(http.StatusNotFound, "artifact_not_found", "Artifact not found: %s", name)
	})
}

// artifactLife is how long after an agent's creation version 0 gives its
// artifacts: six months.
const artifactLife = 183 * 24 * time.Hour

// withYoung is withAgent where an old agent's artifacts are gone.
func (s *Server) withYoung(x *exchange, handle func(*agent) answer) answer {
	return s.withAgent(x, func(a *agent) answer {
		if time.Since(a.createdAt) > artifactLife {
			return invalid("Artifacts are kept for 6 months after the agent's creation").answer()
		}
		return handle(a)
	})
}
