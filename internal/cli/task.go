package cli

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

const (
	maxPromptFiles = 4 << 20  // bytes, of all prompt files
	maxImage       = 15 << 20 // bytes, of one image, as the API has it
)

// readTask reads what the agent is asked to do and with what.
func readTask(runner *actions.Runner, in *actions.Inputs, c *config) {
	c.spec.Prompt.Text = readPrompt(runner, in)
	if c.schema != nil && c.spec.Prompt.Text != "" {
		c.spec.Prompt.Text = strings.TrimRight(c.spec.Prompt.Text, "\n") + "\n\n" + demand(c.schema)
	}
	c.spec.Prompt.Images = readImages(runner, in)
	c.spec.WorkOnCurrentBranch = in.Bool("work-on-current-branch", false)
	c.spec.CreatePR = in.Bool("create-pr", false)
	c.spec.SkipReviewerRequest = in.Bool("skip-reviewer-request", false)
	if c.spec.SkipReviewerRequest && !c.spec.CreatePR {
		in.Problem("skip-reviewer-request", "only goes with create-pr: true: set that, or leave this out")
	}
	var err error
	if c.spec.Model, err = parseModel(in.Text("model")); err != nil {
		in.Problem("model", err.Error())
	}
	c.spec.Mode = in.Enum("agent-mode", "agent", "agent", "plan")
	c.spec.Title = in.Text("name")

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

// oneLine is a joined error's message on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// readPrompt gives the prompt as it was written, from the input or the files.
func readPrompt(runner *actions.Runner, in *actions.Inputs) string {
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
func readWorkspace[T any](runner *actions.Runner, read func(*actions.Workspace) (T, error)) (T, error) {
	workspace, err := runner.Workspace()
	if err != nil {
		var none T
		return none, err
	}
	defer workspace.Close()
	return read(workspace)
}

// imageTypes are the media types that the API takes, by the files' endings.
var imageTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}

// readImages gives the images: addresses as they are, for Cursor to fetch, and
// files of the workspace by their bytes.
func readImages(runner *actions.Runner, in *actions.Inputs) []cursor.Image {
	var images []cursor.Image
	for _, line := range in.Lines("images") {
		if address, err := url.Parse(line); err == nil && (address.Scheme == "https" || address.Scheme == "http") {
			images = append(images, cursor.Image{URL: line})
			continue
		}
		dot := max(strings.LastIndex(line, "."), 0)
		mediaType, ok := imageTypes[strings.ToLower(line[dot:])]
		if !ok {
			in.Problem("images", fmt.Sprintf("%q is neither a web address nor a file that ends with .png, .jpg, .gif or .webp: write one of them", line))
			continue
		}
		data, err := readWorkspace(runner, func(w *actions.Workspace) ([]byte, error) { return w.ReadFile(line, maxImage) })
		if err != nil {
			in.Problem("images", err.Error())
			continue
		}
		images = append(images, cursor.Image{Data: base64.StdEncoding.EncodeToString(data), MIMEType: mediaType})
	}
	if len(images) > agent.MaxImages {
		in.Problem("images", fmt.Sprintf("are %d, and an agent takes at most %d: leave some out", len(images), agent.MaxImages))
	}
	return images
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
