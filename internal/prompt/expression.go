package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"text/template/parse"
)

// variable is one of a template, with its $.
type variable struct {
	name  string
	value any
}

// pipe is the value of a pipeline, which the variables before it get too.
func (r *run) pipe(dot any, p *parse.PipeNode) (any, error) {
	if p == nil {
		return nil, nil
	}
	var piped []any // What the command before hands on.
	for _, command := range p.Cmds {
		v, err := r.command(dot, command.Args, piped)
		if err != nil {
			return nil, err
		}
		piped = []any{v}
	}
	v := piped[0] // The parser lets no pipeline be empty.
	for _, declared := range p.Decl {
		if !p.IsAssign {
			r.variables = append(r.variables, variable{declared.Ident[0], v})
		} else if err := r.set(declared, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (r *run) command(dot any, args []parse.Node, piped []any) (any, error) {
	first := args[0]
	if name, ok := first.(*parse.IdentifierNode); ok {
		return r.call(dot, name, args[1:], piped)
	}
	if len(args) > 1 || len(piped) > 0 {
		return nil, r.at(first, fmt.Errorf("%s is no function and takes no values", first))
	}
	if first.Type() == parse.NodeNil {
		return nil, r.at(first, errors.New("nil can only be given to a function; leave it out here"))
	}
	return r.operand(dot, first)
}

// operand is the value of what stands where a value can stand.
func (r *run) operand(dot any, node parse.Node) (any, error) {
	if err := r.step(1); err != nil {
		return nil, err
	}
	switch n := node.(type) {
	case *parse.DotNode:
		return dot, nil
	case *parse.BoolNode:
		return n.True, nil
	case *parse.NumberNode:
		v, err := number(n)
		return v, r.at(n, err)
	case *parse.StringNode:
		return words(n.Text), nil
	case *parse.FieldNode:
		return r.fields(dot, n, n.Ident)
	case *parse.VariableNode:
		v, err := r.variable(n)
		if err != nil {
			return nil, err
		}
		return r.fields(v.value, n, n.Ident[1:])
	case *parse.ChainNode:
		v, err := r.operand(dot, n.Node)
		if err != nil {
			return nil, err
		}
		return r.fields(v, n, n.Field)
	case *parse.PipeNode:
		return r.pipe(dot, n)
	case *parse.IdentifierNode:
		return r.call(dot, n, nil, nil)
	}
	return nil, nil // parse.NilNode: there is nothing else.
}

// number is a constant as text/template reads it: its spelling makes it whole
// or not. https://pkg.go.dev/text/template#hdr-Arguments
func number(n *parse.NumberNode) (any, error) {
	hex := len(n.Text) > 1 && strings.ContainsAny(n.Text[:2], "xX") && !strings.ContainsAny(n.Text, "pP")
	switch {
	case n.IsComplex:
		return nil, fmt.Errorf("%s is an imaginary number, which no template has a use for", n.Text)
	case n.IsFloat && n.Text[0] != '\'' && !hex && strings.ContainsAny(n.Text, ".eEpP"):
		return n.Float64, nil
	case n.IsInt:
		return n.Int64, nil
	}
	return nil, fmt.Errorf("%s is too large: whole numbers have 64 bits here", n.Text)
}

// variable finds a variable in the scopes that there are.
func (r *run) variable(n *parse.VariableNode) (*variable, error) {
	for i := len(r.variables) - 1; i >= 0; i-- {
		if v := &r.variables[i]; v.name == n.Ident[0] {
			return v, r.step((len(r.variables) - i) / perStep)
		}
	}
	// The parser knows the variables that are written, not that an operand of
	// and or or was never reached.
	return nil, r.at(n, fmt.Errorf("%s has no value here", n.Ident[0]))
}

func (r *run) set(n *parse.VariableNode, value any) error {
	v, err := r.variable(n)
	if err != nil {
		return err
	}
	v.value = value
	return nil
}

// forget ends the scope of all but the first n variables.
func (r *run) forget(n int) { r.variables = r.variables[:n] }

// fields looks up the keys of node, one in the other, in v.
func (r *run) fields(v any, node parse.Node, keys []string) (any, error) {
	if err := r.step(len(keys) / perStep); err != nil {
		return nil, err
	}
	for i, key := range keys {
		within, ok := asMap(v)
		if ok {
			if v, ok = within[key]; ok {
				continue
			}
		}
		of := cmp.Or(strings.TrimSuffix(node.String(), "."+strings.Join(keys[i:], ".")), ".")
		if within != nil {
			return nil, r.at(node, fmt.Errorf("there is no %s in %s; where it may be missing, ask with {{if index %[2]s %[1]q}}", key, of))
		}
		switch v.(type) {
		case nil:
			return nil, r.at(node, fmt.Errorf("there is no %s in %s, which is empty; ask with {{if %[2]s}} before", key, of))
		case fence:
			return nil, r.at(node, errFence)
		}
		return nil, r.at(node, fmt.Errorf("there is no %s in %s, which is no map", key, of))
	}
	return v, nil
}

// call calls a function. The value that is piped to it is its last.
func (r *run) call(dot any, name *parse.IdentifierNode, nodes []parse.Node, piped []any) (any, error) {
	if err := r.step(1); err != nil {
		return nil, err
	}
	f := r.functions[name.Ident]
	if n := len(nodes) + len(piped); n < f.least || n > f.most {
		return nil, r.at(name, fmt.Errorf("%s: it takes %s", name.Ident, f.takes))
	}
	args := make([]any, 0, len(nodes)+len(piped))
	for _, node := range nodes {
		v, err := r.operand(dot, node)
		if err != nil {
			return nil, err
		}
		if f.settled != nil && f.settled(v) {
			return v, nil
		}
		args = append(args, v)
	}
	v, err := f.call(append(args, piped...))
	if err == nil {
		return v, nil
	}
	if _, whole := errors.AsType[refusal](err); !whole {
		err = fmt.Errorf("%s: %w", name.Ident, err)
	}
	return nil, r.at(name, err)
}
