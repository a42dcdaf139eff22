package journal

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
)

// Check says whether a node of the cluster, or for an empty name a node alone, could open the journal now, and changes
// nothing. A SQLite file that is still to be made is fine when its directory is there; a journal that somebody else holds is
// an error that names the holder.
func Check(ctx context.Context, journalURL, clusterName string) error {
	t, err := parse(journalURL)
	if err != nil {
		return err
	}
	if err := t.check(ctx, clusterName); err != nil {
		return fmt.Errorf("check the journal %s: %w", mask(journalURL), err)
	}
	return nil
}

func (memoryTarget) check(_ context.Context, clusterName string) error { return oneNode(clusterName) }

func (t sqliteTarget) check(ctx context.Context, clusterName string) error {
	if err := oneNode(clusterName); err != nil {
		return err
	}
	f, err := resolveFile(t.path)
	if err != nil {
		return err
	}
	if err := canWrite(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("the directory %s can't be written: %w", filepath.Dir(f.path), err)
	}
	h, err := f.acquire(ctx, false)
	if err != nil {
		return err
	}
	defer func() { _ = h.release() }()
	return sqliteError(f.inspect(ctx, h, slog.New(slog.DiscardHandler)))
}

func (t postgresTarget) check(ctx context.Context, clusterName string) error {
	conn, err := t.connect(ctx)
	defer func() { _ = conn.Close() }()
	if err == nil {
		// The lock is held for as long as the check takes; a node that starts meanwhile waits.
		err = conn.couldHold(ctx, clusterName)
	}
	if err == nil {
		err = conn.inspect(ctx)
	}
	return postgresError(err)
}

// couldHold says whether nobody holds the journal, or the cluster does.
func (c *lockConn) couldHold(ctx context.Context, clusterName string) error {
	alone, err := c.try(ctx, false)
	if err != nil || alone {
		return err
	}
	if h, err := readHolder(ctx, c); err == nil && clusterName != "" && h.cluster() == clusterName {
		return nil
	}
	return heldBy(ctx, c)
}
