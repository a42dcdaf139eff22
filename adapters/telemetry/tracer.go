package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/adapters/operand"
)

// NewTracer returns the tracer provider that the standard OTEL_ variables ask for, and the function that ends it after
// the last span. They ask for traces by OTEL_TRACES_EXPORTER (otlp or console), or by an OTLP endpoint; otherwise, or
// with OTEL_SDK_DISABLED=true, the provider does nothing. A variable that is wrong is an *[operand.Error] of it.
//
// The console is stderr, not stdout as elsewhere: stdout belongs to the events.
//
// From then on log gets what goes wrong in OpenTelemetry, metrics included: a collector that is away is a warning now
// and then, and nothing else.
func NewTracer(ctx context.Context, log *slog.Logger) (trace.TracerProvider, func(context.Context) error, error) {
	return newTracer(ctx, log, os.Stderr)
}

func newTracer(ctx context.Context, log *slog.Logger, console io.Writer) (trace.TracerProvider, func(context.Context) error, error) {
	otel.SetErrorHandler(&errorLog{log: log})
	otel.SetLogger(logr.FromSlogHandler(warnings{log.Handler()}))
	if !tracesWanted() {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	if err := checkVariables(); err != nil {
		return nil, nil, err
	}
	exporter, err := newExporter(ctx, console)
	if err != nil {
		return nil, nil, fmt.Errorf("make the exporter of traces that the OTEL_ variables describe: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "healthactors")),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return nil, nil, &operand.Error{Of: "OTEL_RESOURCE_ATTRIBUTES", Reason: "can't be used: " + err.Error(), Want: "pairs such as a=b,c=d"}
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return provider, provider.Shutdown, nil
}

func tracesWanted() bool {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	switch os.Getenv("OTEL_TRACES_EXPORTER") {
	case "":
		return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	case "none":
		return false
	default:
		return true
	}
}

func newExporter(ctx context.Context, console io.Writer) (sdk.SpanExporter, error) {
	if os.Getenv("OTEL_TRACES_EXPORTER") == "console" {
		return stdouttrace.New(stdouttrace.WithWriter(console))
	}
	return autoexport.NewSpanExporter(ctx)
}
