package journal

import (
	"context"
	"fmt"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/postgres"
	"galaxy/healthactors/adapters/journal/sqlite"
	"galaxy/healthactors/adapters/operand"
)

// Found is what a check found in a journal that a node could open.
type Found struct {
	// Warnings are what Open, or the journal later, would warn of.
	Warnings []string
	// Members are the present members of the node's cluster, the node that is to be started included.
	Members []actors.Member
}

// Check says whether Open, and Lease for a node that is to become a member, would succeed now, and changes nothing: it takes the
// same steps as they do, and what they would write it writes where it does not last. A name that is still leased is waited
// for as Lease does it.
func Check(ctx context.Context, cfg Config, lease *postgres.LeaseConfig) (Found, error) {
	t, err := parse(cfg.URL)
	if err != nil {
		return Found{}, err
	}
	found, err := t.check(ctx, cfg, lease)
	if err != nil {
		return Found{}, fmt.Errorf("open the journal %s: %w", operand.Mask(cfg.URL), err)
	}
	return found, nil
}

func (t sqliteTarget) check(ctx context.Context, cfg Config, _ *postgres.LeaseConfig) (found Found, err error) {
	warning, err := sqlite.Check(ctx, t.path, cfg.holder())
	if warning != "" {
		found.Warnings = []string{warning}
	}
	return found, err
}

func (t postgresTarget) check(ctx context.Context, cfg Config, lease *postgres.LeaseConfig) (found Found, err error) {
	found.Warnings, found.Members, err = postgres.Check(ctx, t.Target, cfg.holder(), lease)
	return found, err
}
