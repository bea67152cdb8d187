package actions

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// MaxWorkflowFile is the largest workflow file in bytes that is read. GitHub
// takes none that is larger.
const MaxWorkflowFile = 1 << 20

// defaultJobTimeout is what a job has that names no timeout-minutes:
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes
const defaultJobTimeout = 360 * time.Minute

// mostMinutes is how many minutes a time.Duration holds.
const mostMinutes = math.MaxInt64 / int64(time.Minute)

// WorkflowFile says which file this workflow run comes from.
type WorkflowFile struct {
	Repository string // "owner/name"
	Path       string // ".github/workflows/fix.yml"
	Ref        string // the commit where the runner says it, else the ref
}

// WorkflowFile reads GITHUB_WORKFLOW_REF, "owner/name/path@ref". It reports
// false when the runner names no file. In a reusable workflow it is the file
// of the workflow that calls, and the job is one of the workflow that is called.
func (r *Runner) WorkflowFile() (WorkflowFile, bool) {
	name, ref, _ := strings.Cut(r.getenv("GITHUB_WORKFLOW_REF"), "@")
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return WorkflowFile{}, false
	}
	if commit := r.getenv("GITHUB_WORKFLOW_SHA"); commit != "" {
		ref = commit
	}
	return WorkflowFile{Repository: parts[0] + "/" + parts[1], Path: parts[2], Ref: ref}, true
}

// JobTimeout reads in a workflow file how long the job may take: its
// timeout-minutes, or 360 minutes when it has none. An error says why the file
// does not tell, and is a sentence's end: "the job fix calls another workflow".
func JobTimeout(file []byte, job string) (time.Duration, error) {
	if len(file) > MaxWorkflowFile {
		return 0, fmt.Errorf("the workflow file holds more than %d bytes", MaxWorkflowFile)
	}
	// A node holds an alias as such. Nothing is expanded but what is looked at,
	// so that a small file can't become a large value.
	var document yaml.Node
	if err := yaml.Unmarshal(file, &document); err != nil {
		return 0, errors.New("the workflow file is not YAML")
	}
	if len(document.Content) == 0 {
		return 0, errors.New("the workflow file is empty")
	}
	found := field(field(document.Content[0], "jobs"), job)
	switch {
	case found == nil:
		return 0, fmt.Errorf("the workflow file has no job %s, so it is a job of a workflow that this one calls", job)
	case field(found, "uses") != nil:
		return 0, fmt.Errorf("the job %s calls another workflow", job)
	}
	minutes := field(found, "timeout-minutes")
	switch {
	case minutes == nil:
		return defaultJobTimeout, nil
	case strings.Contains(minutes.Value, "${{"):
		return 0, fmt.Errorf("timeout-minutes of the job %s is the expression %s, whose value only GitHub knows", job, quote(minutes.Value))
	}
	number, err := strconv.ParseFloat(minutes.Value, 64)
	if err != nil || !(number > 0) || number > float64(mostMinutes) {
		return 0, fmt.Errorf("timeout-minutes of the job %s is %s and no number of minutes", job, quote(minutes.Value))
	}
	return time.Duration(number * float64(time.Minute)), nil
}

// field is the value of a mapping's field, nil when there is none. An alias is
// followed once: one to an alias is not YAML.
func field(node *yaml.Node, name string) *yaml.Node {
	if node = aliased(node); node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return aliased(node.Content[i+1])
		}
	}
	return nil
}

func aliased(node *yaml.Node) *yaml.Node {
	if node != nil && node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
