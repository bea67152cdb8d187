package forgetest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// checkBody reads what a request says of a check.
func (x *exchange) checkBody() (*checkRequest, *answer) {
	request := &checkRequest{}
	if err := json.Unmarshal(x.body, request); err != nil {
		return nil, new(x.invalid("Invalid request.\n\n" + err.Error()))
	}
	if why := request.check(); why != "" {
		return nil, new(x.invalid(why))
	}
	return request, nil
}

// createCheckRun answers POST /repos/{owner}/{repo}/check-runs.
func (h *Hub) createCheckRun(x *exchange) answer {
	request, refused := x.checkBody()
	switch {
	case refused != nil:
		return *refused
	case request.Name == nil || *request.Name == "":
		return x.invalid("Invalid request.\n\n\"name\" wasn't supplied.")
	case request.HeadSHA == nil:
		return x.invalid("Invalid request.\n\n\"head_sha\" wasn't supplied.")
	case x.repo.commit(*request.HeadSHA) == nil:
		return x.invalid("No commit found for SHA: " + *request.HeadSHA)
	}
	c := &CheckRun{App: x.login()}
	request.apply(c)
	h.fillCheckRun(x.repo, c, time.Now())
	x.repo.CheckRuns = append(x.repo.CheckRuns, c)
	return answer{status: 201, body: x.checkRunJSON(c)}
}

// theCheck finds the check that the path names.
func (x *exchange) theCheck() *CheckRun {
	id, _ := strconv.ParseInt(x.params["check"], 10, 64)
	if at := slices.IndexFunc(x.repo.CheckRuns, func(c *CheckRun) bool { return c.ID == id }); at >= 0 {
		return x.repo.CheckRuns[at]
	}
	return nil
}

// getCheckRun answers GET /repos/{owner}/{repo}/check-runs/{check_run_id}.
func (h *Hub) getCheckRun(x *exchange) answer {
	c := x.theCheck()
	if c == nil {
		return x.notFound()
	}
	return answer{body: x.checkRunJSON(c)}
}

// updateCheckRun answers PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}.
// Only the app that made a check may change it.
func (h *Hub) updateCheckRun(x *exchange) answer {
	c := x.theCheck()
	switch {
	case c == nil:
		return x.notFound()
	case c.App != x.login():
		return x.problem(403, "Invalid app_id `"+itoa(h.user(x.login()).ID)+"` - check run can only be modified by the GitHub App that created it.")
	}
	request, refused := x.checkBody()
	if refused != nil {
		return *refused
	}
	request.HeadSHA = nil // it is not among what can be changed
	if request.Status != nil && *request.Status != "completed" {
		c.Conclusion, c.CompletedAt = "", time.Time{}
	}
	request.apply(c)
	h.fillCheckRun(x.repo, c, time.Now())
	return answer{body: x.checkRunJSON(c)}
}

// listCheckRuns answers GET /repos/{owner}/{repo}/commits/{ref}/check-runs,
// newest first, with its filters by name and status.
func (h *Hub) listCheckRuns(x *exchange) answer {
	sha := x.repo.resolve(x.params["ref"])
	if sha == "" {
		return x.invalid("No commit found for SHA: " + x.params["ref"])
	}
	query := x.r.URL.Query()
	made := []object{}
	for _, c := range slices.Backward(x.repo.CheckRuns) {
		name, status := query.Get("check_name"), query.Get("status")
		if c.HeadSHA == sha && (name == "" || name == c.Name) && (status == "" || status == c.Status) {
			made = append(made, x.checkRunJSON(c))
		}
	}
	return x.pageIn("check_runs", made)
}

// listAnnotations answers GET .../check-runs/{check_run_id}/annotations.
func (h *Hub) listAnnotations(x *exchange) answer {
	c := x.theCheck()
	if c == nil {
		return x.notFound()
	}
	made := []object{}
	for _, a := range c.Annotations {
		made = append(made, object{
			"path": a.Path, "blob_href": x.web(x.repo) + "/blob/" + c.HeadSHA + "/" + a.Path, "start_line": a.StartLine, "end_line": a.EndLine,
			"start_column": a.StartColumn, "end_column": a.EndColumn, "annotation_level": a.Level, "title": textOrNull(a.Title), "message": a.Message,
			"raw_details": textOrNull(a.RawDetails),
		})
	}
	return x.page(made)
}
