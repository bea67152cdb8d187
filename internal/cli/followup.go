package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/simulator"
)

// errOtherRepository says that an agent does not work on the repository that the
// input repo names.
var errOtherRepository = errors.New("which is the repository that was named")

// followingUp is the errand of the command follow-up.
func followingUp() errand {
	return errand{
		read:     readFollowUp,
		asks:     followUpAsks,
		announce: (*step).announceFollowUp,
		begin:    (*step).sendFollowUp,
		take:     (*step).takeFollowUp,
		locate:   (*step).locateFollowUp,
		request:  (*step).followUpRequest,
		advise:   addressAdvice,
		kind:     report.FollowUp,
		gated:    true,
		reruns:   true,
		words: words{
			nothing:   "no follow-up was sent",
			pretended: "nothing will be sent",
			during:    "while the follow-up was being sent",
			mayBe:     "the follow-up may be at work",
			unseen:    "it is not to be seen",
			sought:    "the follow-up's run",
			piece:     func(h agent.Handle) string { return "The follow-up (run " + h.RunID + ")" },
			passing:   "sending it again",
			taking:    "An earlier attempt sent the follow-up already; attaching to its run, so nothing is paid twice",
			again:     "run the job again, which attaches to the follow-up unless that ended badly",
			anew:      "run the job again, which sends the follow-up again",
			same:      "run the job again, which takes the follow-up's result",
			better:    "or say more of it in the prompt, and set on-rerun: new to have a re-run send the follow-up again",
		},
	}
}

// readFollowUp reads what is sent, and to whom.
func readFollowUp(runner *actions.Runner, in *actions.Inputs, c *config) {
	readAddressee(in, c)
	c.launchIfNone = in.Enum("if-none", "fail", "fail", "launch") == "launch"
	switch {
	case in.Set("agent-id") && in.Set("pull-request"):
		in.Problem("agent-id", "stands with pull-request, which finds the agent: leave one of them out")
	case !in.Set("agent-id") && !in.Set("pull-request"):
		in.Problem("agent-id", "is empty: name the agent here, or set pull-request to one that it works on")
	case in.Set("agent-id") && c.launchIfNone:
		in.Problem("if-none", "is launch, which goes with pull-request only: leave it out")
	}
	if c.launchIfNone {
		readLaunch(runner, in, c)
	} else {
		refuseInputs(in, "follow-up", "keeps what the agent was launched with", onlyLaunches()...)
		if in.Set("repo") || in.Set("pull-request") {
			readRepository(in, runner.Context(), c)
		}
		readGate(in, c)
		readTask(runner, in, c)
		readWork(runner, in, c)
	}
	c.followUp = agent.FollowUp{
		Prompt:     c.spec.Prompt,
		Key:        c.spec.Key,
		MCPServers: c.spec.MCPServers,
		Mode:       c.spec.Mode,
		OnBusy:     agent.OnBusy(in.Enum("on-busy", string(agent.OnBusyWait), string(agent.OnBusyWait), string(agent.OnBusyCancel), string(agent.OnBusyFail))),
		Work:       c.work,
	}
}

// followUpAsks lists what a follow-up asks of the API, and what the launch does
// that may take its place. An agent that exists has its repository already.
func followUpAsks(c config) []cursor.Feature {
	if c.launchIfNone {
		return c.spec.Features()
	}
	return c.followUp.Request("").Features()
}

// onlyLaunches are the inputs that a launch alone can obey.
func onlyLaunches() []string {
	return []string{"ref", "work-on-current-branch", "branch", "skip-reviewer-request", "open-as-cursor-github-app", "model", "name", "environment", "env-vars", "webhook-url", "webhook-secret"}
}

// refuseInputs notes a problem for each input that is set and would do nothing. A
// switch that is off is not set: its default in action.yml says as much.
func refuseInputs(in *actions.Inputs, command, why string, names ...string) {
	for _, name := range names {
		if in.Set(name) && in.Text(name) != "false" {
			in.Problem(name, fmt.Sprintf("does not go with command: %s, which %s: leave it out", command, why))
		}
	}
}

// agentAddress is an agent's id, or the address of its page.
var agentAddress = regexp.MustCompile(`^(?:https://cursor\.com/agents(?:/|\?id=))?(bc-[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/?$`)

// readAgentID reads the input agent-id, "" when it is not set.
func readAgentID(in *actions.Inputs) string {
	text := in.Text("agent-id")
	found := agentAddress.FindStringSubmatch(text)
	if found == nil {
		if text != "" {
			in.Problem("agent-id", fmt.Sprintf("%.80q is no agent: write its id, bc- and a UUID, as the output agent-id has it", text))
		}
		return ""
	}
	return found[1]
}

func (s *step) announceFollowUp() string {
	if s.agentID != "" {
		return "Sending a follow-up to agent " + s.agentID
	}
	return "Sending a follow-up to the newest agent of " + s.pullRequest
}

// sendFollowUp finds the agent and sends it the follow-up. Where there is none it
// launches one, if that is asked for.
func (s *step) sendFollowUp(ctx context.Context) (agent.Handle, error) {
	if s.launchIfNone && s.work.Rerun {
		// What an earlier attempt launched is now an agent of the pull request.
		found, err := s.agents.Locate(ctx, s.spec, s.work)
		if err != nil {
			return agent.Handle{}, err
		}
		if len(found) > 0 {
			return s.launchInstead(ctx)
		}
	}
	existing, err := s.addressee(ctx)
	switch {
	case errors.Is(err, agent.ErrNoAgent) && s.launchIfNone:
		s.runner.Info("No agent works on it; launching one, as " + s.errand.words.input("if-none") + " asks")
		return s.launchInstead(ctx)
	case err != nil:
		return agent.Handle{AgentID: s.agentID}, err
	}
	if err := s.adopt(existing); err != nil {
		return agent.Handle{AgentID: existing.ID, URL: existing.URL}, err
	}
	s.spec.Title = "" // The prompt says better what this is about.
	f := s.config.followUp
	f.AgentID, f.Agent = existing.ID, &existing
	return s.agents.FollowUp(ctx, f)
}

// addressee is the agent that the follow-up goes to.
func (s *step) addressee(ctx context.Context) (cursor.Agent, error) {
	if s.agentID != "" {
		return s.client.GetAgent(ctx, s.agentID)
	}
	existing, err := s.agents.Addressee(ctx, s.pullRequest, s.config.followUp)
	if err == nil {
		s.runner.Info(fmt.Sprintf("Agent %s works on it", existing.ID))
	}
	return existing, err
}

// addressAdvice is the next step where the agent that a step names is not one
// that it can be used with, "" for other errors.
func addressAdvice(err error) string {
	switch {
	case errors.Is(err, agent.ErrNoAgent):
		return "launch one with command: launch, or set if-none: launch"
	case errors.Is(err, errOtherRepository):
		return "name another agent in agent-id, or correct repo"
	case errors.Is(err, cursor.CodeAgentNotFound):
		return "check agent-id: the key's account has no such agent, or it was deleted"
	case errors.Is(err, cursor.CodeRunNotFound):
		return "check run-id, or leave it out for the agent's latest run"
	case errors.Is(err, cursor.CodeAgentBusy):
		return "set on-busy to wait or cancel, or run the job again when the agent's run has ended"
	}
	return ""
}

// adopt takes the agent's own task for the step's: its runs are judged by what it
// was launched for. A pull request may be asked for beside that.
func (s *step) adopt(existing cursor.Agent) error {
	if s.spec.Repository != "" && s.pullRequest == "" && !agent.WorksOn(existing, s.spec.Repository) {
		return fmt.Errorf("agent %s does not work on %s, %w", existing.ID, s.spec.Repository, errOtherRepository)
	}
	asked := s.spec
	s.spec = agent.SpecOf(existing)
	if asked.CreatePR && !s.spec.CreatePR && s.spec.PullRequest == "" && s.pullRequest == "" {
		s.runner.Warning(fmt.Sprintf("agent %s was launched without %s, which a follow-up can't change: say in the prompt that it is to open a pull request, or leave that out", existing.ID, s.errand.words.input("create-pr")))
	}
	// It goes on where the agent is: what that began from counts as its own.
	s.spec.WorkOnCurrentBranch = s.spec.WorkOnCurrentBranch || s.spec.PullRequest != ""
	s.spec.Prompt, s.spec.Mode, s.spec.MCPServers = asked.Prompt, asked.Mode, asked.MCPServers
	s.spec.CreatePR = s.spec.CreatePR || asked.CreatePR
	return nil
}

// launchInstead makes the step that of a launch, and launches.
func (s *step) launchInstead(ctx context.Context) (agent.Handle, error) {
	s.becomeLaunch()
	return s.errand.begin(s, ctx)
}

func (s *step) becomeLaunch() {
	s.errand = launching()
	s.journal.words = s.errand.words
}

// locateFollowUp finds the run of a follow-up that was planned, or else, by the
// inputs, that of any attempt, and what was launched in its place.
func (s *step) locateFollowUp(ctx context.Context) ([]agent.Handle, error) {
	if s.planned.Mark != "" {
		return s.agents.LocateFollowUp(ctx, s.planned.AgentID, s.planned.Known, []string{s.planned.Mark})
	}
	if err := s.findCurrent(ctx); err != nil {
		return nil, err
	}
	among := []cursor.Agent{{ID: s.agentID}}
	if s.agentID == "" {
		var err error
		if among, err = s.agents.OnPullRequest(ctx, s.pullRequest); err != nil {
			return nil, err
		}
	}
	found, err := s.agents.LocateFollowUpAmong(ctx, among, s.config.followUp)
	if err != nil || len(found) > 0 || !s.launchIfNone {
		return found, err
	}
	return s.agents.Locate(ctx, s.spec, s.work)
}

// followUpRequest is the request of a follow-up, as it would be sent and as the
// embedded API takes it.
func (s *step) followUpRequest(ctx context.Context) (at, shown string, _ error) {
	request := s.config.followUp.Request(s.agents.Marks(s.config.followUp)[0])
	sent := request
	sent.Prompt = withoutBytes(sent.Prompt)
	// Which agent works on a pull request the real API alone knows.
	path, body := s.apiVersion.PreviewRun(cmp.Or(s.agentID, "AGENT"), sent)
	err := s.rehearse(simulator.Config{}, func(client cursor.API) error {
		created, err := client.CreateAgent(ctx, cursor.CreateAgentRequest{
			Prompt: cursor.Prompt{Text: "Begin."}, Repos: []cursor.Repo{{URL: "https://github.com/owner/name", StartingRef: "main"}},
		})
		if err == nil {
			err = client.CancelRun(ctx, created.Agent.ID, created.Run.ID)
		}
		if err == nil {
			_, err = client.CreateRun(ctx, created.Agent.ID, request)
		}
		return err
	})
	return "POST " + path, showRequest(body), err
}
