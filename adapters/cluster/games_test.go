package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
)

// TestPagesOfSeveralAtOnce asks for all pages from two members whose questions come by turns.
func TestPagesOfSeveralAtOnce(t *testing.T) {
	list := make([]actors.GameStatus, 3*gamesPage)
	for n := range list {
		list[n] = actors.GameStatus{GameID: fmt.Sprintf("game-%05d", n)}
	}
	a := &gamesActor{games: func(context.Context) ([]actors.GameStatus, error) { return list, nil }}
	after := func(page int) string { return list[page*gamesPage-1].GameID }
	for _, asked := range []string{"", "", after(1), after(2), after(1), after(2)} { // the fourth is one's last page
		page, err := a.page(asked)
		if err != nil {
			t.Fatal(err)
		}
		if games, err := readPage(page.GetGames(), asked); err != nil || len(games) != gamesPage {
			t.Errorf("after %q came %d games, %v", asked, len(games), err)
		}
	}
}

func TestLiars(t *testing.T) {
	for name, page := range map[string]string{
		"no JSON":            `[{"game_id":"b"},`,
		"no list":            `{"game_id":"b"}`,
		"more than a page":   "[" + strings.Repeat(`{"game_id":"b"},`, gamesPage) + `{"game_id":"c"}]`,
		"what came before":   `[{"game_id":"a"}]`,
		"games out of order": `[{"game_id":"c"},{"game_id":"b"}]`,
	} {
		if games, err := readPage([]byte(page), "a"); err == nil {
			t.Errorf("%s: taken as %d games", name, len(games))
		}
	}
	if games, err := readPage([]byte(`[{"game_id":"b"},{"game_id":"c"}]`), "a"); err != nil || len(games) != 2 {
		t.Errorf("a right page: %v, %v", games, err)
	}
	if games, err := readPage([]byte(`[]`), "a"); err != nil || len(games) != 0 {
		t.Errorf("an empty page: %v, %v", games, err)
	}
}

func TestLongEntriesMakeShortPages(t *testing.T) {
	list := make([]actors.GameStatus, 10)
	for n := range list {
		list[n] = actors.GameStatus{GameID: fmt.Sprint(n), LastError: strings.Repeat("x", pageBytes/4)}
	}
	a := &gamesActor{games: func(context.Context) ([]actors.GameStatus, error) { return list, nil }}
	var got []actors.GameStatus
	for after, more := "", true; more; after = got[len(got)-1].GameID {
		page, err := a.page(after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.GetGames()) > 2*pageBytes {
			t.Errorf("a page of %d bytes", len(page.GetGames()))
		}
		games, err := readPage(page.GetGames(), after)
		if err != nil || len(games) == 0 {
			t.Fatalf("a page of %d games, %v", len(games), err)
		}
		got, more = append(got, games...), page.GetMore()
	}
	if len(got) != len(list) {
		t.Errorf("%d games came of %d", len(got), len(list))
	}
	a.games = func(context.Context) ([]actors.GameStatus, error) { return nil, errors.New("not now") }
	if _, err := a.page(""); err == nil {
		t.Error("no error came")
	}
}
