package campaign_test

import (
	"fmt"
	"strings"
)

// timeline is a story as it happened, for a person.
func (h history) timeline() string {
	var b strings.Builder
	for _, p := range h.processes {
		fmt.Fprintf(&b, "%s %s: struck by %v, signalled %t, killed %t, exit %d after %s\n",
			p.began.Format(clock), p.name(), p.struck, !p.signalled.IsZero(), p.killed, p.exit, p.since(p.ended))
		faults := h.requestsOf(p)
		for _, c := range p.calls {
			fmt.Fprintf(&b, "  +%-14s %-16s %3d", p.since(c.at), c.op, c.status)
			if c.whole() {
				fmt.Fprintf(&b, " read after %s", c.readAt.Sub(c.at))
			}
			if c.hint > 0 {
				fmt.Fprintf(&b, " wait %s", c.hint)
			}
			for _, r := range faults {
				if r.At.Equal(c.at) && r.Op == c.op && r.Fault != "" {
					fmt.Fprintf(&b, " (%s)", r.Fault)
				}
			}
			b.WriteString("\n")
		}
		for line := range strings.Lines(p.log) {
			if !strings.HasPrefix(line, "::debug::") && !strings.HasPrefix(line, "::add-mask::") {
				b.WriteString("  | " + line)
			}
		}
		for _, name := range runnerFiles()[:2] {
			values, err := readFileCommand(p.files[name])
			delete(values, "result-json")
			fmt.Fprintf(&b, "  %s: %v %v\n", name, values, err)
		}
		if len(p.lived) > 0 {
			fmt.Fprintf(&b, "  live after the attempt: %v\n", p.lived)
		}
	}
	for _, a := range h.agents {
		for _, r := range a.Runs {
			fmt.Fprintf(&b, "agent %s %s: %s from %s to %s, cancels asked for %d, branch %q, pull request %q\n", a.ID, r.ID, r.Status,
				r.CreatedAt.Format(clock), r.EndedAt.Format(clock), len(r.CancelRequestedAt), a.Branch, a.PRURL)
		}
	}
	return b.String()
}
