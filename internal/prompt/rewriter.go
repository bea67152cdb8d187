package prompt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

// The functions that a template gets besides the author's: they begin with "_",
// which the author's may not.
const (
	showFunction  = "_show"  // Prints a value, in a fence where it needs one.
	wordsFunction = "_words" // Marks a text as the author's own.
	stepFunction  = "_step"  // Counts what is about to be done.
	enterFunction = "_enter" // Begins a template.
	leaveFunction = "_leave" // Ends one.
)

// known are the functions that an author may use.
var known = []string{
	"and", "env", "eq", "ge", "gt", "include", "index", "json", "le", "len", "lt",
	"ne", "not", "or", "print", "printf", "slice", "truncate", "untrusted",
}

// rewriter changes the parsed template so that no value is printed as it is and
// every repetition counts. As in html/template the decision is made in the tree
// and not by the author: https://pkg.go.dev/html/template#hdr-Contexts.
type rewriter struct {
	text string
	err  error // The first refusal: line, column, and what is wrong.
	// last is where place was asked for before: mostly the next is near.
	last struct{ at, line, column int }
}

// template rewrites all that t defines, in the order of its text.
func (w *rewriter) template(t *template.Template) error {
	var trees []*parse.Tree
	for _, defined := range t.Templates() {
		if defined.Tree != nil && defined.Root != nil {
			trees = append(trees, defined.Tree)
		}
	}
	slices.SortFunc(trees, func(a, b *parse.Tree) int { return cmp.Compare(a.Root.Pos, b.Root.Pos) })
	for _, tree := range trees {
		w.tree(tree.Root)
	}
	return w.err
}

// callWeight is what a call of a template costs, in nodes, besides its content.
const callWeight = 5

func (w *rewriter) tree(l *parse.ListNode) {
	weight := callWeight + w.list(l)
	l.Nodes = slices.Insert(l.Nodes, 0, call(l.Pos, enterFunction, weight))
	l.Nodes = append(l.Nodes, call(l.Pos, leaveFunction, 0))
}

// list rewrites a list and returns how many nodes are in it, which is what
// going through it once costs at most, but for what repeats and counts itself.
func (w *rewriter) list(l *parse.ListNode) int {
	if l == nil {
		return 0
	}
	weight := len(l.Nodes)
	for _, node := range l.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			source := node.Pipe.String() // As the author wrote it.
			weight += w.pipe(node.Pipe)
			if len(node.Pipe.Decl) == 0 {
				node.Pipe.Cmds = append(node.Pipe.Cmds, command(node.Pos, showFunction, text(node.Pos, w.place(node.Pos)), text(node.Pos, source)))
			}
		case *parse.TemplateNode:
			weight += w.pipe(node.Pipe)
		case *parse.IfNode:
			weight += w.branch(&node.BranchNode)
		case *parse.WithNode:
			weight += w.branch(&node.BranchNode)
		case *parse.RangeNode:
			repeated := w.list(node.List)
			weight += w.pipe(node.Pipe) + repeated + w.list(node.ElseList)
			node.List.Nodes = slices.Insert(node.List.Nodes, 0, call(node.Pos, stepFunction, repeated+1))
		}
	}
	return weight
}

func (w *rewriter) branch(b *parse.BranchNode) int {
	return w.pipe(b.Pipe) + w.list(b.List) + w.list(b.ElseList)
}

// pipe rewrites a pipeline and returns how many values are in it.
func (w *rewriter) pipe(p *parse.PipeNode) int {
	if p == nil {
		return 0
	}
	weight := 0
	for i, c := range p.Cmds {
		if name, ok := c.Args[0].(*parse.IdentifierNode); ok && (name.Ident == "include" || name.Ident == "env") {
			_, constant := c.Args[len(c.Args)-1].(*parse.StringNode)
			if i > 0 || len(c.Args) != 2 || !constant {
				w.refuse(name.Pos, "%s takes one name in quotes, so that nobody else chooses what is read", name.Ident)
			}
		}
		weight += len(c.Args)
		for j, arg := range c.Args {
			c.Args[j] = w.argument(arg, &weight)
		}
	}
	return weight
}

func (w *rewriter) argument(node parse.Node, weight *int) parse.Node {
	switch node := node.(type) {
	case *parse.StringNode:
		return &parse.PipeNode{NodeType: parse.NodePipe, Pos: node.Pos, Cmds: []*parse.CommandNode{command(node.Pos, wordsFunction, node)}}
	case *parse.PipeNode:
		*weight += w.pipe(node)
	case *parse.ChainNode:
		node.Node = w.argument(node.Node, weight)
	case *parse.IdentifierNode:
		if !slices.Contains(known, node.Ident) {
			w.refuse(node.Pos, "%s", noFunction(strconv.Quote(node.Ident)))
		}
	}
	return node
}

func (w *rewriter) refuse(at parse.Pos, format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(w.place(at)+": "+format, args...)
	}
}

// place is the line and the column of a position in the template, in
// characters from 1 on.
func (w *rewriter) place(at parse.Pos) string {
	from, to := &w.last, min(int(at), len(w.text))
	if to < from.at || from.line == 0 {
		from.at, from.line, from.column = 0, 1, 1
	}
	for ; from.at < to; from.at++ {
		switch c := w.text[from.at]; {
		case c == '\n':
			from.line++
			from.column = 1
		case utf8.RuneStart(c):
			from.column++
		}
	}
	return fmt.Sprintf("%d:%d", from.line, from.column)
}

// call is an action that calls one of our own functions with a number.
func call(at parse.Pos, function string, n int) parse.Node {
	number := &parse.NumberNode{NodeType: parse.NodeNumber, Pos: at, IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: at, Cmds: []*parse.CommandNode{command(at, function, number)}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: at, Pipe: pipe}
}

func command(at parse.Pos, function string, args ...parse.Node) *parse.CommandNode {
	name := parse.NewIdentifier(function).SetPos(at)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: slices.Insert(args, 0, parse.Node(name))}
}

func text(at parse.Pos, s string) *parse.StringNode {
	return &parse.StringNode{NodeType: parse.NodeString, Pos: at, Quoted: strconv.Quote(s), Text: s}
}
