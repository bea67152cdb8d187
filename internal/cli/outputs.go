package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// maxResult bounds the agent's final text in the outputs, in bytes. GitHub
// allows 1 MiB for all outputs of a job, and the text stands in two of them.
const maxResult = 256 << 10

// maxField bounds every other text in the outputs, in bytes.
const maxField = 16 << 10

// output is one output of the step.
type output struct{ name, value string }

// outputs are those of action.yml that come from the result, in its order, as far
// as the result knows them. What is not known is left out: an output that was
// never set is empty in the workflow too.
func outputs(result agent.Result, target target, truth truth) []output {
	var list []output
	add := func(name, value string) {
		if value != "" {
			list = append(list, output{name, value})
		}
	}
	add("agent-id", cut(result.AgentID, maxField))
	add("agent-url", cut(result.URL, maxField))
	add("run-id", cut(result.RunID, maxField))
	add("status", cut(string(result.Status), maxField))
	add("outcome", string(result.Outcome))
	add("branch", cut(result.Pushed.Branch, maxField))
	add("pr-url", cut(result.Pushed.PRURL, maxField))
	if number := forge.PullRequestNumber(result.Pushed.PRURL); number != 0 {
		add("pr-number", strconv.Itoa(number))
	}
	if truth.asked {
		add("pr-verified", strconv.FormatBool(truth.unverified == ""))
	}
	if truth.pull.Number != 0 {
		add("draft", strconv.FormatBool(truth.pull.Draft))
	}
	add("head-sha", cut(truth.headSHA, maxField))
	if truth.counted {
		add("commits", strconv.Itoa(truth.commits))
		add("changed-files", strconv.Itoa(truth.files))
	}
	add("result", cut(result.Run.Result, maxResult))
	add("result-object", result.Object)
	if result.Outcome != "" {
		add("result-json", resultJSON(result, target, truth))
	}
	if result.Run.Duration > 0 {
		add("duration-ms", strconv.FormatInt(result.Run.Duration.Milliseconds(), 10))
	}
	if tokens, _ := result.Tokens(); tokens.TotalTokens > 0 { // Until they are counted the API says 0.
		add("total-tokens", strconv.FormatInt(tokens.TotalTokens, 10))
	}
	if cents, known := result.CostCents(); known {
		add("cost-cents", strconv.FormatFloat(cents, 'f', -1, 64))
	}
	if result.RunID != "" {
		add("attached", strconv.FormatBool(result.Attached))
	}
	return list
}

// target is what the agent was pointed at.
type target struct {
	Repository  string `json:"repository,omitempty"`
	Ref         string `json:"ref,omitempty"`
	PullRequest string `json:"pullRequest,omitempty"`
	Model       string `json:"model,omitempty"`
}

// everything is the form of the output result-json.
type everything struct {
	Outcome    agent.Outcome    `json:"outcome"`
	Reason     string           `json:"reason,omitempty"`
	Left       string           `json:"left,omitempty"`
	NextStep   string           `json:"nextStep,omitempty"`
	AgentID    string           `json:"agentId,omitempty"`
	AgentURL   string           `json:"agentUrl,omitempty"`
	RunID      string           `json:"runId,omitempty"`
	Status     cursor.RunStatus `json:"status,omitempty"`
	Attached   bool             `json:"attached"`
	Generation int              `json:"generation"`
	Target     target           `json:"target"`
	Branch     string           `json:"branch,omitempty"`
	PRURL      string           `json:"prUrl,omitempty"`
	PRNumber   int              `json:"prNumber,omitempty"`
	Truth      *verification    `json:"gitHub,omitempty"`
	Branches   []branch         `json:"branches,omitempty"`
	Result     string           `json:"result,omitempty"`
	Object     json.RawMessage  `json:"resultObject,omitempty"`
	DurationMS int64            `json:"durationMs,omitempty"`
	Usage      *usage           `json:"usage,omitempty"`
	TotalUsage *totalUsage      `json:"totalUsage,omitempty"`
}

// branch is one branch that the agent pushed.
type branch struct {
	Repository string `json:"repository"`
	Branch     string `json:"branch,omitempty"`
	PRURL      string `json:"prUrl,omitempty"`
}

// verification is what GitHub says of what was pushed.
type verification struct {
	Verified     bool   `json:"verified"`
	Reason       string `json:"reason,omitempty"`
	HeadSHA      string `json:"headSha,omitempty"`
	Commits      int    `json:"commits,omitempty"`
	ChangedFiles int    `json:"changedFiles,omitempty"`
	Draft        bool   `json:"draft,omitempty"`
}

// usage is what the run used. Cost is null where the API does not say.
type usage struct {
	InputTokens      int64    `json:"inputTokens"`
	OutputTokens     int64    `json:"outputTokens"`
	CacheWriteTokens int64    `json:"cacheWriteTokens"`
	CacheReadTokens  int64    `json:"cacheReadTokens"`
	TotalTokens      int64    `json:"totalTokens"`
	CostCents        *float64 `json:"costCents"`
}

// maxBranches bounds the branches in result-json: a server that lists more is
// mistaken.
const maxBranches = 100

// resultJSON is the output result-json, on one line. JSON's escapes make some
// texts longer, so the final text is cut until the whole fits into an output.
func resultJSON(result agent.Result, target target, truth truth) string {
	all := everything{
		Outcome: result.Outcome, Reason: result.Reason, Left: result.Left, NextStep: result.NextStep,
		AgentID: result.AgentID, AgentURL: result.URL, RunID: result.RunID, Status: result.Status,
		Attached: result.Attached, Generation: result.Generation, Target: target,
		Branch: result.Pushed.Branch, PRURL: result.Pushed.PRURL, PRNumber: forge.PullRequestNumber(result.Pushed.PRURL),
		DurationMS: result.Run.Duration.Milliseconds(),
	}
	for _, pushed := range result.Run.Git[:min(len(result.Run.Git), maxBranches)] {
		all.Branches = append(all.Branches, branch{pushed.RepoURL, pushed.Branch, pushed.PRURL})
	}
	if truth.asked {
		all.Truth = &verification{
			Verified: truth.unverified == "", Reason: cut(truth.unverified, maxField),
			HeadSHA: cut(truth.headSHA, maxField), Commits: truth.commits, ChangedFiles: truth.files, Draft: truth.pull.Draft,
		}
	}
	if result.Object != "" {
		all.Object = json.RawMessage(result.Object)
	}
	if tokens, known := result.Tokens(); known {
		all.Usage = new(usageOf(tokens, nil))
		if cents, known := result.CostCents(); known {
			all.Usage.CostCents = &cents
		}
		all.TotalUsage = newTotalUsage(*result.Usage)
	}
	for limit := maxResult; limit > maxField; limit /= 2 {
		all.Result = cut(result.Run.Result, limit)
		if text := encode(all); len(text) <= actions.MaxOutput {
			return text
		}
	}
	// What is too long is not the result: only what we chose ourselves is sure.
	return encode(everything{Outcome: all.Outcome, AgentID: cut(all.AgentID, maxField), RunID: cut(all.RunID, maxField), Attached: all.Attached, Generation: all.Generation})
}

// encode is value as JSON on one line, with <, > and & as they are.
func encode(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		// Only our own structs of strings, numbers and booleans come here.
		panic(fmt.Errorf("encode JSON: %w", err))
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// cut shortens text to n bytes at a rune's boundary and says so.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	const note = "\n[cut]"
	end := max(0, n-len(note))
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + note
}

// setOutputs writes a list of outputs. A failure is a warning: it says nothing
// about the agent, and the other outputs may still be written.
func setOutputs(runner audience, list []output) {
	for _, output := range list {
		if err := runner.SetOutput(output.name, output.value); err != nil {
			runner.Warning(err.Error())
		}
	}
}
