package doctor

import (
	"fmt"
	"slices"
	"strings"

	"cursor-agent-action/internal/cursor"
)

// modelFinding looks for the wanted model in the account's list.
func (c Config) modelFinding(models []cursor.Model) Finding {
	f := Finding{Name: model, Status: Failed, Link: cursor.EndpointsPage}
	if c.Model == nil {
		return Finding{Name: model, Status: OK, Found: fmt.Sprintf("none is set, so the account's default counts; it may use %d", len(models))}
	}
	id := c.Model.ID
	at := slices.IndexFunc(models, func(m cursor.Model) bool { return m.ID == id || slices.Contains(m.Aliases, id) })
	if at < 0 {
		f.Found = fmt.Sprintf("%q is none of the account's %d models", id, len(models))
		f.Fix = ModelRemedy(models, id, c.names().Input("model"))
		if c.API == cursor.V0 { // Its list has no aliases, and not all models.
			f.Status = Warning
			f.Found = fmt.Sprintf("%q is none of the %d models that API v0 lists, which are not all that it takes", id, len(models))
		}
		return f
	}
	known := models[at]
	for _, param := range c.Model.Params {
		if found, fix := parameterProblem(known, param); found != "" {
			f.Found, f.Fix = found, fix
			return f
		}
	}
	if known.ID == id {
		return Finding{Name: model, Status: OK, Found: "the account may use " + id}
	}
	return Finding{Name: model, Status: OK, Found: fmt.Sprintf("the account may use %s, which is %s", id, known.ID)}
}

// parameterProblem says what is wrong with a parameter, "" when nothing is or
// the list does not tell what the model takes.
func parameterProblem(m cursor.Model, param cursor.ModelParam) (found, fix string) {
	if len(m.Parameters) == 0 {
		return "", ""
	}
	var names, values []string
	for _, parameter := range m.Parameters {
		names = append(names, parameter.ID)
		if parameter.ID != param.ID {
			continue
		}
		for _, value := range parameter.Values {
			values = append(values, value.Value)
		}
		if len(values) == 0 || slices.Contains(values, param.Value) {
			return "", ""
		}
		return fmt.Sprintf("the model %s does not take %q for %s", m.ID, param.Value, param.ID), "write one of " + strings.Join(values, ", ")
	}
	return fmt.Sprintf("the model %s has no parameter %q", m.ID, param.ID), "write one of " + strings.Join(names, ", ")
}
