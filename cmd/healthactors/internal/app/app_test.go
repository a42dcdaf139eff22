package app

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

func TestWhichEnginesThereAre(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want []string
	}{
		"the default one alone":          {nil, []string{"default"}},
		"named ones only":                {[]string{"--engine=a=tcp://h:1", "--engine=b=tcp://h:2"}, []string{"a", "b"}},
		"the default one and a named":    {[]string{"--engine=a=tcp://h:1", "--docker-host=tcp://h:2"}, []string{"default", "a"}},
		"one that is named as a default": {[]string{"--engine=default=tcp://h:1"}, []string{"default"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := settings.OfFlags(tc.args...)
			if err != nil {
				t.Fatal(err)
			}
			a, err := New(t.Context(), s, Build{}, io.Discard, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			var got []string
			for _, e := range a.engines {
				got = append(got, e.Name())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
