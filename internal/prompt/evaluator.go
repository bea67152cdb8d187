package prompt

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"text/template/parse"
)

// The bounds on a template, so that none runs for longer than a second.
const (
	maxTemplate = 256 << 10 // Bytes of the template's text.
	maxSteps    = 100_000   // Nodes that are visited.
	maxCalls    = 100       // Templates within templates.
	maxWork     = 4 << 20   // Bytes that the functions make.
	// callWeight is what a call of a template costs, in nodes, besides its
	// content.
	callWeight = 5
	// perStep is how many small things cost as much as a node: keys that are
	// put in order, fields of fields, variables that are gone through.
	perStep = 8
)

// run is the execution of a template. It goes through what text/template/parse
// makes of the text and does what text/template would do:
// https://pkg.go.dev/text/template#hdr-Actions.
type run struct {
	*sheet
	template  Template
	trees     map[string]*parse.Tree
	functions map[string]function
	places    places
	// sources say where and how each action that prints stands in the text.
	sources map[*parse.ActionNode]string
	out     output
	files   map[string]string
	// variables are those in scope, the innermost last.
	variables []variable
	// repeats is the innermost loop or template: what is to be blamed if the
	// steps don't suffice.
	repeats parse.Node
	steps   int // That may still be made.
	work    int // In bytes, that may still be done.
	depth   int // How many templates within templates there are now.
}

// Loops are left by these, as if they were errors: nothing between the loop and
// the word has to know.
var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

// step counts n nodes that are about to be visited.
func (r *run) step(n int) error {
	if r.steps -= n; r.steps < 0 {
		return r.at(r.repeats, refusal{text: fmt.Sprintf("the template does not come to an end: it takes more than %d steps; repeat less", maxSteps)})
	}
	return nil
}

// charge counts n bytes that are about to be made.
func (r *run) charge(n int) error {
	if r.work -= n; r.work < 0 {
		return refusal{text: fmt.Sprintf("the template makes more than %d MiB of text; take less of the data", maxWork>>20)}
	}
	return nil
}

// enter executes one of the templates.
func (r *run) enter(dot any, tree *parse.Tree) error {
	variables, repeats := r.variables, r.repeats
	defer func() {
		r.variables, r.repeats = variables, repeats
		r.depth--
	}()
	r.variables, r.repeats = []variable{{"$", dot}}, tree.Root
	if r.depth++; r.depth > maxCalls {
		return r.at(tree.Root, refusal{text: fmt.Sprintf("templates call each other more than %d deep; one of them may call itself without end", maxCalls)})
	}
	if err := r.step(callWeight); err != nil {
		return err
	}
	return r.list(dot, tree.Root)
}

func (r *run) list(dot any, l *parse.ListNode) error {
	if l == nil {
		return nil
	}
	for _, node := range l.Nodes {
		if err := r.step(1); err != nil {
			return err
		}
		if err := r.node(dot, node); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) node(dot any, node parse.Node) error {
	switch node := node.(type) {
	case *parse.TextNode:
		return r.at(node, r.out.add(string(node.Text)))
	case *parse.ActionNode:
		v, err := r.pipe(dot, node.Pipe)
		if err != nil || len(node.Pipe.Decl) > 0 {
			return err
		}
		return r.at(node, r.show(r.sources[node], v))
	case *parse.IfNode:
		return r.branch(dot, &node.BranchNode)
	case *parse.WithNode:
		return r.branch(dot, &node.BranchNode)
	case *parse.RangeNode:
		return r.repeat(dot, node)
	case *parse.TemplateNode:
		tree, ok := r.trees[node.Name]
		if !ok {
			return r.at(node, fmt.Errorf("there is no template %q; write it between {{define %[1]q}} and {{end}}", node.Name))
		}
		v, err := r.pipe(dot, node.Pipe)
		if err != nil {
			return err
		}
		return r.enter(v, tree)
	case *parse.BreakNode:
		return errBreak
	}
	return errContinue // parse.ContinueNode: there is nothing else.
}

// branch executes if and with, which differ only in the dot.
func (r *run) branch(dot any, b *parse.BranchNode) error {
	defer r.forget(len(r.variables))
	v, err := r.pipe(dot, b.Pipe)
	switch {
	case err != nil:
		return err
	case !truth(v):
		return r.list(dot, b.ElseList)
	case b.NodeType == parse.NodeWith:
		return r.list(v, b.List)
	}
	return r.list(dot, b.List)
}

// repeat executes range.
func (r *run) repeat(dot any, n *parse.RangeNode) error {
	defer r.forget(len(r.variables))
	defer func(outer parse.Node) { r.repeats = outer }(r.repeats)
	over, err := r.pipe(dot, n.Pipe)
	if err != nil {
		return err
	}
	r.repeats = n
	items, err := r.items(over, len(n.Pipe.Decl))
	if err != nil {
		return r.at(n, err)
	}
	empty, outside := true, len(r.variables)
	for key, item := range items {
		empty = false
		err := r.once(n, key, item)
		r.forget(outside)
		if errors.Is(err, errBreak) {
			break
		}
		if err != nil && !errors.Is(err, errContinue) {
			return err
		}
	}
	if empty {
		// A break there leaves this loop and not the one around it, as with
		// text/template.
		if err := r.list(dot, n.ElseList); !errors.Is(err, errBreak) {
			return err
		}
	}
	return nil
}

// once executes what a range repeats for one item.
func (r *run) once(n *parse.RangeNode, key, item any) error {
	if err := r.step(1); err != nil {
		return err
	}
	values := []any{key, item}
	if declared := n.Pipe.Decl; len(declared) > 0 {
		for i, v := range values[2-len(declared):] {
			if err := r.set(declared[i], v); err != nil {
				return err
			}
		}
	}
	return r.list(item, n.List)
}

// items are what range goes through, for so many variables: the keys and
// values of a map in the order of the keys, the positions and values of a list,
// the numbers below a number.
func (r *run) items(over any, variables int) (iter.Seq2[any, any], error) {
	switch v := over.(type) {
	case nil:
		return func(func(any, any) bool) {}, nil
	case []any:
		return func(yield func(any, any) bool) {
			for i, item := range v {
				if !yield(int64(i), item) {
					return
				}
			}
		}, nil
	case int64:
		if variables > 1 {
			return nil, errors.New("range takes one variable where it counts; leave out the first")
		}
		return func(yield func(any, any) bool) {
			for i := range v {
				if !yield(nil, i) {
					return
				}
			}
		}, nil
	}
	of, ok := asMap(over)
	if !ok {
		return nil, fmt.Errorf("range needs a list, a map or a whole number, and this is %s", kindOf(over))
	}
	if err := r.step(len(of) / perStep); err != nil {
		return nil, err
	}
	return func(yield func(any, any) bool) {
		for _, key := range slices.Sorted(maps.Keys(of)) {
			if !yield(key, of[key]) {
				return
			}
		}
	}, nil
}
