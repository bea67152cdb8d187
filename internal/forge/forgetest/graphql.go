package forgetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func toCursor(n int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:" + strconv.Itoa(n)))
}

func fromCursor(cursor string) (int, error) {
	data, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(string(data), "cursor:"))
	if err == nil && n < 1 {
		err = fmt.Errorf("the cursor %d is before the first", n)
	}
	return n, err
}

// asInt is a number as JSON or the query has it.
func asInt(value any) (int, bool) {
	switch value := value.(type) {
	case int:
		return value, true
	case float64:
		return int(value), true
	}
	return 0, false
}

// graphql answers POST /graphql. Nearly every answer has the status 200.
func (h *Hub) graphql(x *exchange) answer {
	switch {
	case x.token == nil:
		a := x.problem(http.StatusUnauthorized, "This endpoint requires you to be authenticated.")
		a.body.(object)["documentation_url"] = "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authentication"
		return a
	case x.r.Method != http.MethodPost:
		return x.notFound()
	}
	var sent struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(x.body, &sent); err != nil {
		return x.problem(http.StatusBadRequest, "Problems parsing JSON")
	}
	if sent.Query == "" {
		return answer{body: object{"errors": []*gqlError{{Message: "A query attribute must be specified and must be a string."}}}}
	}
	query, problem := parseGraphQL(sent.Query)
	if problem != "" {
		return answer{body: object{"errors": []*gqlError{{Message: problem}}}}
	}
	run := &gqlRun{query: query, variables: sent.Variables}
	root := map[string]string{"query": "Query", "mutation": "Mutation"}[query.kind]
	run.check(root, query.fields, nil)
	for _, name := range query.needed {
		if sent.Variables[name] == nil {
			run.errors = append(run.errors, &gqlError{Message: "Variable $" + name + " of a type that can't be null was provided invalid value"})
		}
	}
	if len(run.errors) > 0 {
		return answer{body: object{"errors": run.errors}}
	}
	data := run.read(&entity{root, x.gqlRoot()}, query.fields, nil)
	h.fill()
	if len(run.errors) > 0 {
		return answer{body: object{"data": data, "errors": run.errors}}
	}
	return answer{body: object{"data": data}}
}

// gqlForbidden is the answer to a token without the permission.
func (x *exchange) gqlForbidden() *gqlError {
	message, _ := x.refused().body.(object)["message"].(string)
	return &gqlError{Type: "FORBIDDEN", Message: message, Extensions: object{"saml_failure": false}}
}

func gqlNotFound(format string, args ...any) *gqlError {
	return &gqlError{Type: "NOT_FOUND", Message: fmt.Sprintf(format, args...)}
}

// gqlMay reports whether the token may do to the repository what needs says, as
// the REST API would let it.
func (x *exchange) gqlMay(r *Repository, needs string) bool {
	t := x.token
	reads := !strings.Contains(needs, "write")
	switch {
	case reads && !r.Private:
		return true
	case t.Kind == Classic:
		_, level := r.roleOf(t.login())
		return reads || level == "write" || level == "maintain" || level == "admin"
	}
	return (reads || t.reaches(r)) && t.has(needs)
}
