package prompt

import (
	"fmt"
	"io"
	"strings"
	"text/template"
)

// Template is a prompt with gaps, in the language of text/template.
//
// What its author wrote is the task. What it takes from Data stands in a fence
// wherever it is printed, whether or not the author thought of it: in one of
// its own lines where it is long or by the function untrusted, else between
// brackets. Numbers and truth values stand as they are; conditions compare
// without fences. A key that Data doesn't have is an error; index asks for one
// that may be missing.
//
// Besides and, or, not, len, index, slice, eq, ne, lt, le, gt, ge, print and
// printf there are
//
//	untrusted VALUE         the value in a fence of its own
//	untrusted "WHAT" VALUE  the same, and the fence says what it is
//	include "FILE"          a file of the workspace, as the author's own words
//	truncate N TEXT         the first N characters of a text
//	json VALUE              the value as JSON
//	env "NAME"              an environment variable of the allow-list
type Template struct {
	// Name is what errors call the template: "prompt", or the file it is.
	Name string
	Text string
	// Data is what the template sees: maps by string, slices, texts, numbers,
	// and Part, which is a map of source, author, url and text; a trusted Part is
	// its text, as the author's own words. Other types are taken as their JSON.
	Data any
	// Include reads a file for the template. It refuses what lies outside of
	// the workspace and what is longer than most bytes. Nil refuses all.
	Include func(name string, most int) (string, error)
	// Env are the environment variables that the template may read.
	Env map[string]string
}

// The bounds on a template, so that none runs for longer than a second.
const (
	maxTemplate = 256 << 10 // Bytes of the template's text.
	maxSteps    = 250_000   // Nodes that are visited.
	maxCalls    = 100       // Templates within templates.
	maxWork     = 4 << 20   // Bytes that the functions make.
)

// Execute fills the gaps of a template and puts parts after it, as Assemble
// does. An error names the line and the column in the template, both from 1 on.
func Execute(t Template, parts []Part, o Options) (Assembly, error) {
	data, err := plainData(t.Data, 0)
	if err != nil {
		return Assembly{}, fmt.Errorf("read the data for %s: %w", t.Name, err)
	}
	return assemble(parts, o, func(s *sheet) (string, error) {
		r := &run{
			sheet: s, template: t, steps: maxSteps, work: maxWork,
			out: output{room: s.MaxBytes}, files: map[string]string{},
		}
		return r.execute(data)
	})
}

// root is the name that text/template gets for a template: an author may define
// one of any other name.
const root = "prompt"

// run is the execution of a template.
type run struct {
	*sheet
	template Template
	out      output
	steps    int // That may still be made.
	work     int // In bytes, that may still be done.
	depth    int // How many templates within templates there are now.
	files    map[string]string
}

func (r *run) execute(data any) (string, error) {
	t := r.template
	if len(t.Text) > maxTemplate {
		return "", fmt.Errorf("%s: the template has %d bytes, and at most %d are allowed; put long texts into files and include them", t.Name, len(t.Text), maxTemplate)
	}
	from := origin(Part{Source: "template " + t.Name, Text: t.Text, Trusted: true})
	from.Used = from.Fetched
	r.origins = append(r.origins, from)
	parsed, err := template.New(root).Option("missingkey=error").Funcs(r.functions()).Parse(t.Text)
	if err != nil {
		return "", r.reworded(err)
	}
	w := rewriter{text: t.Text}
	if err := w.template(parsed); err != nil {
		return "", fmt.Errorf("%s:%w", t.Name, err)
	}
	if err := parsed.Execute(&r.out, data); err != nil {
		return "", r.reworded(err)
	}
	return strings.ToValidUTF8(r.out.text.String(), "\ufffd"), nil
}

// output is the text that a template writes.
type output struct {
	text strings.Builder
	room int // In bytes, for more.
	// broken says that a line must end before anything else is written.
	broken bool
}

// Write implements io.Writer for text/template.
func (o *output) Write(p []byte) (int, error) {
	return len(p), o.add(string(p))
}

var _ io.Writer = (*output)(nil)

func (o *output) add(text string) error {
	if text == "" {
		return nil
	}
	if o.broken && text[0] != '\n' {
		text = "\n" + text
	}
	o.broken = false
	if o.room -= len(text); o.room < 0 {
		return refusal("the prompt grows too long; print less of it, or truncate what is long")
	}
	o.text.WriteString(text)
	return nil
}

// addBlock writes text in lines of its own.
func (o *output) addBlock(text string) error {
	if before := o.text.String(); before != "" && !strings.HasSuffix(before, "\n") {
		text = "\n" + text
	}
	if err := o.add(strings.TrimSuffix(text, "\n")); err != nil {
		return err
	}
	o.broken = true
	return nil
}
