package cli

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// maxImage bounds one image, in bytes, as the API does.
const maxImage = 15 << 20

// imageTypes are the media types that the API takes, by the files' endings.
var imageTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}

// readImages gives the images: addresses as they are, for Cursor to fetch, and
// files of the workspace by their bytes.
func readImages(runner *actions.Runner, in *actions.Inputs) []cursor.Image {
	var images []cursor.Image
	for _, line := range in.Lines("images") {
		if address, err := url.Parse(line); err == nil && (address.Scheme == "https" || address.Scheme == "http") {
			images = append(images, cursor.Image{URL: line})
			continue
		}
		dot := max(strings.LastIndex(line, "."), 0)
		mediaType, ok := imageTypes[strings.ToLower(line[dot:])]
		if !ok {
			in.Problem("images", fmt.Sprintf("%q is neither a web address nor a file that ends with .png, .jpg, .gif or .webp: write one of them", line))
			continue
		}
		data, err := readWorkspace(runner, func(w *actions.Workspace) ([]byte, error) { return w.ReadFile(line, maxImage) })
		if err != nil {
			in.Problem("images", err.Error())
			continue
		}
		images = append(images, cursor.Image{Data: base64.StdEncoding.EncodeToString(data), MIMEType: mediaType, Dimension: dimensionOf(data)})
	}
	if len(images) > agent.MaxImages {
		in.Problem("images", fmt.Sprintf("are %d, and an agent takes at most %d: leave some out", len(images), agent.MaxImages))
	}
	return images
}
