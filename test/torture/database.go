package main

import (
	"context"
	"database/sql"
	"errors"
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
	// standby is the address of a hot standby that nodes are told of too, without a proxy; empty for none.
	standby string
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
	if d.proxy, err = newProxy(u.Host); err != nil {
		return nil, err
	}
	return d, nil
}

// url is what a node is told.
func (d *database) url() string {
	u, _ := url.Parse(d.direct) // it was parsed before
	u.Host = d.address
	if standby, err := url.Parse(d.standby); err == nil && standby.Host != "" {
		u.Host += "," + standby.Host
	}
	return u.String()
}

// addStandby makes a hot standby that applies what is written later by a delay.
func (d *database) addStandby(delay time.Duration) error {
	return component("postgres", "standby", d.standbyDir(), &d.standby, d.dir, fmt.Sprintf("recovery_min_apply_delay=%d", delay.Milliseconds()))
}

func (d *database) standbyDir() string { return d.dir + "-standby" }

func (d *database) down() error { return component("postgres", "stop", d.dir, nil) }

func (d *database) up() error { return component("postgres", "start", d.dir, &d.direct) }

// terminate has the server end all sessions of nodes.
func (d *database) terminate() error {
	return d.order(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'healthactors'`)
}

// readOnly has the database take no writes in sessions that begin from now on, and ends those that there are.
func (d *database) readOnly() error {
	return errors.Join(d.order(`ALTER DATABASE postgres SET default_transaction_read_only = on`), d.terminate())
}

// readWrite ends that.
func (d *database) readWrite() error {
	return d.order(`ALTER DATABASE postgres RESET default_transaction_read_only`)
}

// order runs a statement of an administrator's, who may write whatever the database's settings say.
func (d *database) order(statement string) error {
	db, err := sql.Open("pgx", d.direct+"&default_transaction_read_only=off")
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("have PostgreSQL do %q: %w", statement, err)
	}
	return nil
}

func (d *database) close() {
	d.proxy.close()
	if d.standby != "" {
		_ = component("postgres", "remove", d.standbyDir(), nil)
	}
	_ = component("postgres", "remove", d.dir, nil)
}
