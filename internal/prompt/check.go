package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"

	"cursor-agent-action/internal/plain"
)

// check looks at all that a template defines, in the order of its text, before
// any of it is executed: a mistake is told of wherever it stands. On its way it
// notes the sources of what is printed.
func (r *run) check() error {
	byPlace := func(a, b *parse.Tree) int { return cmp.Compare(a.Root.Pos, b.Root.Pos) }
	for _, tree := range slices.SortedFunc(maps.Values(r.trees), byPlace) {
		if err := r.checkList(tree.Root); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) checkList(l *parse.ListNode) error {
	if l == nil {
		return nil
	}
	for _, node := range l.Nodes {
		if err := r.checkNode(node); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) checkNode(node parse.Node) error {
	switch node := node.(type) {
	case *parse.ActionNode:
		source := plain.CutBytes(node.Pipe.String(), maxAttribute/2)
		r.sources[node] = fmt.Sprintf("%s:%s {{%s}}", r.template.Name, r.places.of(node.Pos), source)
		return r.checkPipe(node.Pipe)
	case *parse.TemplateNode:
		return r.checkPipe(node.Pipe)
	case *parse.IfNode:
		return r.checkBranch(&node.BranchNode)
	case *parse.WithNode:
		return r.checkBranch(&node.BranchNode)
	case *parse.RangeNode:
		return r.checkBranch(&node.BranchNode)
	}
	return nil
}

func (r *run) checkBranch(b *parse.BranchNode) error {
	if err := r.checkPipe(b.Pipe); err != nil {
		return err
	}
	if err := r.checkList(b.List); err != nil {
		return err
	}
	return r.checkList(b.ElseList)
}

func (r *run) checkPipe(p *parse.PipeNode) error {
	if p == nil {
		return nil
	}
	for i, command := range p.Cmds {
		if name, ok := command.Args[0].(*parse.IdentifierNode); ok && (name.Ident == "include" || name.Ident == "env") {
			_, constant := command.Args[len(command.Args)-1].(*parse.StringNode)
			if i > 0 || len(command.Args) != 2 || !constant {
				return r.at(name, fmt.Errorf("%s takes one name in quotes, so that nobody else chooses what is read", name.Ident))
			}
		}
		for _, arg := range command.Args {
			if err := r.checkOperand(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) checkOperand(node parse.Node) error {
	switch node := node.(type) {
	case *parse.PipeNode:
		return r.checkPipe(node)
	case *parse.ChainNode:
		return r.checkOperand(node.Node)
	case *parse.IdentifierNode:
		if _, ok := r.functions[node.Ident]; !ok {
			names := slices.Sorted(maps.Keys(r.functions))
			return r.at(node, errors.New("there is no function "+fmt.Sprintf("%q", node.Ident)+"; there are "+strings.Join(names, ", ")))
		}
	}
	return nil
}
