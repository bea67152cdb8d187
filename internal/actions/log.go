package actions

import (
	"fmt"
	"io"
	"strings"

	"cursor-agent-action/internal/plain"

	"github.com/sethvargo/go-githubactions"
)

// Limits of the runner's annotations, per step and type:
// https://github.com/actions/runner/blob/v2.328.0/src/Runner.Worker/ExecutionContext.cs
const (
	maxAnnotations     = 10
	maxAnnotationUnits = 4096
	maxTitleUnits      = 200
)

// Info writes text to the log. It is Block without a prefix.
func (r *Runner) Info(text string) { r.Block("", text) }

// Block writes text to the log, each of its lines behind prefix. The lines of
// one call stay together. Text may be hostile:
//
//   - it is split wherever a reader or a program could see a line break (CR,
//     LF, CRLF, VT, FF, NEL, LS, PS); one break at its end is not a line more;
//   - terminal sequences and invisible formatting (direction marks, zero-width
//     spaces, tags) are dropped, other control characters than tab are shown
//     as their Unicode pictures, bytes that are not UTF-8 as U+FFFD;
//   - secrets given to Mask are replaced by ***;
//   - a line that would start a workflow command gets one space after its
//     first colon (": :error::"), and the old form gets one before its bracket
//     anywhere in a line ("## [error]"). The runner knows neither, a reader
//     hardly sees the change, and a line that went through once stays as it is;
//   - a line longer than 8 KiB is cut and says by how much.
//
// It returns how many bytes that made.
func (r *Runner) Block(prefix, text string) int {
	r.log.Lock()
	defer r.log.Unlock()
	lines := r.block(prefix, text)
	r.write(lines)
	return len(lines)
}

// block renders what Block writes.
func (r *Runner) block(prefix, text string) string {
	var b strings.Builder
	for line := range plain.Lines(plain.Hide(text, r.secrets)) {
		b.WriteString(plain.Cut(disarm(plain.Hide(plain.Clean(prefix+line), r.secrets))))
		b.WriteByte('\n')
	}
	return b.String()
}

// Debug writes each line of text as a debug message, where debug logging is on.
//
// GitHub's switch is the secret or variable ACTIONS_STEP_DEBUG: the runner then
// sets RUNNER_DEBUG=1 for its steps and shows "::debug::" lines, which it drops
// otherwise
// (https://docs.github.com/actions/how-tos/monitor-workflows/enable-debug-logging).
// A variable ACTIONS_STEP_DEBUG that a workflow sets in its env reaches us and
// switches nothing in the runner: those who did that want to see the lines too,
// so they are written as plain ones.
func (r *Runner) Debug(text string) {
	if !r.debugging() {
		return
	}
	r.log.Lock()
	defer r.log.Unlock()
	if !r.showsDebug() {
		r.write(r.block("debug: ", text))
		return
	}
	var b strings.Builder
	for line := range plain.Lines(r.block("", text)) {
		b.WriteString(command("debug", line))
	}
	r.write(b.String())
}

func (r *Runner) debugging() bool { return r.showsDebug() || truthy(r.getenv("ACTIONS_STEP_DEBUG")) }

// showsDebug reports whether the runner shows debug messages.
func (r *Runner) showsDebug() bool { return r.getenv("RUNNER_DEBUG") == "1" }

// truthy reads a switch as the runner does, in any case:
// https://github.com/actions/runner/blob/v2.328.0/src/Runner.Sdk/Util/StringUtil.cs
func truthy(value string) bool {
	return value == "1" || strings.EqualFold(value, "true")
}

// Notice writes text as a notice annotation; see Error.
func (r *Runner) Notice(text string) { r.annotate("notice", "Notice: ", text) }

// Warning writes text as a warning annotation; see Error.
func (r *Runner) Warning(text string) { r.annotate("warning", "Warning: ", text) }

// Error writes text as an error annotation: one line of at most 4,096
// characters (UTF-16 units, as the runner counts), cleaned like a log line.
// The runner keeps ten annotations of a type and drops the rest without a
// word, so from the eleventh on the text becomes a plain log line "Error: ...".
// Blank text is not written.
func (r *Runner) Error(text string) { r.annotate("error", "Error: ", text) }

func (r *Runner) annotate(kind, label, text string) {
	r.log.Lock()
	defer r.log.Unlock()
	line := r.oneLine(text)
	if line == "" {
		return
	}
	if r.annotations[kind] >= maxAnnotations {
		r.write(r.block(label, line))
		return
	}
	r.annotations[kind]++
	r.write(command(kind, cutUnits(line, maxAnnotationUnits)))
}

// Group starts a foldable part of the log under title. The runner does not
// nest groups, so an open one ends first.
func (r *Runner) Group(title string) {
	r.log.Lock()
	defer r.log.Unlock()
	text := command("group", cutUnits(r.oneLine(title), maxTitleUnits))
	if r.grouped {
		text = command("endgroup", "") + text
	}
	r.grouped = true
	r.write(text)
}

// EndGroup ends the open group. Without one it does nothing.
func (r *Runner) EndGroup() {
	r.log.Lock()
	defer r.log.Unlock()
	if !r.grouped {
		return
	}
	r.grouped = false
	r.write(command("endgroup", ""))
}

// oneLine is text as a single clean line: its lines, trimmed, with one space
// between them.
func (r *Runner) oneLine(text string) string {
	var parts []string
	for line := range plain.Lines(plain.Hide(text, r.secrets)) {
		if line = strings.TrimSpace(plain.Clean(line)); line != "" {
			parts = append(parts, line)
		}
	}
	return disarm(plain.Hide(strings.Join(parts, " "), r.secrets))
}

// command renders a workflow command with its line end. The library escapes
// the message, so that it can't end the line.
func command(name, message string) string {
	return (&githubactions.Command{Name: name, Message: message}).String() + "\n"
}

// write hands text, whole lines, to stdout and keeps the first error. A later
// line may get through where an earlier one did not, so it goes on trying.
func (r *Runner) write(text string) {
	if _, err := io.WriteString(r.stdout, text); err != nil && r.writeErr == nil {
		r.writeErr = fmt.Errorf("write log: %w", err)
	}
}
