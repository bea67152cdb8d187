package actions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// File is a text file of the workspace.
type File struct {
	Path string // Relative to the workspace, with slashes.
	Data []byte // UTF-8 without a byte order mark, never blank.
}

// ReadGlobs reads the files that patterns match: in the order of the patterns,
// those of one pattern sorted, each file once. A pattern is a path below the
// workspace with slashes, in whose names *, ? and [a-z] match as in path.Match,
// and "**" matches any number of folders, other than links and .git. A pattern
// that starts with "!" takes away what those before it matched.
//
// It is an error when a pattern matches no file, names a folder or leaves the
// workspace, when a file is blank or not UTF-8, or when all of them hold more
// than limit bytes.
func (w *Workspace) ReadGlobs(patterns []string, limit int64) ([]File, error) {
	var names []string
	for _, pattern := range patterns {
		if excluded, ok := strings.CutPrefix(pattern, "!"); ok {
			segments, err := splitPattern(strings.TrimSpace(excluded))
			if err != nil {
				return nil, fmt.Errorf("%s %w", quote(pattern), err)
			}
			names = slices.DeleteFunc(names, func(name string) bool {
				return matchPath(segments, strings.Split(name, "/"))
			})
			continue
		}
		matches, err := w.glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("%s %w", quote(pattern), err)
		}
		for _, name := range matches {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil, errors.New("the patterns leave no file: name at least one that is not taken away again")
	}
	return w.readAll(names, limit)
}

func (w *Workspace) readAll(names []string, limit int64) ([]File, error) {
	var files []File
	left := limit
	for _, name := range names {
		data, err := w.read(name, left)
		if err != nil {
			return nil, fmt.Errorf("%s %w", quote(name), err)
		}
		if left -= int64(len(data)); left < 0 {
			return nil, fmt.Errorf("%s makes it more than %d bytes in all: name fewer or smaller files", quote(name), limit)
		}
		data = bytes.TrimPrefix(data, []byte("\uFEFF"))
		switch {
		case !utf8.Valid(data):
			return nil, fmt.Errorf("%s is not UTF-8 text: convert it or name another file", quote(name))
		case len(bytes.TrimSpace(data)) == 0:
			return nil, fmt.Errorf("%s is empty: write something into it or name another file", quote(name))
		}
		files = append(files, File{Path: name, Data: data})
	}
	return files, nil
}

// read returns the content of a regular file, and of one that is larger than
// limit one byte more than that.
func (w *Workspace) read(name string, limit int64) ([]byte, error) {
	target, err := w.resolve(name)
	if err != nil {
		return nil, fmt.Errorf("%w: name a file of the checkout", err)
	}
	info, err := w.root.Lstat(target)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("is %s: name a file", kindOf(info))
	}
	f, err := w.root.Open(target)
	if err != nil {
		return nil, fmt.Errorf("can't be opened: %w: name another file", bareError(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w: name another file", bareError(err))
	}
	return data, nil
}

// glob returns the files that pattern matches, sorted, at least one.
func (w *Workspace) glob(pattern string) ([]string, error) {
	segments, err := splitPattern(pattern)
	if err != nil {
		return nil, err
	}
	g := &globber{w: w, seen: make(map[string]bool)}
	if err := g.walk(".", segments); err != nil {
		return nil, err
	}
	slices.Sort(g.files)
	switch files := slices.Compact(g.files); {
	case len(files) > 0:
		return files, nil
	case g.folder:
		return nil, errors.New("is a folder: name files, such as folder/*.md")
	default:
		return nil, errors.New("matches no file of the workspace: check the path, and that an earlier step checks the repository out")
	}
}

// splitPattern returns the parts of a pattern, or what is wrong with it.
func splitPattern(pattern string) ([]string, error) {
	const next = "name a file below the workspace, with slashes"
	switch {
	case pattern == "":
		return nil, errors.New("names no file: " + next)
	case strings.Contains(pattern, `\`):
		return nil, errors.New("has a backslash: " + next)
	case path.IsAbs(pattern), len(pattern) >= 2 && pattern[1] == ':':
		return nil, errors.New("is an absolute path: " + next)
	}
	var segments []string
	for segment := range strings.SplitSeq(pattern, "/") {
		switch _, err := path.Match(segment, ""); {
		case err != nil:
			return nil, errors.New("is not a pattern: close its bracket")
		case segment == "..":
			return nil, fmt.Errorf("%w: %s", errOutside, next)
		case segment != "" && segment != ".":
			segments = append(segments, segment)
		}
	}
	if len(segments) > 0 && segments[len(segments)-1] == "**" {
		segments = append(segments, "*")
	}
	return segments, nil
}

// matchPath reports whether the names of a path match the parts of a pattern.
func matchPath(segments, names []string) bool {
	switch {
	case len(segments) == 0:
		return len(names) == 0
	case segments[0] == "**":
		return matchPath(segments[1:], names) || len(names) > 0 && matchPath(segments, names[1:])
	case len(names) == 0:
		return false
	}
	ok, _ := path.Match(segments[0], names[0]) // The pattern was checked before.
	return ok && matchPath(segments[1:], names[1:])
}
