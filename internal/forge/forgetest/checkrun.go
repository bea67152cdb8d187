package forgetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CheckRun is a check on a commit.
type CheckRun struct {
	ID          int64
	Name        string
	HeadSHA     string
	Status      string // "" is queued, or completed where there is a conclusion
	Conclusion  string
	DetailsURL  string
	ExternalID  string
	Title       string
	Summary     string
	Text        string
	Annotations []Annotation
	App         string // the login of who made it; "" is github-actions[bot]
	StartedAt   time.Time
	CompletedAt time.Time
}

// Annotation is a note of a check at lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"` // notice, warning, failure
	Title       string `json:"title"`
	Message     string `json:"message"`
	RawDetails  string `json:"raw_details"`
}

// The limits of a check's output.
// https://docs.github.com/rest/checks/runs#create-a-check-run
const (
	maxOutput      = 65535
	maxAnnotations = 50 // in one request
)

var (
	checkStatuses    = [...]string{"queued", "in_progress", "completed", "waiting", "requested", "pending"}
	checkConclusions = [...]string{"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"}
	annotationLevels = [...]string{"notice", "warning", "failure"}
)

func (h *Hub) fillCheckRun(r *Repository, c *CheckRun, now time.Time) {
	h.putID(&c.ID, "check")
	put(&c.App, actionsBot)
	put(&c.HeadSHA, r.Branches[r.DefaultBranch])
	if c.Conclusion != "" {
		c.Status = "completed"
	}
	put(&c.Status, "queued")
	putTime(&c.StartedAt, now)
	if c.Status == "completed" {
		putTime(&c.CompletedAt, now)
	}
}

func (x *exchange) checkRunJSON(c *CheckRun) object {
	id := itoa(c.ID)
	api, web := x.api(x.repo)+"/check-runs/"+id, x.web(x.repo)+"/runs/"+id
	var numbers []int
	for _, i := range x.repo.Issues {
		if i.Pull != nil && i.Pull.HeadSHA == c.HeadSHA && i.Pull.HeadRepository == "" && i.State == "open" {
			numbers = append(numbers, i.Number)
		}
	}
	details := c.DetailsURL
	put(&details, web)
	return object{
		"id": c.ID, "name": c.Name, "node_id": nodeID("CR", c.ID), "head_sha": c.HeadSHA, "external_id": c.ExternalID, "url": api, "html_url": web,
		"details_url": details, "status": c.Status, "conclusion": textOrNull(c.Conclusion), "started_at": stamp(c.StartedAt),
		"completed_at": stampOrNull(c.CompletedAt), "check_suite": object{"id": c.ID + 1_000_000}, "app": x.appJSON(c.App),
		"pull_requests": x.pullsJSON(numbers),
		"output": object{
			"title": textOrNull(c.Title), "summary": textOrNull(c.Summary), "text": textOrNull(c.Text),
			"annotations_count": len(c.Annotations), "annotations_url": api + "/annotations",
		},
	}
}

// appJSON is the app behind a login that ends in [bot]; nil for a person's.
func (x *exchange) appJSON(login string) any {
	slug, isApp := strings.CutSuffix(login, "[bot]")
	if !isApp {
		return nil
	}
	id := int64(sum32(slug) % 1_000_000)
	name := slug
	if login == actionsBot {
		id, name = 15368, "GitHub Actions"
	}
	return object{
		"id": id, "slug": slug, "node_id": nodeID("A", id), "owner": x.userJSON("github"), "name": name, "description": "",
		"external_url": "https://example.com/" + slug, "html_url": x.hub.config.ServerURL + "/apps/" + slug, "created_at": stamp(firstDay),
		"updated_at": stamp(firstDay), "permissions": object{"checks": "write", "metadata": "read"}, "events": []string{},
	}
}

// checkRequest is the body of a request that makes or changes a check.
type checkRequest struct {
	Name        *string    `json:"name"`
	HeadSHA     *string    `json:"head_sha"`
	Status      *string    `json:"status"`
	Conclusion  *string    `json:"conclusion"`
	DetailsURL  *string    `json:"details_url"`
	ExternalID  *string    `json:"external_id"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title       *string      `json:"title"`
		Summary     *string      `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []Annotation `json:"annotations"`
	} `json:"output"`
}

// check says why a request about a check is not accepted; "" means that it is.
func (r *checkRequest) check() string {
	wrong := func(field, value string) string {
		return fmt.Sprintf("Invalid request.\n\nFor 'properties/%s', %q is not a member of the values that it may have.", field, value)
	}
	switch {
	case r.Status != nil && !slices.Contains(checkStatuses[:], *r.Status):
		return wrong("status", *r.Status)
	case r.Conclusion != nil && !slices.Contains(checkConclusions[:], *r.Conclusion):
		return wrong("conclusion", *r.Conclusion)
	case r.Status != nil && *r.Status == "completed" && r.Conclusion == nil:
		return "Invalid request.\n\n\"conclusion\" wasn't supplied."
	case r.Output == nil:
		return ""
	case r.Output.Summary == nil:
		return "Invalid request.\n\n\"summary\" wasn't supplied."
	case len(*r.Output.Summary) > maxOutput:
		return "Invalid request.\n\nOnly 65535 characters are allowed; " + strconv.Itoa(len(*r.Output.Summary)) + " were supplied."
	case r.Output.Text != nil && len(*r.Output.Text) > maxOutput:
		return "Invalid request.\n\nOnly 65535 characters are allowed; " + strconv.Itoa(len(*r.Output.Text)) + " were supplied."
	case len(r.Output.Annotations) > maxAnnotations:
		return fmt.Sprintf("Invalid request.\n\nNo more than %d items are allowed; %d were supplied.", maxAnnotations, len(r.Output.Annotations))
	}
	for _, a := range r.Output.Annotations {
		if why := a.check(); why != "" {
			return why
		}
	}
	return ""
}

func (a Annotation) check() string {
	switch {
	case a.Path == "" || a.Message == "" || a.StartLine < 1 || a.EndLine < a.StartLine || !slices.Contains(annotationLevels[:], a.Level):
		return "Invalid request.\n\nAn annotation needs path, start_line, end_line, annotation_level and message."
	case len(a.Message) > 64<<10 || len(a.RawDetails) > 64<<10 || len([]rune(a.Title)) > 255:
		return "Invalid request.\n\nAn annotation is too long."
	case (a.StartColumn != nil || a.EndColumn != nil) && a.StartLine != a.EndLine:
		return "Invalid request.\n\nColumns are for annotations of one line."
	}
	return ""
}

// apply puts into a check what a request says. Annotations are added to those
// that are there.
func (r *checkRequest) apply(c *CheckRun) {
	for to, value := range map[*string]*string{
		&c.Name: r.Name, &c.HeadSHA: r.HeadSHA, &c.Status: r.Status, &c.Conclusion: r.Conclusion, &c.DetailsURL: r.DetailsURL, &c.ExternalID: r.ExternalID,
	} {
		if value != nil {
			*to = *value
		}
	}
	if r.StartedAt != nil {
		c.StartedAt = *r.StartedAt
	}
	if r.CompletedAt != nil {
		c.CompletedAt = *r.CompletedAt
	}
	if r.Output == nil {
		return
	}
	c.Summary = *r.Output.Summary
	if r.Output.Title != nil {
		c.Title = *r.Output.Title
	}
	if r.Output.Text != nil {
		c.Text = *r.Output.Text
	}
	c.Annotations = append(c.Annotations, r.Output.Annotations...)
}
