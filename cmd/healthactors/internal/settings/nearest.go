package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// didYouMean ends an error about a name that is none of the known ones; empty where none is near.
func didYouMean(typed string, known []string) string {
	near := nearest(typed, known)
	switch len(near) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(", did you mean %q?", near[0])
	default:
		return fmt.Sprintf(", did you mean one of %s?", quotedList(near))
	}
}

// quotedList shows words, each in quotes.
func quotedList(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return strings.Join(quoted, ", ")
}

// nearest returns the known names that somebody who typed another one may have meant: those that differ in few letters, or
// else those that are a part of it or that it is a part of. Dashes, underscores and capitals make no difference.
func nearest(typed string, known []string) []string {
	const most, part = 3, 4 // more names are no help, and fewer letters are in every other name
	word := folded(typed)
	best := min(2, len(word)/4) + 1
	var near []string
	for _, name := range known {
		switch d := distance(word, folded(name)); {
		case d < best:
			best, near = d, []string{name}
		case d == best && near != nil:
			near = append(near, name)
		}
	}
	if near == nil {
		for _, name := range known {
			if k := folded(name); min(len(word), len(k)) >= part && (strings.Contains(k, word) || strings.Contains(word, k)) {
				near = append(near, name)
			}
		}
	}
	if len(near) > most {
		return nil
	}
	return near
}

// folded is what is left of a name whichever way it is written: --inspect-timeout, inspectTimeout or HEALTHACTORS_INSPECT_TIMEOUT.
func folded(name string) string {
	name = strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(name))
	return strings.TrimPrefix(name, "healthactors")
}

// distance is the number of letters to insert, delete or replace that makes b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
