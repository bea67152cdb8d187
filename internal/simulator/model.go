package simulator

import "slices"

// Model is a model of the catalogue, as GET /v1/models lists it.
type Model struct {
	ID          string           `json:"id"`
	DisplayName string           `json:"displayName"`
	Description string           `json:"description,omitempty"`
	Aliases     []string         `json:"aliases,omitempty"`
	Parameters  []ModelParameter `json:"parameters,omitempty"`
	Variants    []ModelVariant   `json:"variants,omitempty"`
}

// ModelParameter is a parameter that a model takes, with the values it may
// have.
type ModelParameter struct {
	ID          string       `json:"id"`
	DisplayName string       `json:"displayName,omitempty"`
	Values      []ModelValue `json:"values"`
}

// ModelValue is one value of a parameter.
type ModelValue struct {
	Value       string `json:"value"`
	DisplayName string `json:"displayName,omitempty"`
}

// ModelVariant is a model with all its parameters set.
type ModelVariant struct {
	Params      []ModelParam `json:"params"`
	DisplayName string       `json:"displayName"`
	Description string       `json:"description,omitempty"`
	IsDefault   bool         `json:"isDefault,omitempty"`
}

// defaultModels is a catalogue with everything that a catalogue can hold:
// aliases, parameters, variants, and a model with none of them.
func defaultModels() []Model {
	return []Model{
		{
			ID:          "composer-2.5",
			DisplayName: "Composer 2.5",
			Description: "Cursor's own model for long tasks.",
			Aliases:     []string{"composer", "composer-latest"},
			Parameters: []ModelParameter{{
				ID:          "fast",
				DisplayName: "Fast",
				Values:      []ModelValue{{"true", "Fast"}, {"false", "Standard"}},
			}},
			Variants: []ModelVariant{
				{Params: []ModelParam{{"fast", "false"}}, DisplayName: "Composer 2.5", IsDefault: true},
				{Params: []ModelParam{{"fast", "true"}}, DisplayName: "Composer 2.5 Fast"},
			},
		},
		{
			ID:          "auto-smart",
			DisplayName: "Auto",
			Description: "Chooses the model for each task.",
			Parameters: []ModelParameter{{
				ID:          "optimize_for",
				DisplayName: "Optimize for",
				Values:      []ModelValue{{"cost", "Cost"}, {"balanced", "Balanced"}, {"intelligence", "Intelligence"}},
			}},
			Variants: []ModelVariant{
				{Params: []ModelParam{{"optimize_for", "cost"}}, DisplayName: "Auto (cost)"},
				{Params: []ModelParam{{"optimize_for", "balanced"}}, DisplayName: "Auto (balanced)", IsDefault: true},
				{Params: []ModelParam{{"optimize_for", "intelligence"}}, DisplayName: "Auto (intelligence)"},
			},
		},
		{ID: "claude-4.6-sonnet-thinking", DisplayName: "Claude 4.6 Sonnet Thinking", Aliases: []string{"sonnet"}},
	}
}

// model returns the model of that id or alias, or nil.
func (s *Server) model(name string) *Model {
	i := slices.IndexFunc(s.config.Models, func(m Model) bool {
		return m.ID == name || slices.Contains(m.Aliases, name)
	})
	if i < 0 {
		return nil
	}
	return &s.config.Models[i]
}

// takes reports whether the model has the parameter with that value.
func (m *Model) takes(p ModelParam) bool {
	return slices.ContainsFunc(m.Parameters, func(parameter ModelParameter) bool {
		return parameter.ID == p.ID && slices.ContainsFunc(parameter.Values, func(v ModelValue) bool {
			return v.Value == p.Value
		})
	})
}
