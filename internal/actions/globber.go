package actions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// globber walks the folders that a pattern leads to.
type globber struct {
	root   *os.Root
	seen   map[string]bool // Folders, each with the rest of the pattern.
	files  []string
	folder bool // Whether a folder stood where a file should.
}

// walk collects what segments match below the folder dir.
func (g *globber) walk(dir string, segments []string) error {
	state := strconv.Itoa(len(segments)) + " " + dir
	if len(segments) == 0 || g.seen[state] {
		return nil
	}
	g.seen[state] = true
	segment, rest := segments[0], segments[1:]
	if !strings.ContainsAny(segment, "*?[") {
		info, err := g.root.Stat(path.Join(dir, segment))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("leads to %s, which can't be read: %w: name a file of the checkout", path.Join(dir, segment), bareError(err))
		}
		return g.step(path.Join(dir, segment), info.IsDir(), rest)
	}
	entries, err := fs.ReadDir(g.root.FS(), dir)
	if err != nil {
		return fmt.Errorf("needs folder %s, which can't be read: %w: name a file of the checkout", dir, bareError(err))
	}
	if segment == "**" {
		return g.walkAll(dir, segments, entries)
	}
	for _, entry := range entries {
		if ok, _ := path.Match(segment, entry.Name()); !ok || isGit(entry.Name()) {
			continue
		}
		name := path.Join(dir, entry.Name())
		isDir := entry.IsDir()
		if entry.Type() == fs.ModeSymlink {
			info, err := g.root.Stat(name)
			isDir = err == nil && info.IsDir()
		}
		if err := g.step(name, isDir, rest); err != nil {
			return err
		}
	}
	return nil
}

// walkAll matches "**": the rest of the pattern here, and the whole of it in
// each folder below.
func (g *globber) walkAll(dir string, segments []string, entries []fs.DirEntry) error {
	rest := segments[1:]
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	if err := g.walk(dir, rest); err != nil {
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
