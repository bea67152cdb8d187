package campaign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// .ci/mutants.go takes a number for a mutant's name, and a patch that applies
// nowhere shows nothing: the whole run of the mutants is long, and tells late.
func TestEveryMutantHasItsOwnNumberAndApplies(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d mutants, %v", len(paths), err)
	}
	numbered := map[string]string{}
	for _, path := range paths {
		name := filepath.Base(path)
		number, _, _ := strings.Cut(name, "-")
		if other, taken := numbered[number]; taken {
			t.Errorf("%s has the number of %s: give it one of its own", name, other)
		}
		numbered[number] = name
		patch, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		hunks := hunksOf(string(patch))
		if len(hunks) == 0 {
			t.Errorf("%s changes nothing", name)
		}
		for _, h := range hunks {
			source, err := os.ReadFile(filepath.Join("../..", h.file))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if !strings.Contains("\n"+string(source), "\n"+h.before) {
				t.Errorf("%s does not apply: %s has no lines\n%smake the bug again in the program as it is now", name, h.file, h.before)
			}
		}
	}
}

// hunk is one place that a patch changes.
type hunk struct {
	file   string
	before string // the lines there, without the bug
}

// hunksOf are the places that a patch, as git diff prints it, changes.
func hunksOf(patch string) []hunk {
	var hunks []hunk
	file := ""
	for line := range strings.Lines(patch) {
		named, isName := strings.CutPrefix(line, "+++ b/")
		switch {
		case isName:
			file = strings.TrimSpace(named)
		case file == "" || strings.HasPrefix(line, "--- "):
		case strings.HasPrefix(line, "@@ "):
			hunks = append(hunks, hunk{file: file})
		case line[0] == ' ' || line[0] == '-':
			hunks[len(hunks)-1].before += line[1:]
		}
	}
	return hunks
}
