package secret_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/secret"
)

func TestFormsAreWhatEncodersMakeOfASecret(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        []string
	}{
		{"nothing to escape", "crsr_0123456789", []string{
			"Y3Jzcl8wMTIzNDU2Nzg5", // Whole and, without a rest, behind three bytes.
			"Nyc3JfMDEyMzQ1Njc4O",  // Behind one byte.
			"jcnNyXzAxMjM0NTY3OD",  // Behind two.
			"637273725f30313233343536373839", "637273725F30313233343536373839",
		}},
		{"padding and both alphabets", "a?>~b c!é+", []string{
			"YT8+fmIgYyHDqSs=", "YT8+fmIgYyHDqSs", "YT8+fmIgYyHDqS", "E/Pn5iIGMhw6kr", "hPz5+YiBjIcOpK",
			"YT8-fmIgYyHDqSs=", "YT8-fmIgYyHDqSs", "YT8-fmIgYyHDqS", "E_Pn5iIGMhw6kr", "hPz5-YiBjIcOpK",
			"613f3e7e62206321c3a92b", "613F3E7E62206321C3A92B",
			"a%3F%3E~b%20c%21%C3%A9%2B", "a%3F%3E~b%20c!%C3%A9%2B",
		}},
		{"what encodeURIComponent leaves", "-_.!~*'()%21", []string{
			"LV8uIX4qJygpJTIx", "1fLiF+KicoKSUyM", "tXy4hfionKCklMj",
			"1fLiF-KicoKSUyM",
			"2d5f2e217e2a272829253231", "2D5F2E217E2A272829253231",
			"-_.%21~%2A%27%28%29%2521", "-_.!~*'()%2521",
		}},
		{"as few characters as have forms", "12345678", []string{
			"MTIzNDU2Nzg=", "MTIzNDU2Nzg", "MTIzNDU2Nz", "EyMzQ1Njc4", "xMjM0NTY3O", "3132333435363738",
		}},
		{"seven characters of more bytes", "éééééé7", nil},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := secret.Forms(tt.value)
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("forms (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASecretWithinALongerTextHasAFormOfItsBase64(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"12345678", "crsr_0123", "crsr_01234", "\xff\xfe\xfb\xef\xbf?>/+~\x00\x01"} {
		for before := range 7 {
			for after := range 7 {
				text := strings.Repeat("\xff", before) + value + strings.Repeat("\xff", after)
				for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
					encoded := encoding.EncodeToString([]byte(text))
					// All but the two characters that may be shared with a neighbour on each side.
					least := len(value)*8/6 - 1
					if !slices.ContainsFunc(secret.Forms(value), func(form string) bool {
						return len(form) >= least && strings.Contains(encoded, form)
					}) {
						t.Errorf("%q with %d bytes before and %d after it shows in %s", value, before, after, encoded)
					}
				}
			}
		}
	}
}
