package agent

import (
	"crypto/hmac"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cursor-agent-action/internal/secret"
)

// Mark is what an agent's name says of its launch: the workflow run that it
// was launched from, and whether it may outlive that.
type Mark struct {
	WorkflowRunID int64
	Kept          bool // launched with the will that it goes on by itself: Work.Kept
}

// mark ties an agent to its workflow run, by some digits of the derived id to
// its piece of work, and by a seal to the repository of the workflow and to the
// API key.
func mark(key secret.Text, work Work, spec Spec, generation int) string {
	id := derive(key, work, spec, generation)
	digits := fmt.Sprintf("%x", id[:4])
	return fmt.Sprintf("["+markPrefix+"%d-%s-%s]", work.WorkflowRunID, digits, seal(key, work.Repository, digits, Mark{work.WorkflowRunID, work.Kept}))
}

// seal is what nobody without the key can write: names of agents come from
// prompts, and the mark decides what is cancelled. The repository is part of it
// because the number of a workflow run does not say where to look for that.
func seal(key secret.Text, repository, digits string, mark Mark) string {
	sum := key.Sum("mark", strings.ToLower(repository), strconv.FormatInt(mark.WorkflowRunID, 10), digits, strconv.FormatBool(mark.Kept))
	return fmt.Sprintf("%x", sum[:4])
}

// markAtEnd is the form of a mark. What stands before it in a name is a
// prompt's, and may look like one.
var markAtEnd = regexp.MustCompile(`(?:^| )\[gh-([0-9]+)-([0-9a-f]{8})-([0-9a-f]{8})\]$`)

// ReadMark reads the mark at the end of an agent's name. found is true only for
// agents that were launched with this key from a workflow of repository,
// "owner/name": all others are not ours to judge.
func ReadMark(key secret.Text, repository, name string) (mark Mark, found bool) {
	parts := markAtEnd.FindStringSubmatch(name)
	if parts == nil {
		return Mark{}, false
	}
	runID, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || runID == 0 {
		return Mark{}, false
	}
	for _, kept := range []bool{false, true} {
		mark := Mark{WorkflowRunID: runID, Kept: kept}
		if hmac.Equal([]byte(seal(key, repository, parts[2], mark)), []byte(parts[3])) {
			return mark, true
		}
	}
	return Mark{}, false
}
