package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/secret"
)

// doctor is the command for people: it looks at all that a launch needs, from
// this machine. Flags are named like the inputs; secrets come from the
// environment, because others can read a process' arguments.
func (p Program) doctor(ctx context.Context, args []string) int {
	flags, given := p.doctorFlagSet()
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	refuse := func(err error) int {
		fmt.Fprintf(p.Stderr, "cursor-agent-action doctor: %s\n", oneLine(err))
		return exitUsage
	}
	if flags.NArg() > 0 {
		return refuse(fmt.Errorf("does not know %q: give flags only, see -h", flags.Args()))
	}
	// The runner's log keeps secrets and control characters out of terminals
	// too; only its commands have no business there.
	out := actions.New(p.Getenv, commandFilter{p.Stdout})
	c, err := p.readFlags(out, given)
	if err != nil {
		return refuse(err)
	}
	findings := doctor.Examine(ctx, c)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if given.asJSON {
		text, _ := json.MarshalIndent(examination{doctor.Healthy(findings), findings}, "", "  ") // strings always encode
		out.Info(string(text))
	} else {
		showFindings(out, findings)
	}
	if err := out.Err(); err != nil {
		return exitFailed
	}
	return exitHealthy(findings)
}

// doctorFlags are the values of doctor's flags.
type doctorFlags struct {
	repo, ref, model, apiURL, apiVersion string
	coverage, asJSON                     bool
}

// doctorFlagSet is the flags of doctor, and where their values are put.
func (p Program) doctorFlagSet() (*flag.FlagSet, *doctorFlags) {
	flags := flag.NewFlagSet("cursor-agent-action doctor", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	var given doctorFlags
	flags.StringVar(&given.repo, "repo", "", "repository that an agent would work on, as owner/name or an https address")
	flags.StringVar(&given.ref, "ref", "", "branch that it would start from")
	flags.StringVar(&given.model, "model", "", "model that it would use, as id?name=value&name=value")
	flags.StringVar(&given.apiURL, "api-url", "", "address of the API (default "+cursor.DefaultBaseURL+")")
	flags.StringVar(&given.apiVersion, "api-version", string(cursor.V1), "version of the API that it would speak: v1 or v0")
	flags.BoolVar(&given.coverage, "check-repositories", false, "ask whether Cursor's GitHub App covers the repository: slow, and allowed once a minute")
	flags.BoolVar(&given.asJSON, "json", false, "print the findings as JSON")
	flags.Usage = func() {
		fmt.Fprint(p.Stderr, "Usage: cursor-agent-action doctor [flags]\n\nThe key comes from CURSOR_API_KEY, a token for GitHub from GITHUB_TOKEN.\n\n")
		flags.PrintDefaults()
	}
	return flags, &given
}

// readFlags reads what doctor is to look at on a terminal, and hides what is
// secret of it from out. Its error names every flag that can't be used.
func (p Program) readFlags(out *actions.Runner, given *doctorFlags) (doctor.Config, error) {
	rawKey, token := p.Getenv("CURSOR_API_KEY"), strings.TrimSpace(p.Getenv("GITHUB_TOKEN"))
	key := cleanKey(rawKey)
	out.Mask(rawKey, key, token)
	c := doctor.Config{
		Key: secret.New(key), APIURL: given.apiURL, API: cursor.APIVersion(given.apiVersion), Version: p.Version, Network: p.Transport, Proxy: p.proxy(), AskCoverage: given.coverage,
		Token: secret.New(token), GitHubAPI: p.Getenv("GITHUB_API_URL"), GitHubServer: p.Getenv("GITHUB_SERVER_URL"),
		Place:      doctor.Missing{Found: "no repository is named", Fix: "name one with --repo owner/name"},
		PlaceOfRef: doctor.Missing{Found: "no branch is named", Fix: "name one with --ref"},
	}
	var problems []error
	flagged := func(name string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("--%s: %w", name, err))
		}
	}
	var err error
	if given.repo != "" {
		c.Repository, err = forge.ParseRepository(given.repo, c.GitHubServer)
		flagged("repo", err)
	}
	if given.ref != "" {
		c.Ref, err = forge.ParseRef(given.ref)
		flagged("ref", err)
		c.PlaceOfRef = doctor.Missing{}
	}
	c.Model, err = parseModel(given.model)
	flagged("model", err)
	flagged("api-url", checkAddress(c.APIURL))
	if !slices.Contains(cursor.APIVersions(), c.API) {
		flagged("api-version", fmt.Errorf("%q is not known: write v1 or v0", given.apiVersion))
	}
	return c, errors.Join(problems...)
}

// proxy is the variable that names the proxy, as Go's standard library picks it.
func (p Program) proxy() string { return cmp.Or(p.Getenv("HTTPS_PROXY"), p.Getenv("https_proxy")) }

// examination is the form of the findings for machines.
type examination struct {
	Healthy  bool             `json:"healthy"`
	Findings []doctor.Finding `json:"findings"`
}

func exitHealthy(findings []doctor.Finding) int {
	if doctor.Healthy(findings) {
		return exitOK
	}
	return exitFailed
}

// checkAddress checks the API's address.
func checkAddress(apiURL string) error {
	_, err := cursor.New(cursor.Config{BaseURL: apiURL, Key: secret.New("any")})
	return err
}

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
		},
	}
	if err := checkAddress(c.APIURL); err != nil {
		in.Problem("api-url", err.Error())
	}
	var err error
	if c.Model, err = parseModel(in.Text("model")); err != nil {
		in.Problem("model", err.Error())
	}
	readPlace(runner, context, &c)
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
func readPlace(runner *actions.Runner, context actions.Context, c *doctor.Config) {
	in := runner.Inputs()
	target := config{event: readEvent(runner)}
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

// showFindings writes one line for each finding, what to do about those that
// are not well, and the sum.
func showFindings(out *actions.Runner, findings []doctor.Finding) {
	count := map[doctor.Status]int{}
	for _, f := range findings {
		count[f.Status]++
		out.Info(fmt.Sprintf("%-12s %-13s  %s", f.Status, f.Name, f.Found))
		if f.Status == doctor.OK {
			continue
		}
		for _, more := range []struct{ label, text string }{{"fix", f.Fix}, {"see", f.Link}} {
			if more.text != "" {
				out.Info(fmt.Sprintf("%28s%s: %s", "", more.label, more.text))
			}
		}
	}
	var sum []string
	for _, status := range []doctor.Status{doctor.Failed, doctor.Warning, doctor.NotChecked, doctor.OK} {
		if n := count[status]; n > 0 {
			sum = append(sum, fmt.Sprintf("%d %s", n, status))
		}
	}
	out.Info("doctor: " + strings.Join(sum, ", "))
}

// sentenceOf is a finding as one line.
func sentenceOf(f doctor.Finding) string {
	text := f.Name + ": " + f.Found
	if f.Fix != "" {
		text += "; " + f.Fix
	}
	if f.Link != "" {
		text += " (" + f.Link + ")"
	}
	return "doctor: " + text
}
