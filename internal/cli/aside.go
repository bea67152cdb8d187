package cli

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// asidePatience bounds what is done beside the work.
const asidePatience = 20 * time.Second

// aside does something at GitHub that the work does not wait for. finish does,
// for a moment.
func (s *step) aside(do func(context.Context)) {
	if s.asides == nil {
		s.asides = &sync.WaitGroup{}
	}
	s.asides.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), asidePatience)
		defer cancel()
		do(ctx)
	})
}

// settleAsides waits for what is done aside.
func (s *step) settleAsides(ctx context.Context) {
	if s.asides == nil {
		return
	}
	done := make(chan struct{})
	go func() { s.asides.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// unlabel takes the trigger label off, once, when it has done its work or can't
// any more.
func (s *step) unlabel() {
	label := s.decision.Label
	kind, number := s.event.Subject()
	hub, err := s.gitHub()
	if err != nil || label == "" || s.dryRun {
		return
	}
	permission := subjectPermission(kind)
	s.decision.Label = ""
	s.aside(func(ctx context.Context) {
		if err := hub.RemoveLabel(ctx, s.event.Repository.Path, number, label); err != nil {
			s.runner.Warning(fmt.Sprintf("trigger-label: %s; %s", oneLine(err), grantAdvice(err, permission)))
		}
	})
}

// acknowledge puts eyes under the comment or the discussion that asked for the
// agent.
func (s *step) acknowledge() {
	hub, err := s.gitHub()
	if err != nil || s.comment == commentOff || s.event.Comment == nil && s.event.Discussion == nil {
		return
	}
	s.aside(func(ctx context.Context) {
		if err := hub.Acknowledge(ctx, s.event); err != nil {
			s.runner.Debug(err.Error())
		}
	})
}
