package forge

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Checkout is what a git checkout says of itself: its repository at the code
// host and the branch that is checked out.
type Checkout struct {
	Root   string // the folder that holds .git
	Remote string // the remote that Repository is of, "origin" mostly
	// Repository is the remote's, without user names, passwords and tokens.
	Repository Repository
	// Branch is the branch at the remote that stands for the one checked out.
	Branch string
	// Differs says that the last commit here is another one than the remote's
	// last commit of Branch, as far as the checkout knows.
	Differs bool
}

// ErrNoCheckout says that a folder is in no git checkout.
var ErrNoCheckout = errors.New("this folder is in no git checkout")

// maxGitFile bounds each file of git's own that is read, in bytes.
const maxGitFile = 16 << 20

// ReadCheckout reads the checkout that folder is in. It reads git's files itself,
// because git may not be installed: HEAD, config and refs, of worktrees and
// submodules too. It follows no includes and no insteadOf of the user's own
// configuration.
//
// A repository that can't be named is an error of RepositoryError, and a branch
// that nobody could start from one of BranchError; what is known is returned all
// the same.
func ReadCheckout(folder string) (Checkout, error) {
	root, gitDir, err := findGitDir(folder)
	if err != nil {
		return Checkout{}, err
	}
	checkout := Checkout{Root: root}
	store := newGitStore(gitDir)
	config, err := store.config()
	if err != nil {
		return checkout, err
	}
	head, err := readGitFile(filepath.Join(gitDir, "HEAD"))
	if err != nil {
		return checkout, fmt.Errorf("read the checkout %s: %w", root, err)
	}
	local, attached := strings.CutPrefix(strings.TrimSpace(head), "ref: refs/heads/")
	checkout.Remote = config.remoteOf(local)
	if checkout.Repository, err = config.repository(checkout.Remote); err != nil {
		return checkout, &RepositoryError{err}
	}
	switch {
	case config.value("extensions", "", "refstorage") == "reftable":
		return checkout, &BranchError{errors.New("the checkout keeps its branches in a form (reftable) that is not read here")}
	case !attached:
		return checkout, &BranchError{errors.New("HEAD is detached, so no branch is checked out")}
	}
	at, found := store.ref("refs/heads/" + local)
	if !found {
		return checkout, &BranchError{fmt.Errorf("the branch %s has no commit yet", local)}
	}
	// The branch of the same name goes first: a branch made from main may still
	// track that.
	for _, branch := range []string{local, config.tracked(local, checkout.Remote)} {
		if there, found := store.ref("refs/remotes/" + checkout.Remote + "/" + branch); branch != "" && found {
			if checkout.Branch, err = ParseRef(branch); err != nil {
				return checkout, &BranchError{err}
			}
			checkout.Differs = there != at
			return checkout, nil
		}
	}
	return checkout, &BranchError{fmt.Errorf("the branch %s was not pushed to %s, as far as this checkout knows", local, checkout.Remote)}
}

// RepositoryError says why a checkout does not name a repository of a code host.
type RepositoryError struct{ Err error }

func (e *RepositoryError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RepositoryError) Unwrap() error { return e.Err }

// BranchError says why a checkout names no branch that an agent could start
// from.
type BranchError struct{ Err error }

func (e *BranchError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *BranchError) Unwrap() error { return e.Err }

// findGitDir looks for .git in folder and those above it. In worktrees and
// submodules it is a file that names the folder.
// https://git-scm.com/docs/gitrepository-layout
func findGitDir(folder string) (root, gitDir string, _ error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", "", err
	}
	for {
		at := filepath.Join(folder, ".git")
		info, err := os.Stat(at)
		switch {
		case err == nil && info.IsDir():
			return folder, at, nil
		case err == nil && info.Mode().IsRegular():
			text, err := readGitFile(at)
			named, ok := strings.CutPrefix(strings.TrimSpace(text), "gitdir: ")
			if err != nil || !ok {
				return "", "", fmt.Errorf("read the checkout %s: its file .git names no folder", folder)
			}
			if !filepath.IsAbs(named) {
				named = filepath.Join(folder, named)
			}
			return folder, named, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", "", ErrNoCheckout
		}
		folder = parent
	}
}

// readGitFile reads one of git's own files.
func readGitFile(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxGitFile {
		return "", fmt.Errorf("%s is no file that git writes", name)
	}
	data, err := os.ReadFile(name)
	return string(data), err
}
