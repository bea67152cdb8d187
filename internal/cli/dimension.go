package cli

import (
	"bytes"
	"encoding/binary"
	"math"

	"cursor-agent-action/internal/cursor"
)

// dimensionOf is the size of a PNG, GIF or JPEG, nil where its bytes do not
// tell: it is the API that judges those. Only the headers are read. The decoders
// of the standard library would bring 160 KB of code for pictures that nobody
// here looks at.
func dimensionOf(data []byte) *cursor.Dimension {
	var width, height uint32
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")) && len(data) >= 24:
		// https://www.w3.org/TR/png-3/#11IHDR
		width, height = binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
	case (bytes.HasPrefix(data, []byte("GIF87a")) || bytes.HasPrefix(data, []byte("GIF89a"))) && len(data) >= 10:
		// https://www.w3.org/Graphics/GIF/spec-gif89a.txt, section 18
		width, height = uint32(binary.LittleEndian.Uint16(data[6:])), uint32(binary.LittleEndian.Uint16(data[8:]))
	case bytes.HasPrefix(data, []byte{0xff, 0xd8}):
		width, height = jpegSize(data[2:])
	}
	if width < 1 || height < 1 || width > math.MaxInt32 || height > math.MaxInt32 {
		return nil
	}
	return &cursor.Dimension{Width: int(width), Height: int(height)}
}

// jpegSize reads the size from the frame header (SOF) of a JPEG, which comes
// after any number of other segments and before the first scan. It takes what
// follows the image's first marker, and gives zeros where there is no frame.
// https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
func jpegSize(data []byte) (width, height uint32) {
	for {
		// Bytes between segments and 0xff before a marker are filling.
		start := bytes.IndexByte(data, 0xff)
		if start < 0 {
			return 0, 0
		}
		for data = data[start:]; len(data) > 0 && data[0] == 0xff; data = data[1:] {
		}
		if len(data) < 3 {
			return 0, 0
		}
		marker := data[0]
		switch {
		case marker <= 0x01, marker >= 0xd0 && marker <= 0xd7: // stuffing, TEM, RST: no segment
			data = data[1:]
			continue
		case marker == 0xd9, marker == 0xda: // the end, or a scan: too late
			return 0, 0
		}
		segment := data[1:]
		length := int(binary.BigEndian.Uint16(segment))
		if length < 2 || length > len(segment) {
			return 0, 0
		}
		isTable := marker == 0xc4 || marker == 0xc8 || marker == 0xcc // DHT, JPG, DAC stand among the frames
		if marker >= 0xc0 && marker <= 0xcf && !isTable {
			if length < 8 {
				return 0, 0
			}
			return uint32(binary.BigEndian.Uint16(segment[5:])), uint32(binary.BigEndian.Uint16(segment[3:]))
		}
		data = segment[length:]
	}
}
