package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "cursor-agent-action/"

// allowed are the arrows between our packages. A new one is a decision: think
// whether the knowledge belongs there before adding it here.
var allowed = map[string][]string{
	".":                {"internal/cli"},
	"internal/cli":     {"internal/actions", "internal/agent", "internal/cursor", "internal/doctor", "internal/forge", "internal/grace", "internal/plain", "internal/prompt", "internal/report", "internal/schema", "internal/secret", "internal/simulator", "internal/terminal"},
	"internal/agent":   {"internal/cursor", "internal/secret"},
	"internal/doctor":  {"internal/actions", "internal/cursor", "internal/forge", "internal/secret"},
	"internal/report":  {"internal/agent", "internal/cursor", "internal/doctor", "internal/prompt"},
	"internal/cursor":  {"internal/grace", "internal/secret"},
	"internal/actions": {"internal/plain"},
	"internal/forge":   {"internal/secret"},
	// Nothing lists the double of GitHub: only tests import it.
	"internal/forge/forgetest": nil,
	"internal/grace":           nil,
	"internal/plain":           {"internal/secret"},
	"internal/prompt":          {"internal/plain"},
	"internal/secret":          nil,
	"internal/simulator":       nil,
	"internal/terminal":        {"internal/plain"},
	"internal/readme":          {"internal/part"},
	"internal/part":            nil,
	"internal/schema":          nil,
	"internal/e2e":             nil,
}

// owners are the packages that may import a third-party library.
var owners = map[string][]string{
	"github.com/sethvargo/go-githubactions":    {"internal/actions"},
	"github.com/google/go-github/v62":          {"internal/forge"},
	"github.com/cenkalti/backoff/v4":           {"internal/cursor"},
	"github.com/tmaxmax/go-sse":                {"internal/cursor"},
	"github.com/google/uuid":                   {"internal/agent"},
	"github.com/santhosh-tekuri/jsonschema/v6": {"internal/schema"},
	"go.yaml.in/yaml/v3":                       {"internal/actions", "internal/simulator", "internal/readme"},
	"golang.org/x/term":                        {"internal/terminal"},
}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && file != "." {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(file))
		seen[folder] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, file, folder, imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range allowed {
		if !seen[folder] && folder != "internal/e2e" {
			t.Errorf("%s is listed here and has no code: take it out", folder)
		}
	}
}

func checkImport(t *testing.T, file, folder, imported string) {
	t.Helper()
	known, listed := allowed[folder]
	switch {
	case !listed:
		t.Errorf("%s: the package %s is not listed here: decide what it may import", file, folder)
	case strings.HasPrefix(imported, module):
		if !slices.Contains(known, strings.TrimPrefix(imported, module)) {
			t.Errorf("%s imports %s against the direction that they go", file, imported)
		}
	case strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
		for library := imported; ; library = path.Dir(library) {
			if library == "." {
				t.Errorf("%s imports %s, which no package owns yet: list its owner", file, imported)
				return
			}
			if owner, ok := owners[library]; ok {
				if !slices.Contains(owner, folder) {
					t.Errorf("%s imports %s, which only %v may", file, imported, owner)
				}
				return
			}
		}
	}
}

// TestTheProcessIsTouchedInOnePlace keeps the program a value that tests run
// whole: only main takes things from the process.
func TestTheProcessIsTouchedInOnePlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("internal/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(files))
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(filepath.ToSlash(file), "internal/readme/") {
			continue
		}
		for _, used := range usesOfOS(t, file) {
			if slices.Contains([]string{"Exit", "Args", "Getenv", "LookupEnv", "Environ", "Stdin", "Stdout", "Stderr"}, used) {
				t.Errorf("%s uses os.%s: take it as a parameter, main passes it in", file, used)
			}
		}
	}
}

// usesOfOS are the names of package os that a file uses.
func usesOfOS(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(parsed, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if ident, ok := selector.X.(*ast.Ident); ok && ident.Name == "os" && ident.Obj == nil {
				names = append(names, selector.Sel.Name)
			}
		}
		return true
	})
	return names
}
