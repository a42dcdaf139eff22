package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignal ends the context at the first SIGTERM, SIGINT or SIGHUP. The second one ends the process at once (S8). Under
// nohup SIGHUP is ignored from the start, and stays so.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{syscall.SIGTERM, os.Interrupt}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, cancel := context.WithCancel(ctx)
	arrived := make(chan os.Signal, 2)
	signal.Notify(arrived, signals...)
	go func() {
		defer cancel()
		select {
		case <-arrived:
		case <-ctx.Done():
		}
		signal.Stop(arrived) // BEFORE the context ends: whoever sees the stop begin may send the second one
		select {
		case between := <-arrived:
			_ = syscall.Kill(os.Getpid(), between.(syscall.Signal)) // to this process there is no reason to fail
		default:
		}
	}()
	return ctx, cancel
}
