package forge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// Fault 5: an address that ends with .git is not found.
func TestARepositoryIsReadFromEveryCommonWayOfWritingIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, server, want string }{
		{"owner and name", "acme/api", "", "https://github.com/acme/api"},
		{"on the runner's own server", "acme/api", "https://git.acme.example/", "https://git.acme.example/acme/api"},
		{"web address", "https://github.com/acme/api", "", "https://github.com/acme/api"},
		{"with .git", "https://github.com/acme/api.git", "", "https://github.com/acme/api"},
		{"name with .git", "acme/api.git", "", "https://github.com/acme/api"},
		{"trailing slash", "https://github.com/acme/api/", "", "https://github.com/acme/api"},
		{"without a scheme, as the API writes it", "github.com/acme/api", "", "https://github.com/acme/api"},
		{"nested groups of another host", "https://gitlab.com/acme/team/api", "", "https://gitlab.com/acme/team/api"},
		{"white space around", "  acme/api\n", "", "https://github.com/acme/api"},
		{"dots and dashes in the name", "acme-inc/my_repo.js", "", "https://github.com/acme-inc/my_repo.js"},
		{"a port", "https://git.acme.example:8443/acme/api", "", "https://git.acme.example:8443/acme/api"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := forge.ParseRepository(test.text, test.server)
			if err != nil {
				t.Fatal(err)
			}
			if got.URL() != test.want {
				t.Errorf("got %s, want %s", got.URL(), test.want)
			}
		})
	}
}

// Fault 5: ssh addresses, credentials and queries in an address are no repository to the API, and are seen by it.
func TestWhatIsNotARepositoryIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"one word", "api", `"api" is not a repository: write owner/name or https://HOST/owner/name`},
		{"nothing", "", `"" is not a repository: write owner/name or https://HOST/owner/name`},
		{"a space", "acme/my api", `"acme/my api" is not a repository: write owner/name or https://HOST/owner/name`},
		{"a way up", "acme/../api", `"acme/../api" is not a repository: write owner/name or https://HOST/owner/name`},
		{"ssh", "git@github.com:acme/api.git", `"git@github.com:acme/api.git" is an ssh address: write owner/name or https://HOST/owner/name`},
		{"http", "http://github.com/acme/api", `"http://github.com/acme/api" is not an https address: write owner/name or https://HOST/owner/name`},
		{"credentials, which the message does not repeat", "https://u:hunter2@github.com/acme/api", `"https://***@github.com/acme/api" holds more than a repository: write https://HOST/owner/name without credentials, query or fragment`},
		{"a query", "https://github.com/acme/api?x=1", `"https://github.com/acme/api?x=1" holds more than a repository: write https://HOST/owner/name without credentials, query or fragment`},
		{"a line break", "acme/api\nevil", `"acme/api\nevil" is not a repository: write owner/name or https://HOST/owner/name`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := forge.ParseRepository(test.text, "")
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestRepositoriesAreComparedWithoutCase(t *testing.T) {
	t.Parallel()
	one, _ := forge.ParseRepository("Acme/API", "")
	two, _ := forge.ParseRepository("https://GitHub.com/acme/api.git", "")
	other, _ := forge.ParseRepository("acme/web", "")
	if !one.Same(two) || one.Same(other) {
		t.Errorf("Same: %v and %v must be the same, %v another", one, two, other)
	}
}

func TestAPullRequestIsReadFromItsNumberOrAddress(t *testing.T) {
	t.Parallel()
	here, err := forge.ParseRepository("acme/api", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"number", "7", "https://github.com/acme/api/pull/7"},
		{"number with a hash", " #7 ", "https://github.com/acme/api/pull/7"},
		{"address", "https://github.com/acme/web/pull/12", "https://github.com/acme/web/pull/12"},
		{"address of its files", "https://github.com/acme/web/pull/12/files", "https://github.com/acme/web/pull/12"},
		{"address with a fragment", "https://github.com/acme/web/pull/12#issuecomment-1", "https://github.com/acme/web/pull/12"},
		{"merge request", "https://gitlab.com/acme/team/api/-/merge_requests/3", "https://gitlab.com/acme/team/api/-/merge_requests/3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := forge.ParsePullRequest(test.text, here)
			if err != nil {
				t.Fatal(err)
			}
			if got.URL() != test.want {
				t.Errorf("got %s, want %s", got.URL(), test.want)
			}
		})
	}
}

func TestWhatIsNotAPullRequestIsRefused(t *testing.T) {
	t.Parallel()
	here, err := forge.ParseRepository("acme/api", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text string
		in         forge.Repository
		want       string
	}{
		{"a word", "seven", here, `"seven" is not a pull request: write its number, its https address, or current`},
		{"zero", "0", here, `"0" is not a pull request: its number is out of range`},
		{"too large", "99999999999999999999", here, `"99999999999999999999" is not a pull request: its number is out of range`},
		{"http", "http://github.com/acme/api/pull/7", here, `"http://github.com/acme/api/pull/7" is not a pull request: write its number, its https address, or current`},
		{"an issue", "https://github.com/acme/api/issues/7", here, `"https://github.com/acme/api/issues/7" is not a pull request's address: it should look like https://github.com/acme/api/pull/7`},
		{"an issue, no repository known", "https://github.com/acme/api/issues/7", forge.Repository{}, `"https://github.com/acme/api/issues/7" is not a pull request's address: it should look like https://github.com/owner/name/pull/7`},
		{"a number of no repository", "7", forge.Repository{}, `"7" says no repository: write the pull request's https address`},
		{"an odd path", "https://github.com/ac me/api/pull/7", here, `"https://github.com/ac me/api" is not a repository: write owner/name or https://HOST/owner/name`},
		{"a path that is no repository", "https://github.com/acme/pull/7", here, `"https://github.com/acme" is not a repository: write owner/name or https://HOST/owner/name`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := forge.ParsePullRequest(test.text, test.in)
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestThePullRequestNumberIsReadFromAnAddressOnly(t *testing.T) {
	t.Parallel()
	got := []int{
		forge.PullRequestNumber("https://github.com/acme/api/pull/42"),
		forge.PullRequestNumber("https://gitlab.com/acme/api/-/merge_requests/5"),
		forge.PullRequestNumber("42"),
		forge.PullRequestNumber(""),
		forge.PullRequestNumber("javascript:alert(1)"),
	}
	if diff := cmp.Diff([]int{42, 5, 0, 0, 0}, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

// Fault 4: refs/heads/ stands before names, and refs/tags/, refs/pull/ and HEAD are refused.
func TestBranchNamesFollowGit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want, problem string }{
		{"plain", "main", "main", ""},
		{"with slashes", "feature/login", "feature/login", ""},
		{"the full ref", "refs/heads/feature/login", "feature/login", ""},
		{"a commit, which the API takes at times", strings.Repeat("a1", 20), strings.Repeat("a1", 20), ""},
		{"a tag", "refs/tags/v1", "", `"refs/tags/v1" is a tag, and an agent starts from a branch: set a branch`},
		{"the merge ref", "refs/pull/7/merge", "", `"refs/pull/7/merge" is not a branch: write its name, for example main`},
		{"HEAD", "HEAD", "", `"HEAD" is not a branch: write its name, for example main`},
		{"nothing", "refs/heads/", "", `"refs/heads/" is not a branch name that git allows: write for example main or feature/login`},
		{"a space", "my branch", "", `"my branch" is not a branch name that git allows: write for example main or feature/login`},
		{"dots", "a..b", "", `"a..b" is not a branch name that git allows: write for example main or feature/login`},
		{"an option", "--upload-pack=x", "", `"--upload-pack=x" is not a branch name that git allows: write for example main or feature/login`},
		{"a lock", "a.lock", "", `"a.lock" is not a branch name that git allows: write for example main or feature/login`},
		{"a control character", "a\x1bb", "", `"a\x1bb" is not a branch name that git allows: write for example main or feature/login`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := forge.ParseRef(test.text)
			if problem := text(err); got != test.want || problem != test.problem {
				t.Errorf("got %q, %s\nwant %q, %s", got, problem, test.want, test.problem)
			}
		})
	}
}

// text is the whole of an error's message, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
