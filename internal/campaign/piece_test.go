package campaign_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// piece is one thing that was written into one of the runner's files: a name
// with its value, or the summary. The program writes each at once, so between
// two of them is where a kill may find it.
type piece struct {
	file string
	end  int // how long the file was with it
}

// cutDue kills the process where a blow strikes at a piece that has been
// written by now. It is called at each moment at which anybody but the file
// system may hear of the process, so what it has written since the last one it
// has written in silence: without what came after the piece, its files are
// those of a process that was killed right there.
func (a *alive) cutDue() {
	due := slices.IndexFunc(a.blows, func(b blow) bool { return b.at.kind == atPiece })
	if due < 0 {
		return
	}
	a.mu.Lock()
	if a.over {
		a.mu.Unlock()
		return
	}
	a.pieces = append(a.pieces, a.newPieces()...)
	n := a.blows[due].at.n
	strikes := len(a.pieces) >= n
	if strikes {
		a.cut = map[string]int{}
		for _, piece := range a.pieces[:n] {
			a.cut[piece.file] = piece.end
		}
	}
	a.mu.Unlock()
	if strikes {
		a.strike(a.blows[due])
	}
}

// newPieces are those that were written since they were counted last. Files do
// not tell which of them was written first; the state goes first, because it
// must hold what follows from it, but for its word that all is settled and what
// it has behind that.
func (a *alive) newPieces() []piece {
	counted := map[string]int{}
	for _, piece := range a.pieces {
		counted[piece.file]++
	}
	var pieces, settled []piece
	for _, file := range []string{"GITHUB_STATE", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		content, from := a.content(file), 0
		for i, end := range pieceEnds(file, content) {
			switch {
			case i < counted[file]:
			case file == "GITHUB_STATE" && (len(settled) > 0 || strings.Contains(content[from:end], "\nsettled\n")):
				settled = append(settled, piece{file, end})
			default:
				pieces = append(pieces, piece{file, end})
			}
			from = end
		}
		if file == "GITHUB_OUTPUT" {
			pieces = append(pieces, settled...)
		}
	}
	return pieces
}

// content is what stands in one of the runner's files.
func (a *alive) content(file string) string {
	content, _ := os.ReadFile(filepath.Join(a.dir, file))
	return string(content)
}

// pieceEnds are the ends of the pieces in a file.
func pieceEnds(file, content string) []int {
	if file == "GITHUB_STEP_SUMMARY" {
		if content == "" {
			return nil
		}
		return []int{len(content)}
	}
	var ends []int
	at, delimiter := 0, ""
	for line := range strings.Lines(content) {
		at += len(line)
		line = strings.TrimSuffix(line, "\n")
		switch {
		case delimiter == "":
			_, delimiter, _ = strings.Cut(line, "<<")
		case line == delimiter:
			ends, delimiter = append(ends, at), ""
		}
	}
	return ends
}

// otherFiles are the files of a process but for the runner's, by their paths.
func otherFiles(dir string) map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		if err != nil || entry.IsDir() || slices.Contains(runnerFiles(), name) {
			return nil // What is gone by now holds nothing.
		}
		content, _ := os.ReadFile(path)
		files[name] = string(content)
		return nil
	})
	return files
}
