package main

import (
	"context"
	"fmt"

	"github.com/yunqiao/yunqiao/internal/config"
)

type migrateCmd struct{}

// Run brings the database up to date.
func (migrateCmd) Run(cfg *config.Config) (err error) {
	return withDatabase(cfg, func(_ context.Context, d *database) error {
		fmt.Println("The database is up to date:", d.where)
		return nil
	})
}
