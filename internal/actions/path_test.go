package actions_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

func TestSafeRelativeRefusesWhatIsNoPlainPath(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 256)
	deep := strings.Repeat("abc/", 256) + "x"
	tests := []struct{ path, want, problem string }{
		{"a.txt", "a.txt", ""},
		{"artifacts/shots/1 of 2.png", "artifacts/shots/1 of 2.png", ""},
		{"./a//b/./c.txt", "a/b/c.txt", ""},
		{"a/", "a", ""},
		{"...a/.github/console.log/\u00e9", "...a/.github/console.log/\u00e9", ""},
		{"logs/12:30.png", "logs/12:30.png", ""},
		{"", "", "is empty"},
		{".", "", "is the folder itself"},
		{"./", "", "is the folder itself"},
		{"..", "", "leaves the folder"},
		{"../a", "", "leaves the folder"},
		{"a/../b", "", "leaves the folder"},
		{"a/..", "", "is the folder itself"},
		{"/etc/passwd", "", "is absolute"},
		{`a\b`, "", "has a backslash"},
		{`\\server\share`, "", "has a backslash"},
		{"C:a", "", "starts with a drive letter"},
		{"./C:/a", "", "starts with a drive letter"},
		{"a\x00b", "", "has a control or invisible character"},
		{"a\nb", "", "has a control or invisible character"},
		{"a\u2028b", "", "has a control or invisible character"},
		{"a\u202egpj.exe", "", "has a control or invisible character"},
		{"a\xff", "", "is not UTF-8"},
		{".git/config", "", "lies in a .git folder"},
		{"a/.GIT", "", "lies in a .git folder"},
		{".g\u200dit/config", "", "lies in a .git folder"},
		{".git /x", "", "lies in a .git folder"},
		{".git./x", "", "lies in a .git folder"},
		{".git::$INDEX_ALLOCATION/x", "", "lies in a .git folder"},
		{"GIT~1/config", "", "lies in a .git folder"},
		{"a./b", "", "has a name that ends with a space or a dot"},
		{"a ", "", "has a name that ends with a space or a dot"},
		{"con", "", "has a name that is reserved on Windows"},
		{"a/NUL.txt", "", "has a name that is reserved on Windows"},
		{"com\u00b9 .log", "", "has a name that is reserved on Windows"},
		{long, "", "has a name of more than 255 bytes"},
		{deep, "", "has more than 1024 bytes"},
	}
	for _, tt := range tests {
		got, err := actions.SafeRelative(tt.path)
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.path, got, tt.want)
		}
		if tt.problem == "" && err == nil {
			continue
		}
		_, after, _ := strings.Cut(text(err), `" `)
		if diff := cmp.Diff(tt.problem+": name a file below the folder", after); diff != "" {
			t.Errorf("%q: error (-want +got):\n%s", tt.path, diff)
		}
	}
}

// FuzzSafeRelative holds that a path which is accepted stays below the folder
// that it is joined to, and is accepted again as it is.
func FuzzSafeRelative(f *testing.F) {
	for _, seed := range []string{"a/b", "../a", "a/../../b", "/a", `..\a`, "C:/a", ".git/x", "a\x00", "./.", "a/./..", "con.txt"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, untrusted string) {
		got, err := actions.SafeRelative(untrusted)
		if err != nil {
			if got != "" || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("%q gives %q and error %q", untrusted, got, err)
			}
			return
		}
		if !filepath.IsLocal(got) || got == "." || path.Join("/w", got) != "/w/"+got || strings.ContainsAny(got, "\x00\\\n") {
			t.Errorf("%q is accepted as %q", untrusted, got)
		}
		if again, err := actions.SafeRelative(got); again != got || err != nil {
			t.Errorf("%q becomes %q and %v the second time", got, again, err)
		}
	})
}
