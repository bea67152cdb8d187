package forge_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

const (
	one = "1111111111111111111111111111111111111111\n"
	two = "2222222222222222222222222222222222222222\n"
)

// plainCheckout is a checkout of the branch main, which is pushed.
func plainCheckout() map[string]string {
	return map[string]string{
		".git/HEAD":                     "ref: refs/heads/main\n",
		".git/config":                   "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://github.com/acme/shop.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
		".git/refs/heads/main":          one,
		".git/refs/remotes/origin/main": one,
	}
}

// lay writes files below a folder of the test.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(strings.ReplaceAll(text, "ROOT", root)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadCheckoutNamesTheRepositoryAndThePushedBranch(t *testing.T) {
	t.Parallel()
	shop := forge.Repository{Server: "https://github.com", Path: "acme/shop"}
	tests := []struct {
		name   string
		change map[string]string // of the plain checkout; "" takes a file away
		folder string            // below the root
		want   forge.Checkout
		root   string
		err    string
	}{
		{name: "a pushed branch", want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main"}},
		{name: "a folder inside", change: map[string]string{"cmd/shop/main.go": "package main\n"}, folder: "cmd/shop",
			want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main"}},
		{name: "refs that git has packed", change: map[string]string{
			".git/refs/heads/main": "", ".git/refs/remotes/origin/main": "",
			".git/packed-refs": "# pack-refs with: peeled fully-peeled sorted\n" + strings.TrimSpace(one) + " refs/heads/main\n" + strings.TrimSpace(two) + " refs/remotes/origin/main\n",
		}, want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main", Differs: true}},
		{name: "commits that are not pushed", change: map[string]string{".git/refs/heads/main": two},
			want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main", Differs: true}},
		{name: "a branch that tracks another one", change: map[string]string{
			".git/HEAD": "ref: refs/heads/fix/login\n", ".git/refs/heads/fix/login": two,
			".git/config": "[remote \"origin\"]\nurl=git@github.com:acme/shop.git\n[branch \"fix/login\"]\nremote=origin\nmerge=refs/heads/main\n",
		}, want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main", Differs: true}},
		{name: "a branch that tracks another one and was pushed by its own name", change: map[string]string{
			".git/HEAD": "ref: refs/heads/fix/login\n", ".git/refs/heads/fix/login": two, ".git/refs/remotes/origin/fix/login": two,
			".git/config": "[remote \"origin\"]\nurl=git@github.com:acme/shop.git\n[branch \"fix/login\"]\nremote=origin\nmerge=refs/heads/main\n",
		}, want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "fix/login"}},
		{name: "a branch of another remote", change: map[string]string{
			".git/refs/remotes/fork/main": one,
			".git/config":                 "[remote \"origin\"]\nurl=https://github.com/acme/shop\n[remote \"fork\"]\nurl=https://github.com/me/shop\n[branch \"main\"]\npushRemote = fork\n",
		}, want: forge.Checkout{Remote: "fork", Repository: forge.Repository{Server: "https://github.com", Path: "me/shop"}, Branch: "main"}},
		{name: "one remote of another name", change: map[string]string{
			".git/refs/remotes/hub/main": one, ".git/config": "[remote \"hub\"]\nurl=https://github.com/acme/shop\n",
		}, want: forge.Checkout{Remote: "hub", Repository: shop, Branch: "main"}},
		{name: "an address by insteadOf", change: map[string]string{
			".git/config": "[url \"https://github.com/\"]\n\tinsteadOf = gh:\n[url \"https://example.com/\"]\n\tinsteadOf = g\n[remote \"origin\"]\n\turl = gh:acme/shop\n",
		}, want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "main"}},
		{name: "a worktree", folder: "side", root: "side", change: map[string]string{
			"side/.git": "gitdir: ROOT/.git/worktrees/side\n", ".git/worktrees/side/HEAD": "ref: refs/heads/side\n",
			".git/worktrees/side/commondir": "../..\n", ".git/refs/heads/side": one, ".git/refs/remotes/origin/side": one,
		}, want: forge.Checkout{Remote: "origin", Repository: shop, Branch: "side"}},
		{name: "a submodule", folder: "lib", root: "lib", change: map[string]string{
			"lib/.git": "gitdir: ../.git/modules/lib\n", ".git/modules/lib/HEAD": "ref: refs/heads/dev\n",
			".git/modules/lib/config":                  "[remote \"origin\"]\n\turl = https://gitlab.com/acme/group/lib.git\n",
			".git/modules/lib/refs/heads/dev":          one,
			".git/modules/lib/refs/remotes/origin/dev": one,
		}, want: forge.Checkout{Remote: "origin", Repository: forge.Repository{Server: "https://gitlab.com", Path: "acme/group/lib"}, Branch: "dev"}},

		{name: "a detached HEAD", change: map[string]string{".git/HEAD": one},
			want: forge.Checkout{Remote: "origin", Repository: shop}, err: "branch: HEAD is detached, so no branch is checked out"},
		{name: "a branch without a commit", change: map[string]string{".git/HEAD": "ref: refs/heads/new\n"},
			want: forge.Checkout{Remote: "origin", Repository: shop}, err: "branch: the branch new has no commit yet"},
		{name: "a branch that was not pushed", change: map[string]string{".git/HEAD": "ref: refs/heads/fix\n", ".git/refs/heads/fix": one},
			want: forge.Checkout{Remote: "origin", Repository: shop}, err: "branch: the branch fix was not pushed to origin, as far as this checkout knows"},
		{name: "a branch whose name leads elsewhere", change: map[string]string{".git/HEAD": "ref: refs/heads/../../../secret\n"},
			want: forge.Checkout{Remote: "origin", Repository: shop}, err: "branch: the branch ../../../secret has no commit yet"},
		{name: "a branch that no agent can start from", change: map[string]string{
			".git/HEAD": "ref: refs/heads/a..b\n", ".git/refs/heads/a..b": one, ".git/refs/remotes/origin/a..b": one,
		}, want: forge.Checkout{Remote: "origin", Repository: shop}, err: `branch: "a..b" is not a branch name that git allows: write for example main or feature/login`},
		{name: "refs in the new form", change: map[string]string{
			".git/HEAD": "ref: refs/heads/.invalid\n", ".git/config": "[extensions]\n\trefStorage = reftable\n[remote \"origin\"]\n\turl = https://github.com/acme/shop.git\n",
		}, want: forge.Checkout{Remote: "origin", Repository: shop}, err: "branch: the checkout keeps its branches in a form (reftable) that is not read here"},
		{name: "no remote", change: map[string]string{".git/config": ""},
			want: forge.Checkout{}, err: "repository: the checkout has no remote, or several and none named origin"},
		{name: "a remote that is a folder", change: map[string]string{".git/config": "[remote \"origin\"]\nurl=../shop.git\n"},
			want: forge.Checkout{Remote: "origin"}, err: `repository: the remote origin of the checkout: "../shop.git" is a folder and no address of a code host`},
		{name: "a file .git that is none", folder: "odd", change: map[string]string{"odd/.git": "hello\n"},
			err: "read the checkout ROOT/odd: its file .git names no folder"},
		{name: "a checkout without a HEAD", change: map[string]string{".git/HEAD": ""}, root: ".",
			err: "read the checkout ROOT: stat ROOT/.git/HEAD: no such file or directory"},
		{name: "a configuration that is no file", change: map[string]string{".git/config": "", ".git/config/x": "1"}, root: ".",
			err: "read git's configuration: ROOT/.git/config is no file that git writes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := plainCheckout()
			maps.Copy(files, test.change)
			maps.DeleteFunc(files, func(_, text string) bool { return text == "" })
			root := lay(t, files)
			got, err := forge.ReadCheckout(filepath.Join(root, test.folder))
			if test.want != (forge.Checkout{}) || test.root != "" || strings.HasPrefix(test.err, "repository") {
				test.want.Root = filepath.Join(root, test.root)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("checkout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.ReplaceAll(test.err, "ROOT", root), kindOf(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// kindOf is an error's text behind the part of the checkout that it is about.
func kindOf(err error) string {
	if wrong, ok := errors.AsType[*forge.RepositoryError](err); ok {
		return "repository: " + wrong.Error()
	}
	if wrong, ok := errors.AsType[*forge.BranchError](err); ok {
		return "branch: " + wrong.Error()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAFolderWithoutACheckoutIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	if _, err := forge.ReadCheckout(t.TempDir()); !errors.Is(err, forge.ErrNoCheckout) {
		t.Errorf("error %v, want %v", err, forge.ErrNoCheckout)
	}
}

func TestParseRemoteReadsWhatGitTakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, remote, want, err string }{
		{name: "https", remote: "https://github.com/acme/shop.git", want: "https://github.com/acme/shop"},
		{name: "https with a token", remote: "https://x-access-token:5ecret@github.com/acme/shop.git", want: "https://github.com/acme/shop"},
		{name: "https with a user and a slash", remote: "https://me@github.com/acme/shop/", want: "https://github.com/acme/shop"},
		{name: "http of a host of one's own", remote: "http://git.acme.example:8443/team/shop", want: "https://git.acme.example:8443/team/shop"},
		{name: "scp", remote: "git@github.com:acme/shop.git", want: "https://github.com/acme/shop"},
		{name: "scp with a slash", remote: "git@git.acme.example:/team/shop.git", want: "https://git.acme.example/team/shop"},
		{name: "ssh with a port", remote: "ssh://git@git.acme.example:2222/team/sub/shop.git", want: "https://git.acme.example/team/sub/shop"},
		{name: "ssh over the https port", remote: "ssh://git@ssh.github.com:443/acme/shop.git", want: "https://github.com/acme/shop"},
		{name: "git", remote: "git://github.com/acme/shop.git", want: "https://github.com/acme/shop"},

		{name: "a host of ssh's configuration", remote: "work:acme/shop.git", err: `"work:acme/shop.git" names the host "work", which only this machine's ssh configuration knows`},
		{name: "a folder", remote: "/srv/git/shop.git", err: `"/srv/git/shop.git" is a folder and no address of a code host`},
		{name: "a drive", remote: `C:\git\shop`, err: `"C:\\git\\shop" is a folder and no address of a code host`},
		{name: "a file address", remote: "file:///srv/git/shop.git", err: `"file:///srv/git/shop.git" is not an https or ssh address`},
		{name: "no path", remote: "https://me:5ecret@github.com/", err: `"https://***@github.com" names no repository`},
		{name: "not an address", remote: "https://me:5ecret@git hub.com/a/b", err: `"https://***@git hub.com/a/b" can't be read as an address`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := forge.ParseRemote(test.remote)
			if diff := cmp.Diff(test.err, kindOf(err)); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			if err == nil && got.URL() != test.want {
				t.Errorf("repository %s, want %s", got.URL(), test.want)
			}
		})
	}
}

func TestGitsConfigurationIsReadAsGitReadsIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, config, want string }{
		{"quotes and a comment", "[remote \"origin\"]\n\turl = \"https://github.com/acme/shop\" ; our shop\n", "https://github.com/acme/shop"},
		{"a comment behind a plain value", "[remote \"origin\"]\n\turl = https://github.com/acme/shop # ours\n", "https://github.com/acme/shop"},
		{"a value that goes on", "[remote \"origin\"]\n\turl = https://github.com/\\\nacme/shop\n", "https://github.com/acme/shop"},
		{"a setting on the section's line", "[Remote \"origin\"] URL = https://github.com/acme/shop\n", "https://github.com/acme/shop"},
		{"Windows' line ends", "[remote \"origin\"]\r\n\turl = https://github.com/acme/shop\r\n", "https://github.com/acme/shop"},
		{"the first of two addresses", "[remote \"origin\"]\nurl = https://github.com/acme/shop\nurl = https://github.com/acme/other\n", "https://github.com/acme/shop"},
		{"a name with a quote and a section never ended", "[remote \"or\\\"igin\"]\nurl = https://github.com/acme/shop\n[core\n", "https://github.com/acme/shop"},
		{"comments and escapes", "# first\n; second\n[x]\n\ta = \"b\\n\\t\\\"\"\n\tnoValue\n[remote \"origin\"]\nurl=https://github.com/acme/shop\n", "https://github.com/acme/shop"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := plainCheckout()
			files[".git/config"] = test.config
			got, err := forge.ReadCheckout(lay(t, files))
			if _, wrong := errors.AsType[*forge.BranchError](err); err != nil && !wrong {
				t.Fatal(err)
			}
			if got.Repository.URL() != test.want {
				t.Errorf("repository %s, want %s", got.Repository.URL(), test.want)
			}
		})
	}
}

func FuzzReadCheckout(f *testing.F) {
	for _, text := range plainCheckout() {
		f.Add(text, text)
	}
	f.Add("ref: refs/heads/main", "[remote \"origin\"]\nurl=\\\n\\")
	f.Fuzz(func(t *testing.T, head, config string) {
		files := plainCheckout()
		files[".git/HEAD"], files[".git/config"] = head, config
		checkout, err := forge.ReadCheckout(lay(t, files))
		if err == nil && (checkout.Repository.IsZero() || checkout.Branch == "") {
			t.Errorf("no error, and yet %+v", checkout)
		}
		if strings.Contains(checkout.Repository.URL(), "@") {
			t.Errorf("user name in %s", checkout.Repository.URL())
		}
	})
}

// TestWhatGitWritesIsRead is held where git is installed; the files of the
// other tests are written after it.
func TestWhatGitWritesIsRead(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		return
	}
	root := t.TempDir()
	run := func(folder string, args ...string) {
		t.Helper()
		command := exec.Command(git, append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
		command.Dir = folder
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	run(root, "init", "-q", "--bare", "there.git")
	run(root, "init", "-q", "here")
	here, side := filepath.Join(root, "here"), filepath.Join(root, "side")
	run(here, "commit", "-q", "--allow-empty", "-m", "first")
	run(here, "remote", "add", "origin", filepath.Join(root, "there.git"))
	run(here, "push", "-q", "-u", "origin", "main")
	run(here, "remote", "set-url", "origin", "git@github.com:acme/shop.git")
	run(here, "pack-refs", "--all")
	run(here, "worktree", "add", "-q", "-b", "side", side, "main")
	run(side, "branch", "-q", "--set-upstream-to", "origin/main")
	run(side, "commit", "-q", "--allow-empty", "-m", "second")
	shop := forge.Repository{Server: "https://github.com", Path: "acme/shop"}
	for _, want := range []forge.Checkout{
		{Root: here, Remote: "origin", Repository: shop, Branch: "main"},
		{Root: side, Remote: "origin", Repository: shop, Branch: "main", Differs: true},
	} {
		got, err := forge.ReadCheckout(want.Root)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("checkout (-want +got):\n%s", diff)
		}
	}
}
