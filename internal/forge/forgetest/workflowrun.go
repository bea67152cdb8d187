package forgetest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WorkflowRun is a run of a workflow, with the jobs of all its attempts.
type WorkflowRun struct {
	ID              int64
	Name            string
	Event           string // "" is push
	HeadBranch      string // "" is the default branch
	HeadSHA         string // "" is the branch's
	HeadRepository  string // "owner/name" of a fork; "" is the repository itself
	Actor           string
	TriggeringActor string // "" is Actor
	Status          string // "" is completed
	Conclusion      string // "" is success, of a run that is completed
	Attempt         int    // the latest; 0 means 1
	PullRequests    []int  // numbers
	CreatedAt       time.Time
	Jobs            []*Job
}

// Job is one job of one attempt.
type Job struct {
	ID          int64
	Attempt     int // 0 means 1
	Name        string
	Status      string // "" is completed
	Conclusion  string // "" is success, of a job that is completed
	Steps       []Step
	Log         string
	LogGone     bool // it has expired
	StartedAt   time.Time
	CompletedAt time.Time
}

// Step is one step of a job.
type Step struct {
	Name       string
	Conclusion string // "" is success
}

func (h *Hub) fillActions(r *Repository, now time.Time) {
	for _, run := range r.WorkflowRuns {
		h.putID(&run.ID, "run")
		put(&run.Name, "CI")
		put(&run.Event, "push")
		put(&run.HeadBranch, r.DefaultBranch)
		put(&run.HeadSHA, cmp.Or(r.Branches[run.HeadBranch], SHA(run.HeadBranch)))
		put(&run.Actor, r.owner())
		put(&run.TriggeringActor, run.Actor)
		put(&run.Status, "completed")
		put(&run.Attempt, 1)
		putTime(&run.CreatedAt, now)
		if run.Status == "completed" {
			put(&run.Conclusion, "success")
		}
		for _, job := range run.Jobs {
			h.putID(&job.ID, "job")
			put(&job.Attempt, 1)
			put(&job.Status, "completed")
			putTime(&job.StartedAt, now)
			if job.Status == "completed" {
				put(&job.Conclusion, "success")
				putTime(&job.CompletedAt, job.StartedAt)
			}
			for i := range job.Steps {
				put(&job.Steps[i].Conclusion, "success")
			}
		}
	}
	for _, check := range r.CheckRuns {
		h.fillCheckRun(r, check, now)
	}
}

// pullsJSON are the pull requests of a run or check. GitHub lists none of forks.
func (x *exchange) pullsJSON(numbers []int) []object {
	made := []object{}
	repo := object{"id": x.repo.ID, "url": x.api(x.repo), "name": x.repo.name()}
	for _, number := range numbers {
		i := x.repo.issue(number)
		if i == nil || i.Pull == nil {
			continue
		}
		made = append(made, object{
			"id": i.ID + 50_000_000, "number": number, "url": x.api(x.repo) + "/pulls/" + strconv.Itoa(number),
			"head": object{"ref": i.Pull.HeadRef, "sha": i.Pull.HeadSHA, "repo": repo},
			"base": object{"ref": i.Pull.BaseRef, "sha": x.repo.Branches[i.Pull.BaseRef], "repo": repo},
		})
	}
	return made
}

// theRun finds the run that the path names.
func (x *exchange) theRun() *WorkflowRun {
	id, _ := strconv.ParseInt(x.params["run"], 10, 64)
	if at := slices.IndexFunc(x.repo.WorkflowRuns, func(run *WorkflowRun) bool { return run.ID == id }); at >= 0 {
		return x.repo.WorkflowRuns[at]
	}
	return nil
}

// getRun answers GET /repos/{owner}/{repo}/actions/runs/{run_id}.
func (h *Hub) getRun(x *exchange) answer {
	run := x.theRun()
	if run == nil {
		return x.notFound()
	}
	api, web := x.api(x.repo)+"/actions/runs/"+itoa(run.ID), x.web(x.repo)+"/actions/runs/"+itoa(run.ID)
	suite := run.ID + 1_000_000
	head := x.repo
	if run.HeadRepository != "" {
		head = &Repository{Path: run.HeadRepository, ID: int64(sum32(run.HeadRepository)), Fork: true}
	}
	commit := cmp.Or(x.repo.commit(run.HeadSHA), &Commit{SHA: run.HeadSHA, Message: "Change something", At: run.CreatedAt})
	person := func(p Person) object {
		return object{"name": cmp.Or(p.Name, "Somebody"), "email": cmp.Or(p.Email, "somebody@example.com")}
	}
	var previous any
	if run.Attempt > 1 {
		previous = api + "/attempts/" + strconv.Itoa(run.Attempt-1)
	}
	return answer{body: object{
		"id": run.ID, "name": run.Name, "node_id": nodeID("WFR", run.ID), "head_branch": run.HeadBranch, "head_sha": run.HeadSHA,
		"path": ".github/workflows/" + strings.ToLower(run.Name) + ".yml", "display_title": run.Name, "run_number": 1, "event": run.Event,
		"status": run.Status, "conclusion": textOrNull(run.Conclusion), "workflow_id": 1, "check_suite_id": suite,
		"check_suite_node_id": nodeID("CS", suite), "url": api, "html_url": web, "pull_requests": x.pullsJSON(run.PullRequests),
		"created_at": stamp(run.CreatedAt), "updated_at": stamp(run.CreatedAt), "run_started_at": stamp(run.CreatedAt),
		"actor": x.userJSON(run.Actor), "triggering_actor": x.userJSON(run.TriggeringActor), "run_attempt": run.Attempt,
		"referenced_workflows": []any{}, "jobs_url": api + "/jobs", "logs_url": api + "/logs", "artifacts_url": api + "/artifacts",
		"check_suite_url": x.api(x.repo) + "/check-suites/" + itoa(suite), "cancel_url": api + "/cancel", "rerun_url": api + "/rerun",
		"previous_attempt_url": previous, "workflow_url": x.api(x.repo) + "/actions/workflows/1",
		"head_commit": object{
			"id": commit.SHA, "tree_id": SHA("tree of " + commit.SHA), "message": commit.Message, "timestamp": stamp(commit.At),
			"author": person(commit.Author), "committer": person(commit.Committer),
		},
		"repository": x.minimalJSON(x.repo), "head_repository": x.minimalJSON(head),
	}}
}

// listJobs answers GET .../actions/runs/{run_id}/jobs, with its filter, and
// .../attempts/{attempt_number}/jobs.
func (h *Hub) listJobs(x *exchange) answer {
	run := x.theRun()
	if run == nil {
		return x.notFound()
	}
	attempt := run.Attempt
	if text := x.params["attempt"]; text != "" {
		var err error
		if attempt, err = strconv.Atoi(text); err != nil || attempt < 1 || attempt > run.Attempt {
			return x.notFound()
		}
	} else if x.r.URL.Query().Get("filter") == "all" {
		attempt = 0
	}
	made := []object{}
	for _, job := range run.Jobs {
		if attempt == 0 || job.Attempt == attempt {
			made = append(made, x.jobJSON(run, job))
		}
	}
	return x.pageIn("jobs", made)
}

func (x *exchange) jobJSON(run *WorkflowRun, job *Job) object {
	api := x.api(x.repo)
	steps := []object{}
	for i, step := range job.Steps {
		steps = append(steps, object{
			"name": step.Name, "status": "completed", "conclusion": step.Conclusion, "number": i + 1,
			"started_at": stamp(job.StartedAt), "completed_at": stamp(job.StartedAt),
		})
	}
	return object{
		"id": job.ID, "run_id": run.ID, "workflow_name": run.Name, "head_branch": run.HeadBranch, "run_url": api + "/actions/runs/" + itoa(run.ID),
		"run_attempt": job.Attempt, "node_id": nodeID("CR", job.ID), "head_sha": run.HeadSHA, "url": api + "/actions/jobs/" + itoa(job.ID),
		"html_url": x.web(x.repo) + "/actions/runs/" + itoa(run.ID) + "/job/" + itoa(job.ID), "status": job.Status,
		"conclusion": textOrNull(job.Conclusion), "created_at": stamp(job.StartedAt), "started_at": stamp(job.StartedAt),
		"completed_at": stampOrNull(job.CompletedAt), "name": job.Name, "steps": steps, "check_run_url": api + "/check-runs/" + itoa(job.ID),
		"labels": []string{"ubuntu-latest"}, "runner_id": 1, "runner_name": "GitHub Actions 1", "runner_group_id": 0, "runner_group_name": "GitHub Actions",
	}
}

// jobLogs answers GET .../actions/jobs/{job_id}/logs with the address of the
// log, which is on another host and good for a minute.
func (h *Hub) jobLogs(x *exchange) answer {
	id, _ := strconv.ParseInt(x.params["job"], 10, 64)
	for _, run := range x.repo.WorkflowRuns {
		for _, job := range run.Jobs {
			switch {
			case job.ID != id:
				continue
			case job.LogGone:
				return x.problem(http.StatusGone, "The logs for this job have expired and are no longer available.")
			case job.Status != "completed":
				return x.notFound()
			}
			a := answer{status: http.StatusFound}
			a.set("Location", x.logsAddress(id))
			return a
		}
	}
	return x.notFound()
}
