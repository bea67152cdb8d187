package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/prompt"
)

// contextPatience is for how long what the event is about is read. What was not
// read by then is left out, and said to be.
const contextPatience = 90 * time.Second

// composition is how the prompt is made where it is more than the author's
// words: what the event brings differs from attempt to attempt.
type composition struct {
	template bool   // the words are a template
	event    bool   // context: event
	words    string // the author's, as they stand
	request  string // what the comment asks for that triggered the workflow
	demand   string // of result-schema, "" for none
	env      []string
}

// needed reports whether the prompt is not just the author's words.
func (c composition) needed() bool { return c.template || c.event || c.request != "" }

// key is what the work is known by in place of such a prompt.
func (c composition) key() string {
	if !c.needed() {
		return ""
	}
	return strings.Join([]string{c.words, c.request, c.demand}, "\x00")
}

// plain is the prompt without what has to be asked for.
func (c composition) plain() string {
	if c.request == "" && c.demand == "" {
		return c.words
	}
	var parts []string
	for _, part := range []string{c.words, c.request, c.demand} {
		if part = strings.TrimRight(part, "\n"); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n\n")
}

// title names the work of a template: by its first line that is a text for
// people, or else by what the event is about.
func (c composition) title(event forge.Event) string {
	for line := range strings.Lines(c.words) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, "{{") && !strings.Contains(line, "}}") {
			return line
		}
	}
	if kind, number := event.Subject(); kind != forge.SubjectNone {
		return fmt.Sprintf("Work on %s %d", kind, number)
	}
	return "Work on " + event.Name
}

// readComposition reads the inputs that make more of the prompt.
func readComposition(in *actions.Inputs, c *config) {
	request, _ := prompt.Sanitise(c.gate.Request(c.event), false)
	c.compose.request = strings.TrimSpace(request)
	c.compose.template = in.Bool("template", false)
	c.compose.event = in.Enum("context", "none", "none", "event") == "event"
	c.compose.env = in.List("template-env")
	if len(c.compose.env) > 0 && !c.compose.template {
		in.Problem("template-env", "names variables for a template, but template is not true: set that, or leave this out")
	}
	for _, name := range c.compose.env {
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "INPUT_") || strings.HasPrefix(upper, "ACTIONS_") || upper == "GITHUB_TOKEN" {
			in.Problem("template-env", fmt.Sprintf("%q may hold a secret: name variables that the step's env sets", name))
		}
	}
}

// composed puts the prompt together of the author's words, what the event is
// about, and what the result must look like.
func (s *step) composed(ctx context.Context) error {
	c := s.config.compose
	if !c.needed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(contextPatience, time.Until(s.deadline())))
	defer cancel()
	request := prompt.Part{Source: "request in the comment", Author: s.event.Sender.Login, Text: c.request, Trusted: true}
	parts := []prompt.Part{{Source: "result-schema", Text: c.demand, Trusted: true}}
	if c.event {
		outside, err := s.aboutEvent(ctx)
		if err != nil {
			return err
		}
		parts = append(parts, outside...)
	}
	assembly, err := s.assemble(c, request, parts)
	if err != nil {
		return err
	}
	if strings.TrimSpace(assembly.Text) == "" {
		return errors.New("the template makes an empty prompt of this event: give it words for every case")
	}
	s.spec.Prompt.Text = assembly.Text
	s.config.followUp.Prompt.Text = assembly.Text
	s.assembly = assembly
	outside := 0
	for _, origin := range assembly.Origins {
		if !origin.Trusted {
			outside++
		}
	}
	if outside > 0 {
		s.runner.Info(fmt.Sprintf("The prompt holds %s from outside, in fences; the summary lists them", plural(outside, "part")))
	}
	return nil
}

// assemble makes the prompt of the author's words, of what was asked for, and of
// more parts. Who asked has passed the gate, so that the request is the task too;
// a template says itself where it goes.
func (s *step) assemble(c composition, request prompt.Part, parts []prompt.Part) (prompt.Assembly, error) {
	// What others wrote has room of its own.
	options := prompt.Options{Random: s.fences(), MaxBytes: prompt.DefaultMaxBytes + len(c.plain())}
	if !c.template {
		words := prompt.Part{Source: "prompt", Text: strings.TrimRight(c.words, "\n"), Trusted: true}
		return prompt.Assemble(append([]prompt.Part{words, request}, parts...), options)
	}
	env := map[string]string{}
	for _, name := range append(runnerVariables(), c.env...) {
		env[name] = s.Getenv(name)
	}
	assembly, err := prompt.Execute(prompt.Template{
		Name: "prompt", Text: c.words, Env: env, Include: s.include,
		Data: map[string]any{"event": s.event.Raw, "request": request},
	}, parts, options)
	// A template that does not name the request may hold the same words.
	named := strings.Contains(c.words, ".request") || strings.Contains(c.words, `"request"`)
	if err != nil || !named || !strings.Contains(assembly.Text, c.request) {
		return assembly, err
	}
	told, err := prompt.Assemble([]prompt.Part{request}, options)
	assembly.Origins = append(assembly.Origins, told.Origins...)
	return assembly, err
}

// runnerVariables are those that a template may always read: what the runner
// says of the workflow, and no token.
func runnerVariables() []string {
	return []string{
		"GITHUB_ACTOR", "GITHUB_BASE_REF", "GITHUB_EVENT_NAME", "GITHUB_HEAD_REF", "GITHUB_JOB", "GITHUB_REF", "GITHUB_REF_NAME",
		"GITHUB_REF_TYPE", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_OWNER", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER",
		"GITHUB_SERVER_URL", "GITHUB_SHA", "GITHUB_TRIGGERING_ACTOR", "GITHUB_WORKFLOW",
	}
}

// include reads a file of the workspace for a template.
func (s *step) include(name string, most int) (string, error) {
	data, err := readWorkspace(s.runner, func(w *actions.Workspace) ([]byte, error) { return w.ReadFile(name, int64(most)) })
	return string(data), err
}

// aboutEvent reads what the event is about, as parts that nobody trusts.
func (s *step) aboutEvent(ctx context.Context) ([]prompt.Part, error) {
	hub, err := s.gitHub()
	if err != nil && !errors.Is(err, errNoToken) { // Of that the notes tell.
		s.runner.Warning("context: " + oneLine(err) + "; the prompt has only what the event itself tells")
	}
	quotes, notes := hub.Context(ctx, s.event, forge.ContextCaps{})
	for _, note := range notes {
		s.runner.Warning("context: " + note)
	}
	if len(quotes) == 0 && len(notes) > 0 {
		return nil, fmt.Errorf("context: nothing of what the event %q is about could be read; see the warnings, or leave context out", s.event.Name)
	}
	var parts []prompt.Part
	for _, quote := range quotes {
		parts = append(parts, prompt.Part{Source: quote.Source, Author: quote.Author, URL: quote.URL, Text: quote.Text, Code: quote.Code, Tail: quote.Tail})
	}
	return parts, nil
}

// fences is where the codes of the prompt's fences come from: nobody without the
// API key can tell them, and another attempt of the same work draws the same, so
// that a prompt of the same parts is the same.
func (s *step) fences() io.Reader {
	return rand.NewChaCha8(s.key.Sum("fences", s.work.Repository, strconv.FormatInt(s.work.WorkflowRunID, 10), s.work.Job, s.work.Step, s.work.Key))
}
