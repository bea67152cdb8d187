package actions

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// globber walks the folders that a pattern leads to.
type globber struct {
	w      *Workspace
	seen   map[string]bool // Folders, each with the rest of the pattern.
	files  []string
	folder bool // Whether a folder stood where a file should.
}

// walk collects what segments match below the folder dir.
func (g *globber) walk(dir string, segments []string) error {
	state := strconv.Itoa(len(segments)) + " " + dir
	if len(segments) == 0 || g.seen[state] { // No segments: the pattern names the workspace itself.
		return nil
	}
	g.seen[state] = true
	segment, rest := segments[0], segments[1:]
	if !strings.ContainsAny(segment, "*?[") {
		name := path.Join(dir, segment)
		isDir, err := g.w.isDir(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: name a file of the checkout", err)
		}
		return g.step(name, isDir, rest)
	}
	entries, err := fs.ReadDir(g.w.root.FS(), dir)
	if err != nil {
		return fmt.Errorf("needs folder %s, which can't be read: %w: name a file of the checkout", quote(dir), bareError(err))
	}
	if segment == "**" {
		return g.walkAll(dir, segments, entries)
	}
	for _, entry := range entries {
		if ok, _ := path.Match(segment, entry.Name()); !ok || isGit(entry.Name()) {
			continue
		}
		name := path.Join(dir, entry.Name())
		// A link that can't be followed counts as a file: reading it says why.
		isDir, _ := g.w.isDir(name)
		if err := g.step(name, isDir, rest); err != nil {
			return err
		}
	}
	return nil
}

// walkAll matches "**": the rest of the pattern here, and the whole of it in
// each folder below.
func (g *globber) walkAll(dir string, segments []string, entries []fs.DirEntry) error {
	if err := g.walk(dir, segments[1:]); err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() || isGit(entry.Name()) {
			continue
		}
		if err := g.walk(path.Join(dir, entry.Name()), segments); err != nil {
			return err
		}
	}
	return nil
}

// step goes on from name, which one segment matched.
func (g *globber) step(name string, isDir bool, rest []string) error {
	switch {
	case len(rest) > 0 && isDir:
		return g.walk(name, rest)
	case len(rest) == 0 && isDir:
		g.folder = true
	case len(rest) == 0:
		g.files = append(g.files, name)
	}
	return nil
}
