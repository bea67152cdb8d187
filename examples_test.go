package main_test

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// workflowFile is what the tests below look at of a workflow.
type workflowFile struct {
	On          map[string]any
	Permissions map[string]string
	Concurrency struct{ Group string }
	Jobs        map[string]struct {
		If             string
		Concurrency    struct{ Group string }
		TimeoutMinutes int `yaml:"timeout-minutes"`
		Steps          []struct {
			Uses, Run string
			With      map[string]string
		}
	}
}

// readExamples reads the ready workflows, by their file's name.
func readExamples(t *testing.T) map[string]workflowFile {
	t.Helper()
	files, err := filepath.Glob("examples/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]workflowFile{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var example workflowFile
		if err := yaml.Unmarshal(data, &example); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		examples[filepath.Base(file)] = example
	}
	if len(examples) < 9 {
		t.Fatalf("only %d examples found: the test looks in the wrong place", len(examples))
	}
	return examples
}

func TestTheListOfExamplesIsTheirFolder(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("examples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed, there []string
	for _, row := range regexp.MustCompile(`(?m)^\| \[([^\]]+)\]\(([^)]+)\) \| [^|]*[^| ][^|]* \| [^|]*[^| ][^|]* \|$`).FindAllStringSubmatch(string(text), -1) {
		if row[1] != row[2] {
			t.Errorf("the list calls %s %s", row[2], row[1])
		}
		listed = append(listed, row[2])
	}
	for name := range readExamples(t) {
		there = append(there, name)
	}
	slices.Sort(listed)
	slices.Sort(there)
	if diff := gocmp.Diff(there, listed); diff != "" {
		t.Errorf("examples (-in the folder +in the list):\n%s", diff)
	}
}

// TestExamplesAreSafeToCopy holds each example to what a workflow with a key and
// a token needs, whoever causes its events.
func TestExamplesAreSafeToCopy(t *testing.T) {
	t.Parallel()
	for name, example := range readExamples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range unsafe(example) {
				t.Error(problem)
			}
		})
	}
}

// TestUnsafeExamplesAreFound shows that the rules above are ones.
func TestUnsafeExamplesAreFound(t *testing.T) {
	t.Parallel()
	const safe = `
on: { issue_comment: }
permissions: {}
concurrency:
  group: one
jobs:
  do:
    timeout-minutes: 70
    steps:
      - uses: OWNER/cursor-agent-action@v1
        with:
          api-key: ${{ secrets.CURSOR_API_KEY }}
          prompt: Go.
      - run: echo "$URL"
`
	for _, test := range []struct{ name, old, new, want string }{
		{"as it is", "", "", ""},
		{"permissions for all jobs", "permissions: {}", "permissions: { issues: write }", "the workflow gives permissions to all of its jobs: begin with permissions: {}"},
		{"no word of permissions", "permissions: {}", "", "the workflow gives permissions to all of its jobs: begin with permissions: {}"},
		{"no group", "group: one", "cancel-in-progress: true", "job do is in no concurrency group"},
		{"a group of the workflow's, and many runs that do nothing", "    timeout", "    if: contains(github.event.comment.body, 'go')\n    timeout", "job do may be skipped, and the workflow's concurrency group has what waits cancelled for that: make it the job's"},
		{"a group of the job's", "concurrency:\n  group: one\njobs:\n  do:", "jobs:\n  do:\n    if: contains(github.event.comment.body, 'go')\n    concurrency: { group: one }", ""},
		{"no limit", "timeout-minutes: 70", "runs-on: ubuntu-latest", "job do has no timeout-minutes"},
		{"a limit that comes first", "70", "60", "job do ends after 1h0m0s, and the action not before 1h0m0s: it could not tell what came of the work"},
		{"an issue's title in the prompt", "Go.", "Solve ${{ github.event.issue.title }}.", `job do puts "${{ github.event.issue.title }}" into the input prompt`},
		{"a branch's name in the prompt", "Go.", "Mend ${{github.head_ref}}.", `job do puts "${{github.head_ref}}" into the input prompt`},
		{"what people with write access say", "Go.", "${{ inputs.prompt }}", ""},
		{"one of both", "Go.", "${{ inputs.prompt || github.event.comment.body }}", `job do puts "${{ inputs.prompt || github.event.comment.body }}" into the input prompt`},
		{"an output in a script", "$URL", "${{ steps.agent.outputs.pr-url }}", `job do puts "${{ steps.agent.outputs.pr-url }}" into a script: hand it over in env`},
		{"a key in the file", "${{ secrets.CURSOR_API_KEY }}", "crsr_1", "job do has its key from elsewhere than secrets.CURSOR_API_KEY"},
		{"somebody else's action", "OWNER/cursor-agent-action@v1", "actions/checkout@v5", "job do uses actions/checkout@v5: an example needs nothing but this action"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var example workflowFile
			if err := yaml.Unmarshal([]byte(strings.Replace(safe, test.old, test.new, 1)), &example); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(test.want, strings.Join(unsafe(example), "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	expression = regexp.MustCompile(`\$\{\{.*?\}\}`)
	// byMembers is an expression of what those wrote alone who may write to the
	// repository.
	byMembers = regexp.MustCompile(`^\$\{\{ (inputs|matrix)\.[a-z-]+ \}\}$`)
)

// unsafe lists what nobody should copy from an example.
func unsafe(example workflowFile) (problems []string) {
	problem := func(parts ...string) { problems = append(problems, strings.Join(parts, "")) }
	if example.Permissions == nil || len(example.Permissions) > 0 {
		problem("the workflow gives permissions to all of its jobs: begin with permissions: {}")
	}
	// Members and the clock begin runs on purpose, all others begin many that
	// skip every job. Those join a group of the workflow's all the same, and
	// whoever joins it has the one that waits cancelled.
	skipped := slices.ContainsFunc(slices.Collect(maps.Keys(example.On)), func(event string) bool {
		return event != "workflow_dispatch" && event != "schedule"
	})
	for name, job := range example.Jobs {
		switch {
		case example.Concurrency.Group == "" && job.Concurrency.Group == "":
			problem("job ", name, " is in no concurrency group")
		case example.Concurrency.Group != "" && job.If != "" && skipped:
			problem("job ", name, " may be skipped, and the workflow's concurrency group has what waits cancelled for that: make it the job's")
		}
		limit := time.Duration(job.TimeoutMinutes) * time.Minute
		if limit == 0 {
			problem("job ", name, " has no timeout-minutes")
		}
		for _, step := range job.Steps {
			for _, found := range expression.FindAllString(step.Run, -1) {
				problem("job ", name, ` puts "`, found, `" into a script: hand it over in env`)
			}
			if step.Uses == "" {
				continue
			}
			if step.Uses != "OWNER/cursor-agent-action@v1" {
				problem("job ", name, " uses ", step.Uses, ": an example needs nothing but this action")
				continue
			}
			if step.With["api-key"] != "${{ secrets.CURSOR_API_KEY }}" {
				problem("job ", name, " has its key from elsewhere than secrets.CURSOR_API_KEY")
			}
			for _, found := range expression.FindAllString(step.With["prompt"], -1) {
				if !byMembers.MatchString(found) {
					problem("job ", name, ` puts "`, found, `" into the input prompt`)
				}
			}
			longest, err := time.ParseDuration(cmp.Or(step.With["timeout"], "60m"))
			if err != nil || limit != 0 && limit <= longest && step.With["wait"] != "false" {
				problem("job ", name, " ends after ", limit.String(), ", and the action not before ", longest.String(), ": it could not tell what came of the work")
			}
		}
	}
	return problems
}
