package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cli"
)

// A stream that never stops talking wrote 400 MB to the runner's disk in twelve
// seconds.
func TestAnAgentThatTalksWithoutEndDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	const most = 32 << 20
	for _, test := range []struct {
		name   string
		handle agent.Handle
		update agent.Update
		want   string
	}{
		{"text", agent.Handle{AgentID: "bc-1", URL: "https://cursor.com/agents/1"}, agent.Said{Text: strings.Repeat("0123456789abcdef", 512)},
			"The log holds 32 MiB of what the agent said and did, and takes no more of it: see https://cursor.com/agents/1 for the rest"},
		{"line ends", agent.Handle{AgentID: "bc-1"}, agent.Said{Text: strings.Repeat("\n", 8<<10)},
			"The log holds 32 MiB of what the agent said and did, and takes no more of it: see https://cursor.com/agents/bc-1 for the rest"},
		{"tools", agent.Handle{}, agent.ToolEnded{Name: "shell", Subject: strings.Repeat("x", 8000)},
			"The log holds 32 MiB of what the agent said and did, and takes no more of it: see https://cursor.com/agents for the rest"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // where no time passes
				var log bytes.Buffer
				observe := cli.Journal(actions.New(func(string) string { return "" }, &log))
				observe(agent.Started{Handle: test.handle})
				for range 5000 {
					observe(test.update)
				}
				if n := log.Len(); n < most || n > most+64<<10 {
					t.Errorf("the log has %d bytes, want 32 MiB and a line", n)
				}
				observe(agent.StatusChanged{Status: "FINISHED"})
				lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
				if diff := cmp.Diff([]string{test.want, "FINISHED after 0.0s"}, lines[len(lines)-2:]); diff != "" {
					t.Errorf("the last lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}
