package actors

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceParent is the header of W3C's Trace Context that names a span.
const traceParent = "traceparent"

// traceparentOf names a span in the format of W3C's Trace Context; empty where nothing is traced.
func traceparentOf(span trace.SpanContext) string {
	if !span.IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), span), carrier)
	return carrier[traceParent]
}

// spanNamed is the span that a traceparent names, perhaps of another process; one that isn't valid for none.
func spanNamed(traceparent string) trace.SpanContext {
	if traceparent == "" {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{traceParent: traceparent})
	return trace.SpanContextFromContext(ctx)
}
