package simulator

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed scenarios/*.yaml
var scenarios embed.FS

// Names returns the names of the built-in scenarios, sorted.
func Names() []string {
	entries, _ := scenarios.ReadDir("scenarios") // the folder is part of the program
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Builtin returns the built-in scenario of that name.
func Builtin(name string) (Scenario, bool) {
	data, err := scenarios.ReadFile(path.Join("scenarios", name+".yaml"))
	if err != nil {
		return Scenario{}, false
	}
	scenario, err := Load(bytes.NewReader(data))
	return scenario, err == nil
}

// Open returns the built-in scenario of that name, else the one in the file of
// that name, which readFile reads.
func Open(nameOrFile string, readFile func(string) ([]byte, error)) (Scenario, error) {
	if scenario, ok := Builtin(nameOrFile); ok {
		return scenario, nil
	}
	data, err := readFile(nameOrFile)
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario %q is neither a file that can be read (%w) nor a built-in one; the built-in ones are %s",
			nameOrFile, err, strings.Join(Names(), ", "))
	}
	scenario, err := Load(bytes.NewReader(data))
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario file %s: %w", nameOrFile, err)
	}
	return scenario, nil
}

// Load reads a scenario from YAML. Unknown fields, values that a field cannot
// have and anything after the first document are errors that name the line or
// the field; all of them are told at once.
func Load(r io.Reader) (Scenario, error) {
	var scenario Scenario
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	switch err := d.Decode(&scenario); {
	case errors.Is(err, io.EOF):
		return Scenario{}, errors.New("the scenario is empty; write at least its steps, or its status")
	case err != nil:
		return Scenario{}, plainYAMLError(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Scenario{}, errors.New("there is more than one YAML document; write other agents as variants")
	}
	for i := range scenario.Variants {
		variant, err := scenario.Variants[i].resolve()
		if err != nil {
			return Scenario{}, fmt.Errorf("variants[%d]: %w", i, err)
		}
		scenario.Variants[i] = variant
	}
	if err := scenario.check(); err != nil {
		return Scenario{}, err
	}
	return scenario, nil
}

// resolve takes a variant's built-in scenario in its place.
func (sc Scenario) resolve() (Scenario, error) {
	if sc.Use == "" {
		return sc, nil
	}
	if alone := (Scenario{Match: sc.Match, Use: sc.Use}); !reflect.DeepEqual(sc, alone) {
		return Scenario{}, errors.New("use stands alone beside match")
	}
	builtin, ok := Builtin(sc.Use)
	if !ok {
		return Scenario{}, fmt.Errorf("use: no built-in scenario is named %q; there are %s",
			sc.Use, strings.Join(Names(), ", "))
	}
	builtin.Match = sc.Match
	return builtin, nil
}

// plainYAMLError takes the names of Go types out of the decoder's messages:
// whoever writes a scenario does not know them.
func plainYAMLError(err error) error {
	typed, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	problems := slices.Clone(typed.Errors)
	for i, problem := range problems {
		if line, field, ok := strings.Cut(problem, ": field "); ok {
			field, _, _ = strings.Cut(field, " not found in type ")
			problems[i] = fmt.Sprintf("%s: there is no field %s here", line, field)
		} else if line, rest, ok := strings.Cut(problem, ": cannot unmarshal !!"); ok {
			value, goType, _ := strings.Cut(rest, " into ")
			problems[i] = fmt.Sprintf("%s: %s stands where %s belongs", line, value, inWords(goType))
		}
	}
	return errors.New(strings.Join(problems, "; "))
}

// inWords says what a field of a Go type takes.
func inWords(goType string) string {
	switch {
	case goType == "time.Duration":
		return "a duration such as 300ms or 20m"
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "simulator.") || strings.HasPrefix(goType, "map["):
		return "a mapping"
	}
	return "a number"
}

// UnmarshalYAML implements yaml.Unmarshaler: true, false, a number or a URL.
func (pr *PullRequest) UnmarshalYAML(value *yaml.Node) error {
	switch number, err := strconv.Atoi(value.Value); {
	case value.Kind != yaml.ScalarNode:
	case value.Tag == "!!bool":
		return value.Decode(&pr.Open)
	case value.Tag == "!!int" && err == nil && number > 0:
		*pr = PullRequest{Open: true, Number: number}
		return nil
	case value.Tag == "!!str" && isWebURL(value.Value):
		*pr = PullRequest{Open: true, URL: value.Value}
		return nil
	}
	return fmt.Errorf("line %d: pr must be true, false, a number or a URL", value.Line)
}
