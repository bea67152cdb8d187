package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Bounds of what is said about a wrong answer, which is read by people and paid
// for as a prompt: lines, and characters of a line and of a word in it.
const (
	maxLines = 10
	maxLine  = 300
	maxWord  = 80
)

// lines say what is wrong with a value, one thing a line, in an order that does
// not change from time to time.
func lines(err *jsonschema.ValidationError) []string {
	all := explain(err, maxForms)
	if more := len(all) - maxLines; more > 0 {
		all = append(all[:maxLines], fmt.Sprintf("and %d more", more))
	}
	for i, line := range all {
		all[i] = cut(line, maxLine)
	}
	return all
}

// explain gives the lines of one error and of those behind it, through as many
// alternatives within alternatives.
func explain(err *jsonschema.ValidationError, deep int) []string {
	say := func(text string) string { return "at " + pointer(err.InstanceLocation) + ": " + text }
	switch problem := err.ErrorKind.(type) {
	case *kind.AnyOf:
		return append([]string{say("it is of none of the forms that are allowed here")}, forms(err.Causes, deep-1)...)
	case *kind.OneOf:
		if n := problem.Subschemas; len(n) > 1 {
			return []string{say(fmt.Sprintf("it is of the forms %d and %d at once, and only one may be", n[0]+1, n[1]+1))}
		}
		return append([]string{say("it is of none of the forms that are allowed here")}, forms(err.Causes, deep-1)...)
	case *kind.PropertyNames:
		// The library does not tell where the object is.
		return []string{"the name " + quote(problem.Property) + " is not allowed"}
	case *kind.Contains, *kind.MinContains:
		// What each item lacks would read as if all had to have it.
		return []string{say("it has too few items of a form that must be there")}
	}
	if len(err.Causes) == 0 {
		return []string{say(words(err))}
	}
	return slices.Concat(sorted(err.Causes, deep)...)
}

// maxForms is how many alternatives within one another are explained: their
// lines multiply.
const maxForms = 3

// forms are the lines of alternatives, of which the value is none.
func forms(causes []*jsonschema.ValidationError, deep int) []string {
	if deep < 0 {
		return nil
	}
	var all []string
	for i, cause := range causes {
		for _, line := range explain(cause, deep) {
			all = append(all, fmt.Sprintf("form %d: %s", i+1, line))
		}
	}
	return all
}

// sorted are the lines of several errors, which come in any order.
func sorted(causes []*jsonschema.ValidationError, deep int) [][]string {
	var blocks [][]string
	for _, cause := range causes {
		blocks = append(blocks, explain(cause, deep))
	}
	slices.SortFunc(blocks, slices.Compare)
	return blocks
}

// words say what one keyword of the schema has against the value.
func words(err *jsonschema.ValidationError) string {
	switch problem := err.ErrorKind.(type) {
	case *kind.Type:
		return fmt.Sprintf("it must be %s, not %s", strings.Join(problem.Want, " or "), problem.Got)
	case *kind.Required:
		return "it lacks " + quoted(problem.Missing)
	case *kind.AdditionalProperties:
		slices.Sort(problem.Properties)
		return "it may not have " + quoted(problem.Properties)
	case *kind.Enum:
		var wanted []string
		for _, value := range problem.Want {
			wanted = append(wanted, display(value))
		}
		return "it must be one of " + strings.Join(wanted, ", ")
	case *kind.Const:
		return "it must be " + display(problem.Want)
	case *kind.Pattern:
		return fmt.Sprintf("%s does not match the pattern %s", quote(problem.Got), quote(problem.Want))
	case *kind.Format:
		return fmt.Sprintf("%s is not of the format %s", display(problem.Got), problem.Want)
	case *kind.Minimum:
		return fmt.Sprintf("it must be %s or more", decimal(problem.Want))
	case *kind.Maximum:
		return fmt.Sprintf("it must be %s or less", decimal(problem.Want))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("it must be more than %s", decimal(problem.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("it must be less than %s", decimal(problem.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("it must be a multiple of %s", decimal(problem.Want))
	case *kind.MinLength:
		return fmt.Sprintf("it has %d characters and must have %d or more", problem.Got, problem.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("it has %d characters and must have %d or fewer", problem.Got, problem.Want)
	case *kind.MinItems:
		return fmt.Sprintf("it has %d items and must have %d or more", problem.Got, problem.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("it has %d items and must have %d or fewer", problem.Got, problem.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("it has %d properties and must have %d or more", problem.Got, problem.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("it has %d properties and must have %d or fewer", problem.Got, problem.Want)
	case *kind.DependentRequired:
		return fmt.Sprintf("with %s it must have %s", quote(problem.Prop), quoted(problem.Missing))
	case *kind.Not:
		return "it is of a form that is not allowed here"
	case *kind.UniqueItems:
		return fmt.Sprintf("the items %d and %d are the same", problem.Duplicates[0], problem.Duplicates[1])
	case *kind.FalseSchema:
		return "nothing is allowed here"
	}
	// The library's own words, without the place in front.
	_, text, _ := strings.Cut((&jsonschema.ValidationError{ErrorKind: err.ErrorKind}).Error(), ": ")
	return text
}

// pointer is the place of a value as a JSON pointer (RFC 6901).
func pointer(at []string) string {
	if len(at) == 0 {
		return "the top"
	}
	var text strings.Builder
	for _, name := range at {
		text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(cut(name, maxWord)))
	}
	return text.String()
}

// decimal is a number as people write it.
func decimal(number *big.Rat) string {
	if number.IsInt() {
		return cut(number.Num().String(), maxWord)
	}
	nearest, _ := number.Float64()
	return strconv.FormatFloat(nearest, 'g', -1, 64)
}

// display is a value of any kind in short.
func display(value any) string {
	text, err := encode(value)
	if err != nil {
		return "another value"
	}
	return cut(text, maxWord)
}

func quote(text string) string { return display(text) }

func quoted(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return strings.Join(quoted, ", ")
}

// cut is at most n characters of text, on one line.
func cut(text string, n int) string {
	var short strings.Builder
	count := 0
	for _, r := range text {
		if count++; count > n {
			return short.String() + "…"
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		short.WriteRune(r)
	}
	return short.String()
}
