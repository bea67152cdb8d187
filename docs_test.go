package main_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// knownFaults is how many faults docs/faults.md answers for.
const knownFaults = 50

var (
	// faultRow is a row of the table, and faultCells are its other cells: what
	// goes wrong, what the action does, and how that is shown.
	faultRow = regexp.MustCompile(`^\| *([0-9]+) *\|(.*)\|$`)
	// faultTest names a test as package.Test.
	faultTest = regexp.MustCompile("`([a-z0-9]+\\.(?:Test|Fuzz)[A-Za-z0-9_]*)`")
	// outOfReach opens the reason why a fault can't reach the action.
	outOfReach = regexp.MustCompile(`Out of reach: \S+( \S+){3}`)
	// faultMark stands at the begin of a line of a test's comment, before words
	// that say what the test shows.
	faultMark = regexp.MustCompile(`(?m)^Fault ([0-9]+):( \S+)?`)
)

// TestEveryFaultIsShownByATestOrOutOfReach holds docs/faults.md and the tests
// together: neither can promise what the other does not know of.
func TestEveryFaultIsShownByATestOrOutOfReach(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, problems := readTests(t, os.DirFS("."))
	if len(tests) < 300 {
		t.Fatalf("only %d tests found: the check looks in the wrong place", len(tests))
	}
	problems = append(problems, checkFaults(string(text), tests, knownFaults)...)
	for _, problem := range problems {
		t.Error(problem)
	}
	for _, mark := range []string{"<!-- figures -->\n", "<!-- /figures -->\n"} {
		if strings.Count(string(text), mark) != 1 {
			t.Errorf("docs/faults.md needs %q once, for the campaign's figures", strings.TrimSpace(mark))
		}
	}
}

// readTests finds every test of the tree, as package.Test, with the numbers of
// the faults that its comment says it shows.
func readTests(t *testing.T, tree fs.FS) (tests map[string][]int, problems []string) {
	t.Helper()
	tests = map[string][]int{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		home := path.Base(path.Dir(name))
		if home == "." {
			home = "main"
		}
		taken := map[*ast.CommentGroup]bool{}
		for _, declared := range parsed.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Recv != nil || !strings.HasPrefix(function.Name.Name, "Test") && !strings.HasPrefix(function.Name.Name, "Fuzz") {
				continue
			}
			taken[function.Doc] = true
			shown, wrong := marks(function.Doc)
			test := home + "." + function.Name.Name
			tests[test] = append(tests[test], shown...)
			for _, problem := range wrong {
				problems = append(problems, fmt.Sprintf("%s: %s", test, problem))
			}
		}
		for _, group := range parsed.Comments {
			if found := faultMark.FindString(group.Text()); found != "" && !taken[group] {
				problems = append(problems, fmt.Sprintf("%s: %q stands at no test: put it into the comment of the test that shows it", name, found))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests, problems
}

// marks are the numbers of the faults that a test's comment names.
func marks(comment *ast.CommentGroup) (numbers []int, problems []string) {
	for _, found := range faultMark.FindAllStringSubmatch(comment.Text(), -1) {
		number, err := strconv.Atoi(found[1])
		switch {
		case err != nil, found[2] == "":
			problems = append(problems, fmt.Sprintf("Fault %s: says nothing: say in words what goes wrong", found[1]))
		case slices.Contains(numbers, number):
			problems = append(problems, fmt.Sprintf("Fault %d stands there twice", number))
		default:
			numbers = append(numbers, number)
		}
	}
	return numbers, problems
}

// checkFaults holds the table in text against the tests, both ways. It returns
// what is wrong, in the order of the numbers.
func checkFaults(text string, tests map[string][]int, last int) []string {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	named := map[int][]string{} // tests by the row that names them
	rows := map[int]int{}
	for line := range strings.Lines(text) {
		found := faultRow.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		number, _ := strconv.Atoi(found[1])
		rows[number]++
		cells := strings.Split(found[2], "|")
		if len(cells) != 3 || slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) == "" }) {
			problem("row %d must say what goes wrong, what the action does, and how that is shown", number)
			continue
		}
		for _, test := range faultTest.FindAllStringSubmatch(cells[2], -1) {
			named[number] = append(named[number], test[1])
		}
		if len(named[number]) == 0 && !outOfReach.MatchString(cells[2]) {
			problem("row %d has neither a test nor a reason (Out of reach: ...)", number)
		}
	}
	for number := range last {
		if count := rows[number+1]; count != 1 {
			problem("fault %d has %d rows, and must have one", number+1, count)
		}
	}
	for number := range rows {
		if number < 1 || number > last {
			problem("row %d is of no fault: they go from 1 to %d", number, last)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(named)) {
		for _, test := range named[number] {
			shown, exists := tests[test]
			switch {
			case !exists:
				problem("row %d names %s, which does not exist", number, test)
			case !slices.Contains(shown, number):
				problem("row %d names %s, whose comment has no sentence \"Fault %d: ...\"", number, test, number)
			}
		}
	}
	for _, test := range slices.Sorted(maps.Keys(tests)) {
		for _, number := range tests[test] {
			if !slices.Contains(named[number], test) {
				problem("%s says that it shows fault %d, and row %d does not name it", test, number, number)
			}
		}
	}
	slices.SortStableFunc(problems, cmp.Compare[string])
	return problems
}

// A table that is wrong in one way each, against the same three tests.
func TestTheCheckOfTheFaultsFindsEachMistake(t *testing.T) {
	t.Parallel()
	const (
		first  = "| 1 | it breaks | it is mended | `cursor.TestA`, `agent.TestB` |\n"
		second = "| 2 | it breaks | nothing | Out of reach: there is no such request. |\n"
	)
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing is wrong", "# Faults\n\n| no. | a | b | c |\n| --- | --- | --- | --- |\n" + first + second, nil},
		{"a number is missing", first, []string{"fault 2 has 0 rows, and must have one"}},
		{"a number comes twice", first + second + second, []string{"fault 2 has 2 rows, and must have one"}},
		{"a number is too high", first + second + strings.Replace(second, "2", "3", 1), []string{"row 3 is of no fault: they go from 1 to 2"}},
		{"a number is zero", first + second + strings.Replace(second, "2", "0", 1), []string{"row 0 is of no fault: they go from 1 to 2"}},
		{"a test does not exist", strings.Replace(first, "`,", "`, `cursor.TestX`,", 1) + second, []string{"row 1 names cursor.TestX, which does not exist"}},
		{"a test is of another package", strings.Replace(first, "cursor.TestA", "agent.TestA", 1) + second, []string{
			"cursor.TestA says that it shows fault 1, and row 1 does not name it", "row 1 names agent.TestA, which does not exist",
		}},
		{"a test has not the number", first + strings.Replace(second, ".", ", as `cursor.TestA` shows.", 1), []string{`row 2 names cursor.TestA, whose comment has no sentence "Fault 2: ..."`}},
		{"a test without any number", strings.Replace(first, "`,", "`, `forge.TestC`,", 1) + second, []string{`row 1 names forge.TestC, whose comment has no sentence "Fault 1: ..."`}},
		{"a row does not name the test", strings.Replace(first, ", `agent.TestB`", "", 1) + second, []string{"agent.TestB says that it shows fault 1, and row 1 does not name it"}},
		{"neither test nor reason", first + "| 2 | it breaks | nothing | It can't happen. |\n", []string{"row 2 has neither a test nor a reason (Out of reach: ...)"}},
		{"a reason of no words", first + "| 2 | it breaks | nothing | Out of reach: no. |\n", []string{"row 2 has neither a test nor a reason (Out of reach: ...)"}},
		{"a test in the wrong cell", first + "| 2 | it breaks | `cursor.TestA` | Never. |\n", []string{"row 2 has neither a test nor a reason (Out of reach: ...)"}},
		{"a cell is empty", first + "| 2 | it breaks | | Out of reach: there is no such request. |\n", []string{"row 2 must say what goes wrong, what the action does, and how that is shown"}},
		{"a cell too many", first + strings.Replace(second, "nothing", "a | b", 1), []string{"row 2 must say what goes wrong, what the action does, and how that is shown"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tests := map[string][]int{"cursor.TestA": {1}, "agent.TestB": {1}, "forge.TestC": nil}
			if diff := gocmp.Diff(test.want, checkFaults(test.text, tests, 2)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
