package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"cursor-agent-action/internal/simulator"
)

// demo shows the main job, whole: the very action command, in a workflow
// runner's surroundings made for it, against the embedded API.
func (p Program) demo(ctx context.Context, args []string) int {
	if len(args) > 0 {
		fmt.Fprintf(p.Stderr, "cursor-agent-action: demo takes no arguments but has %q\n", args)
		return exitUsage
	}
	status, err := p.runDemo(ctx)
	if err != nil {
		fmt.Fprintf(p.Stderr, "cursor-agent-action demo: %v\n", err)
		return exitFailed
	}
	return status
}

func (p Program) runDemo(ctx context.Context) (status int, _ error) {
	scenario, err := simulator.Open("happy", os.ReadFile)
	if err != nil {
		return 0, err
	}
	api := simulator.New(simulator.Config{Scenario: scenario, Newer: true})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- serve(serving, listener, api) }()
	defer func() {
		stop()
		<-served
	}()

	folder, err := os.MkdirTemp("", "cursor-agent-action-demo-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	env, err := demoEnv(folder, "http://"+listener.Addr().String())
	if err != nil {
		return 0, err
	}

	p.title("A workflow step, as its log shows it")
	step := p
	step.Getenv = func(name string) string { return env[name] }
	step.Stdout = commandFilter{p.Stdout}
	if status = step.Run(ctx, []string{"cursor-agent-action", "action"}); status == exitInterrupted {
		return status, nil
	}
	for _, part := range []struct{ title, file string }{
		{"What the next steps get: steps.agent.outputs", env["GITHUB_OUTPUT"]},
		{"What the run's page shows: the summary, as Markdown", env["GITHUB_STEP_SUMMARY"]},
	} {
		content, err := os.ReadFile(part.file)
		if err != nil {
			return 0, err
		}
		p.title(part.title)
		if part.file == env["GITHUB_OUTPUT"] {
			content = []byte(showOutputs(content))
		}
		fmt.Fprintln(p.Stdout, strings.TrimSpace(string(content)))
	}
	p.title("Now with a real agent")
	_, err = fmt.Fprint(p.Stdout, demoNext)
	return status, err
}

// demoNext is what to do after the demo.
const demoNext = `1. Create an API key at https://cursor.com/dashboard/api and install Cursor's
   GitHub App for your repository.
2. Save the key as the repository's secret CURSOR_API_KEY.
3. Add the step to a workflow: see README.md, "The workflow".
To try a workflow of your own without a key: dry-run: true, or
cursor-agent-action simulate
`

func (p Program) title(text string) {
	fmt.Fprintf(p.Stdout, "\n=== %s %s\n\n", text, strings.Repeat("=", max(3, 74-len(text))))
}

// demoEnv makes what a workflow runner gives to a container action on a push,
// below folder.
func demoEnv(folder, apiURL string) (map[string]string, error) {
	event, err := json.Marshal(map[string]any{
		"ref":        "refs/heads/feature/checkout",
		"repository": map[string]any{"full_name": "acme/shop"},
	})
	if err != nil {
		return nil, err
	}
	env := map[string]string{
		"INPUT_API-KEY":     "demo-key-of-no-worth",
		"INPUT_API-URL":     apiURL,
		"INPUT_PROMPT":      "Fix the flaky test in internal/cache and open a pull request.",
		"INPUT_CREATE-PR":   "true",
		"INPUT_ARTIFACTS":   "agent-artifacts",
		"GITHUB_ACTIONS":    "true",
		"GITHUB_REPOSITORY": "acme/shop",
		"GITHUB_EVENT_NAME": "push",
		"GITHUB_REF":        "refs/heads/feature/checkout",
		"GITHUB_RUN_ID":     "1",
		"GITHUB_WORKFLOW":   "demo",
		"GITHUB_JOB":        "demo",
		"GITHUB_ACTION":     "agent",
		"HOME":              folder,
	}
	for name, content := range map[string][]byte{
		"GITHUB_OUTPUT": nil, "GITHUB_STATE": nil, "GITHUB_STEP_SUMMARY": nil, "GITHUB_EVENT_PATH": event,
	} {
		env[name] = filepath.Join(folder, strings.ToLower(name))
		if err := os.WriteFile(env[name], content, 0o600); err != nil {
			return nil, err
		}
	}
	env["GITHUB_WORKSPACE"] = filepath.Join(folder, "workspace")
	return env, os.Mkdir(env["GITHUB_WORKSPACE"], 0o700)
}

// showOutputs lists the outputs in a file that we wrote: name<<DELIMITER, the
// value, DELIMITER. Of several values of a name the last one counts.
func showOutputs(file []byte) string {
	var names []string
	values := map[string]string{}
	for rest := string(file); rest != ""; {
		var head, value string
		head, rest, _ = strings.Cut(rest, "\n")
		name, delimiter, _ := strings.Cut(head, "<<")
		value, rest, _ = strings.Cut(rest, "\n"+delimiter+"\n")
		if _, again := values[name]; !again {
			names = append(names, name)
		}
		values[name] = value
	}
	var text strings.Builder
	for _, name := range names {
		value := strings.ReplaceAll(values[name], "\n", "\n"+strings.Repeat(" ", 17))
		fmt.Fprintf(&text, "%-16s %s\n", name, value)
	}
	return text.String()
}

// commandFilter leaves out what the runner takes out of the log itself: the
// commands that mask secrets.
type commandFilter struct {
	to io.Writer
}

func (f commandFilter) Write(text []byte) (int, error) {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("::add-mask::")) {
			continue
		}
		if _, err := f.to.Write(line); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}
