package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ClusterStatus is the answer of /api/v1/cluster.
type ClusterStatus struct {
	Cluster string         `json:"cluster"`
	Node    string         `json:"node"`
	Members []MemberStatus `json:"members"`
}

// MemberStatus is a node that holds a lease. Games is how many it had when it last renewed it.
type MemberStatus struct {
	Node    string    `json:"node"`
	Address string    `json:"address"`
	Engines []string  `json:"engines"`
	Games   int64     `json:"games"`
	Since   time.Time `json:"since"`
}

// members answers with the cluster's members; a single node has no cluster, so c is nil.
func members(c Cluster) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c == nil {
			fail(w, http.StatusNotFound, "this node is in no cluster: it was started without --cluster")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
		defer cancel()
		list, err := c.Members(ctx)
		if err != nil {
			unavailable(w, err.Error())
			return
		}
		status := ClusterStatus{Cluster: c.Name(), Node: c.Node(), Members: make([]MemberStatus, 0, len(list))}
		for _, m := range list {
			status.Members = append(status.Members, MemberStatus{
				Node: m.Node, Address: m.Address, Engines: m.Engines, Games: m.Games, Since: m.Since.UTC(),
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(status) // An error is the client's, who has gone.
	}
}
