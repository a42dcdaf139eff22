package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// tryModel says of each mutation whether the model test notices it. It may overlook some: a short run doesn't come upon
// everything, and some rules are none of its business.
func tryModel(ctx context.Context, scratch string, changes []change, hours int, said io.Writer) error {
	flag, err := overlay(scratch, changes)
	if err != nil {
		return err
	}
	model, err := newSuite(ctx, scratch, flag, "actors/modeltest",
		fmt.Sprint("-model.hours=", hours), "-rapid.shrinktime=0s", "-rapid.nofailfile")
	if err != nil {
		return err
	}
	model.said = said
	noticed, tried, began := 0, 0, time.Now()
	for n, c := range changes {
		if !strings.HasPrefix(c.at.file.folder, "actors") { // the model knows no adapter
			continue
		}
		r, start := result{change: c}, time.Now()
		_, r.killer, r.err = model.test(ctx, n+1, "Model$", model.timeout)
		r.took = time.Since(start)
		if r.err != nil {
			return errors.New(r.String())
		}
		tried++
		if r.killer != "" {
			noticed++
		}
		fmt.Println(r)
	}
	fmt.Printf("the model notices %d of %d in %s\n", noticed, tried, time.Since(began).Round(time.Second))
	return nil
}
