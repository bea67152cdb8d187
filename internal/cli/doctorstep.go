package cli

import (
	"context"
	"errors"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/secret"
)

// doctorStep is the command doctor as a step of a workflow: the same findings,
// also as annotations, as the output result-json, and in the summary.
func (p Program) doctorStep(ctx context.Context, _ []string) int {
	runner := actions.New(p.Getenv, p.Stdout)
	in := runner.Inputs()
	s := &step{Program: p, runner: runner, errand: launching()}
	c := p.readDoctor(runner, in)
	s.summary = in.Bool("summary", true)
	if err := in.Err(); err != nil {
		return s.refuse(err)
	}
	findings := doctor.Examine(ctx, c)
	if ctx.Err() != nil {
		runner.Error("doctor: interrupted before it had looked at everything: run the job again")
		return exitInterrupted
	}
	showFindings(runner, findings)
	if s.summary {
		if err := runner.AddSummary(report.Findings(findings, p.Version)); err != nil {
			runner.Debug(err.Error()) // A finding says so.
		}
	}
	if err := runner.SetOutput("result-json", encode(examination{doctor.Healthy(findings), findings})); err != nil {
		runner.Debug(err.Error())
	}
	// Errors go last: the last line is what a tired person reads.
	for _, annotate := range []struct {
		status doctor.Status
		as     func(string)
	}{{doctor.Warning, runner.Warning}, {doctor.Failed, runner.Error}} {
		for _, finding := range findings {
			if finding.Status == annotate.status {
				annotate.as(sentenceOf(finding))
			}
		}
	}
	return exitHealthy(findings)
}

// readDoctor reads the inputs that doctor needs. What a launch could not use as
// its place to work is a finding; other inputs that are wrong are problems.
func (p Program) readDoctor(runner *actions.Runner, in *actions.Inputs) doctor.Config {
	key := maskSecrets(runner, in)
	context := runner.Context()
	readCommand(in)
	c := doctor.Config{
		Key: key, APIURL: in.Text("api-url"), API: readAPIVersion(in), Version: p.Version, Network: p.Transport, Proxy: p.proxy(),
		AskCoverage: in.Bool("check-repositories", false),
		Token:       secret.New(in.Text("github-token")),
		GitHubAPI:   context.APIURL, GitHubServer: context.ServerURL,
		Step: &doctor.Step{
			Runner:  runner,
			Timeout: stepTime(in),
			Writes:  in.Set("artifacts"),
			Schema:  readSchemaForDoctor(runner),
		},
	}
	if err := checkAddress(c.APIURL); err != nil {
		in.Problem("api-url", err.Error())
	}
	var err error
	if c.Model, err = parseModel(in.Text("model")); err != nil {
		in.Problem("model", err.Error())
	}
	readPlace(runner.Inputs(), context, &c)
	return c
}

// launchTime is how long a step that waits for nobody takes at most: the
// launch itself is given up after that.
const launchTime = 5 * time.Minute

// stepTime is how long a launch with these inputs would take at most.
func stepTime(in *actions.Inputs) time.Duration {
	timeout := in.Duration("timeout", defaultTimeout, minTimeout, maxTimeout)
	if !in.Bool("wait", true) {
		return min(timeout, launchTime)
	}
	return timeout
}

// readPlace reads where a launch would work, as a launch does. Its inputs are
// read apart, so that what is wrong with them hides no other finding.
func readPlace(in *actions.Inputs, context actions.Context, c *doctor.Config) {
	target := config{event: eventOf(context)}
	readTarget(in, context, &target)
	c.Repository, c.Ref = target.repository, target.spec.Ref
	switch environment := target.spec.Environment; {
	case environment != nil && environment.Type == "cloud":
		c.Place = doctor.Missing{Found: "the environment " + environment.Name + " brings its own repositories", Fix: "look at the environment in Cursor's dashboard"}
	case target.pullRequest != "":
		c.PlaceOfRef = doctor.Missing{Found: target.pullRequest + ": the branches of the pull request count", Fix: "see for yourself that it is open"}
	}
	wrong, _ := errors.AsType[*actions.InputError](in.Err())
	if wrong == nil {
		return
	}
	for _, problem := range wrong.Problems {
		missing := doctor.Missing{Wrong: in.Set(problem.Input), Found: "the input " + problem.Input + " can't be used", Fix: problem.Text}
		if !missing.Wrong {
			missing.Found = "the input " + problem.Input + " is not set"
		}
		if problem.Input == "ref" {
			c.PlaceOfRef = missing
		} else {
			c.Place, c.Repository = missing, forge.Repository{}
		}
	}
}

// readSchemaForDoctor reads the schema of the result as a launch does, and says
// what is wrong with it; nil is no schema.
func readSchemaForDoctor(runner *actions.Runner) *doctor.Missing {
	in := runner.Inputs() // apart, so that it hides no other finding
	if !in.Set("result-schema") {
		return nil
	}
	readResultSchema(runner, in)
	if wrong, ok := errors.AsType[*actions.InputError](in.Err()); ok {
		return &doctor.Missing{Wrong: true, Found: "the input result-schema can't be used", Fix: wrong.Problems[0].Text}
	}
	return &doctor.Missing{}
}
