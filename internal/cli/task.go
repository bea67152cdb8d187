package cli

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// maxPromptFiles bounds all prompt files, in bytes.
const maxPromptFiles = 4 << 20

// readTask reads what the agent is asked to do and with what.
func readTask(runner *actions.Runner, in *actions.Inputs, c *config) {
	readComposition(in, c)
	c.compose.words = readPrompt(runner, in, c.compose.request != "", c.gate.TriggerPhrase)
	if c.schema != nil {
		c.compose.demand = demand(c.schema)
	}
	c.spec.Prompt.Text, c.spec.Key = c.compose.plain(), c.compose.key()
	c.spec.Prompt.Images = readImages(runner, in)
	c.spec.WorkOnCurrentBranch = in.Bool("work-on-current-branch", false)
	c.spec.CreatePR = in.Bool("create-pr", false)
	c.spec.SkipReviewerRequest = in.Bool("skip-reviewer-request", false)
	if c.spec.SkipReviewerRequest && !c.spec.CreatePR {
		in.Problem("skip-reviewer-request", "only goes with create-pr: true: set that, or leave this out")
	}
	c.spec.OpenAsCursorGithubApp = in.Bool("open-as-cursor-github-app", false)
	if c.spec.OpenAsCursorGithubApp && !c.spec.CreatePR {
		in.Problem("open-as-cursor-github-app", "only goes with create-pr: true: set that, or leave this out")
	}
	readBranch(in, c)
	readWebhook(in, c)
	var err error
	if c.spec.Model, err = parseModel(in.Text("model")); err != nil {
		in.Problem("model", err.Error())
	}
	c.spec.Mode = in.Enum("agent-mode", "agent", "agent", "plan")
	c.spec.Title = in.Text("name")
	if c.compose.template && c.spec.Title == "" {
		c.spec.Title = c.compose.title(c.event) // What is made of it begins otherwise.
	}
	for _, pair := range in.Pairs("env-vars") {
		if c.spec.EnvVars == nil {
			c.spec.EnvVars = map[string]string{}
		}
		c.spec.EnvVars[pair.Name] = pair.Value
	}
	if err := agent.ValidateEnvVars(c.spec.EnvVars); err != nil {
		in.Problem("env-vars", oneLine(err))
	}
	if c.spec.MCPServers, err = parseMCPServers(in.Raw("mcp-servers")); err != nil {
		in.Problem("mcp-servers", err.Error())
	} else if err := agent.ValidateMCPServers(c.spec.MCPServers); err != nil {
		in.Problem("mcp-servers", oneLine(err))
	}
}

// readBranch reads the name of the branch that the agent creates.
func readBranch(in *actions.Inputs, c *config) {
	if !in.Set("branch") {
		return
	}
	var err error
	if c.spec.Branch, err = forge.ParseRef(in.Text("branch")); err != nil {
		in.Problem("branch", err.Error())
	}
	if c.spec.WorkOnCurrentBranch {
		in.Problem("branch", "does not go with work-on-current-branch, which creates none: leave one of them out")
	}
}

// readWebhook reads whom the API tells of the agent's end.
func readWebhook(in *actions.Inputs, c *config) {
	address, secret := in.Text("webhook-url"), in.Text("webhook-secret")
	switch parsed, err := url.Parse(address); {
	case address == "" && secret == "":
	case address == "":
		in.Problem("webhook-secret", "signs what is posted to webhook-url: set that, or leave this out")
	case err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" || parsed.User != nil:
		in.Problem("webhook-url", "is not a web address without user name: write https://HOST/PATH")
	default:
		c.spec.Webhook = &cursor.Webhook{URL: address, Secret: secret}
		if err := agent.ValidateWebhook(c.spec.Webhook); err != nil {
			in.Problem("webhook-url", oneLine(err))
		}
	}
}

// oneLine is a joined error's message on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// readPrompt gives the prompt as it was written, from the input or the files.
// Where a comment has asked for something, there need be none.
func readPrompt(runner *actions.Runner, in *actions.Inputs, asked bool, phrase string) string {
	patterns := in.Lines("prompt-file")
	switch {
	case in.Set("prompt") && len(patterns) > 0:
		in.Problem("prompt", "stands with prompt-file: leave one of them out")
	case in.Set("prompt"):
		prompt := in.Raw("prompt")
		if !utf8.ValidString(prompt) {
			in.Problem("prompt", "is not UTF-8: save it as UTF-8")
		}
		return prompt
	case len(patterns) == 0 && asked:
	case len(patterns) == 0 && phrase != "":
		in.Problem("prompt", "is empty, and nothing was said beside "+phrase+": say what the agent should do in a new comment, or here")
	case len(patterns) == 0:
		in.Problem("prompt", "is empty: say what the agent should do, here or in prompt-file")
	default:
		files, err := readWorkspace(runner, func(w *actions.Workspace) ([]actions.File, error) {
			return w.ReadGlobs(patterns, maxPromptFiles)
		})
		if err != nil {
			in.Problem("prompt-file", err.Error())
		}
		var parts []string
		for _, file := range files {
			parts = append(parts, strings.TrimRight(string(file.Data), "\n"))
		}
		return strings.Join(parts, "\n\n")
	}
	return ""
}

// readWorkspace opens the workspace for one reading.
func readWorkspace[T any](runner interface {
	Workspace() (*actions.Workspace, error)
}, read func(*actions.Workspace) (T, error)) (T, error) {
	workspace, err := runner.Workspace()
	if err != nil {
		var none T
		return none, err
	}
	defer workspace.Close()
	return read(workspace)
}

// parseModel reads id?name=value&name=value; "" is nil, the account's default.
func parseModel(text string) (*cursor.ModelRef, error) {
	if text == "" {
		return nil, nil
	}
	id, query, _ := strings.Cut(text, "?")
	if id == "" || strings.ContainsAny(id, " \t\n&=") {
		return nil, fmt.Errorf("%q is not a model: write its id, with parameters as id?name=value", text)
	}
	model := &cursor.ModelRef{ID: id}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		if !found || name == "" || value == "" {
			return nil, fmt.Errorf("the parameter %q has no value: write id?name=value", part)
		}
		model.Params = append(model.Params, cursor.ModelParam{ID: name, Value: value})
	}
	return model, nil
}
