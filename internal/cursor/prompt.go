package cursor

// Prompt is what an agent is asked to do.
type Prompt struct {
	Text   string  `json:"text"`             // at least one byte
	Images []Image `json:"images,omitempty"` // at most 5
}

// Image is either Data with MIMEType, or URL alone.
type Image struct {
	Data      string     `json:"data,omitempty"` // base64, at most 15 MB decoded
	URL       string     `json:"url,omitempty"`  // http or https; fetched by the API
	MIMEType  string     `json:"mimeType,omitempty"`
	Dimension *Dimension `json:"dimension,omitempty"`
}

// Dimension is the size of an image in pixels.
type Dimension struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// ModelRef names a model and the values of its parameters.
type ModelRef struct {
	ID     string       `json:"id"`
	Params []ModelParam `json:"params,omitempty"`
}

// ModelParam is the value of one parameter of a model.
type ModelParam struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// MCPServer is a tool server for the agent: a command that runs beside it
// (Command, Args, Env) or a remote one (URL, Headers, Auth). Name is unique
// within a request. Type may be left "": stdio for a command, http for a URL.
type MCPServer struct {
	Name    string            `json:"name"`
	Type    string            `json:"type,omitempty"` // stdio, http or sse
	Command string            `json:"command,omitempty"`
	Args    []string          `json:"args,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Auth    *MCPAuth          `json:"auth,omitempty"`
}

// MCPAuth is what a remote tool server's OAuth asks for.
type MCPAuth struct {
	ClientID     string   `json:"CLIENT_ID"`
	ClientSecret string   `json:"CLIENT_SECRET,omitempty"`
	Scopes       []string `json:"scopes,omitempty"`
}

// secretValues lists what must not come back in an error: the values, because
// names and addresses are what one needs to see.
func secretValues(vars map[string]string, servers []MCPServer) []string {
	var values []string
	add := func(m map[string]string) {
		for _, v := range m {
			if len(v) >= minValue {
				values = append(values, v)
			}
		}
	}
	add(vars)
	for _, s := range servers {
		add(s.Env)
		add(s.Headers)
		if s.Auth != nil {
			add(map[string]string{"": s.Auth.ClientSecret})
		}
	}
	return values
}
