package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/cmd/healthactors/internal/app"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

type checkCommand struct{ settings.Settings }

// Run takes each step of a start, changes nothing, and says on one line each how it is: what run would refuse to start with
// ends it with run's own code, what run would warn of with 1.
func (c *checkCommand) Run(ctx context.Context, s streams) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	node, err := app.New(ctx, &c.Settings, build(), s.out, s.err)
	if err != nil {
		return err
	}
	defer node.Close()
	r := &report{out: s.out}
	for _, warning := range c.Warnings(os.Environ()) {
		r.line(app.Finding{Verdict: app.Warns, Step: "settings", Found: warning})
	}
	if err := node.Check(ctx, r.line); err != nil {
		return err
	}
	return r.end()
}

// report is what check says. It keeps the first error of each kind.
type report struct {
	out      io.Writer
	failure  error // of the first step that run would end with
	warnings int
	broken   error // of the writer
}

// line says how a step is.
func (r *report) line(f app.Finding) {
	if f.Verdict == app.Warns {
		r.warnings++
	}
	r.failure = cmp.Or(r.failure, f.Err)
	found := f.Found
	if found != "" {
		found = ": " + operand.OneLine(operand.MaskText(found))
	}
	if _, err := fmt.Fprintf(r.out, "%-6s  %s%s\n", f.Verdict, operand.MaskText(f.Step), found); err != nil {
		r.broken = cmp.Or(r.broken, err)
	}
}

// end is how check ends.
func (r *report) end() error {
	switch {
	case r.broken != nil:
		return r.broken
	case r.failure != nil:
		return fmt.Errorf("run would not start: %w", r.failure)
	case r.warnings > 0:
		return fmt.Errorf("run would start, and warn of what is named above (%d)", r.warnings)
	}
	return nil
}
