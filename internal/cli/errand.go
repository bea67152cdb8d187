package cli

import (
	"context"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

// errand is what a step is for: how it comes to the run that it waits for, how
// that run is found by a process that was not told of it, and the words about
// both. All else is the same for every errand.
type errand struct {
	// read reads the inputs that only this errand has.
	read func(*actions.Runner, *actions.Inputs, *config)
	// asks lists what of that not every version of the API can do; nil for
	// nothing.
	asks func(config) []cursor.Feature
	// announce says what is about to be done.
	announce func(*step) string
	// begin comes to the run. On an error the handle holds what is known.
	begin func(*step, context.Context) (agent.Handle, error)
	// take comes to the run of an earlier attempt, step.earlier; nil for errands
	// that have none.
	take func(*step, context.Context) (agent.Handle, error)
	// locate finds the runs that begin may have come to.
	locate func(*step, context.Context) ([]agent.Handle, error)
	// request is what would be sent, for a dry run: where to, what it is as
	// people read it, and the embedded API's verdict on it.
	request func(*step, context.Context) (at, shown string, err error)
	// advise is the next step where it could not begin, "" where the cause's own
	// is as good; nil for none.
	advise func(error) string
	// gated is true where the event that started the workflow has to be one that
	// may spend money.
	gated bool
	// reruns is true where an earlier attempt of the job may have begun what
	// this one has not come to.
	reruns bool
	kind   report.Kind
	words  words
}

// features lists what the inputs ask for that not every version of the API can
// do.
func (e errand) features(c config) (asked []cursor.Feature) {
	if e.asks != nil {
		asked = e.asks(c)
	}
	if c.maxTokens > 0 {
		asked = append(asked, cursor.FeatureUsage)
	}
	return asked
}

// words are what an errand calls its parts.
type words struct {
	nothing   string // what a step leaves that did not come to a run
	pretended string // what a dry run will not do
	during    string // "while ..." of the time until the run is known
	mayBe     string // what may go on
	unseen    string // why that is not sure
	sought    string // what the cleanup stage looks for
	// piece is what an earlier attempt may have left.
	piece   func(agent.Handle) string
	passing string // what is done about an earlier attempt's run that ended badly
	taking  string // what is done about one that did not
	// The next steps: where the run may go on, after it ended badly, and after it
	// finished.
	again, anew, same string
	// better is how the agent may come to a result of the asked form, beside an
	// easier one.
	better string
	// place is where the work was asked for; zero is a workflow.
	place place
}

// launching is the errand of the command launch.
func launching() errand {
	return errand{
		read:     readLaunch,
		asks:     func(c config) []cursor.Feature { return c.spec.Features() },
		announce: (*step).announcement,
		begin: func(s *step, ctx context.Context) (agent.Handle, error) {
			return s.agents.Launch(ctx, s.spec, s.work)
		},
		take: (*step).takeEarlier,
		locate: func(s *step, ctx context.Context) ([]agent.Handle, error) {
			return s.agents.Locate(ctx, s.spec, s.work)
		},
		request: (*step).launchRequest,
		gated:   true,
		reruns:  true,
		words: words{
			nothing:   "nothing was launched",
			pretended: "nothing will be launched",
			during:    "while the agent was being launched",
			mayBe:     "an agent may be at work",
			unseen:    "none is to be seen",
			sought:    "agents",
			piece:     func(h agent.Handle) string { return "Agent " + h.AgentID },
			passing:   "launching the next one",
			taking:    "An earlier attempt launched the agent already; attaching to it, so nothing is paid twice",
			again:     "run the job again, which attaches to the agent unless that ended badly",
			anew:      "run the job again, which launches a new agent",
			same:      "run the job again, which takes the agent's result",
			better:    "or say more of it in the prompt, and set on-rerun: new to have a re-run launch a new agent",
		},
	}
}

// readLaunch reads where the agent works, what it is asked to do, and whose work
// it is.
func readLaunch(runner *actions.Runner, in *actions.Inputs, c *config) {
	readGate(in, c)
	readTarget(in, runner.Context(), c)
	readTask(runner, in, c)
	readWork(runner, in, c)
}
