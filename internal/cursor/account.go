package cursor

import (
	"context"
	"encoding/json"
	"time"
)

// Me is what the API knows about the key. The user's fields are empty for a
// service account.
type Me struct {
	APIKeyName string    `json:"apiKeyName"`
	CreatedAt  time.Time `json:"createdAt"`
	UserID     int64     `json:"userId"`
	Email      string    `json:"userEmail"`
	FirstName  string    `json:"userFirstName"`
	LastName   string    `json:"userLastName"`
}

// UnmarshalJSON decodes the API's answer, with its time leniently.
func (m *Me) UnmarshalJSON(data []byte) error {
	type plain Me
	wire := struct {
		*plain
		CreatedAt instant `json:"createdAt"`
	}{plain: (*plain)(m)}
	err := json.Unmarshal(data, &wire)
	m.CreatedAt = wire.CreatedAt.Time
	return err
}

func (m Me) lacks() string { return absent("apiKeyName", m.APIKeyName) }

// Model is a model that an agent can use.
type Model struct {
	ID          string           `json:"id"`
	DisplayName string           `json:"displayName"`
	Description string           `json:"description"`
	Aliases     []string         `json:"aliases"`
	Parameters  []ModelParameter `json:"parameters"`
	Variants    []ModelVariant   `json:"variants"`
}

// ModelParameter is a setting of a model, with the values that it takes.
type ModelParameter struct {
	ID          string       `json:"id"`
	DisplayName string       `json:"displayName"`
	Values      []ModelValue `json:"values"`
}

// ModelValue is one value of a parameter.
type ModelValue struct {
	Value       string `json:"value"`
	DisplayName string `json:"displayName"`
}

// ModelVariant is a set of values that goes together.
type ModelVariant struct {
	Params      []ModelParam `json:"params"`
	DisplayName string       `json:"displayName"`
	Description string       `json:"description"`
	IsDefault   bool         `json:"isDefault"`
}

// UnmarshalJSON decodes a model: an object, or the plain id that older servers
// give.
func (m *Model) UnmarshalJSON(data []byte) error {
	var id string
	if json.Unmarshal(data, &id) == nil {
		*m = Model{ID: id, DisplayName: id}
		return nil
	}
	type plain Model
	return json.Unmarshal(data, (*plain)(m))
}

// Me returns what the API knows about the key. It proves that the key is known,
// not that it may do anything.
func (c *Client) Me(ctx context.Context) (Me, error) {
	me, _, err := fetch[Me](ctx, c, get("check the API key", "/v1/me", nil))
	return me, err
}

// Models returns the models that an agent can use.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	return items[Model](ctx, c, get("list models", "/v1/models", nil))
}

// Repositories returns the URLs of the GitHub repositories that the key can
// reach. The API takes tens of seconds for it and answers once a minute.
func (c *Client) Repositories(ctx context.Context) ([]string, error) {
	k := get("list repositories", "/v1/repositories", nil)
	k.timeout = launchTimeout
	repos, err := items[Repo](ctx, c, k)
	if err != nil {
		return nil, err
	}
	urls := make([]string, len(repos))
	for i, r := range repos {
		urls[i] = r.URL
	}
	return urls, nil
}
