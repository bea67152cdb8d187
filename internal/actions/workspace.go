package actions

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Workspace is the folder that earlier steps checked a repository out to. What
// lies in it may come from anybody who can open a pull request, links included,
// so every path is followed inside it only, and never into its .git folder,
// which holds the checkout's token and the hooks that later steps run.
type Workspace struct {
	root  *os.Root
	owner owner
}

// Workspace opens the folder that GITHUB_WORKSPACE names. Close it after use.
func (r *Runner) Workspace() (*Workspace, error) {
	const variable = "GITHUB_WORKSPACE"
	dir := r.getenv(variable)
	if dir == "" {
		return nil, fmt.Errorf("open workspace: %s is not set: run this as a step of a workflow, or set it to a folder", variable)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %s %s can't be opened: %w: set it to a folder", variable, dir, bareError(err))
	}
	w := &Workspace{root: root}
	if info, err := root.Stat("."); err == nil {
		w.owner = ownerOf(info)
	}
	return w, nil
}

// Close releases the folder. Files that are open stay so.
func (w *Workspace) Close() error { return w.root.Close() }

// Create creates the file rel below the workspace for writing, with the folders
// above it, or empties the regular file that is there. Close it to keep what
// was written. It refuses every path that SafeRelative refuses, and those with
// a link, device, pipe or file in the place of a folder. When this process is
// root, new files and folders are given to the owner of the workspace, so that
// later steps can change and remove them.
func (w *Workspace) Create(rel string) (io.WriteCloser, error) {
	name, err := SafeRelative(rel)
	if err != nil {
		return nil, fmt.Errorf("create file: %w", err)
	}
	f, err := w.create(name)
	if err != nil {
		return nil, fmt.Errorf("create %s in the workspace: %w: choose another path or remove what is there", quote(name), err)
	}
	return f, nil
}

func (w *Workspace) create(name string) (*os.File, error) {
	parts := strings.Split(name, "/")
	for i := 1; i < len(parts); i++ {
		if err := w.makeFolder(strings.Join(parts[:i], "/")); err != nil {
			return nil, err
		}
	}
	info, err := w.root.Lstat(name)
	if err == nil {
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("there is %s", kindOf(info))
		}
		f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
		return f, bareError(err)
	}
	// O_EXCL also keeps a link that appears meanwhile from being followed.
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, bareError(err)
	}
	w.owner.give(w.root, name)
	return f, nil
}

// Remove takes away the file rel, which Create made.
func (w *Workspace) Remove(rel string) error {
	name, err := SafeRelative(rel)
	if err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	if err := w.root.Remove(name); err != nil {
		return fmt.Errorf("remove %s from the workspace: %w: remove it by hand", quote(name), bareError(err))
	}
	return nil
}

// makeFolder makes the folder name unless it is there. Another goroutine may be
// making the same one.
func (w *Workspace) makeFolder(name string) error {
	err := w.root.Mkdir(name, 0o755)
	if err == nil {
		w.owner.give(w.root, name)
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return bareError(err)
	}
	info, err := w.root.Lstat(name)
	if err != nil {
		return bareError(err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is %s", quote(name), kindOf(info))
	}
	return nil
}

// errOutside is what following a path out of the workspace ends with.
var errOutside = errors.New("leaves the workspace")

// resolve follows the links in name, within the workspace, and returns the path
// without links.
func (w *Workspace) resolve(name string) (string, error) {
	pending := strings.Split(name, "/")
	var done []string
	for links := 0; len(pending) > 0; {
		part := pending[0]
		pending = pending[1:]
		switch {
		case part == "" || part == ".":
			continue
		case part == ".." && len(done) == 0:
			return "", errOutside
		case part == "..":
			done = done[:len(done)-1]
			continue
		case isGit(part):
			return "", errors.New("lies in a .git folder")
		}
		at := path.Join(path.Join(done...), part)
		info, err := w.root.Lstat(at)
		if err != nil {
			return "", fmt.Errorf("can't be opened: %w", bareError(err))
		}
		if info.Mode().Type() != fs.ModeSymlink {
			done = append(done, part)
			continue
		}
		if links++; links > 40 {
			return "", errors.New("is a link that leads to itself")
		}
		target, err := w.root.Readlink(at)
		if err != nil {
			return "", bareError(err)
		}
		if filepath.IsAbs(target) {
			return "", errOutside
		}
		pending = append(strings.Split(filepath.ToSlash(target), "/"), pending...)
	}
	return path.Join(done...), nil
}

// isDir reports whether name is a folder, or a link to one within the workspace.
func (w *Workspace) isDir(name string) (bool, error) {
	target, err := w.resolve(name)
	if err != nil {
		return false, err
	}
	info, err := w.root.Lstat(path.Join(".", target))
	return err == nil && info.IsDir(), bareError(err)
}

// kindOf says what stands in the place of a file or folder.
func kindOf(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return "a folder"
	case mode.IsRegular():
		return "a file"
	case mode.Type() == fs.ModeSymlink:
		return "a symbolic link"
	}
	return "neither a file nor a folder"
}

// bareError is err without the operation and the path that *fs.PathError adds.
func bareError(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
