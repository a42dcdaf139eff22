package telemetry

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// environment sets the OTEL_ variables to these and no others.
func environment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

// handledErrors catches what goes to OpenTelemetry's error handler, and returns it when called.
func handledErrors(t *testing.T) func() []error {
	t.Helper()
	var mu sync.Mutex
	var errs []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}))
	return func() []error {
		mu.Lock()
		defer mu.Unlock()
		return errs
	}
}

func TestNoTracesUnlessAskedFor(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"nothing set":     nil,
		"none":            {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
		"disabled":        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "True"},
		"only a name":     {"OTEL_SERVICE_NAME": "node-a", "OTEL_TRACES_SAMPLER": "always_on"},
		"metrics only":    {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318"},
		"disabled, wrong": {"OTEL_TRACES_EXPORTER": "wrong", "OTEL_SDK_DISABLED": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, env)
			provider, shutdown, err := NewTracer(t.Context(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := provider.(noop.TracerProvider); !ok {
				t.Errorf("got a %T", provider)
			}
			if err := shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConsoleTracesGoToTheConsole(t *testing.T) {
	environment(t, map[string]string{"OTEL_TRACES_EXPORTER": "console"})
	var console bytes.Buffer
	provider, shutdown, err := newTracer(t.Context(), slog.New(slog.DiscardHandler), &console)
	if err != nil {
		t.Fatal(err)
	}
	_, span := provider.Tracer("galaxy/healthactors").Start(t.Context(), "tick")
	span.End()
	if err := shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Name":"tick"`, `"Key":"service.name","Value":{"Type":"STRING","Value":"healthactors"}`} {
		if !strings.Contains(console.String(), want) {
			t.Errorf("no %s in %s", want, console.String())
		}
	}
}

// receive starts an OTLP receiver, and returns its URL and what it received.
func receive(t *testing.T) (url string, received func() (paths []string, services []string, spans []string)) {
	t.Helper()
	var mu sync.Mutex
	var paths, services, spans []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unzipped
		}
		data, err := io.ReadAll(body)
		var request collector.ExportTraceServiceRequest
		if err := errors.Join(err, proto.Unmarshal(data, &request)); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		for _, resource := range request.GetResourceSpans() {
			for _, a := range resource.GetResource().GetAttributes() {
				if a.GetKey() == "service.name" {
					services = append(services, a.GetValue().GetStringValue())
				}
			}
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					spans = append(spans, span.GetName())
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL, func() ([]string, []string, []string) {
		mu.Lock()
		defer mu.Unlock()
		return paths, services, spans
	}
}

func TestTracesGoToACollector(t *testing.T) {
	for _, tt := range []struct {
		name          string
		env           map[string]string
		path, service string
	}{
		{"an endpoint alone", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"}, "/v1/traces", "healthactors"},
		{"an endpoint for traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "URL/t", "OTEL_SERVICE_NAME": "node-a"}, "/t", "node-a"},
		{"both, with settings", map[string]string{
			"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "URL",
			"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
			"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20hunter2", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
			"OTEL_TRACES_SAMPLER_ARG": "1.0", "OTEL_RESOURCE_ATTRIBUTES": "service.name=node-b,host=h",
		}, "/v1/traces", "node-b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, received := receive(t)
			for name, value := range tt.env {
				tt.env[name] = strings.ReplaceAll(value, "URL", url)
			}
			environment(t, tt.env)
			provider, shutdown, err := NewTracer(t.Context(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			_, span := provider.Tracer("galaxy/healthactors").Start(t.Context(), "inspect")
			span.End()
			if err := shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			paths, services, spans := received()
			if len(spans) != 1 || spans[0] != "inspect" || paths[0] != tt.path || services[0] != tt.service {
				t.Errorf("received %v of %v at %v, want inspect of %s at %s", spans, services, paths, tt.service, tt.path)
			}
		})
	}
}

func TestWrongVariablesAreNamed(t *testing.T) {
	noCertificate := filepath.Join(t.TempDir(), "missing.pem")
	for _, tt := range []struct {
		name, value, want string
	}{
		{"OTEL_TRACES_EXPORTER", "jaeger", "OTEL_TRACES_EXPORTER can't be used; want otlp, console or none"},
		{"OTEL_TRACES_EXPORTER", "otlp,console", "want otlp, console or none"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "want http/protobuf or grpc"},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "udp", "want http/protobuf or grpc"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "want a URL"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://node:hunter2/x@collector", "want a URL"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "want pairs such as a=b,c=d"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2%", "want pairs such as a=b,c=d"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "want a number of milliseconds"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "want gzip or none"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", noCertificate, "want a file that can be read"},
		{"OTEL_TRACES_SAMPLER", "sometimes", "want always_on"},
		{"OTEL_TRACES_SAMPLER_ARG", "NaN", "want a number from 0 to 1"},
		{"OTEL_BSP_MAX_QUEUE_SIZE", "-1", "want a number of spans"},
		{"OTEL_RESOURCE_ATTRIBUTES", "host", "want pairs such as a=b,c=d"},
	} {
		env := map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}
		env[tt.name] = tt.value
		environment(t, env)
		_, _, err := NewTracer(t.Context(), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), tt.name) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%s: %v, want the name and %q", tt.name, tt.value, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, which tells a secret", err)
		}
	}
}

func TestACollectorThatIsAwayIsAWarning(t *testing.T) {
	environment(t, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_EXPORTER_OTLP_TIMEOUT": "50",
	})
	warned := make(chan string, 100)
	provider, shutdown, err := NewTracer(t.Context(), slog.New(slog.NewTextHandler(writer(warned), nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, span := provider.Tracer("galaxy/healthactors").Start(t.Context(), "inspect")
	span.End()
	if line := <-warned; !strings.Contains(line, "level=WARN") || !strings.Contains(line, "connection refused") {
		t.Errorf("logged %s", line)
	}
	if err := shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

type writer chan string

func (w writer) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

func TestErrorsAreLoggedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		handler := &errorLog{log: slog.New(slog.NewTextHandler(&out, nil))}
		for range 150 {
			handler.Handle(errors.New("refused"))
			time.Sleep(time.Second)
		}
		if n := strings.Count(out.String(), "\n"); n != 3 {
			t.Errorf("%d lines for 150 errors in 150s:\n%s", n, out.String())
		}
		if n := strings.Count(out.String(), "not_logged_before=59"); n != 2 {
			t.Errorf("the lines don't say how many errors were left out:\n%s", out.String())
		}
	})
}
