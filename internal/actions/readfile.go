package actions

import (
	"fmt"
	"path"
	"strings"
)

// ReadFile reads the file rel of the workspace, whatever it holds, at most
// limit bytes. Links are followed within the workspace only, and never into its
// .git folder.
func (w *Workspace) ReadFile(rel string, limit int64) ([]byte, error) {
	if rel == "" || path.IsAbs(rel) || strings.Contains(rel, `\`) {
		return nil, fmt.Errorf("%s is not a path below the workspace: name a file of the checkout, with slashes", quote(rel))
	}
	data, err := w.read(rel, limit)
	if err != nil {
		return nil, fmt.Errorf("%s %w", quote(rel), err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s holds more than %d bytes: name a smaller file", quote(rel), limit)
	}
	return data, nil
}
