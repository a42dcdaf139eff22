package main

import (
	"context"
	"fmt"
	"time"
)

// tryModel says of each mutation whether the model test notices it. It may overlook some: a short run doesn't come upon
// everything, and some rules are none of its business.
func tryModel(ctx context.Context, scratch string, all []mutation, hours int, verbose bool) error {
	tests, err := build(ctx, scratch, all, mutated+"/modeltest",
		fmt.Sprint("-model.hours=", hours), "-rapid.shrinktime=0s", "-rapid.nofailfile")
	if err != nil {
		return err
	}
	tests.verbose = verbose
	noticed, began := 0, time.Now()
	for n, m := range all {
		r := result{mutation: m}
		start := time.Now()
		r.killer, r.err = tests.test(ctx, n+1, "Model$")
		r.took = time.Since(start)
		if r.err != nil {
			return r.err
		}
		if r.killer != "" {
			noticed++
		}
		fmt.Println(r)
	}
	fmt.Printf("the model notices %d of %d in %s\n", noticed, len(all), time.Since(began).Round(time.Second))
	return nil
}
