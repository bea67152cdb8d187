package forge

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// gitStore is where a checkout keeps its refs and configuration. A worktree has
// a HEAD of its own and shares the rest.
type gitStore struct {
	own    string // of this worktree
	common string // of all worktrees of the repository
}

func newGitStore(gitDir string) gitStore {
	store := gitStore{own: gitDir, common: gitDir}
	if text, err := readGitFile(filepath.Join(gitDir, "commondir")); err == nil {
		store.common = strings.TrimSpace(text)
		if !filepath.IsAbs(store.common) {
			store.common = filepath.Join(gitDir, store.common)
		}
	}
	return store
}

// ref is the object that a ref names: a file of its own, or a line of
// packed-refs.
func (s gitStore) ref(name string) (object string, found bool) {
	if !filepath.IsLocal(name) {
		return "", false // The name is of a file that anybody may have written.
	}
	if text, err := readGitFile(filepath.Join(s.common, filepath.FromSlash(name))); err == nil {
		return strings.TrimSpace(text), true
	}
	packed, err := readGitFile(filepath.Join(s.common, "packed-refs"))
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(packed) {
		if object, packedName, ok := strings.Cut(strings.TrimSpace(line), " "); ok && packedName == name {
			return object, true
		}
	}
	return "", false
}

// config reads the repository's configuration; without one it is empty.
func (s gitStore) config() (gitConfig, error) {
	text, err := readGitFile(filepath.Join(s.common, "config"))
	if errors.Is(err, fs.ErrNotExist) {
		return gitConfig{}, nil
	}
	if err != nil {
		return gitConfig{}, fmt.Errorf("read git's configuration: %w", err)
	}
	return parseGitConfig(text), nil
}
