package cli

import (
	"context"
	"fmt"
)

// listStep is the command list: agents with their latest run, newest first.
func (p Program) listStep(ctx context.Context, _ []string) int {
	m, err := p.newManager(commandList)
	if err != nil {
		return m.decline(err, exitUsage)
	}
	limited, stop := context.WithTimeoutCause(ctx, m.timeout, errTimeUp)
	defer stop()
	chosen, more, err := m.choose(limited, m.selection, m.limit, m.note)
	if err != nil {
		return m.giveUp(ctx, err)
	}
	if more {
		m.note(fmt.Sprintf("there are more agents than the first %d: raise limit to see them", m.limit))
	}
	entries := m.each(limited, chosen, func(i int) entry {
		standing, err := m.agents.Examine(limited, chosen[i])
		return entry{standing: standing, err: err}
	})
	return m.conclude(ctx, limited, entries)
}
