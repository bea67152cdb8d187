package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the project's folder, seen from this package's.
const root = "../.."

func TestTheREADMEHoldsWhatActionYMLSays(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	action, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := update(readme, action)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(readme)); diff != "" {
		t.Errorf("README.md is behind action.yml: run go generate (-want +got):\n%s", diff)
	}
}

const someAction = `
inputs:
  prompt: {description: "What to do,\n one | two"}
  wait: {description: Whether to wait., default: "true"}
outputs:
  branch: {description: The branch.}
`

func TestTheTablesStandBetweenTheirMarks(t *testing.T) {
	t.Parallel()
	readme := "# A\n<!-- inputs -->\nold\n<!-- /inputs -->\nB\n<!-- outputs -->\n<!-- /outputs -->\nC\n"
	want := "# A\n<!-- inputs -->\n" +
		"| input | default | what it is |\n| --- | --- | --- |\n" +
		"| `prompt` |  | What to do, one \\| two |\n| `wait` | `true` | Whether to wait. |\n" +
		"<!-- /inputs -->\nB\n<!-- outputs -->\n" +
		"| output | what it is |\n| --- | --- |\n| `branch` | The branch. |\n" +
		"<!-- /outputs -->\nC\n"
	dir := t.TempDir()
	paths := [2]string{filepath.Join(dir, "README.md"), filepath.Join(dir, "action.yml")}
	for i, content := range []string{readme, someAction} {
		if err := os.WriteFile(paths[i], []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // The second run changes nothing.
		if err := run(paths[0], paths[1]); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("README (-want +got):\n%s", diff)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	marks := "<!-- inputs -->\n<!-- /inputs -->\n<!-- outputs -->\n<!-- /outputs -->\n"
	for _, test := range []struct{ name, readme, action, want string }{
		{"no marks", "# A\n<!-- inputs -->\n<!-- /inputs -->\n", someAction, "README.md: it needs <!-- outputs --> and <!-- /outputs --> once, in this order"},
		{"not YAML", marks, "inputs: [", "action.yml: yaml: line 1: did not find expected node content"},
		{"inputs of another shape", marks, "inputs: {a: {description: [1]}}", "action.yml: inputs: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string"},
		{"outputs of another shape", marks, "outputs: {a: {description: [1]}}", "action.yml: outputs: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := update([]byte(test.readme), []byte(test.action))
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v\nwant %s", err, test.want)
			}
		})
	}
	if err := run(filepath.Join(t.TempDir(), "README.md"), "main.go"); err == nil {
		t.Error("a README that isn't there gives no error")
	}
	if err := run("main.go", filepath.Join(t.TempDir(), "action.yml")); err == nil {
		t.Error("an action.yml that isn't there gives no error")
	}
}
