package forgetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// entity is an object of the GraphQL API. The values of its fields are JSON
// values, entities, lists of entities, or functions of the arguments.
type entity struct {
	kind   string
	fields map[string]any
}

// gqlCall is a field that depends on its arguments.
type gqlCall func(args map[string]any) (any, *gqlError)

// gqlError is one error of an answer.
type gqlError struct {
	Type       string           `json:"type,omitempty"`
	Path       []any            `json:"path,omitempty"`
	Extensions map[string]any   `json:"extensions,omitempty"`
	Locations  []map[string]int `json:"locations,omitempty"`
	Message    string           `json:"message"`
}

func (e *gqlError) at(path []any, f gqlField) *gqlError {
	e.Path = slices.Clone(path)
	e.Locations = []map[string]int{{"line": f.line, "column": f.col}}
	return e
}

// gqlRun answers one query.
type gqlRun struct {
	query     *gqlQuery
	variables map[string]any
	errors    []*gqlError
}

// check holds the selected fields against the schema, as GitHub does before it
// looks anything up.
func (r *gqlRun) check(kind string, fields []gqlField, path []any) {
	known := gqlSchema[kind]
	for _, f := range fields {
		if f.isFragment {
			part, on := r.fragment(f)
			on = cmp.Or(on, kind)
			if gqlSchema[on] == nil {
				r.refuse("undefinedType", fmt.Sprintf("No such type %s, so it can't be a fragment condition", on), path, f)
				continue
			}
			r.check(on, part, path)
			continue
		}
		here := append(slices.Clone(path), f.alias)
		to, ok := known[f.name]
		switch {
		case f.name == "__typename":
		case !ok:
			r.refuse("undefinedField", fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.name, kind), here, f)
		case to.kind == "" && f.fields != nil:
			r.refuse("selectionMismatch", fmt.Sprintf("Selections can't be made on scalars (field '%s' of %s)", f.name, kind), here, f)
		case to.kind != "" && f.fields == nil:
			r.refuse("selectionMismatch", fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections. Did you mean '%s { ... }'?)", f.name, to.kind, f.name), here, f)
		default:
			for name := range f.args {
				if !slices.Contains(to.args, name) {
					r.refuse("argumentNotAccepted", fmt.Sprintf("Field '%s' doesn't accept argument '%s'", f.name, name), here, f)
				}
			}
			r.checkVariables(f.args, here, f)
			r.check(to.kind, f.fields, here)
		}
	}
}

// checkVariables refuses variables that the operation does not name.
func (r *gqlRun) checkVariables(value any, path []any, f gqlField) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			r.checkVariables(value[name], path, f)
		}
	case gqlVariable:
		if _, ok := r.query.variables[string(value)]; !ok {
			r.refuse("variableNotDefined", fmt.Sprintf("Variable $%s is used by anonymous query but not declared", value), path, f)
		}
	}
}

func (r *gqlRun) refuse(code, message string, path []any, f gqlField) {
	e := (&gqlError{Message: message, Extensions: map[string]any{"code": code}}).at(append([]any{r.query.kind}, path...), f)
	r.errors = append(r.errors, e)
}

// fragment is what a fragment selects, and its type.
func (r *gqlRun) fragment(f gqlField) (fields []gqlField, on string) {
	if f.spread != "" {
		f = r.query.fragments[f.spread]
	}
	return f.fields, f.on
}

// resolve puts variables in their places.
func (r *gqlRun) resolve(value any) any {
	switch value := value.(type) {
	case gqlVariable:
		if given, ok := r.variables[string(value)]; ok {
			return given
		}
		return r.query.variables[string(value)]
	case map[string]any:
		made := map[string]any{}
		for name, item := range value {
			made[name] = r.resolve(item)
		}
		return made
	case []any:
		made := []any{}
		for _, item := range value {
			made = append(made, r.resolve(item))
		}
		return made
	}
	return value
}

// read looks up what is selected of an entity.
func (r *gqlRun) read(e *entity, fields []gqlField, path []any) object {
	made := object{}
	for _, f := range fields {
		if f.isFragment {
			part, on := r.fragment(f)
			if on == "" || on == e.kind || slices.Contains(gqlInterfaces[on], e.kind) {
				maps.Copy(made, r.read(e, part, path))
			}
			continue
		}
		here := append(slices.Clone(path), f.alias)
		if f.name == "__typename" {
			made[f.alias] = e.kind
			continue
		}
		value := e.fields[f.name]
		if call, ok := value.(gqlCall); ok {
			args, _ := r.resolve(f.args).(map[string]any)
			var failed *gqlError
			if value, failed = call(args); failed != nil {
				r.errors = append(r.errors, failed.at(here, f))
				value = nil
			}
		}
		made[f.alias] = r.write(value, f, here)
	}
	return made
}

func (r *gqlRun) write(value any, f gqlField, path []any) any {
	switch value := value.(type) {
	case *entity:
		if value == nil {
			return nil
		}
		return r.read(value, f.fields, path)
	case []*entity:
		list := []any{}
		for i, item := range value {
			list = append(list, r.read(item, f.fields, append(slices.Clone(path), i)))
		}
		return list
	}
	return value
}

// connection is a list that is read in pages.
// https://docs.github.com/graphql/guides/using-pagination-in-the-graphql-api
func connection(kind, field string, items []*entity) gqlCall {
	return func(args map[string]any) (any, *gqlError) {
		first, hasFirst := asInt(args["first"])
		last, hasLast := asInt(args["last"])
		switch {
		case !hasFirst && !hasLast:
			return nil, &gqlError{Type: "MISSING_PAGINATION_BOUNDARIES", Message: fmt.Sprintf("You must provide a `first` or `last` value to properly paginate the `%s` connection.", field)}
		case first > maxPage || last > maxPage:
			return nil, &gqlError{Type: "EXCESSIVE_PAGINATION", Message: fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `first` limit of %d records.", max(first, last), field, maxPage)}
		case first < 0 || last < 0:
			return nil, &gqlError{Type: "INVALID_PAGINATION", Message: fmt.Sprintf("`first` on the `%s` connection cannot be less than zero.", field)}
		}
		from, to := 0, len(items)
		for arg, bound := range map[string]*int{"after": &from, "before": &to} {
			cursor, _ := args[arg].(string)
			if cursor == "" {
				continue
			}
			at, err := fromCursor(cursor)
			if err != nil || at > len(items) {
				return nil, &gqlError{Type: "INVALID_CURSOR_ARGUMENTS", Message: fmt.Sprintf("`%s` does not appear to be a valid cursor.", cursor)}
			}
			if *bound = at; arg == "before" {
				*bound = at - 1
			}
		}
		to = max(from, to)
		if hasFirst {
			to = min(to, from+first)
		}
		if hasLast {
			from = max(from, to-last)
		}
		page := items[from:to]
		var edges []*entity
		for i, item := range page {
			edges = append(edges, &entity{strings.TrimSuffix(kind, "Connection") + "Edge", object{"cursor": toCursor(from + i + 1), "node": item}})
		}
		info := object{"hasNextPage": to < len(items), "hasPreviousPage": from > 0, "startCursor": nil, "endCursor": nil}
		if len(page) > 0 {
			info["startCursor"], info["endCursor"] = toCursor(from+1), toCursor(to)
		}
		return &entity{kind, object{"totalCount": len(items), "nodes": page, "edges": edges, "pageInfo": &entity{"PageInfo", info}}}, nil
	}
}
