package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"cursor-agent-action/internal/cursor"
)

// parseMCPServers reads the input mcp-servers: a JSON list of servers as the
// API takes it, an object of servers by name, or that object under the key
// mcpServers, as editors keep it. Messages never repeat the text: it holds
// credentials.
func parseMCPServers(text string) ([]cursor.MCPServer, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if strings.HasPrefix(text, "[") {
		return decodeStrictly[[]cursor.MCPServer](text)
	}
	var keys map[string]json.RawMessage
	var byName map[string]cursor.MCPServer
	var err error
	if json.Unmarshal([]byte(text), &keys) == nil && keys["mcpServers"] != nil {
		var file mcpFile
		file, err = decodeStrictly[mcpFile](text)
		byName = file.Servers
	} else {
		byName, err = decodeStrictly[map[string]cursor.MCPServer](text)
	}
	if err != nil {
		return nil, err
	}
	var servers []cursor.MCPServer
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		server := byName[name]
		server.Name = name
		servers = append(servers, server)
	}
	return servers, nil
}

// mcpFile is the form in which editors keep their MCP servers.
type mcpFile struct {
	Servers map[string]cursor.MCPServer `json:"mcpServers"`
}

// decodeStrictly decodes one JSON value without unknown fields. Its errors say
// where, never what.
func decodeStrictly[T any](text string) (T, error) {
	var value T
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&value)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return value, nil
		}
		return value, fmt.Errorf("is followed by more text at %s: write one JSON value", position(text, decoder.InputOffset()))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return value, fmt.Errorf("is not JSON at %s: check quotes, commas and brackets there", position(text, syntax.Offset))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return value, fmt.Errorf("is not JSON at %s: it ends too early", position(text, int64(len(text))))
	}
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return value, fmt.Errorf("has a %s where another type belongs at %s (%s): see the API's mcpServers", mistyped.Value, position(text, mistyped.Offset), mistyped.Field)
	}
	// What is left is an unknown field, whose name is all the message holds.
	return value, fmt.Errorf("has an %s: see the API's mcpServers", strings.TrimPrefix(err.Error(), "json: "))
}

// position says where in text an offset is, as editors count.
func position(text string, offset int64) string {
	before := []byte(text)[:min(max(offset-1, 0), int64(len(text)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// minHiddenWord is the length from which an argument or a part of an address may
// be a credential.
const minHiddenWord = 16

// credentials are the values of a server that must not be shown.
func credentials(server cursor.MCPServer) []string {
	values := slices.Concat(slices.Collect(maps.Values(server.Env)), slices.Collect(maps.Values(server.Headers)))
	if server.Auth != nil {
		values = append(values, server.Auth.ClientSecret)
	}
	// Tokens stand in arguments and addresses too. Short words there are flags
	// and names, which a log can't do without.
	inside := slices.Clone(server.Args)
	for _, arg := range server.Args {
		if _, value, found := strings.Cut(arg, "="); found {
			inside = append(inside, value)
		}
	}
	if address, err := url.Parse(server.URL); err == nil {
		for _, queried := range address.Query() {
			inside = append(inside, queried...)
		}
	}
	values = append(values, slices.DeleteFunc(inside, func(value string) bool {
		return len(value) < minHiddenWord || strings.HasPrefix(value, "-") || strings.HasPrefix(value, "@")
	})...)
	for _, value := range server.Headers {
		// "Bearer TOKEN" is often logged as its token alone.
		if _, token, found := strings.Cut(value, " "); found {
			values = append(values, token)
		}
	}
	return values
}
