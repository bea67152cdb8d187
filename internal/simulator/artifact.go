package simulator

import (
	"bytes"
	"slices"
	"time"
)

// leftArtifact is a file with the time at which the agent left it.
type leftArtifact struct {
	Artifact
	at time.Time
}

// leave adds files; one of a path that exists takes its place.
func (a *agent) leave(files []Artifact, at time.Time) {
	for _, file := range files {
		left := leftArtifact{file, at}
		if i := a.artifactIndex(file.Path); i >= 0 {
			a.artifacts[i] = left
		} else {
			a.artifacts = append(a.artifacts, left)
		}
	}
}

func (a *agent) artifactIndex(name string) int {
	return slices.IndexFunc(a.artifacts, func(left leftArtifact) bool { return left.Path == name })
}

func (f Artifact) size() int64 {
	if f.Content != "" {
		return int64(len(f.Content))
	}
	return f.Size
}

// bytes is the file: its content, or a pattern of its size.
func (f Artifact) bytes() []byte {
	if f.Content != "" {
		return []byte(f.Content)
	}
	pattern := []byte("0123456789abcde\n")
	return bytes.Repeat(pattern, int(f.Size)/len(pattern)+1)[:f.Size]
}
