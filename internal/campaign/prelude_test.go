package campaign_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// member is an agent that is there before the first attempt, and what was done
// with it until then. Nothing goes wrong with that.
type member struct {
	by       maker
	acts     act           // of its first run
	further  act           // of a run that somebody asked it for later, when the first had ended; "" for none
	onPull   bool          // it works on the pull request of every story
	createPR bool          // it was launched with create-pr
	archived bool          // by somebody, whatever it does
	run      int64         // the workflow run of the step that launched it; 0 is one of its own
	name     string        // by which a person calls it; "" leaves that to the API
	then     time.Duration // passes before the next one comes, or the first attempt
}

// maker is who launched an agent of the cast.
type maker string

const (
	person     maker = "a person"
	step       maker = "a step that does not wait"
	killedStep maker = "a step that was killed"
	otherKey   maker = "a killed step with another key"
	otherRepo  maker = "a killed step of another repository"
)

// act is what an agent of the cast does in a run: one of the scenario's
// variants, which the prompt names.
type act string

const (
	brief act = "Look at the tests." // it has ended soon
	long  act = "Rewrite the tests." // it may be live at any moment
)

// briefly is longer than an agent is at the brief act.
const briefly = 5 * time.Second

// pull is the pull request of stories that have one.
const pull = "https://github.com/acme/shop/pull/7"

// earlier is the key that a member of the cast is made with, so that no fault
// strikes it and no limit is reached.
func earlier(number int) string { return "crsr_before" + strconv.Itoa(number) }

func (m member) String() string {
	text := fmt.Sprintf("%s launched it, %q", m.by, m.acts)
	if m.further != "" {
		text += fmt.Sprintf(", then somebody said %q", m.further)
	}
	if m.onPull {
		text += ", on the pull request"
	}
	if m.createPR {
		text += ", with create-pr"
	}
	if m.archived {
		text += ", archived"
	}
	if m.run != 0 {
		text += fmt.Sprintf(", of workflow run %d", m.run)
	}
	if m.name != "" {
		text += fmt.Sprintf(", named %q", m.name)
	}
	return text + fmt.Sprintf(", %s passed", m.then)
}

// staged is the plan's scenario with the acts of its cast, which are met by the
// same faults.
func (p plan) staged() simulator.Scenario {
	s := p.scenario
	if len(p.cast) == 0 {
		return s
	}
	for _, act := range []act{brief, long} {
		v := s
		v.Name, v.Match, v.Result = string(act), string(act), ""
		v.CreateDelay, v.Steps = 100*time.Millisecond, []simulator.Step{{Text: "I have begun.", Takes: 10 * time.Millisecond}}
		v.Duration = 2 * time.Second
		if act == long {
			v.Duration = p.longest
		}
		v.Status = p.ends
		v.Faults, v.Streams = slices.Clone(s.Faults), slices.Clone(s.Streams)
		s.Variants = append(s.Variants, v)
	}
	return s
}

// enter makes the cast, and returns how it stands then.
func (p plan) enter(t *testing.T, api *simulator.Server, page *http.Client, zombies *sync.WaitGroup) []simulator.AgentState {
	for i, m := range p.cast {
		m.launch(t, api, page, zombies, p.seed, i)
		id := api.Agents()[i].ID
		if m.further != "" {
			time.Sleep(briefly)
			ask(page, earlier(i), http.MethodPost, "/v1/agents/"+id+"/runs", `{"prompt":{"text":"`+string(m.further)+`"}}`)
		}
		if m.archived {
			time.Sleep(time.Second)
			ask(page, earlier(i), http.MethodPost, "/v1/agents/"+id+"/archive", "{}")
		}
		time.Sleep(m.then)
	}
	return api.Agents()
}

func (m member) launch(t *testing.T, api *simulator.Server, page *http.Client, zombies *sync.WaitGroup, seed uint64, number int) {
	if m.by == person {
		repo := map[string]string{"url": "https://github.com/acme/shop", "startingRef": "main"}
		if m.onPull {
			repo = map[string]string{"url": "https://github.com/acme/shop", "prUrl": pull}
		}
		request := map[string]any{"prompt": map[string]string{"text": string(m.acts)}, "repos": []any{repo}, "autoCreatePR": m.createPR}
		if m.name != "" {
			request["name"] = m.name
		}
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		ask(page, earlier(number), http.MethodPost, "/v1/agents", string(body))
		return
	}
	before := plan{seed: seed, inputs: map[string]string{"prompt": string(m.acts), "wait": strconv.FormatBool(m.by != step), "create-pr": strconv.FormatBool(m.createPR)}}
	if m.onPull {
		before.inputs["pull-request"] = pull
	}
	main := newProcess(t, api, before, 0, mainStage)
	main.wire.key = earlier(number)
	main.env["GITHUB_RUN_ID"] = strconv.FormatInt(m.workflowRun(number), 10)
	main.env["INPUT_IDEMPOTENCY-KEY"] = strconv.Itoa(number) // it is work of its own
	main.runTime = time.Hour
	switch m.by {
	case otherKey:
		main.env["INPUT_API-KEY"] = apiKey + "0"
	case otherRepo:
		main.env["GITHUB_REPOSITORY"] = "acme/web"
	}
	if m.by != step { // its first answer is that to the create
		main.blows = []blow{{kind: sigkill, at: moment{kind: atRead, n: 1}}}
	}
	main.run(zombies, version(0, mainStage))
}

// workflowRun is the number of the workflow run that launched a member.
func (m member) workflowRun(number int) int64 {
	if m.run != 0 {
		return m.run
	}
	return int64(700 + number)
}

// ask sends a request of somebody else than the action, on whose way nothing
// goes wrong. What is refused is left.
func ask(page *http.Client, key, method, path, body string) {
	request, err := http.NewRequest(method, "https://api.cursor.com"+path, strings.NewReader(body))
	if err != nil {
		panic(err) // the parts are our own
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	if answer, err := page.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// naming is the plan whose inputs name the agents of the cast by their ids, in
// the place of ID0, ID1 and so on, and the newest run of each for RUN0 and so
// on, the first for FIRST0.
func (p plan) naming(cast []simulator.AgentState) plan {
	var pairs []string
	for i, a := range cast {
		n := strconv.Itoa(i)
		pairs = append(pairs, "ID"+n, a.ID, "RUN"+n, a.Runs[len(a.Runs)-1].ID, "FIRST"+n, a.Runs[0].ID)
	}
	names := strings.NewReplacer(pairs...)
	inputs := map[string]string{}
	for name, value := range p.inputs {
		inputs[name] = names.Replace(value)
	}
	p.inputs = inputs
	return p
}
