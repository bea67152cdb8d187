package agent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/secret"
)

func TestTheMarkTellsTheWorkflowRunAndWhetherTheAgentMayOutliveIt(t *testing.T) {
	t.Parallel()
	for _, kept := range []bool{false, true} {
		work := work()
		work.Kept = kept
		got, found := agent.ReadMark(secret.New(key), "Acme/Widgets", name(task(), work, 0))
		if diff := cmp.Diff(agent.Mark{WorkflowRunID: 7261, Kept: kept}, got); diff != "" || !found {
			t.Errorf("found %t, mark (-want +got):\n%s", found, diff)
		}
	}
}

func TestAMarkIsReadOnlyWhereThisKeyAndRepositoryWroteIt(t *testing.T) {
	t.Parallel()
	real := name(task(), work(), 0)
	written := real[strings.LastIndexByte(real, ' ')+1:]
	for _, test := range []struct {
		name, key, repository, agent string
		found                        bool
	}{
		{"ours", key, "acme/widgets", real, true},
		{"alone", key, "acme/widgets", written, true},
		{"of another repository", key, "acme/gadgets", real, false},
		{"of another key", key + "0", "acme/widgets", real, false},
		{"of another workflow run", key, "acme/widgets", strings.Replace(real, "7261", "7262", 1), false},
		{"of another piece of work", key, "acme/widgets", strings.Replace(real, "-b1a46c3b-", "-b1a46c3c-", 1), false},
		{"made up", key, "acme/widgets", "Fix it [gh-7261-b1a46c3b-5e3ea4d1]", false},
		{"in a prompt, with another behind it", key, "acme/widgets", real + " [gh-7261-b1a46c3b-5e3ea4d1]", false},
		{"in a prompt, not at its end", key, "acme/widgets", real + " please", false},
		{"glued to a word", key, "acme/widgets", "x" + written, false},
		{"without a seal", key, "acme/widgets", "Fix it [gh-7261-b1a46c3b]", false},
		{"of no workflow run", key, "acme/widgets", "Fix it [gh-0-b1a46c3b-00000000]", false},
		{"of a number too large", key, "acme/widgets", "Fix it [gh-99999999999999999999-b1a46c3b-00000000]", false},
		{"none", key, "acme/widgets", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if mark, found := agent.ReadMark(secret.New(test.key), test.repository, test.agent); found != test.found {
				t.Errorf("%q: found %t as %+v, want %t", test.agent, found, mark, test.found)
			}
		})
	}
}

// With environment variables the mark is all that finds an agent again, and
// whether a step waits may change between two attempts.
func TestAnAgentIsFoundByNameWhetherItWasKeptOrNot(t *testing.T) {
	t.Parallel()
	bubble(t, setup{}, func(t *testing.T, w *world) {
		spec, kept := task(), work()
		spec.EnvVars = map[string]string{"TOKEN": "one"}
		kept.Kept = true
		first := w.launch(t, spec, kept)
		again := w.launch(t, spec, rerun())
		if again.AgentID != first.AgentID || !again.Attached {
			t.Errorf("launched %+v and then %+v, want the same agent", first, again)
		}
	})
}
