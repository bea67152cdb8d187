package main_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestTheMarksOfTestsAreReadFromTheirCommentsOnly(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"top_test.go": {Data: []byte("package main_test\n\n// TestTop shows it.\n//\n// Fault 3: it is at the top.\nfunc TestTop(t *testing.T) {}\n")},
		"internal/cursor/a_test.go": {Data: []byte(`package cursor_test

// Fault 1: the first.
// Fault 12: the second, of
// two lines that mention Fault 13: in their middle.
func TestBoth(t *testing.T) {}

func FuzzNone(f *testing.F) {
	const text = "Fault 4: is no comment"
}

// Fault 5:
func TestWordless(t *testing.T) {}

// Fault 6: once.
// Fault 6: twice.
func TestTwice(t *testing.T) {}

// Fault 7: this is a helper.
func helper() {}

func TestInside(t *testing.T) {
	// Fault 8: this is in the middle.
}

// Fault 9: this is a method.
func (s *suite) TestMethod() {}
`)},
		"internal/cursor/a.go":                  {Data: []byte("package cursor\n\n// Fault 10: this is no test.\nfunc TestLike() {}\n")},
		"internal/cursor/testdata/a_test.go":    {Data: []byte("package broken {")},
		".hidden/a_test.go":                     {Data: []byte("package broken {")},
		"internal/agent/testdata.go/other.text": {Data: []byte("nothing")},
	}
	tests, problems := readTests(t, tree)
	want := map[string][]int{
		"main.TestTop": {3}, "cursor.TestBoth": {1, 12}, "cursor.FuzzNone": nil, "cursor.TestWordless": nil,
		"cursor.TestTwice": {6}, "cursor.TestInside": nil,
	}
	if diff := cmp.Diff(want, tests); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	wantProblems := []string{
		"cursor.TestWordless: Fault 5: says nothing: say in words what goes wrong",
		"cursor.TestTwice: Fault 6 stands there twice",
		`internal/cursor/a_test.go: "Fault 7: this" stands at no test: put it into the comment of the test that shows it`,
		`internal/cursor/a_test.go: "Fault 8: this" stands at no test: put it into the comment of the test that shows it`,
		`internal/cursor/a_test.go: "Fault 9: this" stands at no test: put it into the comment of the test that shows it`,
	}
	if diff := cmp.Diff(wantProblems, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
