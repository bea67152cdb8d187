package cursor_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"

	"github.com/google/go-cmp/cmp"
)

// Fault 44: servers and proxies repeat the key in their messages, in its Basic form too.
func TestNoErrorHoldsASecret(t *testing.T) {
	t.Parallel()
	const basic = "Y3Jzcl8wMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjo="
	tests := []struct{ name, key, said, want string }{
		{"the key", testKey, "bad key " + testKey + "!", "bad key ***!"},
		{"the key inside of a word", testKey, "x" + testKey + "y", "x***y"},
		{"its Basic form", testKey, "got " + basic + ".", "got ***."},
		{"its Basic form without padding", testKey, "got " + strings.TrimRight(basic, "="), "got ***"},
		{"a key that needs escapes", "a+b/c=d%e&fgh", "got a%2Bb%2Fc%3Dd%25e%26fgh and a+b%2Fc=d%25e&fgh and a+b/c=d%e&fgh", "got *** and *** and ***"},
		{"the key in base64", "crsr_?>~9", "got Y3Jzcl8/Pn45 and Y3Jzcl8_Pn45", "got *** and ***"},
		{"the key within a text in base64", "crsr_?>~9", "got bWU6Y3Jzcl8/Pn45Cg== and eW91OmNyc3JfPz5+OQo= and dGhlbTpjcnNyXz8-fjkK", "got bWU6***Cg== and eW91Om***Qo= and dGhlbTp***kK"},
		{"the key in hexadecimal", "crsr_?>~9", "got 637273725f3f3e7e39 and 637273725F3F3E7E39", "got *** and ***"},
		{"the key as a part of a URL", "crsr_?>9!", "got crsr_%3F%3E9! and crsr_%3F%3E9%21 and crsr_?>9!", "got *** and *** and ***"},
		{"a variable and a header in other forms", testKey, "A=dmFyaWFibGUtMQ== B=6d63702d656e762d32 C=6D63702D6865616465722D33 D=bWUyOmNsaWVudC1zZWNyZXQtNAo=", "A=*** B=*** C=*** D=bWUyOm***Ao="},
		{"an echoed header", testKey, "Authorization: Bearer other-token-1 refused", "Authorization: *** refused"},
		{"an echoed header in JSON", testKey, "{'authorization': 'Basic b3RoZXI6'}", "{'authorization': '***'}"},
		{"another's token", testKey, "Bearer abcdefghijklmnopqrstuvwxyz failed", "Bearer *** failed"},
		{"a sentence about bearers", testKey, "Bearer authentication is required", "Bearer authentication is required"},
		{"a short key as a word", "k3y", "key k3y, 'k3y' or k3ys", "key ***, '***' or k3ys"},
		{"the values of variables and headers", testKey, "A=variable-1 B=mcp-env-2 C=mcp-header-3 D=client-secret-4 E=on", "A=*** B=*** C=*** D=*** E=on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Request-Id", tt.said)
				w.WriteHeader(400)
				io.WriteString(w, tt.said)
			})
			var told error
			c := client(t, url, cursor.Config{Retry: once, Key: secret.New(tt.key), OnAttempt: func(a cursor.Attempt) { told = a.Err }})
			_, err := c.CreateAgent(t.Context(), cursor.CreateAgentRequest{
				Prompt:  cursor.Prompt{Text: "p"},
				EnvVars: map[string]string{"A": "variable-1", "E": "on"},
				MCPServers: []cursor.MCPServer{{
					Env: map[string]string{"B": "mcp-env-2"}, Headers: map[string]string{"C": "mcp-header-3"},
					Auth: &cursor.MCPAuth{ClientSecret: "client-secret-4"},
				}},
			})
			e := asError(t, err)
			if diff := cmp.Diff(tt.want, e.Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			for _, text := range []string{err.Error(), told.Error(), fmt.Sprintf("%+v", *e), fmt.Sprintf("%+v %#v %x", c, c, c)} {
				if strings.Contains(text, tt.key) && len(tt.key) > 3 || strings.Contains(text, basic) {
					t.Errorf("a secret shows in %s", text)
				}
			}
		})
	}
}
