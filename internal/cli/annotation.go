package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/plain"
)

// maxAnnotations bounds the annotations of one check run: beyond, nobody reads
// them.
const maxAnnotations = 200

// annotations are what a result says of lines of files: every object in it, in a
// list of it or in a list of its fields, that has a file and a line. Names are
// those that linters and reviewers use.
func annotations(object string) []forge.Annotation {
	var found []forge.Annotation
	var walk func(value any, depth int)
	walk = func(value any, depth int) {
		const deepest = 4
		if depth > deepest || len(found) == maxAnnotations {
			return
		}
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				walk(item, depth+1)
			}
		case map[string]any:
			if annotation, ok := annotationOf(value); ok {
				found = append(found, annotation)
				return
			}
			for _, name := range slices.Sorted(maps.Keys(value)) {
				walk(value[name], depth+1)
			}
		}
	}
	var value any
	if json.Unmarshal([]byte(object), &value) == nil {
		walk(value, 0)
	}
	return found
}

// annotationOf reads one remark. Its path must stay inside the repository.
func annotationOf(fields map[string]any) (forge.Annotation, bool) {
	text := func(names ...string) string {
		for _, name := range names {
			if value, ok := fields[name].(string); ok && strings.TrimSpace(value) != "" {
				return strings.TrimSpace(value)
			}
		}
		return ""
	}
	line := func(names ...string) int {
		for _, name := range names {
			if value, ok := fields[name].(float64); ok && value >= 1 && value <= 1<<30 {
				return int(value)
			}
		}
		return 0
	}
	path, err := actions.SafeRelative(text("file", "path", "filename"))
	from := line("line", "start_line", "startLine")
	message := visible(text("message", "description", "comment", "body", "title"))
	if err != nil || from == 0 || message == "" {
		return forge.Annotation{}, false
	}
	a := forge.Annotation{
		Path: path, From: from, To: max(from, line("end_line", "endLine")),
		Level: "warning", Title: visible(text("title")), Message: message,
	}
	switch strings.ToLower(text("severity", "level")) {
	case "error", "failure", "critical", "high":
		a.Level = "failure"
	case "info", "notice", "note", "low":
		a.Level = "notice"
	}
	return a, true
}

// visible is text of which people see all: GitHub shows annotations as they are.
func visible(text string) string {
	var lines []string
	for line := range plain.Lines(text) {
		lines = append(lines, plain.Clean(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
