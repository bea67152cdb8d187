package cursor

import (
	"encoding/json"
	"time"
)

// instant reads a time of the API: RFC 3339. What is absent, null, empty or
// something else is the zero time, because no call should fail for a time.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return nil
	}
	t.Time, _ = time.Parse(time.RFC3339, text)
	return nil
}

// milliseconds reads a duration of the API, a number of milliseconds with or
// without a fraction. Anything else is zero.
type milliseconds struct{ time.Duration }

func (d *milliseconds) UnmarshalJSON(data []byte) error {
	if wait, ok := scaled(string(data), time.Millisecond); ok {
		d.Duration = wait
	}
	return nil
}
