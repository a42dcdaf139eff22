package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// database is a PostgreSQL server of its own, which the nodes reach through a proxy.
type database struct {
	*proxy
	dir    string
	direct string // its address without the proxy
}

func newDatabase(dir string) (*database, error) {
	d := &database{dir: filepath.Join(dir, "postgres")}
	if err := d.up(); err != nil {
		return nil, err
	}
	u, err := url.Parse(d.direct)
	if err != nil {
		return nil, err
	}
	if d.proxy, err = newProxy(); err != nil {
		return nil, err
	}
	d.target = u.Host
	return d, nil
}

// url is what a node is told.
func (d *database) url() string {
	u, _ := url.Parse(d.direct) // it was parsed before
	u.Host = d.address
	return u.String()
}

func (d *database) down() error { return component("postgres", "stop", d.dir, nil) }

func (d *database) up() error { return component("postgres", "start", d.dir, &d.direct) }

// terminate has the server end all sessions of nodes.
func (d *database) terminate() error {
	db, err := sql.Open("pgx", d.direct)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'healthactors'`); err != nil {
		return fmt.Errorf("end the nodes' sessions: %w", err)
	}
	return nil
}

func (d *database) close() {
	d.proxy.close()
	_ = component("postgres", "remove", d.dir, nil)
}
