package cli

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

const (
	// maxArtifact bounds one artifact, and maxArtifacts all of them, in bytes,
	// so that a mistaken agent can't fill the runner's disk.
	maxArtifact  = 1 << 30
	maxArtifacts = 4 << 30
	// artifactsTime bounds the whole download: the verdict is known by then.
	artifactsTime = 10 * time.Minute
	// listTime bounds the question which there are.
	listTime = time.Minute
)

// downloadArtifacts writes the agent's artifacts below the folder of the input
// artifacts, and sets the output artifacts-path when one is there. listed is
// false when not even their names are known.
func (s *step) downloadArtifacts(ctx context.Context, agentID, page string) (done []report.Artifact, listed bool) {
	done, written, listed := s.saveArtifacts(ctx, agentID, s.artifacts, page)
	if written > 0 {
		setOutputs(s.runner, []output{{"artifacts-path", s.artifacts}})
	}
	return done, listed
}

// saveArtifacts writes the agent's artifacts below a folder of the workspace
// and counts those that are there. What can't be had is a warning and stands in
// the list: it says nothing about the agent's work.
func (s *step) saveArtifacts(ctx context.Context, agentID, folder, page string) (done []report.Artifact, written int, listed bool) {
	ctx, cancel := context.WithTimeout(ctx, artifactsTime)
	defer cancel()
	listing, stop := context.WithTimeout(ctx, listTime)
	all, err := s.client.ListArtifacts(listing, agentID)
	stop()
	if err != nil {
		s.runner.Warning("artifacts: " + brief(err) + "; none is here: fetch them at " + page)
		return nil, 0, false
	}
	workspace, err := s.runner.Workspace()
	if err != nil {
		s.runner.Warning("artifacts: " + err.Error() + "; none is here: fetch them at " + page)
		return nil, 0, false
	}
	defer workspace.Close()
	left := int64(maxArtifacts)
	for _, artifact := range all {
		size, err := s.downloadArtifact(ctx, workspace, agentID, folder, artifact, min(left, maxArtifact))
		left -= size
		entry := report.Artifact{Path: artifact.Path, Size: size}
		if err != nil {
			s.runner.Warning("artifact " + artifact.Path + ": " + brief(err) + "; it is not here: fetch it at " + page)
			entry.Problem = brief(err)
		} else {
			written++
		}
		done = append(done, entry)
	}
	return done, written, true
}

// downloadArtifact writes one artifact of at most limit bytes below folder and
// returns its size in bytes. What could not be written whole is taken away again.
func (s *step) downloadArtifact(ctx context.Context, workspace *actions.Workspace, agentID, folder string, artifact cursor.Artifact, limit int64) (size int64, err error) {
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
	target := path.Join(folder, name)
	file, err := workspace.Create(target)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, workspace.Remove(target))
		}
	}()
	return s.client.Download(ctx, download.URL, file, limit)
}
