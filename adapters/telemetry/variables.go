package telemetry

import (
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"galaxy/healthactors/adapters/operand"
)

// variable is one of the standard variables and what its values must be. The libraries that read them replace a wrong
// value by the default and mention it in passing; here it is an error.
type variable struct {
	name  string
	right string
	valid func(value string) bool
	// secret says that the value may hold a password, and is not to be shown.
	secret bool
}

var variables = []variable{
	{name: "OTEL_TRACES_EXPORTER", right: "otlp, console or none", valid: oneOf("otlp", "console", "none")},
	{
		name: "OTEL_TRACES_SAMPLER", right: "always_on, always_off, traceidratio or one of them after parentbased_",
		valid: oneOf("always_on", "always_off", "traceidratio",
			"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"),
	},
	{name: "OTEL_TRACES_SAMPLER_ARG", right: "a number from 0 to 1", valid: isRatio},
	{name: "OTEL_BSP_SCHEDULE_DELAY", right: "a number of milliseconds", valid: isNumber},
	{name: "OTEL_BSP_EXPORT_TIMEOUT", right: "a number of milliseconds", valid: isNumber},
	{name: "OTEL_BSP_MAX_QUEUE_SIZE", right: "a number of spans", valid: isNumber},
	{name: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", right: "a number of spans", valid: isNumber},
	{name: "OTEL_RESOURCE_ATTRIBUTES", right: "pairs such as a=b,c=d", valid: areAttributes},
}

// otlpVariables exist twice: OTEL_EXPORTER_OTLP_… for all exporters, OTEL_EXPORTER_OTLP_TRACES_… for traces.
var otlpVariables = []variable{
	{name: "ENDPOINT", right: "a URL such as http://127.0.0.1:4318", valid: isEndpoint, secret: true},
	{name: "PROTOCOL", right: "http/protobuf or grpc", valid: oneOf("http/protobuf", "grpc")},
	{name: "COMPRESSION", right: "gzip or none", valid: oneOf("gzip", "none")},
	{name: "TIMEOUT", right: "a number of milliseconds", valid: isNumber},
	{name: "HEADERS", right: "pairs such as a=b,c=d", valid: arePairs, secret: true},
	{name: "CERTIFICATE", right: "a file that can be read", valid: isReadable},
	{name: "CLIENT_CERTIFICATE", right: "a file that can be read", valid: isReadable},
	{name: "CLIENT_KEY", right: "a file that can be read", valid: isReadable},
}

func init() {
	for _, v := range otlpVariables {
		all, traces := v, v
		all.name, traces.name = "OTEL_EXPORTER_OTLP_"+v.name, "OTEL_EXPORTER_OTLP_TRACES_"+v.name
		variables = append(variables, all, traces)
	}
}

// checkVariables returns an *[operand.Error] of the first variable whose value is wrong.
func checkVariables() error {
	for _, v := range variables {
		value := strings.TrimSpace(os.Getenv(v.name))
		if value == "" || v.valid(value) {
			continue
		}
		return &operand.Error{Of: v.name, Reason: "can't be used", Want: v.right, Hidden: v.secret}
	}
	return nil
}

func oneOf(values ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(values, value) }
}

func isRatio(value string) bool {
	ratio, err := strconv.ParseFloat(value, 64)
	return err == nil && ratio >= 0 && ratio <= 1
}

func isNumber(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n > 0
}

func isEndpoint(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func arePairs(value string) bool {
	for pair := range strings.SplitSeq(value, ",") {
		if key, v, ok := strings.Cut(pair, "="); !ok || strings.TrimSpace(key) == "" {
			return false
		} else if _, err := url.PathUnescape(v); err != nil {
			return false
		}
	}
	return true
}

// areAttributes asks less of pairs than arePairs does: the library takes a value that is not percent-encoded as it is.
func areAttributes(value string) bool {
	for pair := range strings.SplitSeq(value, ",") {
		if !strings.Contains(pair, "=") {
			return false
		}
	}
	return true
}

func isReadable(value string) bool {
	_, err := os.ReadFile(value)
	return err == nil
}
