package cli_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"cursor-agent-action/internal/cli"
)

// pictures are one picture of 517 x 260 pixels in each format.
func pictures(t testing.TB) map[string][]byte {
	var pngs, jpegs, gifs bytes.Buffer
	picture := image.NewPaletted(image.Rect(0, 0, 517, 260), color.Palette{color.Black, color.White})
	for _, err := range []error{png.Encode(&pngs, picture), jpeg.Encode(&jpegs, picture, nil), gif.Encode(&gifs, picture, nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string][]byte{"png": pngs.Bytes(), "jpeg": jpegs.Bytes(), "gif": gifs.Bytes()}
}

func TestTheSizeOfAnImageIsInItsHeader(t *testing.T) {
	t.Parallel()
	whole := pictures(t)
	const frame = "\xff\xc2\x00\x08\x08\x00\x02\x00\x03\x01" // progressive, 3 x 2
	tests := []struct {
		name          string
		data          string
		width, height int
	}{
		{"png", string(whole["png"]), 517, 260},
		{"jpeg", string(whole["jpeg"]), 517, 260},
		{"gif", string(whole["gif"]), 517, 260},
		{"gif of 1987", "GIF87a\x03\x00\x02\x00", 3, 2},
		{"gif cut", "GIF87a\x03\x00\x02", 0, 0},
		{"png cut", string(whole["png"][:23]), 0, 0},
		{"png without pixels", string(whole["png"][:16]) + "\x00\x00\x00\x00\x00\x00\x00\x01", 0, 0},
		{"png that is too wide", string(whole["png"][:16]) + "\x80\x00\x00\x00\x00\x00\x00\x01", 0, 0},
		{"jpeg after a table, filling and bytes between", "\xff\xd8\xff\xc4\x00\x04\xff\xc0\xff\xff\xff\xe0\x00\x02xx\xff\x00" + frame, 3, 2},
		{"jpeg that restarts", "\xff\xd8\xff\xd0" + frame, 3, 2},
		{"jpeg whose scan comes first", "\xff\xd8\xff\xda\x00\x02" + frame, 0, 0},
		{"jpeg that ends first", "\xff\xd8\xff\xd9" + frame, 0, 0},
		{"jpeg with a short frame", "\xff\xd8\xff\xc0\x00\x07\x08\x00\x02\x00\x03", 0, 0},
		{"jpeg with an impossible segment", "\xff\xd8\xff\xe0\x00\x01" + frame, 0, 0},
		{"jpeg cut in a segment", "\xff\xd8\xff\xe0\x00\x20" + frame, 0, 0},
		{"jpeg cut in a frame", "\xff\xd8" + frame[:8], 0, 0},
		{"jpeg cut in a marker", "\xff\xd8\xff\xff", 0, 0},
		{"something else", "no picture", 0, 0},
		{"nothing", "", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if width, height := cli.DimensionOf([]byte(tt.data)); width != tt.width || height != tt.height {
				t.Errorf("got %d x %d, want %d x %d", width, height, tt.width, tt.height)
			}
		})
	}
}

// What the standard library can decode has the size that it says.
func FuzzDimension(f *testing.F) {
	for _, data := range pictures(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		width, height := cli.DimensionOf(data)
		if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && config.Width > 0 && config.Height > 0 {
			if width != config.Width || height != config.Height {
				t.Errorf("got %d x %d, want %d x %d", width, height, config.Width, config.Height)
			}
		}
	})
}
