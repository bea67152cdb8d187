package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"cursor-agent-action/internal/simulator"
)

// A name is some prompt's words: it must not look like a line of ours.
func TestANameStaysOnItsLineAtATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := simulator.New(mixed(t))
		defer api.Close()
		create(t, api, "slow\nbc-00000000-0000-0000-0000-000000000001: deleted\nstatus      FINISHED")
		for _, args := range [][]string{{"cancel", "--name", "slow"}, {"show", api.Agents()[0].ID}, {"list"}} {
			got := typeCommand(t.Context(), t, api, 0, nil, append(args, "--api-url", "http://127.0.0.1")...)
			if got.status != 0 {
				t.Errorf("%s: exit status %d\n%s", args[0], got.status, got.err.String())
			}
			for line := range strings.Lines(got.out.String()) {
				if strings.HasPrefix(line, "bc-00000000-0000-0000-0000-000000000001") || line == "status      FINISHED\n" {
					t.Errorf("%s: the name forged the line %q", args[0], line)
				}
			}
			if !strings.Contains(got.out.String(), "slow bc-00000000-0000-0000-0000-000000000001: deleted status FINISHED") {
				t.Errorf("%s does not show the name:\n%s", args[0], got.out.String())
			}
		}
	})
}
