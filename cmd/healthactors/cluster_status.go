package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// statusTimeout bounds both questions: a node gives the other members some seconds.
const statusTimeout = 15 * time.Second

type clusterCommand struct {
	Status clusterStatusCommand `cmd:"" help:"Print the members and which of them can't be asked."`
}

// clusterStatusCommand asks the node at --http for its cluster. It reads the same configuration as run, for the address.
type clusterStatusCommand struct{ settings.Settings }

// Run prints what /api/v1/cluster and /api/v1/games?scope=cluster say, for people.
func (c *clusterStatusCommand) Run(ctx context.Context, s streams) error {
	base, err := ownURL(string(c.HTTP))
	if err != nil {
		return c.Wrong("http", string(c.HTTP), err)
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	var status httpapi.ClusterStatus
	if err := getJSON(ctx, base+"/api/v1/cluster", &status); err != nil {
		return err
	}
	var games []actors.GameStatus
	if err := getJSON(ctx, base+"/api/v1/games?scope=cluster", &games); err != nil {
		return err
	}
	return printStatus(s.out, status, games)
}

// getJSON reads a node's answer.
func getJSON(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		var problem httpapi.Problem // It stays empty where something else than a node answers.
		_ = json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&problem)
		return fmt.Errorf("%s answers %s", url, strings.TrimSuffix(answer.Status+": "+problem.Detail, ": "))
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	return nil
}

func printStatus(w io.Writer, status httpapi.ClusterStatus, games []actors.GameStatus) error {
	unhealthy, errs := map[string]int{}, map[string]string{}
	var pending int64
	for _, g := range games {
		if len(g.Reasons) > 0 {
			unhealthy[g.Node]++
		}
		pending += g.EventsPending
		if strings.HasPrefix(g.LastError, fmt.Sprintf("member %q", g.Node)) {
			errs[g.Node] = g.LastError
		}
	}
	fmt.Fprintf(w, "cluster %s, as node %s sees it: %d members, %d games, %d events pending\n\n",
		status.Cluster, status.Node, len(status.Members), len(games), pending)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tADDRESS\tGAMES\tUNHEALTHY\tSINCE\tENGINES\t")
	for _, m := range status.Members {
		sick := fmt.Sprint(unhealthy[m.Node])
		if errs[m.Node] != "" {
			sick = "?"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", m.Node, m.Address, m.Games, sick,
			m.Since.Format(time.RFC3339), strings.Join(m.Engines, ","), errs[m.Node])
	}
	return table.Flush()
}
