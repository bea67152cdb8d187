package cli

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

// maxArtifact bounds one artifact, in bytes, so that a mistaken agent can't
// fill the runner's disk at one stroke.
const maxArtifact = 1 << 30

// downloadArtifacts writes the agent's artifacts below the folder of the input
// artifacts. What can't be had is a warning and stands in the summary: it says
// nothing about the agent's work.
func (s *step) downloadArtifacts(ctx context.Context, agentID string) []report.Artifact {
	listed, err := s.client.ListArtifacts(ctx, agentID)
	if err != nil {
		s.runner.Warning("artifacts: " + err.Error())
		return nil
	}
	workspace, err := s.runner.Workspace()
	if err != nil {
		s.runner.Warning("artifacts: " + err.Error())
		return nil
	}
	defer workspace.Close()
	var done []report.Artifact
	for _, artifact := range listed {
		size, err := s.downloadArtifact(ctx, workspace, agentID, artifact)
		entry := report.Artifact{Path: artifact.Path, Size: size}
		if err != nil {
			s.runner.Warning("artifact " + artifact.Path + ": " + err.Error())
			entry.Problem = err.Error()
		}
		done = append(done, entry)
	}
	return done
}

// downloadArtifact writes one artifact and returns its size in bytes.
func (s *step) downloadArtifact(ctx context.Context, workspace *actions.Workspace, agentID string, artifact cursor.Artifact) (size int64, err error) {
	// The API's path is a stranger's text: it stays below our folder or is
	// not written at all.
	name, err := actions.SafeRelative(strings.TrimPrefix(artifact.Path, "artifacts/"))
	if err != nil {
		return 0, err
	}
	download, err := s.client.ArtifactURL(ctx, agentID, artifact.Path)
	if err != nil {
		return 0, err
	}
	file, err := workspace.Create(path.Join(s.artifacts, name))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return s.client.Download(ctx, download.URL, io.Writer(file), maxArtifact)
}
