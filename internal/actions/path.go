package actions

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cursor-agent-action/internal/plain"
)

// Bounds of a path, in bytes: what common file systems take, with room for the
// folder that it is joined to.
const (
	maxPath     = 1024
	maxPathPart = 255
)

// SafeRelative returns a path that somebody else named as a clean, relative one
// with slashes, safe to join to a folder on any system. It refuses, and does
// not repair, what is no plain name below that folder: absolute paths, "..",
// drive letters, backslashes, control and invisible characters, names that
// Windows reserves or changes, and anything in a .git folder.
func SafeRelative(untrusted string) (string, error) {
	if err := checkRelative(untrusted); err != nil {
		return "", fmt.Errorf("path %s %w: name a file below the folder", quote(untrusted), err)
	}
	return path.Clean(untrusted), nil
}

func checkRelative(p string) error {
	switch {
	case p == "":
		return errors.New("is empty")
	case len(p) > maxPath:
		return fmt.Errorf("has more than %d bytes", maxPath)
	case !utf8.ValidString(p):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(p, func(r rune) bool { return unicode.IsControl(r) || plain.IsBreak(r) || plain.IsHidden(r) }):
		return errors.New("has a control or invisible character")
	case strings.Contains(p, `\`):
		return errors.New("has a backslash")
	case path.IsAbs(p):
		return errors.New("is absolute")
	case len(path.Clean(p)) >= 2 && path.Clean(p)[1] == ':': // also "./C:/a"
		return errors.New("starts with a drive letter")
	case path.Clean(p) == ".":
		return errors.New("is the folder itself")
	}
	for part := range strings.SplitSeq(p, "/") {
		if err := checkPart(part); err != nil {
			return err
		}
	}
	return nil
}

// checkPart checks one name of a path. Empty ones and "." go away by cleaning.
func checkPart(part string) error {
	stem, _, _ := strings.Cut(strings.ToLower(part), ".")
	switch {
	case part == "" || part == ".":
		return nil
	case part == "..":
		return errors.New("leaves the folder")
	case isGit(part):
		return errors.New("lies in a .git folder")
	case len(part) > maxPathPart:
		return fmt.Errorf("has a name of more than %d bytes", maxPathPart)
	case strings.HasSuffix(part, " ") || strings.HasSuffix(part, "."):
		return errors.New("has a name that ends with a space or a dot")
	case slices.Contains(reservedNames(), strings.TrimSpace(stem)):
		return errors.New("has a name that is reserved on Windows")
	}
	return nil
}

// isGit reports whether a folder of this name may be a git folder: git itself
// takes letter case, joiners, trailing dots and spaces, and the short name of
// Windows for the same, on some system or other.
func isGit(part string) bool {
	name := strings.Map(func(r rune) rune {
		if isIgnorable(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, part)
	name, _, _ = strings.Cut(name, ":")
	name = strings.TrimRight(name, " .")
	return name == ".git" || strings.HasPrefix(name, "git~")
}

func reservedNames() []string {
	return strings.Fields(`con prn aux nul conin$ conout$
		com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 com¹ com² com³
		lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 lpt¹ lpt² lpt³`)
}
