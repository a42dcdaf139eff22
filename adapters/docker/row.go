package docker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

// decodeRow reads one row of a list, which is JSON but otherwise may be anything. isGame says whether it is a game's
// container, or might be. What is wrong with a row is part of what is returned, and costs no other row (S6).
func decodeRow(row jsontext.Value) (c actors.Entry, isGame bool) {
	var right struct {
		ID      string `json:"Id"`
		Created int64
		State   string
		Labels  map[string]string
	}
	if row.Kind() != '{' || json.Unmarshal(row, &right, jsontext.AllowDuplicateNames(true)) != nil {
		return malformedRow(row), true
	}
	game, isGame := right.Labels[GameLabel]
	c = actors.Entry{ContainerID: right.ID, Created: time.Unix(max(right.Created, 0), 0), Runs: runs(right.State)}
	c.GameID = game[:min(len(game), maxWordBytes+1)] // stays too long for a game id (S6), but not by more
	switch {
	case c.ContainerID == "":
		c.Malformed = "Id is missing"
	case len(c.ContainerID) > maxWordBytes:
		c.ContainerID, c.Malformed = "", fmt.Sprintf("Id is longer than %d bytes", maxWordBytes)
	}
	return c, isGame
}

// runs says whether a container in this state runs. One without a state, or with an unknown one, doesn't: it could hide a
// successor that does (S6).
func runs(state string) bool { return state == "running" || state == "paused" || state == "restarting" }

// malformedRow says what is wrong with a row, and names game and container as far as they can be read.
func malformedRow(row jsontext.Value) (c actors.Entry) {
	var loose struct {
		ID      jsontext.Value `json:"Id"`
		Created jsontext.Value
		State   jsontext.Value
		Labels  jsontext.Value
	}
	lax := json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if row.Kind() != '{' || json.Unmarshal(row, &loose, lax) != nil {
		c.Malformed = "the container is no object"
		return c
	}
	var problems []string
	id, ok := word(loose.ID)
	if c.ContainerID = id; !ok {
		problems = append(problems, "Id is no string of UTF-8")
	}
	var created int64
	if loose.Created != nil && json.Unmarshal(loose.Created, &created) != nil {
		problems = append(problems, "Created is no whole number")
	}
	if _, ok := word(loose.State); !ok && loose.State.Kind() != 'n' {
		problems = append(problems, "State is no string of UTF-8")
	}
	var labels map[string]jsontext.Value
	if loose.Labels != nil && json.Unmarshal(loose.Labels, &labels, lax) != nil {
		problems = append(problems, "Labels is no object")
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value, ok := word(labels[name])
		if name == GameLabel {
			c.GameID = value
		}
		if !ok {
			problems = append(problems, fmt.Sprintf("the label %s is no string of UTF-8", short(strconv.Quote(name))))
		}
	}
	if len(problems) == 0 {
		problems = append(problems, "the container is not valid UTF-8")
	}
	c.Malformed = strings.Join(problems[:min(len(problems), 3)], ", ")
	return c
}

// word returns the string that a value is, empty if it isn't one or is too long to be shown.
func word(value jsontext.Value) (s string, ok bool) {
	if value == nil {
		return "", true
	}
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil || value.Kind() != '"' || !utf8.Valid(text) {
		return "", false
	}
	return string(text[:min(len(text), maxWordBytes+1)]), true
}
