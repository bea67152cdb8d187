package prompt

import (
	"fmt"
	"strings"
	"text/template/parse"
)

// Template is a prompt with gaps, in the language of text/template without
// methods and calls of values.
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

// Execute fills the gaps of a template and puts parts after it, as Assemble
// does. An error names the line and the column in the template, both from 1 on.
func Execute(t Template, parts []Part, o Options) (Assembly, error) {
	data, err := plainData(t.Data, 0)
	if err != nil {
		return Assembly{}, fmt.Errorf("read the data for %s: %w", t.Name, err)
	}
	return assemble(parts, o, func(s *sheet) (string, error) {
		r := &run{
			sheet: s, template: t, trees: map[string]*parse.Tree{}, places: places{text: t.Text},
			sources: map[*parse.ActionNode]string{}, out: output{room: s.MaxBytes}, files: map[string]string{},
			steps: maxSteps, work: maxWork,
		}
		r.functions = r.known()
		return r.execute(data)
	})
}

// root is the name of the template itself: an author may define one of any
// other name.
const root = "prompt"

func (r *run) execute(data any) (string, error) {
	t := r.template
	if len(t.Text) > maxTemplate {
		return "", fmt.Errorf("%s: the template has %d bytes, and at most %d are allowed; put long texts into files and include them", t.Name, len(t.Text), maxTemplate)
	}
	from := origin(Part{Source: "template " + t.Name, Text: t.Text, Trusted: true})
	from.Used = from.Fetched
	r.origins = append(r.origins, from)
	tree := parse.New(root)
	tree.Mode = parse.SkipFuncCheck // check says where in the line.
	if _, err := tree.Parse(t.Text, "", "", r.trees); err != nil {
		return "", r.unreadable(err)
	}
	if err := r.check(); err != nil {
		return "", err
	}
	if err := r.enter(data, r.trees[root]); err != nil {
		return "", err
	}
	return strings.ToValidUTF8(r.out.text.String(), "\ufffd"), nil
}
